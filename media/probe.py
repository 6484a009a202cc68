"""What ffprobe finds in a file, and whether it plays (能否播放).

Sources: ffprobe's JSON writer; QuickTime Keys; ISO 6709 in `©xyz`, `loci` and Keys. Times and places of MP4, MOV and
3GP come from `mp4`, which reads them itself; what is told of them here serves the other containers. Shapes: `facts`,
`claims` and `fixes` are pure and take any JSON value, however hostile; `probe` runs the tools. Units: seconds, pixels,
hertz, degrees WGS 84. ffprobe prints `Z` on whatever the container holds, often local time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from catalog.evidence import Fix, MediaFacts, Stream, TimeClaim
from media import ffmpeg
from media.capture_time import UNKNOWN, utc_of_iso
from media.container_time import ANDROID, KEYS_DATE, container_claim, keys_claim
from media.errors import NotMedia, ToolMissing, ToolTooSlow
from media.ffmpeg import Decoded, Tools
from media.gps.contract import possible_fix
from media.gps.iso6709 import place_of
from media.mp4 import LENGTH_S_MAX, agreed_s
from media.pace import UNKNOWN as UNKNOWN_PACE
from media.pace import Pace, pace_of
from media.wholeness import Cut, cut

TAGS_MAX = 64
TEXT_CHARS_MAX = 512
STREAMS_MAX = 64
NUMBER_MAX = 2**31 - 1
NEAR_END = 0.9
LOCATIONS = ("com.apple.quicktime.location.ISO6709", "location", "location-eng")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_RATE = re.compile(r"[1-9]\d{0,9}/[1-9]\d{0,9}")
_T = TypeVar("_T", dict[str, object], list[object])


def probe(path: Path, tools: Tools) -> tuple[MediaFacts, tuple[TimeClaim, ...], tuple[Fix, ...]]:
    """Return what is in the file, its time claims and its position. Bad content and missing tools become a note."""
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        return _nothing(False, "the file is empty"), (), ()
    try:
        answer = ffmpeg.described(path, tools)
    except NotMedia as error:
        return _nothing(False, str(error.facts["why"])), (), ()
    except (ToolMissing, ToolTooSlow) as error:
        return _nothing(None, _as_note(error)), (), ()
    found = facts(answer)
    with path.open("rb") as file:
        missing = cut(file, size_bytes)
    try:
        playable, note = _checked(path, found, missing, tools)
    except NotMedia as error:
        playable, note = False, str(error.facts["why"])
    except (ToolMissing, ToolTooSlow) as error:
        playable, note = None, _as_note(error)
    return replace(found, playable=playable, note=note), claims(answer), fixes(answer)


def facts(ffprobe_json: object) -> MediaFacts:
    """Return the facts in ffprobe's answer; `playable` is left open. What makes no sense is left out."""
    form = _member(ffprobe_json, "format", dict)
    streams = tuple(_stream(stream) for stream in _streams(ffprobe_json))
    told_s = _number(form.get("duration"))
    shown = [part for part in _streams(ffprobe_json) if part.get("codec_type") in ("video", "audio")]
    length_s = agreed_s(told_s or None, [_seconds(part.get("duration")) for part in shown])
    tags = sorted((_text(name), _text(value)) for name, value in _member(form, "tags", dict).items())
    return MediaFacts(
        container=_text(form.get("format_name")) or None,
        duration_s=_seconds(length_s),
        streams=streams,
        playable=None,
        tags=tuple(tags[:TAGS_MAX]),
    )


def reorders(ffprobe_json: object) -> bool:
    """Tell whether pictures of the file are decoded in another order than they are shown in."""
    pictures = (stream for stream in _streams(ffprobe_json) if stream.get("codec_type") == "video")
    return any(_positive(stream.get("has_b_frames")) is not None for stream in pictures)


def pace(ffprobe_json: object) -> Pace:
    """Return how the pictures of the first film in a file follow one another."""
    for stream in _streams(ffprobe_json):
        if stream.get("codec_type") == "video" and _stream(stream).kind == "video":
            average, grid = (_rate(stream.get(name)) for name in ("avg_frame_rate", "r_frame_rate"))
            return pace_of(average, grid, _text(stream.get("field_order")))
    return UNKNOWN_PACE


def shown_facts(ffprobe_json: object) -> dict[str, object]:
    """Return what a player must know of a file: length, size, rate and number of pictures; None for what is not said.

    The number is the container's word; no picture is decoded for it.
    """
    form, found = _member(ffprobe_json, "format", dict), facts(ffprobe_json)
    told = (one for one in _streams(ffprobe_json) if _stream(one).kind == "video")
    picture: Mapping[str, object] = next(told, {})
    length_s = found.duration_s or _seconds(form.get("duration"))
    if not picture:
        return {"duration_s": length_s}
    is_even = pace(ffprobe_json).is_even
    size = {"width_px": _positive(picture.get("width")), "height_px": _positive(picture.get("height"))}
    starts_s = max(0.0, (_number(picture.get("start_time")) or 0.0) - (_number(form.get("start_time")) or 0.0))
    count = {"frame_count": _positive(picture.get("nb_frames")), "frame_rate": pace(ffprobe_json).rate, "even": is_even}
    return {"duration_s": length_s, **size, **count, "first_frame_s": starts_s}


