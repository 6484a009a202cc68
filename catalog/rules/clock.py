"""May the station's clock be gone by (时钟是否可信): pure, over what was written before and what witnesses say.

Shapes: a `Reading` is the clock beside the time since the system started, which no setting of the clock changes. Within
one start of the system two readings tell exactly how far a clock was set on the way; between two starts nobody knows
how long the machine was off, so only a jump that is too long to be believed is noticed.
Units: times are aware UTC; `uptime_s` seconds since the system started, time asleep included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from catalog.evidence import Docking, SinceStart

CLOCK_SLACK = timedelta(minutes=10)
"""What two right clocks may differ by, and what a clock may be set back by without harm."""
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""No station of this version ran before this day: an earlier clock is wrong."""
ALONE_MAX = timedelta(days=16)
"""So far a clock without any witness is followed over a time in which the machine may have been off: a long holiday."""
SYNCHRONISED_MAX = timedelta(days=92)
"""So far one that a time server keeps: a server that is wrong is wrong by years, a machine is in store for weeks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The station's clock at one moment: `boot` names the start of the system, an empty one is like no other."""

    at: datetime
    boot: str
    uptime_s: float
    synchronised: bool


@dataclass(frozen=True, slots=True)
class LastGood:
    """The last reading that was gone by, and the latest time that was written before, up to `line` of the trail."""

    reading: Reading
    latest: datetime
    line: int


@dataclass(frozen=True, slots=True)
class ClockAsked:
    """The first of two people who say that the clock is right: who, known how, why, when, and of which lines' ends."""

    by: str
    how: str
    reason: str
    reading: Reading
    lines: tuple[int, ...]


def is_behind(now: datetime, written: datetime) -> bool:
    """Whether the clock is before what was written already by more than may happen."""
    return now < written - CLOCK_SLACK


def jump(now: Reading, last: Reading) -> timedelta:
    """How far the clock is ahead of where it should be, at least or, within one start of the system, exactly."""
    return now.at - last.at - timedelta(seconds=_elapsed_s(now, last))


def jump_max(now: Reading, last: Reading) -> timedelta:
    """How far it may be ahead without another witness than itself and what keeps it.

    A clock that was kept by a time server before, and was set far while the machine ran, contradicts itself.
    """
    if now.synchronised:
        return ALONE_MAX if _is_same_start(now, last) and last.synchronised else SYNCHRONISED_MAX
    return CLOCK_SLACK if _is_same_start(now, last) else ALONE_MAX


def is_witnessed(now: datetime, witness: datetime) -> bool:
    """Whether another clock says the same."""
    return abs(now - witness) <= CLOCK_SLACK


def moment(then: SinceStart, now: Reading) -> tuple[datetime, bool]:
    """When something was, by a clock that is believed by now; True: only the latest, for the system was off since."""
    if not _is_same_start(now, then):
        return now.at, True
    return now.at - timedelta(seconds=now.uptime_s - then.uptime_s), False


def dated(docking: Docking, now: Reading) -> Docking:
    """The docking with its time, where the clock was not believed then and is by now."""
    if docking.undated is None:
        return docking
    at, is_latest = moment(docking.undated, now)
    return replace(docking, at=at, undated=None, is_latest=is_latest)


def _is_same_start(now: Reading, last: Reading | SinceStart) -> bool:
    return bool(now.boot) and now.boot == last.boot and now.uptime_s >= last.uptime_s


def _elapsed_s(now: Reading, last: Reading) -> float:
    return now.uptime_s - last.uptime_s if _is_same_start(now, last) else 0.0
