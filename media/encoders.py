"""Which encoder this machine can really use (硬件编码): each is tried on a made-up picture, once, and remembered.

Source: ffmpeg(1) lists encoders whose hardware is missing, whose driver is broken, or whose pictures are empty.
Shapes: a file with one JSON object: ffmpeg's version, and the encoders that passed, in the order of preference.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.errors import StationError
from media import ffmpeg
from media.errors import ToolFailed, ToolMissing
from media.ffmpeg import Limits, Tools
from media.proxy import HARDWARE, SOFTWARE, Encoder, test_args

FRAMES = 50
LIMITS = Limits(timeout_s=20.0, output_bytes_max=8 * 1024 * 1024)
MEMORY_BYTES_MAX = 64 * 1024


def usable(tools: Tools, memory: Path, *, hardware: bool) -> tuple[Encoder, ...]:
    """Return the encoders that passed, best first; what `memory` says of this ffmpeg is believed.

    Raises ToolMissing; ToolFailed if none passed.
    """
    version = ffmpeg.version(tools)
    known = {encoder.name: encoder for encoder in (*HARDWARE, *SOFTWARE)}
    names = _remembered(memory, version)
    if names is None:
        names = _tried(tools)
        with suppress(OSError):  # it is tried again next time
            memory.write_text(json.dumps({"ffmpeg": version, "usable": names}))
    wanted = [known[name] for name in names if name in known]
    chosen = tuple(encoder for encoder in wanted if hardware or encoder in SOFTWARE)
    if not chosen:
        raise ToolFailed(tool=tools.ffmpeg, why="it has no encoder for H.264")
    return chosen


def passes(encoder: Encoder, tools: Tools, folder: Path) -> bool:
    """Try an encoder: it must make a film in which every picture can be decoded."""
    path = folder / f"{encoder.name}.mp4"
    try:
        ffmpeg.make(test_args(encoder, path, FRAMES), tools, LIMITS, lambda _: None)
        return ffmpeg.decoded(path, tools).video > 0 and ffmpeg.frames(path, tools) == FRAMES
    except ToolMissing:
        raise
    except StationError:
        return False


def _tried(tools: Tools) -> Sequence[str]:
    with TemporaryDirectory(prefix="evidock-encoders-") as folder:
        hard = [encoder.name for encoder in HARDWARE if passes(encoder, tools, Path(folder))]
        soft = next((encoder.name for encoder in SOFTWARE if passes(encoder, tools, Path(folder))), None)
    return [*hard, *([soft] if soft else [])]


def _remembered(memory: Path, version: str) -> Sequence[str] | None:
    try:
        with memory.open("rb") as file:
            told = json.loads(file.read(MEMORY_BYTES_MAX))
        return [str(name) for name in told["usable"]] if told["ffmpeg"] == version else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
