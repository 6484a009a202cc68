"""The track of a file (轨迹): each GPS format is asked in turn, and the answer says which one knew it.

Shapes: at most FIXES_MAX fixes, in file order, without points whose time or place contradicts their neighbours.
Units: seconds, metres, degrees WGS 84.
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import BinaryIO

from catalog.evidence import Fix
from media import gps
from media.capture_time import EARLIEST, GPS_S, LATEST_AFTER_DOCKING
from media.gps.contract import FIXES_MAX, SPEED_MPS_MAX, Carrier, GpsFormat, Turned, counting, unread
from media.mp4 import ReadOnce, read_movie
from media.utf8 import as_utf8

EARTH_RADIUS_M = 6_371_000.0
CONTRACT = "contract"
TICK_S = 1.0
"""Receivers tick once a second: two fixes of the same second may still be this far apart in time."""
GAP_S, FILM_GAP_S = 3600.0, 60.0
"""Rows further apart in time than this are no neighbours; in a film, as long as it is, up to the former."""


@dataclass(frozen=True, slots=True)
class Track:
    """Positions and the name of the format that read them; None if no format knew the file.

    `left_out` counts positions with a fix that were turned away: nowhere on Earth, where nobody could have been, or at
    a time that contradicts the others. `note` says what of the file holds positions and could not be read.
    """

    format: str | None
    fixes: tuple[Fix, ...]
    left_out: int = 0
    note: str | None = None


@cache
def formats() -> tuple[GpsFormat, ...]:
    """Return the object FORMAT of every module in `media/gps/`, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(gps.__path__) if module.name != CONTRACT)
    return tuple(import_module(f"{gps.__name__}.{name}").FORMAT for name in names)


def read_track(file: BinaryIO, carrier: Carrier = "text", docked_at: datetime | None = None) -> Track:
    """Return the track of a seekable file, read by the formats of that carrier, asked in the order of their names.

    A "movie" that has no boxes is taken for a stream. Nothing that is read can be later than `docked_at`.
    The first whose fixes have times wins; then the first with a fix, and then the first that knew the file.
    """
    with counting() as turned, ReadOnce():
        movie = read_movie(file) if carrier == "movie" else None
        if carrier == "movie" and movie is None:
            carrier = "stream"
        length_s = None if movie is None else movie.duration_s
        text = as_utf8(file) if carrier == "text" else file
        found = [
            Track(known.name, kept := believable(fixes, docked_at, length_s), turned_away + len(fixes) - len(kept))
            for known in _of_carrier(carrier)
            for fixes, turned_away in _read(known, text, turned)
        ]
    return replace(max(found, key=_worth, default=Track(None, ())), note=turned.note)


def believable(fixes: Sequence[Fix], docked_at: datetime | None, length_s: float | None) -> tuple[Fix, ...]:
    """Leave out every fix whose time or place the others contradict; `length_s` is that of the film, if it is one."""
    return without_jumps(without_strays(fixes, docked_at, length_s))


def without_strays(fixes: Sequence[Fix], docked_at: datetime | None, length_s: float | None) -> tuple[Fix, ...]:
    """Leave out every fix at a time that is impossible, or far from the times of the others.

    Receivers count weeks from 0 again after 1024 (2006 for 2026), or begin with a date of their factory: one such row
    would date the whole film. Where no row has a possible time nothing is left out: the claim says why it is doubted.
    """
    latest = None if docked_at is None else docked_at + LATEST_AFTER_DOCKING
    times = sorted(fix.at for fix in fixes if fix.at is not None and EARLIEST <= fix.at <= (latest or fix.at))
    if not times:
        return tuple(fixes)
    kept = frozenset(at for group in _of_one_film(times, length_s) or _not_alone(times) for at in group)
    return tuple(fix for fix in fixes if fix.at is None or fix.at in kept)


def _of_one_film(times: Sequence[datetime], length_s: float | None) -> list[list[datetime]]:
    """Return the groups that can be of one film of that length with most of the rows; none if that is not told."""
    if length_s is None:
        return []
    groups = list(_groups(times, max(FILM_GAP_S, min(GAP_S, length_s))))
    main = max(groups, key=len)
    if 2 * len(main) <= len(times) or _apart_s(main[0], main[-1]) > length_s + GPS_S:
        return []  # rows that agree on nothing, or one frame a second: the length says nothing
    return [
        group for group in groups if max(_apart_s(main[-1], group[0]), _apart_s(group[-1], main[0])) <= length_s + GPS_S
    ]


def _not_alone(times: Sequence[datetime]) -> list[list[datetime]]:
    """Return the groups of several rows; all if most rows stand alone, as where a log has one every few hours."""
    groups = list(_groups(times, GAP_S))
    several = [group for group in groups if len(group) > 1]
    return several if 2 * sum(map(len, several)) > len(times) else groups


def _groups(times: Sequence[datetime], gap_s: float) -> Iterator[list[datetime]]:
    """Yield the times, sorted as they are, in groups with no gap longer than that."""
    group = [times[0]]
    for before, at in pairwise(times):
        if _apart_s(before, at) > gap_s:
            yield group
            group = []
        group.append(at)
    yield group


def _apart_s(one: datetime, other: datetime) -> float:
    return (other - one).total_seconds()


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


def _read(known: GpsFormat, file: BinaryIO, turned: Turned) -> Iterator[tuple[Sequence[Fix], int]]:
    """Yield the fixes of a file and how many more the gate turned away, if this format knows the file."""
    before = turned.count
    fixes = known.read(file)
    if fixes is not None:
        if len(fixes) >= FIXES_MAX:
            unread(f"positions behind the first {FIXES_MAX}")
        yield fixes[:FIXES_MAX], turned.count - before


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
