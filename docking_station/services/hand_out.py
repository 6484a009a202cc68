"""Handing recorders out (领用、借用、归还): by whoever keeps the register, or by an officer for themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from catalog.people import people
from catalog.people.holders import ROOT
from catalog.recorders import assignments, recorders
from catalog.recorders.errors import NoSuchRecorder, RecorderNotAssigned
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.house_rights import About, Right
from docking_station.services.rights import BUREAU, bind, demand
from docking_station.station.station import Station

Make = Callable[[Station, str], Act]


def change_register(station: Station, caller: Caller, make: Make, about: About = BUREAU) -> tuple[Act, dict[str, Any]]:
    """Carry an act about a recorder out; the act, and the recorder as it is then. Raises `NotAllowed`, and as the act.

    `make` is handed the station and who acts, under the station's lock for acts.
    """
    with station.changing("acts", wait=True):
        act = make(station, demand(station, caller, Right.RECORDER_WRITE, about).actor)
        station.act_writer.carry_out(act)
        return act, recorders.details(station.database, act.subject, station.now())


def holder(station: Station, serial: str) -> str | None:
    """The person who has a recorder now, by their number; None where nobody does, or nobody knows that number."""
    found = None
    with suppress(NoSuchRecorder):
        found = recorders.details(station.database, serial, station.now())["holder"]
    if found is None:
        return None
    every = {
        one.no for one in people.every(station.database) if found["officer"] in (one.no, one.recorder_no, one.card)
    }
    return min(every, default=None)


def take(station: Station, caller: Caller, serial: str) -> None:
    """Give a recorder to the officer who takes it (领用); raises `RecorderAssigned`, `NotAllowed`, `NoSuchRecorder`."""
    no = bind(station, caller).no

    def act(station: Station, actor: str) -> Act:
        person = people.get(station.database, str(no))
        number = person.recorder_no or person.no
        return assignments.issuing(serial, number, unit=person.unit, since=None, at=station.now(), actor=actor)

    change_register(station, caller, act, About(ROOT, is_own=no is not None))


def give_back(station: Station, caller: Caller, serial: str) -> None:
    """Enter that an officer gave their recorder back (归还); raises `RecorderNotAssigned`, `NotAllowed`."""
    no = bind(station, caller).no
    if no is None or holder(station, serial) != no:
        raise RecorderNotAssigned(recorder=serial, at=assignments.time_words(station.now()))

    def act(station: Station, actor: str) -> Act:
        return assignments.returning(serial, since=None, at=station.now(), actor=actor)

    change_register(station, caller, act, About(ROOT, is_own=True))
