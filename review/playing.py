"""What a player needs of each clip that a look shows (播放所需): where its parts are, its clocks, its moments.

Shapes: times are milliseconds since 1970 as UTC counts; `start_s` is where the clip begins on the line of time, 0 where
it is shown alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from catalog.clips import search
from catalog.clips.clips import ClipDetails
from catalog.rules.callers import Caller
from catalog.rules.canonical import local_time
from docking_station.services.looks import Look
from docking_station.services.rights import seen
from docking_station.station.station import Station
from review.moments import MOMENTS_MAX, Moment, moments
from review.pages.looks import SCRUBBING

FPS = 25.0
OWN_CLOCK = ("name", "exif", "keys", "container", "mtime")
"""Which claims are the recorder's own clock, the one people see burnt into the picture first."""


@dataclass(frozen=True, slots=True)
class Player:
    """What the player needs: where the parts are, what is on its line, and the two clocks.

    `sheet` is how its stills lie: count, seconds between two, columns, width
    and height of each; empty where there is none.
    """

    look: str
    clip: str
    kind: str
    is_copy: bool
    parts: tuple[str, ...]
    sheet: str
    length_s: float
    moments: tuple[Moment, ...]
    fps: float
    starts_ms: int | None
    own_ms: int | None
    zone_minutes: int
    start_s: float = 0.0


def player(station: Station, details: ClipDetails, look: Look, start_s: float = 0.0) -> Player:
    """Return what the player of a look needs."""
    zone, starts_at = station.settings.zone, details.starts_at
    begins = {one.source: one.value for one in details.times if one.refers_to == "start"}
    own = next((begins[source] for source in OWN_CLOCK if source in begins), None)
    told = look.choice.note.get("frame_rate") or _rate(look)
    offset = local_time(starts_at, zone).utcoffset()
    sheet = look.parts["sheet"].note if "sheet" in look.parts else None
    length_s = float(look.choice.note.get("duration_s") or details.duration_s or 0.0)
    return Player(
        look=look.id,
        clip=look.clip,
        kind=details.kind,
        is_copy=look.choice.derived,
        parts=tuple(look.parts),
        sheet="" if sheet is None else " ".join(str(sheet[name]) for name in SCRUBBING),
        length_s=length_s,
        moments=moments(starts_at, length_s, details.track, _photographs(station, look.caller, details, length_s)),
        fps=_fps(told),
        starts_ms=_ms(starts_at),
        own_ms=_ms(own),
        zone_minutes=0 if offset is None else round(offset.total_seconds() / 60),
        start_s=start_s,
    )


def film_player(station: Station, look: Look, starts_at: datetime | None) -> Player:
    """Return what the player of a film alone needs, without what else is known of its clip; None: it has no clock."""
    note, zone = look.choice.note, station.settings.zone
    offset = None if starts_at is None else local_time(starts_at, zone).utcoffset()
    length_s = float(note.get("duration_s") or look.choice.manifest.duration_s or 0.0)
    return Player(
        look=look.id,
        clip=look.clip,
        kind="video",
        is_copy=look.choice.derived,
        parts=tuple(part for part in look.parts if part != "sheet"),
        sheet="",
        length_s=length_s,
        moments=(),
        fps=_fps(note.get("frame_rate") or _rate(look)),
        starts_ms=_ms(starts_at),
        own_ms=None,
        zone_minutes=0 if offset is None else round(offset.total_seconds() / 60),
    )


def _rate(look: Look) -> str | None:
    """How many pictures a second an original has, as it was sealed."""
    rates = [stream.get("frame_rate") for stream in look.choice.manifest.media["streams"]]
    return next((str(rate) for rate in rates if rate), None)


def _photographs(station: Station, caller: Caller, details: ClipDetails, length_s: float) -> Iterator[datetime]:
    """When the same recorder took photographs meanwhile."""
    if details.recorder is None or details.kind == "image":
        return iter(())
    since = details.starts_at
    try:
        until = since + timedelta(seconds=length_s)
    except OverflowError:  # what a hostile file says of itself
        return iter(())
    within = seen(station, caller)
    wanted = search.Search(recorder=details.recorder, kind="image", since=since, until=until, limit=MOMENTS_MAX)
    return (one.starts_at for one in search.search(station.database, wanted, within))


def _fps(told: object) -> float:
    with suppress(ValueError, ZeroDivisionError):
        return float(Fraction(str(told))) or FPS
    return FPS


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)
