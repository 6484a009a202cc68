"""What people look at instead of an original (观看副本): decided from its MediaFacts, as arguments for ffmpeg. Pure.

Sources: what browsers play (H.264 with AAC or MP3 in MP4; WAVE, MP3, AAC sound); ffmpeg(1), ffmpeg-filters(1);
ffmpeg-python builds the graphs and nothing else. Shapes: facts -> one Plan; a plan -> one command. A playable original
is shown as it is; what only stands in the wrong container is copied stream by stream; the rest becomes H.264 and AAC,
its shorter side at most 720 pixels, its pictures at an even rate, a key picture each two seconds. Beside each film
stands a sub copy (360 pixels, at most 400 kbit/s). Units: seconds, pixels, bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from catalog.evidence import Kind, MediaFacts, Stream
from media.ffmpeg import READING, Limits
from media.pace import UNKNOWN, Pace

Way = Literal["as-is", "remux", "encode", "recover", "none"]
Handling = Literal["copy", "encode"]

SHORT_SIDE_PX = 720
GOP_S = 2
AUDIO_RATE = "96k"
POSTER_PX = 640
POSTER_AT = 0.1
POSTER_AT_S_MAX = 3.0
SUB_SHORT_SIDE_PX = 360
SUB_BITS_S_MAX = 400_000
SUB_OPTIONS = {"maxrate": "300k", "bufsize": "300k"}
SUB_AUDIO = {"c:a": "aac", "b:a": "48k", "ac": "1"}
TILE_WIDTH_PX, TILE_HEIGHT_PX = 192, 108
TILES_MAX = 1000
"""A browser holds the whole sheet in memory, 83 MB of this many."""
COLUMNS = 10
TILE_S, TILE_S_LONG, LONG_S = 2.0, 8.0, 1200.0
"""A picture each 2 s, of a film above 20 minutes each 8 s, and above two hours as many as a sheet may have."""
SOUND_HZ = 8000
WAVE_SIZE = "1200x120"

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
PIXEL_FORMATS = ("yuv420p", "yuvj420p")
UNTIMED = frozenset({"h264", "avi"})
"""Containers that hold pictures in the order they are decoded, and no more: copied, some would come late or never."""
RAW = frozenset({"h264", "hevc", "mpegvideo"})
"""Pictures with no container around them: none tells when it is shown."""
UNEVEN = "its pictures follow one another unevenly"
PLAYED_SOUND = frozenset({"aac", "mp3"})
PLAYED_ALONE = frozenset(
    {("mp3", "mp3"), ("aac", "aac"), (MP4, "aac"), (MP4, "mp3"), ("wav", "pcm_s16le"), ("wav", "pcm_u8")}
)
"""Container and codec of sound without a picture that every browser plays."""
PICTURES = {"mjpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp"}
"""Codecs of photographs that every browser shows, and their media types; not those inside a HEIF."""

TIME_BASE_S, TIME_TIMES = 300.0, 30.0
"""An hour of H.265 in 1080p takes an idle processor half an hour to two hours; behind an ingest it takes longer."""
ROOM_BYTES = 64 * 1024 * 1024
ENCODED_BYTES_S_MAX = 1_500_000


Span = tuple[float, float] | None
LABEL = {"fontsize": "h/26", "box": "1", "boxcolor": "black@0.55", "boxborderw": "8", "x": "w-tw-16", "y": "h-th-16"}
"""How the words of a copy that is handed out stand in its pictures: lower right, on a dark ground."""
KEYS = {"force_key_frames": f"expr:gte(t,n_forced*{GOP_S})", "fps_mode": "vfr"}
"""A key picture each two seconds; pictures keep the times that filters gave them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with an original, and why; `video` and `audio` say what becomes of its streams, None: left out.

    With a `rate` the times of its pictures are not believed: they come at that many a second. What is encoded is shown
    at the `even` rate.
    """

    way: Way
    why: str
    video: Handling | None = None
    audio: Handling | None = None
    rate: str | None = None
    even: str | None = None
    is_interlaced: bool = False

    @property
    def suffix(self) -> str:
        """How the copy's name ends."""
        return ".m4a" if self.video is None else ".mp4"


@dataclass(frozen=True, slots=True)
class Encoder:
    """A way to H.264: its name in ffmpeg, its options, filters behind the scaling, options before the input."""

    name: str
    options: tuple[tuple[str, str], ...]
    filters: tuple[tuple[str, str | None], ...] = ()
    before: tuple[tuple[str, str], ...] = ()


