"""Two people's word that the station's clock is right (时钟确认): what a wrong clock wrote is told apart from then on.

The first asks, which the journal keeps; the second sees the same and confirms within the hour: one signed act of both.
No clock that contradicts another one is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from catalog.acts import clock
from catalog.acts.clock import Span
from catalog.rules.callers import Caller, person
from catalog.rules.clock import ClockAsked, Reading, jump
from catalog.station_error import StationError
from docking_station.services.people import Read, caller_other_than
from docking_station.station.errors import ClockNotAsked, ClockUnwitnessed, PersonUnknown
from docking_station.station.station import Station

ASKED_FOR = timedelta(hours=1)
"""So long the first person's word stands: it is about the time on a watch."""


@dataclass(frozen=True, slots=True)
class ClockFound:
    """The clock as it is: what it says, why it is not believed if it is not, what a wrong one wrote, who asked."""

    reading: Reading
    state: str
    error: StationError | None
    wrong: tuple[Span, ...]
    asked: ClockAsked | None


def look_at_clock(station: Station) -> ClockFound:
    """The clock beside what was written. Writes nothing."""
    error: StationError | None = None
    try:
        station.demand_clock()
    except StationError as found:
        error = found
    reading, wrong = station.reading(), station.timekeeper.wrong()
    return ClockFound(reading, station.clock(), error, wrong, _asked(station, reading, wrong))


def who_confirms(station: Station, runs: Caller, read: Read) -> Caller:
    """Who asks, or is the second; types a secret where nothing else tells. Raises as `confirm`, and `SecretWrong`."""
    asked = look_at_clock(station).asked
    return caller_other_than(station, runs, None if asked is None else person(asked.by), read)


def confirm(station: Station, reason: str | None, caller: Caller) -> tuple[Literal["asked", "confirmed"], ClockFound]:
    """Ask where nobody asked of the same yet, else confirm.

    Raises `ClockUnwitnessed` where another clock says another time, `ClockNotAsked` (no reason given), `PersonUnknown`,
    `ClockNeedsAnother`.
    """
    with station.changing("acts", wait=True):
        for name, at in station.timekeeper.disagreeing():
            raise ClockUnwitnessed(why=(f"the clock of {name} says", at), why_zh=(f"{name} 的时钟为", at))
        if caller.how is None:
            raise PersonUnknown(person=caller.person)
        found = look_at_clock(station)
        asked, now = found.asked, found.reading
        if asked is None:
            if not reason:
                raise ClockNotAsked()
            asked = ClockAsked(caller.actor, caller.how, reason, now, _lines(found.wrong))
            station.journal.note_clock_asked(asked)
            return "asked", replace(found, asked=asked)
        act = clock.confirming(found.wrong, asked, at=now.at, by=caller)
        replace(station.act_writer, gate=lambda: None).carry_out(act)  # it is the clock's own cure
        station.timekeeper.begin_anew()
        station.journal.note_clock_asked(None)
    return "confirmed", found


def _asked(station: Station, now: Reading, wrong: Sequence[Span]) -> ClockAsked | None:
    """The first person's word, if it is young and about the same lines."""
    asked = station.journal.clock_asked()
    if asked is None or asked.lines != _lines(wrong) or abs(now.at - asked.reading.at) > ASKED_FOR:
        return None
    return asked if abs(jump(now, asked.reading)) <= ASKED_FOR else None


def _lines(wrong: Sequence[Span]) -> tuple[int, ...]:
    """What tells whether the second sees what the first saw: the ends of the spans, 0 for what has no line."""
    return tuple(line or 0 for span in wrong for line in (span.first, span.last))
