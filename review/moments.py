"""Moments of a clip that are known before anybody plays it (时刻): what stands on the line below the picture.

Pure. Sources: the clip's own track, in which a receiver that sees no satellites is silent; the photographs that the
same recorder took meanwhile. A recorder's mark (设备标记) is of a whole clip, so it is no moment. Units: seconds since
the clip's start, by the clock all times of the page are on.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from catalog.rules.canonical import parsed_time

GAP_S_MIN, GAP_TIMES = 10.0, 3.0
"""A position is missed where the next one comes later than that, and than so many of the track's own steps."""
MOMENTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Moment:
    """When it begins, how long it lasts, 0 of what is over at once, and what it is: the end of a text's name."""

    at_s: float
    lasts_s: float
    what: str


def moments(
    starts_at: datetime, length_s: float, fixes: Iterable[Mapping[str, Any]], photographs: Iterable[datetime]
) -> tuple[Moment, ...]:
    """Return the moments of a clip in their order, the first so many of them."""
    begin_s = starts_at.timestamp()
    known = sorted(parsed_time(one["at"]).timestamp() - begin_s for one in fixes if one["at"])
    found = [Moment(at_s, lasts_s, "no_position") for at_s, lasts_s in _gaps(known)]
    found += [Moment(one.timestamp() - begin_s, 0.0, "photograph") for one in photographs]
    inside = (one for one in found if 0 <= one.at_s <= length_s)
    return tuple(sorted(inside, key=lambda one: one.at_s)[:MOMENTS_MAX])


def _gaps(times_s: Sequence[float]) -> list[tuple[float, float]]:
    steps = [(before, after - before) for before, after in pairwise(times_s)]
    least_s = max(GAP_S_MIN, GAP_TIMES * statistics.median(step for _, step in steps)) if steps else GAP_S_MIN
    return [(at, step) for at, step in steps if step > least_s]
