"""A bureau whose two first people have no account of the system, set up by somebody who logged in."""

from __future__ import annotations

import pytest

from catalog.rules.callers import LOGIN, SECRET, Caller
from docking_station.services.founding import found_seats
from docking_station.services.people import Typed, caller_typed, set_secret
from docking_station.services.rights import is_founding
from docking_station.station.errors import SecretNotSet
from docking_station.station.station import Station
from tests.scenario.dock import Dock

CLERK = Caller("clerk", "clerk", LOGIN)
"""Whoever sets the station up; the system tells people apart on this machine."""
NAMES = ("no", "name", "unit", "title", "account", "card", "recorder_no")
SEATS = tuple(
    dict(zip(NAMES, (no, f"Name {no}", "", title, account, "", ""), strict=True))
    for no, title, account in (("1", "custodian", "keeper"), ("2", "deputy", "chief"), ("3", "reviewer", "third"))
)
FIRST = "kaitong-3-Zhan"


def found(station: Station) -> None:
    found_seats(station, CLERK, SEATS, {"keeper": FIRST, "chief": FIRST})


def test_the_two_sign_in_and_from_then_on_whoever_set_it_up_sets_no_secret(dock: Dock) -> None:
    with dock.opened() as station:
        found(station)
        assert not is_founding(station)
        for account in ("keeper", "chief"):
            assert caller_typed(station, CLERK, Typed(account, FIRST)).how == SECRET
        for account in ("keeper", "third"):
            with pytest.raises(SecretNotSet):
                set_secret(station, CLERK, account, "kaitong-4-Zhan", [])
        two = [Caller(account, account, SECRET) for account in ("keeper", "chief")]
        assert set_secret(station, CLERK, "third", FIRST, two) == "vouched"


def test_a_third_secret_is_nobodys_to_set_while_two_are_entered(dock: Dock) -> None:
    with dock.opened() as station, pytest.raises(SecretNotSet):
        found_seats(station, CLERK, SEATS, {"keeper": FIRST, "chief": FIRST, "third": FIRST})
