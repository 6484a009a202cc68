"""What people look at instead of an original (观看副本): decided from its MediaFacts, as arguments for ffmpeg. Pure.

Sources: what browsers play (H.264 with AAC or MP3 in MP4; WAVE, MP3, AAC sound); ffmpeg(1), ffmpeg-filters(1);
ffmpeg-python builds the graphs and nothing else. Shapes: facts -> one Plan; a plan -> one command. A playable original
is shown as it is; what only stands in the wrong container is copied stream by stream; the rest becomes H.264 and AAC,
its shorter side at most 720 pixels. Units: seconds, pixels, bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from catalog.evidence import Kind, MediaFacts, Stream
from media.ffmpeg import READING, Limits

Way = Literal["as-is", "remux", "encode", "recover", "none"]
Handling = Literal["copy", "encode"]

SHORT_SIDE_PX = 720
GOP_S = 2
AUDIO_RATE = "96k"
POSTER_PX = 640
POSTER_AT = 0.1
POSTER_AT_S_MAX = 3.0
TILE_WIDTH_PX, TILE_HEIGHT_PX = 160, 90
TILES_MAX = 100
COLUMNS = 10
TILE_S_MIN = 1.0
WAVE_SIZE = "1200x120"

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
PIXEL_FORMATS = ("yuv420p", "yuvj420p")
UNTIMED = frozenset({"h264", "avi"})
"""Containers that hold pictures in the order they are decoded, and no more: copied, some would come late or never."""
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with an original, and why; `video` and `audio` say what becomes of its streams, None: left out.

    With a `rate` the times of its pictures are not believed: they come at that many a second.
    """

    way: Way
    why: str
    video: Handling | None = None
    audio: Handling | None = None
    rate: str | None = None

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


def plan(kind: Kind, media: MediaFacts, *, lacks_moov: bool = False, reorders: bool = False) -> Plan:
    """Decide what is shown of an original.

    `reorders` says that its pictures are decoded in another order than they are shown in.
    """
    if kind not in ("video", "audio"):
        return Plan("none", f"{kind} needs no viewing copy")
    if lacks_moov:
        return Plan("recover", "its index is missing: the recorder was cut off")
    picture, sound = _first(media, "video"), _first(media, "audio")
    if picture is None and sound is None:
        return Plan("none", media.note or "there is neither picture nor sound in it")
    if picture is None:
        assert sound is not None
        if (media.container, sound.codec) in PLAYED_ALONE:
            return Plan("as-is", "sound that plays everywhere", None, "copy")
        return Plan("encode", f"{sound.codec} sound does not play everywhere", None, "encode")
    plays = picture.codec == "h264" and picture.pixel_format in (None, *PIXEL_FORMATS)
    audio: Handling | None = None if sound is None else "copy" if sound.codec in PLAYED_SOUND else "encode"
    if not plays:
        what = picture.codec if picture.codec != "h264" else f"h264 in {picture.pixel_format}"
        return Plan("encode", f"{what} does not play everywhere", "encode", audio and "encode")
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


def strip_for(duration_s: float | None) -> Strip:
    """Return how many pictures tell a clip of that length."""
    duration_s = duration_s or TILE_S_MIN
    every_s = max(TILE_S_MIN, duration_s / TILES_MAX)
    count = max(1, min(TILES_MAX, math.ceil(duration_s / every_s)))
    columns = min(COLUMNS, count)
    return Strip(count, every_s, columns, math.ceil(count / columns))


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

    Every picture is kept and none added, however uneven their times are.
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
        streams.append(_picture(opened, encoder) if encodes else opened["V:0"])
        options |= {"c:v": encoder.name, **dict(encoder.options)} if encodes else {"c:v": "copy"}
        if encodes:
            options |= {"force_key_frames": f"expr:gte(t,n_forced*{GOP_S})", "fps_mode": "vfr"}
    if made.audio is not None:
        streams.append(opened["a:0"])
        options |= {"c:a": "copy"} if made.audio == "copy" else {"c:a": "aac", "b:a": AUDIO_RATE, "ac": "2"}
        if made.audio == "encode":
            options["af"] = "aresample=async=1"
    output = ffmpeg.output(*streams, _url(target), format="mp4", movflags="+faststart", **options)
    return _args(output)


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
    return _args(ffmpeg.output(_picture(opened, encoder), _url(target), format="mp4", **options))


def _picture(opened: Any, encoder: Encoder) -> Any:
    """The scaled picture: the shorter side at most 720 pixels, both sides even."""
    wide, short = "gt(iw,ih)", SHORT_SIDE_PX
    scaled = opened["V:0"].filter(
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


def _first(media: MediaFacts, kind: str) -> Stream | None:
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
