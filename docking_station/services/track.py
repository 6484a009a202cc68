"""Handing out a track (导出轨迹): with a permit, so that the trail line comes first; out of the clip's manifest.

Where our own readers found no position, the second opinion's are handed out, if it has any, and wherever they stand it
stands who found them: they were never sealed, and the two are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.clips import clips, second_opinions
from catalog.database import Database
from catalog.evidence import Fix
from catalog.rules.access import Action
from catalog.rules.manifest import fixes_of, track_of
from docking_station.services.permits import Permit
from docking_station.station.apart import demand_outside
from docking_station.station.errors import CannotPull, FileThere, NoTrack, unwritable
from docking_station.station.station import Station
from media.track_export import geojson, gpx, simplified


@dataclass(frozen=True, slots=True)
class Track:
    """A clip's positions (轨迹): out of the sealed manifest, or another program's where it has none.

    `source` names that program, None: the manifest. `count` is how many were found; of very long ones fewer are kept.
    """

    fixes: tuple[Fix, ...]
    count: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many of the clip's positions, who found them (None: they are sealed), as which text."""

    clip: str
    fixes: int
    kept: int
    source: str | None
    text: str


def write_track(
    station: Station,
    permit: Permit,
    to: Path | None,
    form: str,
    *,
    tolerance_m: float,
    gcj02: bool,
    sealed_only: bool = False,
) -> Written:
    """Write a clip's track; raises `NoTrack`, `FileThere`, and `CannotPull` where it cannot be written."""
    number = permit.demand(Action.POSITION)
    found = track_shown(station.database, number, sealed_only=sealed_only)
    if not found.fixes:
        raise NoTrack(clip=number)
    kept = simplified(found.fixes, tolerance_m) if tolerance_m > 0 else found.fixes
    text = geojson(kept, number, found.source, gcj02=gcj02) if form == "geojson" else gpx(kept, number, found.source)
    if to is not None:
        demand_outside(station.settings, to)
        try:
            with to.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise FileThere(path=to) from error
        except OSError as error:
            raise CannotPull(path=to, **unwritable(error)) from error
    return Written(number, found.count, len(kept), found.source, text)


def track_source(database: Database, clip: str, *, sealed_only: bool = False) -> dict[str, str]:
    """Return who found the positions, if it is not the manifest; raises `NoTrack`. No position is given."""
    found = track_shown(database, clip, sealed_only=sealed_only)
    if not found.fixes:
        raise NoTrack(clip=clip)
    return {} if found.source is None else {"source": found.source}


def track_shown(database: Database, clip: str, *, sealed_only: bool = False) -> Track:
    """Return the sealed positions; where there are none, the second opinion's, unless only sealed ones are wanted."""
    fixes = fixes_of(track_of(clips.manifest(database, clip)))
    opinion = None if fixes or sealed_only else second_opinions.get(database, clip)
    if opinion is None or not opinion["track"]:
        return Track(fixes, len(fixes))
    return Track(fixes_of(opinion["track"]), opinion["fixes"], opinion["tool"])