SOFTWARE = (
    Encoder("libx264", (("preset", "veryfast"), ("crf", "23"), ("profile:v", "main"), ("pix_fmt", "yuv420p"))),
    Encoder("libopenh264", (("b:v", "3M"), ("pix_fmt", "yuv420p"))),
)
HARDWARE = (
    Encoder("h264_nvenc", (("preset", "p4"), ("rc", "vbr"), ("cq", "26"), ("pix_fmt", "yuv420p"))),
    Encoder("h264_qsv", (("preset", "veryfast"), ("global_quality", "25"), ("pix_fmt", "nv12"))),
    Encoder(
        "h264_vaapi",
        (("qp", "24"),),
        (("format", "nv12"), ("hwupload", None)),
        (("vaapi_device", "/dev/dri/renderD128"),),
    ),
    Encoder("h264_v4l2m2m", (("b:v", "3M"), ("pix_fmt", "yuv420p"))),
)
"""Tried in this order; none is used that did not pass a test on this machine."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Small pictures side by side for scrubbing (预览条): one every `every_s`, in rows of `columns`."""

    count: int
    every_s: float
    columns: int
    rows: int


def plan(
    kind: Kind, media: MediaFacts, *, lacks_moov: bool = False, reorders: bool = False, pace: Pace = UNKNOWN
) -> Plan:
    """Decide what is shown of an original.

    `reorders` says that its pictures are decoded in another order than they are shown in, `pace` how they follow one
    another.
    """
    made = _plan(kind, media, lacks_moov=lacks_moov, reorders=reorders, pace=pace)
    if made.video != "encode":
        return made
    rate = made.rate or (pace.rate if media.container in RAW else None)
    return replace(made, rate=rate, even=pace.rate, is_interlaced=pace.is_interlaced)


def _plan(kind: Kind, media: MediaFacts, *, lacks_moov: bool, reorders: bool, pace: Pace) -> Plan:
    if kind not in ("video", "audio"):
        return Plan("none", f"{kind} needs no viewing copy")
    if lacks_moov:
        return Plan("recover", "its index is missing: the recorder was cut off")
    picture, sound = first(media, "video"), first(media, "audio")
    if picture is None and sound is None:
        return Plan("none", media.note or "there is neither picture nor sound in it")
    if picture is None:
        assert sound is not None
        return _sound_plan(media.container, sound.codec)
    plays = picture.codec == "h264" and picture.pixel_format in (None, *PIXEL_FORMATS)
    audio: Handling | None = None if sound is None else "copy" if sound.codec in PLAYED_SOUND else "encode"
    if not plays:
        what = picture.codec if picture.codec != "h264" else f"h264 in {picture.pixel_format}"
        return Plan("encode", f"{what} does not play everywhere", "encode", audio and "encode")
    if pace.is_interlaced:
        return Plan("encode", "its pictures are interlaced", "encode", audio)
    if not pace.is_even and media.container == MP4:  # others tell a rate and not their times: the copy shows it
        return Plan("encode", UNEVEN, "encode", audio)
    if reorders and media.container in UNTIMED:
        return Plan(
            "encode",
            f"container {media.container} does not tell when a picture is shown",
            "encode",
            audio,
            picture.frame_rate,
        )
    if media.container == MP4 and audio != "encode":
        return Plan("as-is", "H.264 in MP4 plays everywhere", "copy", audio)
    why = f"{sound.codec} sound" if sound and audio == "encode" else f"container {media.container}"
    return Plan("remux", f"{why} does not play everywhere; the pictures stay as they are", "copy", audio)


def is_shown_picture(media: MediaFacts) -> bool:
    """Whether a browser shows a photograph as it is."""
    return media.container != MP4 and bool(media.streams) and media.streams[0].codec in PICTURES


def _sound_plan(container: str | None, codec: str) -> Plan:
    if (container, codec) in PLAYED_ALONE:
        return Plan("as-is", "sound that plays everywhere", None, "copy")
    return Plan("encode", f"{codec} sound does not play everywhere", None, "encode")


def strip_for(duration_s: float | None) -> Strip:
    """Return how many pictures tell a clip of that length."""
    duration_s = duration_s or TILE_S
    every_s = max(TILE_S if duration_s <= LONG_S else TILE_S_LONG, duration_s / TILES_MAX)
    count = max(1, min(TILES_MAX, math.ceil(duration_s / every_s)))
    columns = min(COLUMNS, count)
    return Strip(count, every_s, columns, math.ceil(count / columns))


def needs_sub(media: MediaFacts, size_bytes: int) -> bool:
    """Whether a sub copy is smaller than what plays."""
    picture = first(media, "video")
    if picture is None:
        return False
    short_px = min(picture.width_px or SHORT_SIDE_PX, picture.height_px or SHORT_SIDE_PX)
    return short_px > SUB_SHORT_SIDE_PX or 8 * size_bytes > SUB_BITS_S_MAX * (media.duration_s or 0.0)


