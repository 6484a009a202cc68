"""Makes a film in which what a recipe names is covered, silent or cut out (遮盖副本): mask and command. Pure.

Source: ffmpeg-filters(1), tried with 5.1. Shapes: a box is (left, top, width, height) in pixels of the shown picture; a
span is milliseconds from the film's start. The mask film has a picture a tick, a quarter as wide as the film, white
where it is covered. There the film shows itself no finer than a twentieth of its width: what was there is
destroyed, not softened. Nothing the original says of itself goes along, and the same recipe gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from media.ffmpeg import READING
from media.proxy import AUDIO_RATE, GOP_S, LABEL

Box = tuple[int, int, int, int]
Span = tuple[int, int]

MASK_SHARE, BLOCKS_WIDE = 4, 20
OVERHANG_S = 5
"""So much longer than the film is the mask: it must never end first."""
EDGE_MS = 20
"""Sound is silenced so much before and after a span: a piece of it that begins before would go on into it."""
SOUND_HZ, PIECE = 48_000, 480
"""Sound is silenced and cut in pieces of 10 ms."""
MS = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to a film: its shown size, its ticks a second, its length, who is covered when, and the spans.

    `covered` tells the boxes at a moment in milliseconds; `threads` decides about the bytes, as the recipe does.
    """

    width_px: int
    height_px: int
    rate: Fraction
    duration_ms: int
    covered: Callable[[int], Iterable[Box]]
    mutes: tuple[Span, ...] = ()
    cuts: tuple[Span, ...] = ()
    threads: int = 1

    @property
    def mask_size(self) -> tuple[int, int]:
        """Width and height of the mask film."""
        return math.ceil(self.width_px / MASK_SHARE), math.ceil(self.height_px / MASK_SHARE)


def masks(work: Work) -> Iterator[bytes]:
    """The pictures of the mask film, one a tick; the last one stands until after the film's end."""
    width, height = work.mask_size
    drawn, picture = None, b""
    for tick in range(math.ceil((work.duration_ms / MS + OVERHANG_S) * work.rate)):
        boxes = sorted(work.covered(min(int(tick * MS / work.rate), work.duration_ms)))
        if boxes != drawn:
            drawn, canvas = boxes, bytearray(width * height)
            for left, top, wide, high in boxes:
                first, end = _cells(left, wide, width, work.width_px)
                for row in range(*_cells(top, high, height, work.height_px)):
                    canvas[row * width + first : row * width + end] = b"\xff" * (end - first)
            picture = bytes(canvas)
        yield picture


def redact_args(source: Path, target: Path, work: Work, label: Path, font: Path, *, has_sound: bool) -> list[str]:
    """Return the command that makes the film; the mask film comes in by its standard input.

    The words of the file `label` stand in every picture.
    """
    import ffmpeg

    opened = ffmpeg.input(f"file:{source}", **READING, threads=1)
    size = {"w": work.width_px, "h": work.height_px}
    even = opened["V:0"].filter("fps", fps=str(work.rate), start_time=0).filter("scale", **size)
    shown = even.filter("format", "yuv420p").filter_multi_output("split")
    blocks = shown[1].filter("scale", BLOCKS_WIDE, max(2, BLOCKS_WIDE * work.height_px // work.width_px), flags="area")
    cover = blocks.filter("scale", flags="bilinear", **size).filter("format", "yuva420p")
    mask = ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pix_fmt="gray",
        s="{}x{}".format(*work.mask_size),
        r=str(work.rate),
        protocol_whitelist="pipe",
    ).filter("scale", flags="neighbor", **size)
    covering = ffmpeg.filter([cover, mask.filter("format", "gray")], "alphamerge", shortest=1)
    drawn = {"textfile": str(label), "fontfile": str(font), "expansion": "none", "fontcolor": "white", **LABEL}
    film = ffmpeg.filter([shown[0], covering], "overlay", format="yuv420", shortest=1).filter("drawtext", **drawn)
    if work.cuts:
        ticks = [(int(begin * work.rate / MS), math.ceil(end * work.rate / MS) - 1) for begin, end in work.cuts]
        film = film.filter("select", f"not({_within('n', ticks)})").filter("setpts", "N/FRAME_RATE/TB")
    streams = [film.filter("format", "yuv420p")]
    if has_sound:
        streams.append(_sound(opened["a:0"], work))
    coded = {"c:v": "libx264", "preset": "veryfast", "crf": "23", "profile:v": "main", "threads:v": work.threads}
    coded["force_key_frames"] = f"expr:gte(t,n_forced*{GOP_S})"
    plain = {
        "map_metadata": -1,
        "map_chapters": -1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
    }
    sound = {"c:a": "aac", "b:a": AUDIO_RATE, "ac": "2"} if has_sound else {}
    output = ffmpeg.output(*streams, f"file:{target}", format="mp4", movflags="+faststart", **coded, **plain, **sound)
    args: list[str] = ffmpeg.get_args(output)
    return args


def _sound(heard: Any, work: Work) -> Any:
    """The sound without what was said in mutes and cuts, each piece at its time from the film's start."""
    even = heard.filter("aresample", SOUND_HZ, **{"async": 1, "first_pts": 0}).filter("asetnsamples", n=PIECE, pad=0)
    silent = [(max(0, begin - EDGE_MS) / MS, (end + EDGE_MS) / MS) for begin, end in (*work.mutes, *work.cuts)]
    if silent:
        even = even.filter("volume", volume=0, enable=_within("t", silent))
    if work.cuts:
        gone = [(begin / MS, end / MS) for begin, end in work.cuts]
        even = even.filter("aselect", f"not({_within('t', gone)})").filter("asetpts", "N/SR/TB")
    return even


def _within(variable: str, spans: Iterable[tuple[float, float]]) -> str:
    """Whether it lies in one of the spans; to the millisecond, however long the film is."""
    return "+".join(f"between({variable},{begin:.3f},{end:.3f})" for begin, end in spans)


def _cells(begin: int, length: int, cells: int, pixels: int) -> tuple[int, int]:
    """From which cell of a mask to which one a stretch of pixels lies, whatever it only touches too."""
    return max(0, begin * cells // pixels), min(cells, math.ceil((begin + length) * cells / pixels))
