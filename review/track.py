"""A clip's positions as a drawing (轨迹图): a line on a plain grid with a scale and times; no map, no other host.

Pure. Source: an equirectangular projection about the first position, good for a few kilometres. Units: metres from the
first position, x to the east and y to the south, as SVG counts; seconds since the clip's start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.rules.canonical import parsed_time

EAST_M, NORTH_M = 111_320.0, 110_540.0
"""How many metres a degree is: of longitude at the equator, and of latitude."""
SPAN_MIN_M = 40.0
LINES_MAX = 12
POINTS_MAX = 2000
TIMES_MAX = 5
ASPECT = 2.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands on the grid: its box, how far lines are apart, the way, and positions with their time beside."""

    left_m: float
    top_m: float
    width_m: float
    height_m: float
    grid_m: int
    way: str
    moments: str
    times: tuple[tuple[float, float, str], ...]
    count: int

    @property
    def columns(self) -> tuple[float, ...]:
        """Where lines go from above to below."""
        return _lines(self.left_m, self.width_m, self.grid_m)

    @property
    def rows(self) -> tuple[float, ...]:
        """Where lines go from left to right."""
        return _lines(self.top_m, self.height_m, self.grid_m)

    @property
    def minutes(self) -> int:
        """How many minutes lie between the first and the last time that is shown, rounded."""
        first, last = (parsed_time(self.times[at][2]) for at in (0, -1))
        return round((last - first).total_seconds() / 60)

    @property
    def unit_m(self) -> float:
        """A hundredth of the width: what sizes of text and dots are made of."""
        return self.width_m / 100


def drawing(fixes: Sequence[Mapping[str, Any]], starts_at: datetime) -> Drawing | None:
    """Return the drawing of a clip's track; None without positions."""
    if not fixes:
        return None
    some = fixes[:: math.ceil(len(fixes) / POINTS_MAX)]
    lat, lon = float(fixes[0]["lat"]), float(fixes[0]["lon"])
    east_m = EAST_M * math.cos(math.radians(lat))
    points = [((float(one["lon"]) - lon) * east_m, -(float(one["lat"]) - lat) * NORTH_M) for one in some]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width_m = max(max(xs) - min(xs), (max(ys) - min(ys)) * ASPECT, SPAN_MIN_M) * 1.3
    height_m = width_m / ASPECT
    after_s = [parsed_time(one["at"]).timestamp() - starts_at.timestamp() if one["at"] else None for one in some]
    told = range(0, len(some), max(1, math.ceil((len(some) - 1) / (TIMES_MAX - 1)))) if len(some) > 1 else range(1)
    return Drawing(
        left_m=(min(xs) + max(xs) - width_m) / 2,
        top_m=(min(ys) + max(ys) - height_m) / 2,
        width_m=width_m,
        height_m=height_m,
        grid_m=_round(width_m / LINES_MAX),
        way=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        moments=" ".join(
            f"{at:.1f},{x:.1f},{y:.1f}" for at, (x, y) in zip(after_s, points, strict=True) if at is not None
        ),
        times=tuple((*points[at], some[at]["at"]) for at in told if some[at]["at"]),
        count=len(fixes),
    )


def _round(least_m: float) -> int:
    """1, 2 or 5 times a power of ten, at least so much."""
    power = 10 ** math.floor(math.log10(least_m))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= least_m))


def _lines(begin_m: float, length_m: float, grid_m: int) -> tuple[float, ...]:
    first = math.ceil(begin_m / grid_m) * grid_m
    return tuple(float(at) for at in range(first, math.floor(begin_m + length_m) + 1, grid_m))