def limits_for(way: Way, duration_s: float | None, size_bytes: int) -> Limits:
    """Return what making a copy may take: beyond that something is wrong with the file or the tool."""
    length_s = duration_s if duration_s is not None else size_bytes / 50_000
    room = size_bytes + size_bytes // 10 if way == "remux" else int(length_s * ENCODED_BYTES_S_MAX) + size_bytes
    return Limits(TIME_BASE_S + TIME_TIMES * length_s, room + ROOM_BYTES)


# ---------------------------------------------------------------------- commands


def view_args(
    source: Path,
    target: Path,
    made: Plan,
    encoder: Encoder,
    mark: str,
) -> list[str]:
    """Return the command that makes a viewing copy; `mark` is written into it, so that it is known for a copy.

    What is copied stream by stream keeps every picture and its time. What is encoded has one picture a tick, from the
    first one on: where they are uneven one is shown again, or left out where two fall on one tick.
    """
    import ffmpeg

    before: dict[str, Any] = {"fflags": "+genpts", **READING}
    if made.rate is not None:
        before["r"] = made.rate
    encodes = made.video == "encode"
    if encodes:
        before |= dict(encoder.before)
    opened = ffmpeg.input(_url(source), **before)
    streams, options = [], _marked(mark)
    if made.video is not None:
        pictures = opened["V:0"]
        streams.append(_picture(_even(pictures, made), encoder, SHORT_SIDE_PX) if encodes else pictures)
        options |= {"c:v": encoder.name, **dict(encoder.options), **KEYS} if encodes else {"c:v": "copy"}
    if made.audio is not None:
        streams.append(opened["a:0"])
        options |= {"c:a": "copy"} if made.audio == "copy" else {"c:a": "aac", "b:a": AUDIO_RATE, "ac": "2"}
        if made.audio == "encode":
            options["af"] = "aresample=async=1"
    output = ffmpeg.output(*streams, _url(target), format="mp4", movflags="+faststart", **options)
    return _args(output)


def burnt_args(
    source: Path, target: Path, media: MediaFacts, encoder: Encoder, mark: str, label: Path, font: Path, span: Span
) -> list[str]:
    """Return the command that makes a copy for handing out: the words of the file `label` stand in every picture.

    `span`: from which second on and how many of them; None for the whole. Words are drawn as they are: nothing in them
    is a command of the filter.
    """
    import ffmpeg

    cut = {} if span is None else {"ss": f"{span[0]:.3f}", "t": f"{span[1]:.3f}"}
    opened = ffmpeg.input(_url(source), **cut, **READING, **dict(encoder.before))
    drawn = {"textfile": str(label), "fontfile": str(font), "expansion": "none", "fontcolor": "white", **LABEL}
    streams = [_picture(opened["V:0"].filter("drawtext", **drawn), encoder, SHORT_SIDE_PX)]
    options = _marked(mark) | {"c:v": encoder.name, **dict(encoder.options), **KEYS}
    if first(media, "audio") is not None:
        streams.append(opened["a:0"])
        options |= {"c:a": "aac", "b:a": AUDIO_RATE, "ac": "2"}
    return _args(ffmpeg.output(*streams, _url(target), format="mp4", movflags="+faststart", **options))


def sub_args(source: Path, target: Path, media: MediaFacts, encoder: Encoder, mark: str) -> list[str]:
    """Return the command that makes the small copy of what plays (小码流副本), its pictures at the same times."""
    import ffmpeg

    opened = ffmpeg.input(_url(source), **READING, **dict(encoder.before))
    streams = [_picture(opened["V:0"], encoder, SUB_SHORT_SIDE_PX)]
    sizes = {**dict(encoder.options), **({} if "crf" in dict(encoder.options) else {"b:v": SUB_OPTIONS["maxrate"]})}
    options = _marked(mark) | {"c:v": encoder.name, **sizes, **SUB_OPTIONS, **KEYS}
    if first(media, "audio") is not None:
        streams.append(opened["a:0"])
        options |= SUB_AUDIO
    return _args(ffmpeg.output(*streams, _url(target), format="mp4", movflags="+faststart", **options))


def sound_args(source: Path, target: Path) -> list[str]:
    """Return the command that takes the sound out, small and plain, each sample at its time from the film's start."""
    import ffmpeg

    opened = ffmpeg.input(_url(source), **READING)
    heard = opened["a:0"].filter("aresample", SOUND_HZ, **{"async": 1, "first_pts": 0})
    return _args(ffmpeg.output(heard, _url(target), format="wav", ac=1, **{"c:a": "pcm_s16le"}))


