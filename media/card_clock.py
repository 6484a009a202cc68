"""How far a recorder's clock was off, by those clips of its card that satellites timed (整卡时钟). Pure.

A clip with positions bounds when it truly began: not after its first position, and not before its last less its length.
Against that stands what the recorder's own clock said: its name, its EXIF, its container; each kind by itself, because
a container may hold local time as if it were UTC. All clips of a card together narrow the difference down, and it holds
for those that saw no satellite. Sources: drift of 3 s a day (FACTS), clocks that are set or reset in between. Shapes:
claims of one clip -> at most one sighting a kind; sightings of a card and a reading -> one CardClock or None.
Units: seconds, reading minus true time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.evidence import CardClock, TimeClaim
from media.capture_time import CLOCK_S, EARLIEST, READING_S, first_and_last_fix, is_reading, may_be_local

KINDS = ("name", "exif", "container")
"""Readings of a recorder's clock at the start of a clip, the most telling first."""
DRIFT = 10.0 / 86_400
"""Three times what a recorder's clock drifts, in seconds a second."""
NEAR = timedelta(days=1)
"""Further away the clock may have been set right since: then it is as sure as one that nobody checked, at best."""
FAR = timedelta(days=31)
"""A sighting tells nothing of a clip that is further away by the recorder's clock."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one clip tells: its reading of that kind, and between what the reading minus the true time lies."""

    kind: str
    read_at: datetime
    low_s: float
    high_s: float

    def widened(self, read_at: datetime) -> tuple[float, float]:
        """Return the two bounds for another moment, as far as the clock may have drifted until then."""
        drift_s = abs((read_at - self.read_at).total_seconds()) * DRIFT
        return self.low_s - drift_s, self.high_s + drift_s


def readings(claims: Iterable[TimeClaim]) -> dict[str, datetime]:
    """Return what the recorder's clock said of the start, by kind; the first claim of a kind counts."""
    found: dict[str, datetime] = {}
    for claim in claims:
        if claim.source in KINDS and is_reading(claim) and claim.value is not None:
            found.setdefault(claim.source, claim.value)
    return found


def sightings(claims: Sequence[TimeClaim], duration_s: float | None) -> tuple[Sighting, ...]:
    """Return what one clip tells; nothing if it has no positions with times, or they contradict its length.

    Where its positions may hold local time, both readings of them are allowed.
    """
    fixes = first_and_last_fix(claims)
    if fixes is None or fixes[0] < EARLIEST:
        return ()
    latest, last = fixes
    if duration_s is None and last != latest:
        return ()
    earliest = last - timedelta(seconds=duration_s or 0.0)
    if (earliest - latest).total_seconds() > READING_S:
        return ()
    earliest = min(earliest, latest)
    clocks = [claim for claim in claims if claim.source in ("name", "exif") and is_reading(claim)]
    unseen_s = (latest - earliest).total_seconds()
    local_s = next((late_s for claim in clocks if (late_s := may_be_local(latest, claim, unseen_s))), 0.0)
    return tuple(
        Sighting(
            kind,
            read_at,
            (read_at - latest).total_seconds() + min(0.0, local_s),
            (read_at - earliest).total_seconds() + max(0.0, local_s),
        )
        for kind, read_at in readings(claims).items()
    )


def clock_for(seen: Sequence[Sighting], starts: dict[str, datetime]) -> CardClock | None:
    """Return by how much the reading of a clip is off, by the most telling kind it shares with a sighting."""
    for kind in KINDS:
        if kind in starts:
            near = [one for one in seen if one.kind == kind and abs(one.read_at - starts[kind]) <= FAR]
            found = _offset(near, kind, starts[kind])
            if found is not None:
                return found
    return None


def _offset(near: Sequence[Sighting], kind: str, read_at: datetime) -> CardClock | None:
    if not near or read_at < EARLIEST:
        # A clock that was reset may have been reset twice, and then says the same of two days.
        return None
    bounds = [one.widened(read_at) for one in near]
    low_s, high_s = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low_s > high_s + READING_S:
        low_s, high_s = _around(near, read_at)
    low_s, high_s = min(low_s, high_s), max(low_s, high_s)
    least_s = READING_S
    if min(abs(one.read_at - read_at) for one in near) > NEAR:
        low_s, high_s, least_s = min(low_s, 0.0), max(high_s, 0.0), CLOCK_S
    return CardClock(kind, (low_s + high_s) / 2, (high_s - low_s) / 2 + least_s, len(near))


def _around(near: Sequence[Sighting], read_at: datetime) -> tuple[float, float]:
    """Return what the sightings next before and after allow: the clock was set somewhere in between."""
    before = max((one for one in near if one.read_at <= read_at), key=lambda one: one.read_at, default=None)
    after = min((one for one in near if one.read_at >= read_at), key=lambda one: one.read_at, default=None)
    bounds = [one.widened(read_at) for one in (before, after) if one is not None]
    return min(low for low, _ in bounds), max(high for _, high in bounds)
