"""The track of a file (轨迹): each GPS format is asked in turn, and the answer says which one knew it.

Shapes: at most FIXES_MAX fixes, in file order, without points that contradict their neighbours.
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import BinaryIO

from catalog.evidence import Fix
from media import gps
from media.gps.contract import FIXES_MAX, SPEED_MPS_MAX, TURNED, Carrier, GpsFormat, Turned
from media.mp4 import ReadOnce, read_movie

EARTH_RADIUS_M = 6_371_000.0
CONTRACT = "contract"
TICK_S = 1.0
"""Receivers tick once a second: two fixes of the same second may still be this far apart in time."""


@dataclass(frozen=True, slots=True)
class Track:
    """Positions and the name of the format that read them; None if no format knew the file.

    `left_out` counts positions with a fix that were turned away: nowhere on Earth, or where nobody could have been.
    """

    format: str | None
    fixes: tuple[Fix, ...]
    left_out: int = 0


@cache
def formats() -> tuple[GpsFormat, ...]:
    """Return the object FORMAT of every module in `media/gps/`, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(gps.__path__) if module.name != CONTRACT)
    return tuple(import_module(f"{gps.__name__}.{name}").FORMAT for name in names)


def read_track(file: BinaryIO, carrier: Carrier = "text") -> Track:
    """Return the track of a seekable file, read by the formats of that carrier, asked in the order of their names.

    A "movie" that has no boxes is taken for a stream.
    The first whose fixes have times wins; then the first with a fix, and then the first that knew the file.
    """
    turned = Turned()
    counting = TURNED.set(turned)
    try:
        with ReadOnce():
            if carrier == "movie" and read_movie(file) is None:
                carrier = "stream"
            found = [track for known in _of_carrier(carrier) if (track := _read(known, file, turned)) is not None]
    finally:
        TURNED.reset(counting)
    return max(found, key=_worth, default=Track(None, ()))


def without_jumps(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Leave out every fix that no neighbour agrees with: to be there it would have had to fly.

    Those in between are judged first; the first and the last then have the neighbours that are left.
    """
    if len(fixes) < 2:
        return tuple(fixes)
    kept = _agreed(fixes, ends=False)
    return _agreed(kept, ends=True)


def _agreed(fixes: Sequence[Fix], *, ends: bool) -> tuple[Fix, ...]:
    agrees = [_reachable(one, other) for one, other in pairwise(fixes)]
    return tuple(
        fix
        for fix, before, after in zip(fixes, [not ends, *agrees], [*agrees, not ends], strict=True)
        if before or after
    )


@cache
def _of_carrier(carrier: Carrier) -> tuple[GpsFormat, ...]:
    return tuple(known for known in formats() if known.carrier == carrier)


def _read(known: GpsFormat, file: BinaryIO, turned: Turned) -> Track | None:
    before = turned.count
    fixes = known.read(file)
    if fixes is None:
        return None
    kept = without_jumps(fixes[:FIXES_MAX])
    return Track(known.name, kept, turned.count - before + min(len(fixes), FIXES_MAX) - len(kept))


def _worth(track: Track) -> tuple[bool, bool]:
    return any(fix.at is not None for fix in track.fixes), bool(track.fixes)


def _reachable(one: Fix, other: Fix) -> bool:
    if one.at is None or other.at is None:
        return True
    seconds = abs((other.at - one.at).total_seconds()) + TICK_S
    return _distance_m(one, other) <= SPEED_MPS_MAX * seconds


def _distance_m(one: Fix, other: Fix) -> float:
    """Return the great-circle distance (haversine)."""
    south, north = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    east = math.radians(other.longitude_deg - one.longitude_deg)
    square = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, square)))
