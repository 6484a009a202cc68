"""One look inside a file (检视): its kind, what is in it, every time claim but the name's, and its track.

Shapes: one file in the spool -> Examined. Bad content never raises, it becomes a note; an OSError of the spool does.
The order of claims is that of the steps below, and the same at every look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from catalog.evidence import Examined, Kind, MediaFacts, RefersTo, TimeClaim
from media import dv_packs, ffmpeg, id3, matroska, mxf, riff
from media.capture_time import AS_IF_UTC, CLOCK_S, GPS_S, LENGTH_UNKNOWN_S, STATED, ZONE_S, senseless
from media.container_time import movie_claims
from media.errors import NotMedia, ToolMissing, ToolTooSlow
from media.ffmpeg import Tools
from media.gps.contract import counting
from media.jpeg import BEGINS
from media.kinds import HEAD_BYTES_MAX, kind_after_probe, kind_of
from media.mp4 import ReadOnce, agreed_s, read_movie
from media.probe import probe
from media.stills import read_exif
from media.track import Track, read_track
from media.transport import clock_restarts
from media.utf8 import as_utf8

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUBTITLE_STREAM = "subtitle"
TIMES: tuple[tuple[bytes | tuple[bytes, ...], Callable[[BinaryIO], tuple[TimeClaim, ...]]], ...] = (
    (riff.HEADS, riff.riff_claims),
    (matroska.HEAD, matroska.matroska_claims),
    (id3.HEAD, id3.id3_claims),
    (dv_packs.DV_HEAD, dv_packs.dv_claims),
    (mxf.PARTITION, mxf.mxf_claims),
    (b"", dv_packs.avchd_claims),
)
"""What tells times of files that are no movies, each with what they begin with; a transport stream may be cut."""
RESTARTED = "the stream's clock goes back: several recordings in one file, or a restart; its length is unknown"
GLANCE_BYTES_MAX = 1024 * 1024
TEXT_BYTES_MAX, UTF8_BYTES_MAX = 64 * 1024, 4


def look(path: Path, name: str, *, tools: Tools, zone: tzinfo, mtime_ns: int, docked_at: datetime) -> Examined:
    """Return everything that can be read out of the file at `path` that was called `name` on its card.

    `zone` is assumed where the file states none; `mtime_ns` is the modify time on the card, FAT's local time read as
    if it were UTC. Nothing in it was recorded after `docked_at`.
    """
    # Without a buffer: its readers ask for a few bytes here and there, and each would cost a buffer full.
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD_BYTES_MAX)
        kind = kind_of(name, head)
        if kind in ("video", "audio"):
            seen = _film(path, file, head, kind, tools, docked_at)
        elif kind == "image":
            seen = _still(path, file, tools, zone, in_boxes=head[4:8] == b"ftyp")
        elif kind == "log":
            seen = _log(file, docked_at)
        else:
            seen = Examined(kind, MediaFacts(None, None, (), None))
    return replace(seen, claims=(*seen.claims, _mtime_claim(mtime_ns, seen.kind)))


def glance(file: BinaryIO, name: str, zone: tzinfo) -> tuple[tuple[TimeClaim, ...], float | None]:
    """Return the time claims of a file and its length, as far as its beginning and its index tell them at once.

    No tool is asked, and what must be looked through from end to end tells nothing. The file is seekable and best
    without a buffer; an OSError of it is passed on.
    """
    head = file.read(HEAD_BYTES_MAX)
    kind = kind_of(name, head)
    file.seek(0)
    if kind == "image":
        is_indexed = head.startswith(BEGINS) or head[4:8] == b"ftyp"
        claims, _ = read_exif(file if is_indexed else BytesIO(file.read(GLANCE_BYTES_MAX)), zone)
        return claims, None
    if kind == "log":
        return _gps_claims(read_track(BytesIO(file.read(GLANCE_BYTES_MAX))), GPS_S), None
    with ReadOnce():
        movie = read_movie(file) if kind == "video" else None
        if movie is None or movie.moov is None or movie.moov.missing_bytes:
            return (), None
        return (*_gps_claims(read_track(file, "movie"), GPS_S), *movie_claims(movie)), movie.duration_s


def text_of(path: Path) -> str:
    """Return the beginning of a text, as UTF-8 or else as GB 18030; what is neither has replacement characters."""
    with path.open("rb", buffering=0) as file:
        text = as_utf8(file)
        text.seek(0)
        body = text.read(TEXT_BYTES_MAX)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        is_cut = error.start > len(body) - UTF8_BYTES_MAX
        return body.decode("utf-8-sig" if is_cut else "gb18030", "replace")


def _film(path: Path, file: BinaryIO, head: bytes, kind: Kind, tools: Tools, docked_at: datetime) -> Examined:
    media, claims, place = probe(path, tools)
    with ReadOnce():
        movie = read_movie(file)
        track = read_track(file, "movie", docked_at)
    readers = (reader for heads, reader in TIMES if movie is None and head.startswith(heads))
    own = next((mine for reader in readers if (mine := reader(file))), ())
    if movie is not None:
        claims, place = movie_claims(movie), ()
        media = replace(media, duration_s=agreed_s(media.duration_s, [movie.duration_s]))
    elif own:
        claims = (*own, *(claim for claim in claims if claim.source != own[0].source))
    if movie is None and any(stream.kind == SUBTITLE_STREAM for stream in media.streams):
        track = _subtitle_track(path, tools, docked_at)
    restarts = 0 if movie is not None else clock_restarts(file)
    if restarts:
        media = replace(media, duration_s=None)
    late_s = LENGTH_UNKNOWN_S if media.duration_s is None else GPS_S
    return Examined(
        kind_after_probe(kind, media),
        _with_notes(_noted(media, track), _lenses(media), RESTARTED if restarts else None),
        (*_gps_claims(track, late_s), *claims),
        track.fixes or place,
    )


def _still(path: Path, file: BinaryIO, tools: Tools, zone: tzinfo, *, in_boxes: bool) -> Examined:
    media, _, _ = probe(path, tools)
    if in_boxes and media.container is None and media.playable is False:
        media = replace(media, playable=None, note="HEIC: this ffprobe cannot tell")
    with counting() as turned:
        claims, track = read_exif(file, zone)
    return Examined("image", _with_notes(replace(media, duration_s=None), turned.note), claims, track)


def _log(file: BinaryIO, docked_at: datetime) -> Examined:
    track = read_track(file, docked_at=docked_at)
    return Examined(
        "log", _noted(MediaFacts(track.format, None, (), None), track), _gps_claims(track, GPS_S), track.fixes
    )


def _noted(media: MediaFacts, track: Track) -> MediaFacts:
    """Return the facts, with a note of what could not be read, and where every position was turned away.

    How many positions were turned away while others are left stands in the first position's time claim.
    """
    turned_away = _left_out(track) if track.left_out and not track.fixes else None
    return _with_notes(media, turned_away, track.note)


def _lenses(media: MediaFacts) -> str | None:
    pictures = sum(stream.kind == "video" for stream in media.streams)
    return f"{pictures} picture streams: what is shown is the first" if pictures > 1 else None


def _with_notes(media: MediaFacts, *notes: str | None) -> MediaFacts:
    return replace(media, note="; ".join(note for note in (media.note, *notes) if note) or None)


def _left_out(track: Track) -> str:
    return f"{track.left_out} impossible positions left out"


def _subtitle_track(path: Path, tools: Tools, docked_at: datetime) -> Track:
    try:
        return read_track(BytesIO(ffmpeg.subtitles(path, tools)), docked_at=docked_at)
    except (NotMedia, ToolMissing, ToolTooSlow) as error:
        return Track(None, (), note=f"not read: subtitles ({error.code})")


def _gps_claims(track: Track, uncertainty_s: float) -> tuple[TimeClaim, ...]:
    """Return the first fix, before which the clip began, and the last, after which it ended.

    The first says how many positions were left out, if any were.
    """
    times = [fix.at for fix in track.fixes if fix.at is not None]
    if not times:
        return ()
    first, last = min(times), max(times)
    note = _left_out(track) if track.left_out else None
    return (
        TimeClaim("gps", first.isoformat(), first, f"{STATED} UTC", "start", uncertainty_s, note),
        TimeClaim("gps", last.isoformat(), last, f"{STATED} UTC", "end", uncertainty_s),
    )


def _mtime_claim(mtime_ns: int, kind: Kind) -> TimeClaim:
    refers_to: RefersTo = "start" if kind == "image" else "end"
    try:
        value = EPOCH + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        return senseless("mtime", str(mtime_ns))
    return TimeClaim("mtime", value.isoformat(), value, AS_IF_UTC, refers_to, ZONE_S + CLOCK_S)
