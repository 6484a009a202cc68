"""The second opinion on a clip (第二意见): ExifTool is asked after filing, and its answer kept beside what was sealed.

It is derived: the signed manifest and the clip's start never change by it. Shapes: a clip's number -> one row of the
catalog; asking again replaces it. What the program cannot read, or chokes on, is an answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from catalog.clips import clips, second_opinions
from catalog.evidence import Fix
from catalog.keeping import disposals
from catalog.rules.canonical import time_text, time_text_or_none
from catalog.rules.manifest import Manifest, fixes_of, track_of
from docking_station.derived.copies import borrowed
from media.capture_time import choose
from media.errors import NotMedia, ToolFailed, ToolTooSlow
from media.exiftool import found
from media.second_opinion import SOURCE, SecondOpinion, disagreements, read_opinion

if TYPE_CHECKING:
    from docking_station.station.station import Station

KEPT_FIXES_MAX = 2000
DEEP_BYTES_MAX = 256 * 1024 * 1024
"""Where there is no index to go by, files up to this size are read from end to end."""


def ask(station: Station, clip: str, progress: Callable[[float], None]) -> None:
    """Ask about one clip and write the answer down; raises `NoSecondOpinion`, and what vault and catalog raise.

    Nobody asks about an original that is gone (`AlreadyDisposed`).
    """
    disposals.demand_kept(station.database, clip)
    manifest = clips.manifest(station.database, clip)
    progress(0.0)
    opinion, fault = SecondOpinion(), None
    try:
        opinion = _answer(station, manifest, progress)
    except (NotMedia, ToolTooSlow, ToolFailed) as error:
        found(station.settings.exiftools)  # where the program itself is gone, that is no clip's fault
        fault = error.message()
    tool = f"ExifTool {station.second_opinion.program.version}"
    disposals.demand_kept(station.database, clip)
    second_opinions.note(station.database, clip, station.now(), tool, told_of(opinion, manifest) | {"fault": fault})
    progress(1.0)


def told_of(opinion: SecondOpinion, manifest: Manifest) -> dict[str, Any]:
    """The body of an opinion: its claims and places, what they would make of the start, and what they contradict.

    Pure. Its whole track stands there only where we found none, thinned out where it is long.
    """
    claims, track = manifest.times, fixes_of(track_of(manifest))
    docked_at, sealed = manifest.docked_at, manifest.start
    chosen = choose((*claims, *opinion.claims), docked_at, manifest.duration_s)
    better = chosen.source == SOURCE and chosen.uncertainty_s < sealed.uncertainty_s
    return {
        "times": [asdict(claim) | {"value": time_text_or_none(claim.value)} for claim in opinion.claims],
        "starts_at": time_text(chosen.starts_at) if better else None,
        "starts_at_uncertainty_s": chosen.uncertainty_s if better else None,
        "fixes": len(opinion.track),
        "first_fix": _place(opinion.track[0]) if opinion.track else None,
        "last_fix": _place(opinion.track[-1]) if opinion.track else None,
        "track": [] if track else [_place(fix) for fix in thinned(opinion.track)],
        "disagreements": [asdict(one) for one in disagreements(opinion, sealed, claims, track, docked_at)],
        "note": opinion.note,
    }


def thinned(track: Sequence[Fix]) -> Sequence[Fix]:
    """Return at most `KEPT_FIXES_MAX` positions of a track, the first and the last among them."""
    step = -(-(len(track) - 1) // (KEPT_FIXES_MAX - 1)) if len(track) > KEPT_FIXES_MAX else 1
    return (*track[:-1:step], *track[-1:])


def _answer(station: Station, manifest: Manifest, progress: Callable[[float], None]) -> SecondOpinion:
    media, size_bytes = manifest.media, manifest.size_bytes
    deep = manifest.kind == "video" and size_bytes <= DEEP_BYTES_MAX
    deep = deep and (media["playable"] is not True or media["container"] == "mpegts")
    suffix = PurePosixPath(manifest.path).suffix
    tool = station.second_opinion
    with borrowed(station, manifest.original_key, size_bytes, progress) as path:
        tags = tool.ask(path, suffix, deep=deep)
    return read_opinion(tags, station.settings.zone, manifest.duration_s, manifest.docked_at)


def _place(fix: Fix) -> dict[str, object]:
    return {"at": time_text_or_none(fix.at), "lat": fix.latitude_deg, "lon": fix.longitude_deg}