def poster_args(source: Path, target: Path, duration_s: float | None) -> list[str]:
    """Return the command that makes the one picture shown in lists (封面)."""
    import ffmpeg

    at_s = min(POSTER_AT_S_MAX, POSTER_AT * (duration_s or 0.0))
    opened = ffmpeg.input(_url(source), ss=f"{at_s:.3f}", **READING)
    scaled = opened["V:0"].filter("scale", f"min({POSTER_PX},iw)", "-2")
    return _args(ffmpeg.output(scaled, _url(target), format="image2", **{"frames:v": 1, "q:v": 4, "update": 1}))


def strip_args(source: Path, target: Path, strip: Strip) -> list[str]:
    """Return the command that makes the strip of small pictures; only key pictures are decoded."""
    import ffmpeg

    opened = ffmpeg.input(_url(source), skip_frame="nokey", **READING)
    size = {"w": TILE_WIDTH_PX, "h": TILE_HEIGHT_PX}
    tiled = (
        opened["V:0"]
        .filter("fps", fps=f"{1 / strip.every_s:.6f}", start_time=0, eof_action="pass")
        .filter("tpad", stop=strip.count, stop_mode="clone")
        .filter("scale", force_original_aspect_ratio="decrease", **size)
        .filter("pad", x="(ow-iw)/2", y="(oh-ih)/2", **size)
        .filter("tile", f"{strip.columns}x{strip.rows}")
    )
    return _args(ffmpeg.output(tiled, _url(target), format="image2", **{"frames:v": 1, "q:v": 5, "update": 1}))


def wave_args(source: Path, target: Path) -> list[str]:
    """Return the command that draws how loud a clip is over its length (音频波形)."""
    import ffmpeg

    opened = ffmpeg.input(_url(source), **READING)
    drawn = (
        opened["a:0"].filter("aformat", channel_layouts="mono").filter("showwavespic", s=WAVE_SIZE, colors="0x3a6ea5")
    )
    return _args(ffmpeg.output(drawn, _url(target), format="image2", **{"frames:v": 1, "update": 1}))


def test_args(encoder: Encoder, target: Path, frames: int) -> list[str]:
    """Return the command that tries an encoder on a made-up picture."""
    import ffmpeg

    opened = ffmpeg.input("testsrc2=size=640x360:rate=25", format="lavfi", **dict(encoder.before))
    options = {"c:v": encoder.name, **dict(encoder.options), "frames:v": frames}
    return _args(ffmpeg.output(_picture(opened["V:0"], encoder, SHORT_SIDE_PX), _url(target), format="mp4", **options))


def _even(pictures: Any, made: Plan) -> Any:
    """Whole pictures of what was drawn in fields, one a tick of an even rate, by their times or else their order."""
    if made.is_interlaced:
        pictures = pictures.filter("yadif", deint="interlaced")
    if made.rate is not None:
        return pictures.filter("setpts", f"N/({made.rate}*TB)")
    return pictures if made.even is None else pictures.filter("fps", fps=made.even)


def _picture(pictures: Any, encoder: Encoder, short: int) -> Any:
    """The scaled picture: the shorter side at most so many pixels, both sides even."""
    wide = "gt(iw,ih)"
    scaled = pictures.filter(
        "scale",
        w=f"if({wide},-2,trunc(min({short},iw)/2)*2)",
        h=f"if({wide},trunc(min({short},ih)/2)*2,-2)",
    )
    for name, value in encoder.filters:
        scaled = scaled.filter(name) if value is None else scaled.filter(name, value)
    return scaled


def _marked(mark: str) -> dict[str, Any]:
    return {"map_metadata": -1, "map_chapters": -1, "metadata": f"comment={mark}"}


def _args(output: Any) -> list[str]:
    import ffmpeg

    args: list[str] = ffmpeg.get_args(output)
    return args


def _url(path: Path) -> str:
    return f"file:{path}"


def first(media: MediaFacts, kind: str) -> Stream | None:
    """Return the first stream of a kind."""
    return next((stream for stream in media.streams if stream.kind == kind), None)


def as_facts(stored: Mapping[str, Any]) -> MediaFacts:
    """Return the facts a manifest tells of a clip's media."""
    duration_ms = stored["duration_ms"]
    return MediaFacts(
        container=stored["container"],
        duration_s=None if duration_ms is None else duration_ms / 1000,
        streams=tuple(Stream(**stream) for stream in stored["streams"]),
        playable=stored["playable"],
        note=stored["note"],
    )
