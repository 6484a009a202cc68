"""Holding evidence, and the end of a hold by two people (依法保留与解除)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.clips import search
from catalog.errors import HoldEndNotAsked, HoldNeedsAnother, NotHeld
from catalog.keeping import holds
from catalog.rules.callers import Caller, person
from catalog.rules.rights import Action
from catalog.station_error import StationError
from docking_station.services.people import Read, second_person
from docking_station.services.rights import answers, demand_clips, find_clip
from docking_station.station.errors import PersonUnknown
from docking_station.station.station import Station

State = Literal["held", "asked", "ended"]


@dataclass(frozen=True, slots=True)
class HoldChange:
    """How a clip's hold stands now, and what the storage refused of it."""

    clip: str
    state: State
    refused: tuple[StationError, ...]


def hold_clip(station: Station, caller: Caller, clip: str, reason: str) -> HoldChange:
    """Hold a clip and what stands beside it (依法保留): nothing of it goes, whatever its day.

    Raises `NoSuchClip`, `NotAllowed`, `AlreadyDisposed`, `WordsUnfit`.
    """
    number = find_clip(station, caller, clip)
    known = demand_clips(station, caller, Action.HOLD, (number,))
    with station.changing("acts", wait=True):
        station.act_writer.carry_out(holds.setting(number, reason=reason, at=station.now(), by=known))
        return HoldChange(number, "held", station.locks.keep_clip(number, station.now()))


def unhold_clip(station: Station, caller: Caller, clip: str, reason: str | None) -> HoldChange:
    """Ask for the end of a clip's holds where nobody did yet, else end them, as another person (解除保留).

    Raises `NotHeld`, `HoldEndNotAsked` (no reason given), `PersonUnknown`, `HoldNeedsAnother`, `NotAllowed`,
    `RecordsDisagree`.
    """
    number = find_clip(station, caller, clip)
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        asked_by = asked_for(station, number)
        if asked_by is None and reason is None:
            raise HoldEndNotAsked(clip=number)
        if caller.how is None:  # two people are two only where both are known
            raise PersonUnknown(person=caller.person)
        now, enough = station.now(), ("allow",) if asked_by is not None else ("allow", "request")
        known = demand_clips(station, caller, Action.UNHOLD, (number,), enough)
        if asked_by is None:
            station.act_writer.carry_out(holds.asking_end(number, reason=str(reason), at=now, by=known))
            return HoldChange(number, "asked", ())
        station.act_writer.carry_out(holds.ending(number, at=now, by=known))
        return HoldChange(number, "ended", station.locks.keep_clip(number, now))


def standing_holds(station: Station, caller: Caller) -> tuple[holds.Hold, ...]:
    """The holds that stand on clips this person may know of, oldest first."""
    found = holds.standing(station.database)
    seen = answers(station, caller, Action.ROW, {one.clip_id: None for one in found})
    return tuple(one for one in found if seen[one.clip_id].outcome == "allow")


def ask_who_unholds(station: Station, runs: Caller, clip: str, read: Read) -> Caller:
    """Who asks for the end, or is the second; types a secret where nothing else tells.

    Raises `PersonUnknown`, `HoldNeedsAnother`, `SecretWrong`, and as `unhold_clip`, which looks at it again.
    """
    number = find_clip(station, runs, clip) if runs.how is not None else search.full_id(station.database, clip)
    first = asked_for(station, number)
    return second_person(station, runs, first, read, HoldNeedsAnother(clip=number, person=first))


def asked_for(station: Station, clip: str) -> str | None:
    """Who asked, signed, for the end of what stands; raises `NotHeld`, `RecordsDisagree`."""
    station.signed.begin()
    standing = holds.stands(station.signed.of_clip(clip).holds)
    if not standing:
        raise NotHeld(clip=clip)
    return next((person(one.asked_by) for one in standing if one.asked_by is not None), None)
