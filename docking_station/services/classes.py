"""Classes of clips (密级与敏感类别): raised by one person at once, lowered by two; a state secret is locked away.

It is kept, whatever its day, until two people hand it over; its original then goes like any other, by its own table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from catalog.clips import classes, search
from catalog.clips.classes import Classed
from catalog.clips.errors import ClassNotSet, DeclassifyNeedsAnother, DeclassifyNotAsked, HandOverNeedsAnother
from catalog.rules.callers import Caller, person
from catalog.rules.rights import Action
from catalog.station_error import StationError
from docking_station.derived.removal import lock_away
from docking_station.services.people import Read, caller_other_than, two_people
from docking_station.services.permits import demand_change
from docking_station.services.rights import demand_clips, find_clip
from docking_station.station.errors import PersonUnknown
from docking_station.station.station import Station


@dataclass(frozen=True, slots=True)
class HandedTo:
    """Where a state secret went (移交去向): the number of the receipt, the classified medium, who took it."""

    receipt: str
    medium: str
    to: str


@dataclass(frozen=True, slots=True)
class Classified:
    """What became of it: the clip, which class was asked about, and which holds now, the highest it has.

    `refused`: what the storage refused of a lock or a hold.
    """

    clip: str
    code: str
    state: Literal["set", "asked", "lowered", "handed-over"]
    class_: str
    refused: tuple[StationError, ...] = ()


def classify_clip(station: Station, caller: Caller, clip: str, code: str, *, reason: str) -> Classified:
    """Give a clip a class; of what may be a state secret nothing is shown or made from then on.

    What was derived of it is removed. Raises `NoSuchClip`, `WordsUnfit`, `ClassSet`, `DerivedUnwritable`.
    """
    number = find_clip(station, caller, clip)
    caller = demand_change(station, caller, Action.CLASSIFY, number)
    with station.changing("acts", wait=True):
        act = classes.classifying(number, code, reason=reason, at=station.now(), actor=caller.actor)
        station.act_writer.carry_out(act)
        refused = _kept(station, number, code)
    found = search.get(station.database, number)
    if code == classes.STATE:
        lock_away(station, number, found.sha256, caller.actor)
    return Classified(number, code, "set", found.class_, refused)


def hand_over_clip(
    station: Station,
    caller: Caller,
    clip: str,
    about: HandedTo,
    read: Read = lambda: None,
) -> Classified:
    """Note that two people handed a state secret over; from then on its original goes by its table, and not sooner.

    The second is somebody who may lower its class. Raises `NoSuchClip`, `ClassNotSet`, `HandedOver`,
    `HandOverNeedsAnother`, `PersonUnknown`, `SecretWrong`, `NotAllowed`, `WordsUnfit`.
    """
    number = find_clip(station, caller, clip)
    _asked(station, number, classes.STATE)
    two = two_people(station, caller, read, lambda who: HandOverNeedsAnother(clip=number, person=who))
    asks, decides = ("allow", "request"), ("allow",)
    first, second = (
        demand_clips(station, who, Action.DECLASSIFY, (number,), enough)
        for who, enough in zip(two, (asks, decides), strict=True)
    )
    with station.changing("acts", wait=True):
        act = classes.handing_over(number, **asdict(about), at=station.now(), two=(first, second))
        station.act_writer.carry_out(act)
        refused = _kept(station, number, classes.STATE)
    return Classified(number, classes.STATE, "handed-over", search.get(station.database, number).class_, refused)


def declassify_clip(station: Station, caller: Caller, clip: str, code: str, *, reason: str | None) -> Classified:
    """Ask to take a class from a clip where nobody asked yet, else confirm it as another person.

    Raises `NoSuchClip`, `ClassNotSet`, `PersonUnknown`, `DeclassifyNotAsked` (no reason given),
    `DeclassifyNeedsAnother`.
    """
    number = find_clip(station, caller, clip)
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        asked, now = _asked(station, number, code), station.now()
        is_asking = asked.asked_by is None
        enough = ("allow", "request") if is_asking else ("allow",)
        caller = demand_clips(station, caller, Action.DECLASSIFY, (number,), enough)
        if caller.how is None:  # two people are two only where both are known
            raise PersonUnknown(person=caller.person)
        if is_asking and reason is None:
            raise DeclassifyNotAsked(clip=number, class_=code)
        act = (
            classes.asking(number, code, reason=str(reason), at=now, by=caller)
            if is_asking
            else classes.declassifying(number, asked, at=now, by=caller)
        )
        station.act_writer.carry_out(act)
        refused = () if is_asking else _kept(station, number, code)
    left = search.get(station.database, number).class_
    return Classified(number, code, "asked" if is_asking else "lowered", left, refused)


def ask_who_lowers(
    station: Station, runs: Caller, clip: str, code: str, read: Read, known: Sequence[Caller] = ()
) -> Caller:
    """Who asks, or is the second; types a secret where nothing else tells. Raises as `declassify_clip`."""
    number = find_clip(station, runs, clip)
    asked = _asked(station, number, code).asked_by
    first = None if asked is None else person(asked)
    try:
        return caller_other_than(station, runs, first, read, known)
    except PersonUnknown as error:
        if runs.how is not None and first is not None:
            raise DeclassifyNeedsAnother(clip=number, class_=code, person=first) from error
        raise


def _kept(station: Station, clip: str, code: str) -> tuple[StationError, ...]:
    """Let lock and hold follow at once where it is about a state secret; what the storage refused of them."""
    return station.locks.keep_clip(clip, station.now()) if code == classes.STATE else ()


def _asked(station: Station, clip: str, code: str) -> Classed:
    found = next((one for one in classes.of_clip(station.database, clip) if one.code == code), None)
    if found is None:
        raise ClassNotSet(clip=clip, class_=code)
    return found
