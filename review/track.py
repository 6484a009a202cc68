"""Positions as a drawing (轨迹图、点位图): on a plain grid with a scale; no map, no other host.

One clip's are a line with times; of several clips, where each begins is a point.

Pure. Source: an equirectangular projection about the first position, good for a few kilometres. Units: metres from the
first position, x to the east and y to the south, as SVG counts; seconds since the clip's start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.clips.search import ClipSummary
from catalog.rules.canonical import parsed_time

EAST_M, NORTH_M = 111_320.0, 110_540.0
"""How many metres a degree is: of longitude at the equator, and of latitude."""
SPAN_MIN_M = 40.0
LINES_MAX = 12
POINTS_MAX = 2000
TIMES_MAX = 5
ASPECT = 2.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A plain grid (网格): its box, and how far its lines are apart."""

    left_m: float
    top_m: float
    width_m: float
    height_m: float
    grid_m: int

    @property
    def columns(self) -> tuple[float, ...]:
        """Where lines go from above to below."""
        return _lines(self.left_m, self.width_m, self.grid_m)

    @property
    def rows(self) -> tuple[float, ...]:
        """Where lines go from left to right."""
        return _lines(self.top_m, self.height_m, self.grid_m)

    @property
    def unit_m(self) -> float:
        """A hundredth of the width: what sizes of text and dots are made of."""
        return self.width_m / 100


@dataclass(frozen=True, slots=True)
class Drawing(Grid):
    """What stands on the grid of one clip: the way, and positions with their time beside."""

    way: str
    moments: str
    times: tuple[tuple[float, float, str], ...]
    count: int

    @property
    def minutes(self) -> int:
        """How many minutes lie between the first and the last time that is shown, rounded."""
        first, last = (parsed_time(self.times[at][2]) for at in (0, -1))
        return round((last - first).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Plan(Grid):
    """Where clips begin (点位图): a point each; `lat` and `lon` are degrees of the point 0, 0."""

    points: tuple[tuple[float, float, ClipSummary], ...]
    lat: float
    lon: float
    east_m: float
    """How many metres a degree of longitude is there."""


def plan(clips: Iterable[ClipSummary]) -> Plan | None:
    """Return the drawing of where clips begin, of those whose place may be seen; None where there is none."""
    some = [(one.first_fix, one) for one in clips if one.first_fix is not None]
    if not some:
        return None
    lat, lon = some[0][0].lat, some[0][0].lon
    east_m = EAST_M * math.cos(math.radians(lat))
    points = [((at.lon - lon) * east_m, (lat - at.lat) * NORTH_M) for at, _ in some]
    told = tuple((*point, one) for point, (_, one) in zip(points, some, strict=True))
    return Plan(*_box(points, 1.0), told, lat, lon, east_m)


def _box(points: Sequence[tuple[float, float]], aspect: float) -> tuple[float, float, float, float, int]:
    """The box of a grid around some points, and how far its lines are apart."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width_m = max(max(xs) - min(xs), (max(ys) - min(ys)) * aspect, SPAN_MIN_M) * 1.3
    height_m = width_m / aspect
    left_m, top_m = (min(xs) + max(xs) - width_m) / 2, (min(ys) + max(ys) - height_m) / 2
    return left_m, top_m, width_m, height_m, _round(width_m / LINES_MAX)


def drawing(fixes: Sequence[Mapping[str, Any]], starts_at: datetime) -> Drawing | None:
    """Return the drawing of a clip's track; None without positions."""
    if not fixes:
        return None
    some = fixes[:: math.ceil(len(fixes) / POINTS_MAX)]
    lat, lon = float(fixes[0]["lat"]), float(fixes[0]["lon"])
    east_m = EAST_M * math.cos(math.radians(lat))
    points = [((float(one["lon"]) - lon) * east_m, -(float(one["lat"]) - lat) * NORTH_M) for one in some]
    after_s = [parsed_time(one["at"]).timestamp() - starts_at.timestamp() if one["at"] else None for one in some]
    told = range(0, len(some), max(1, math.ceil((len(some) - 1) / (TIMES_MAX - 1)))) if len(some) > 1 else range(1)
    return Drawing(
        *_box(points, ASPECT),
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
