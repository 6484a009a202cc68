"""A track for maps and other programs (轨迹导出): thinned out, as GPX, as GeoJSON, and as Chinese maps draw it. Pure.

Sources: GPX 1.1 (https://www.topografix.com/GPX/1/1/); GeoJSON (RFC 7946: longitude first); the line is thinned out by
Douglas and Peucker's rule; GCJ-02 by the published approximation, right to some metres and for China alone. What is
kept is WGS 84: GCJ-02 is made for a map that needs it, and is never written into GPX or the catalog. Shapes: n fixes ->
at most n, the first and the last among them; text out. Units: degrees, metres, metres per second.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from catalog.evidence import Fix

TOLERANCE_M = 5.0
"""Less than a receiver is sure of."""
STRETCH_FIXES = 1000
"""Longer lines are cut: one that folds at every fix costs the square of its length."""
DEGREE_M = 111_320.0
NOT_SEALED = "second opinion, not sealed"

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CHINA = ((0.8293, 55.8271), (72.004, 137.8347))
"""Where GCJ-02 is used at all, as maps do it: south to north, west to east."""


def simplified(fixes: Sequence[Fix], tolerance_m: float = TOLERANCE_M) -> tuple[Fix, ...]:
    """Return the fixes that draw the same line to within the tolerance."""
    if len(fixes) < 3:
        return tuple(fixes)
    points = _flat(fixes)
    marks = [*range(0, len(fixes) - 1, STRETCH_FIXES), len(fixes) - 1]
    kept, stretches = set(marks), list(pairwise(marks))
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        away_m, at = max((_away_m(points[at], points[first], points[last]), at) for at in range(first + 1, last))
        if away_m > tolerance_m:
            kept.add(at)
            stretches += [(first, at), (at, last)]
    return tuple(fixes[at] for at in sorted(kept))


def gpx(fixes: Sequence[Fix], name: str, source: str | None = None) -> str:
    """Return a GPX 1.1 document with one track; a point without a time has none there.

    `source` names the program that found the positions, where they are not the sealed ones.
    """
    origin = "" if source is None else f"<src>{escape(f'{source}; {NOT_SEALED}')}</src>"
    points = "".join(_trkpt(fix) for fix in fixes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="evidock" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<trk><name>{escape(name)}</name>{origin}<trkseg>\n{points}</trkseg></trk>\n</gpx>\n"
    )


def geojson(fixes: Sequence[Fix], name: str, source: str | None = None, *, gcj02: bool = False) -> str:
    """Return a GeoJSON feature: a line, or a point where there is but one fix.

    Its properties are the times, the speeds, and how good each position is. `source` names the program that found the
    positions, where they are not the sealed ones.
    """
    stored = [(fix.latitude_deg, fix.longitude_deg) for fix in fixes]
    places = [in_gcj02(*place) for place in stored] if gcj02 else stored
    line = [[round(longitude, 7), round(latitude, 7)] for latitude, longitude in places]
    geometry: dict[str, object] | None = {"type": "LineString", "coordinates": line}
    if len(line) < 2:
        geometry = {"type": "Point", "coordinates": line[0]} if line else None
    properties = {
        "clip": name,
        "source": "manifest" if source is None else source,
        "sealed": source is None,
        "datum": "GCJ-02" if gcj02 else "WGS 84",
        "times": [None if fix.at is None else fix.at.isoformat() for fix in fixes],
        "speeds_mps": [fix.speed_mps for fix in fixes],
        "accuracies_m": [fix.accuracy_m for fix in fixes],
        "valid": [fix.is_valid for fix in fixes],
    }
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    return json.dumps(feature, ensure_ascii=False, allow_nan=False) + "\n"


def in_gcj02(latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Return where a Chinese map draws a place; the same outside China."""
    (south, north), (west, east) = _CHINA
    if not (south < latitude_deg < north and west < longitude_deg < east):
        return latitude_deg, longitude_deg
    x, y = longitude_deg - 105.0, latitude_deg - 35.0
    wave = 20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)
    up = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave * 2 / 3
    up += (20 * math.sin(math.pi * y) + 40 * math.sin(math.pi * y / 3)) * 2 / 3
    up += (160 * math.sin(math.pi * y / 12) + 320 * math.sin(math.pi * y / 30)) * 2 / 3
    right = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave * 2 / 3
    right += (20 * math.sin(math.pi * x) + 40 * math.sin(math.pi * x / 3)) * 2 / 3
    right += (150 * math.sin(math.pi * x / 12) + 300 * math.sin(math.pi * x / 30)) * 2 / 3
    phi = math.radians(latitude_deg)
    bulge = 1 - _ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    north_deg = math.degrees(up * bulge * math.sqrt(bulge) / (_AXIS_M * (1 - _ECCENTRICITY_SQUARED)))
    east_deg = math.degrees(right * math.sqrt(bulge) / (_AXIS_M * math.cos(phi)))
    return latitude_deg + north_deg, longitude_deg + east_deg


def _trkpt(fix: Fix) -> str:
    latitude, longitude = quoteattr(f"{fix.latitude_deg:.7f}"), quoteattr(f"{fix.longitude_deg:.7f}")
    time = "" if fix.at is None else f"<time>{fix.at:%Y-%m-%dT%H:%M:%S}.{fix.at.microsecond // 1000:03d}Z</time>"
    return f"<trkpt lat={latitude} lon={longitude}>{time}</trkpt>\n"


def _flat(fixes: Sequence[Fix]) -> list[tuple[float, float]]:
    """Return metres east and north of the first fix, on a plane that touches the Earth there."""
    origin = fixes[0]
    scale = DEGREE_M * math.cos(math.radians(origin.latitude_deg))
    turns = ((fix.longitude_deg - origin.longitude_deg + 180) % 360 - 180 for fix in fixes)
    return [
        (turn * scale, (fix.latitude_deg - origin.latitude_deg) * DEGREE_M)
        for turn, fix in zip(turns, fixes, strict=True)
    ]


def _away_m(point: tuple[float, float], first: tuple[float, float], last: tuple[float, float]) -> float:
    """Return how far a point is from the stretch between two others."""
    east, north = last[0] - first[0], last[1] - first[1]
    length = east * east + north * north
    share = 0.0 if length == 0 else ((point[0] - first[0]) * east + (point[1] - first[1]) * north) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - first[0] - share * east, point[1] - first[1] - share * north)
