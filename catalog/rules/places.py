"""Where a clip was, for searching (位置检索): tracks packed, map cells, areas; pure.

Source: cells are the tiles of Web Mercator, https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames.
Shapes: a packed track is a pair of little-endian int32 a fix, in its order. Units: degrees WGS 84, packed 1e-7 degree;
metres, on a plane that touches the earth at the area: good to a part in a thousand below 50 km.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import asinh, ceil, cos, hypot, pi, radians, tan

from catalog.rules.manifest import position_deg

METRES = 111_319.5
"""Of one degree of latitude."""
ZOOMS = (17, 15, 13, 10, 7)
"""Levels of cells, of about 0.3, 1.2, 5, 40 and 300 km at the equator."""
CELLS_MAX = 48
LATITUDE_MAX = 85.0
POINTS_MAX = 200
RADIUS_M_MAX = 200_000.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """Somewhere (检索区域): all within `radius_m` of a line of points, latitude first; or in the box of two corners."""

    line: tuple[Point, ...]
    radius_m: float | None = None

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        if self.radius_m is None:
            (south, west), (north, east) = self.line
            return south <= point[0] <= north and west <= point[1] <= east
        flat = [self._flat(one) for one in self.line]
        x, y = self._flat(point)
        ends = zip(flat, flat[1:] or flat, strict=False)
        return min(_distance(x - ax, y - ay, bx - ax, by - ay) for (ax, ay), (bx, by) in ends) <= self.radius_m

    def _flat(self, point: Point) -> Point:
        """Metres east and north of the first point."""
        (lat, lon), wide = self.line[0], cos(radians(self.line[0][0]))
        return (point[1] - lon) * METRES * wide, (point[0] - lat) * METRES

    def boxes(self, step_m: float) -> Iterator[tuple[Point, Point]]:
        """Yield boxes that cover it, for a line one every `step_m` at most."""
        if self.radius_m is None:
            south_west, north_east = self.line
            yield south_west, north_east
            return
        high = self.radius_m + step_m / 2
        for (a, b), (c, d) in zip(self.line, self.line[1:] or self.line, strict=False):
            (x, y), (other_x, other_y) = self._flat((a, b)), self._flat((c, d))
            steps = max(1, ceil(hypot(other_x - x, other_y - y) / step_m))
            for number in range(steps + 1):
                lat, lon = a + (c - a) * number / steps, b + (d - b) * number / steps
                up, side = high / METRES, high / METRES / max(0.01, cos(radians(lat)))
                yield (lat - up, lon - side), (lat + up, lon + side)


def _distance(x: float, y: float, dx: float, dy: float) -> float:
    """From a point to a stretch from the origin, in its units."""
    length = dx * dx + dy * dy
    share = min(1.0, max(0.0, (x * dx + y * dy) / length)) if length else 0.0
    return hypot(x - share * dx, y - share * dy)


def cell(lat: float, lon: float, zoom: int) -> tuple[int, int]:
    """The tile that holds a point."""
    tiles = 1 << zoom
    lat = radians(min(LATITUDE_MAX, max(-LATITUDE_MAX, lat)))
    x, y = (lon + 180) / 360 * tiles, (1 - asinh(tan(lat)) / pi) / 2 * tiles
    return min(tiles - 1, max(0, int(x))), min(tiles - 1, max(0, int(y)))


def cell_words(fixes: Iterable[Point]) -> frozenset[str]:
    """The words of all cells a track touches, of every level."""
    finest = {cell(*fix, ZOOMS[0]) for fix in fixes}
    return frozenset(_word(zoom, x >> ZOOMS[0] - zoom, y >> ZOOMS[0] - zoom) for x, y in finest for zoom in ZOOMS)


def cover(area: Area) -> frozenset[str]:
    """The words of cells that cover an area, of the finest level that needs few; none where it is too wide for all."""
    for zoom in ZOOMS:
        tile_m, found = METRES * 360 / (1 << zoom) * cos(radians(min(LATITUDE_MAX, abs(area.line[0][0])))), set[str]()
        for (south, west), (north, east) in area.boxes(tile_m / 2):
            (left, top), (right, bottom) = cell(north, west, zoom), cell(south, east, zoom)
            if (right - left + 1) * (bottom - top + 1) > CELLS_MAX:
                found.update(map(str, range(CELLS_MAX + 1)))
            else:
                found |= {_word(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}
            if len(found) > CELLS_MAX:
                break
        else:
            return frozenset(found)
    return frozenset()


def _word(zoom: int, x: int, y: int) -> str:
    return f"_z{zoom:x}{x:x}x{y:x}"


def packed(fixes_e7: Sequence[tuple[int, int]]) -> bytes:
    """A track as the catalog keeps it."""
    return struct.pack(f"<{2 * len(fixes_e7)}i", *(value for fix in fixes_e7 for value in fix))


def unpacked(track: bytes) -> Iterator[Point]:
    """Yield the points of a packed track."""
    yield from ((position_deg(lat), position_deg(lon)) for lat, lon in struct.iter_unpack("<2i", track))