def is_turned(ffprobe_json: object) -> bool:
    """Tell whether a player shows the film on its side: what is stored as its width is its height."""
    told = (stream.get("side_data_list") for stream in _streams(ffprobe_json) if _stream(stream).kind == "video")
    data = [one for some in told if isinstance(some, list) for one in some if isinstance(one, dict)]
    return any((_number(one.get("rotation")) or 0.0) % 180 != 0 for one in data)


def claims(ffprobe_json: object) -> tuple[TimeClaim, ...]:
    """Return what container and Keys say about the time."""
    tags = _member(_member(ffprobe_json, "format", dict), "tags", dict)
    held = [tags, *(_member(stream, "tags", dict) for stream in _streams(ffprobe_json))]
    created = next((raw for part in held if (raw := _text(part.get("creation_time")))), None)
    keys = _text(tags.get(KEYS_DATE))
    found = []
    if created is not None:
        found.append(container_claim(created, utc_of_iso(created), android=ANDROID in tags))
    if keys:
        found.append(keys_claim(keys))
    return tuple(found)


def fixes(ffprobe_json: object) -> tuple[Fix, ...]:
    """Return the one position a container may hold; it has no time."""
    tags = _member(_member(ffprobe_json, "format", dict), "tags", dict)
    for name in LOCATIONS:
        place = place_of(_text(tags.get(name)))
        fix = place and possible_fix(None, *place, None)
        if fix:
            return (fix,)
    return ()


def _checked(path: Path, found: MediaFacts, missing: Cut | None, tools: Tools) -> tuple[bool | None, str | None]:
    """Decode the beginning, and the end too if the file was cut; say whether it plays and why not."""
    if not any(_can_play(stream) for stream in found.streams):
        return False, "there is neither picture nor sound in it"
    began = ffmpeg.decoded(path, tools)
    if not _came(began, found):
        if began.complaint is not None and ffmpeg.OUT_OF_MEMORY in began.complaint:
            return None, f"it takes too much memory to be looked at: {began.complaint}"
        return False, began.complaint or "nothing of its beginning can be decoded"
    if missing is None:
        return True, began.complaint and f"decoder: {began.complaint}"
    note = f"truncated: {missing.missing_bytes} bytes of {missing.part} are missing"
    if missing.part == "moov":
        return False, note
    if found.duration_s is not None:
        ended = ffmpeg.decoded(path, tools, from_s=found.duration_s * NEAR_END)
        if not _came(ended, found):
            return False, f"{note}; its end cannot be played"
    return True, note


def _can_play(stream: Stream) -> bool:
    if stream.codec == UNKNOWN:
        return False
    return stream.kind == "audio" or (stream.kind == "video" and bool(stream.width_px and stream.height_px))


def _came(decoded: Decoded, found: MediaFacts) -> bool:
    """Tell whether pictures came, or sound where there are no pictures to come."""
    if any(stream.kind == "video" and _can_play(stream) for stream in found.streams):
        return decoded.video > 0
    return decoded.audio > 0


def _nothing(playable: bool | None, note: str) -> MediaFacts:
    return MediaFacts(None, None, (), playable, note)


def _as_note(error: ToolMissing | ToolTooSlow) -> str:
    return error.message().rstrip(".")


def _streams(answer: object) -> list[Mapping[str, object]]:
    listed = _member(answer, "streams", list)[:STREAMS_MAX]
    return [stream for stream in listed if isinstance(stream, dict)]


def _stream(stream: Mapping[str, object]) -> Stream:
    kind = _text(stream.get("codec_type")) or UNKNOWN
    rates = (_text(stream.get(name)) for name in ("avg_frame_rate", "r_frame_rate"))
    is_video = kind == "video"
    if _member(stream, "disposition", dict).get("attached_pic") == 1:
        kind, is_video = "attachment", True  # a cover picture: it makes no film of a song
    return Stream(
        kind=kind,
        codec=_text(stream.get("codec_name")) or UNKNOWN,
        width_px=_positive(stream.get("width")),
        height_px=_positive(stream.get("height")),
        frame_rate=next((rate for rate in rates if _RATE.fullmatch(rate)), None) if is_video else None,
        sample_rate_hz=_positive(stream.get("sample_rate")),
        channels=_positive(stream.get("channels")),
        pixel_format=_text(stream.get("pix_fmt")) or None if is_video else None,
    )


def _rate(value: object) -> Fraction | None:
    text = _text(value)
    return Fraction(text) if _RATE.fullmatch(text) else None


def _member(value: object, name: str, kind: type[_T]) -> _T:
    """Return the member of that name if it is of that kind, else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()


def _text(value: object) -> str:
    """Return a text that any store takes: no control characters, no half surrogates, not too long."""
    if not isinstance(value, str):
        return ""
    sound = value[:TEXT_CHARS_MAX].encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub(" ", sound).strip()


def _seconds(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and 0 < number <= LENGTH_S_MAX else None


def _positive(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 1 <= number <= NUMBER_MAX else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
