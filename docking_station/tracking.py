"""Handing out a track (导出轨迹): the trail line first, then the text, out of the clip's manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import clips, listing
from catalog.evidence import Fix
from catalog.rules.canonical import parsed_time
from catalog.rules.manifest import track_of
from docking_station.errors import CannotPull, FileThere, NoTrack
from docking_station.station import Station
from media.chart import geojson, gpx, simplified


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many of the clip's positions, and as which text."""

    clip: str
    fixes: int
    kept: int
    text: str


def write_track(station: Station, clip: str, to: Path | None, form: str, *, tolerance_m: float, gcj02: bool) -> Written:
    """Write a clip's track; raises `NoTrack`, `FileThere`, and `CannotPull` where it cannot be written."""
    number = listing.full_id(station.database, clip)
    document = clips.document(station.database, number)
    fixes = fixes_of(track_of(clips.read_manifest(document.body, document.sha256)))
    if not fixes:
        raise NoTrack(clip=number)
    kept = simplified(fixes, tolerance_m) if tolerance_m > 0 else fixes
    text = geojson(kept, number, gcj02=gcj02) if form == "geojson" else gpx(kept, number)
    station.look("clip.track-written", number, to="-" if to is None else str(to))
    if to is not None:
        try:
            with to.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise FileThere(path=to) from error
        except OSError as error:
            raise CannotPull(path=to, reason=error.strerror or error) from error
    return Written(number, len(fixes), len(kept), text)


def fixes_of(rows: Sequence[Mapping[str, object]]) -> tuple[Fix, ...]:
    """The fixes of a track as the catalog shows it."""
    return tuple(
        Fix(
            None if row["at"] is None else parsed_time(str(row["at"])),
            float(str(row["lat"])),
            float(str(row["lon"])),
            None if row["speed_mps"] is None else float(str(row["speed_mps"])),
        )
        for row in rows
    )
