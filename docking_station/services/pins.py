"""PINs for the bays (仓位 PIN): six digits by which an officer is known at a bay, for their own clips alone.

Shapes: kept as a secret is, by the act on the secret of the account, so that whoever sets that anew ends the PIN too. A
PIN makes no session, and who typed one is never one of two people: `how` is None. Five wrong
ones in 15 minutes end the trying for that person, and for nobody else at the bay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.people import people
from catalog.rules.callers import Caller
from catalog.trail import trail
from docking_station.services.people import (
    STRANGER,
    WRONG_FOR,
    WRONG_MAX,
    believed,
    enter_more,
    entered,
    is_still_theirs,
    keep,
    locked,
    not_set,
    record_named,
)
from docking_station.services.rights import bind
from docking_station.services.secret_records import is_secret, record_of
from docking_station.station.errors import SecretWrong
from docking_station.station.station import Station

PIN, DIFFERENT_MIN = re.compile("[0-9]{6}"), 3
"""Six digits, so many of them different; a badge types them too."""
ROWS = ("01234567890", "09876543210")
WRONG = "person.pin-wrong"


def set_pin(station: Station, caller: Caller, pin: str) -> None:
    """Bind a PIN to the account of somebody whose secret was typed just now; raises `SecretNotSet`."""
    if not PIN.fullmatch(pin) or len(set(pin)) < DIFFERENT_MIN or any(pin in row for row in ROWS):
        raise not_set("a PIN has six digits, and no row of them", "PIN 须为六位数字，且不得为连续或重复数字")
    body = record_of(pin)
    with station.changing("acts", wait=True):
        before = entered(station)[caller.person]
        enter_more(station, caller, before, factor=before.details.get("factor"), pin=keep(station, body))


def having_pins(station: Station) -> Mapping[str, people.Person]:
    """The people who have a PIN, by their accounts."""
    accounts = [name for name, act in entered(station).items() if act.details.get("pin")]
    nos = {name: bind(station, Caller(name, name, None)).no for name in accounts}
    every = {one.no: one for one in people.every(station.database)}
    return {name: every[no] for name, no in nos.items() if no in every}


def caller_by_pin(station: Station, runs: Caller, name: str, pin: str) -> Caller:
    """Who typed a PIN; `runs` is who runs the program. Raises `SecretWrong`, and `SecretLocked` for this account."""
    with station.changing("people", wait=True):  # one guess after the other
        act = entered(station).get(name)
        subject, (at, said) = STRANGER if act is None else name, believed(station)
        lines = trail.lines_of(station.database, (WRONG,), subject)
        if sum(line.entry.at > at - WRONG_FOR for line in lines) >= WRONG_MAX:
            raise locked()
        digest = None if act is None else act.details.get("pin")
        is_right = is_secret(None if digest is None else record_named(station.home.secrets, digest), pin)
        if is_right and act is not None and is_still_theirs(station, act):
            return bind(station, Caller(name, runs.account, None))
        with station.database.transaction() as session:
            trail.append(session, trail.Entry(at, runs.actor, WRONG, subject, said))
    raise SecretWrong()
