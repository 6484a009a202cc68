"""Which encoder this machine can really use (硬件编码): each is tried on a made-up picture, once, and remembered.

Source: ffmpeg(1) lists encoders whose hardware is missing, whose driver is broken, or whose pictures are empty.
Shapes: a file of this machine's with one JSON object: what the answer holds for (ffmpeg's version, the kernel, the
devices and whether they may be used), and the encoders that passed, in the order of preference. Units: seconds.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.station_error import StationError
from media import ffmpeg
from media.errors import ToolFailed, ToolMissing, ToolTooSlow
from media.ffmpeg import Limits, Tools
from media.proxy import HARDWARE, SOFTWARE, Encoder, test_args

FRAMES = 50
LIMITS = Limits(timeout_s=20.0, output_bytes_max=8 * 1024 * 1024)
HARDWARE_LIMITS = Limits(timeout_s=10.0, output_bytes_max=8 * 1024 * 1024)
"""A driver that needs longer for two seconds of a small picture is of no use; after one such no other is tried."""
MEMORY_BYTES_MAX = 64 * 1024
DEVICES = ("dri/renderD*", "nvidia*", "video*")
DEVICES_MAX = 64
TOLD_BYTES_MAX = 256


def usable(tools: Tools, memory: Path, *, hardware: bool) -> tuple[Encoder, ...]:
    """Return the encoders that passed, best first; what `memory` says of this very machine and ffmpeg is believed.

    Raises ToolMissing; ToolFailed if none passed.
    """
    holds_for = {"ffmpeg": ffmpeg.version(tools), "hardware": hardware} | (machine() if hardware else {})
    known = {encoder.name: encoder for encoder in (*HARDWARE, *SOFTWARE)}
    names = _remembered(memory, holds_for)
    if names is None:
        names = _tried(tools, hardware=hardware)
        with suppress(OSError):  # it is tried again next time
            memory.write_text(json.dumps(holds_for | {"usable": names}, indent=1))
    chosen = tuple(known[name] for name in names if name in known)
    if not chosen:
        raise ToolFailed(tool=tools.ffmpeg, why="it has no encoder for H.264")
    return chosen


def machine(root: Path = Path("/")) -> dict[str, object]:
    """Return what encoders in hardware depend on: the kernel, its devices, whose they are, whether we may use them."""
    devices = []
    for path in sorted(found for form in DEVICES for found in (root / "dev").glob(form))[:DEVICES_MAX]:
        with suppress(OSError):
            about = path.stat()
            node = f"{stat.filemode(about.st_mode)[0]}{os.major(about.st_rdev)}:{os.minor(about.st_rdev)}"
            may = "may" if os.access(path, os.R_OK | os.W_OK) else "may not"
            facts = (_text_of(root / "sys/class" / name.format(path.name)) for name in _ABOUT)
            devices.append(" ".join((path.name, node, may, *filter(None, facts))))
    return {"kernel": os.uname().release, "devices": devices, "driver": _text_of(root / "proc/driver/nvidia/version")}


_ABOUT = ("drm/{}/device/vendor", "drm/{}/device/device", "video4linux/{}/name")


def _text_of(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        return file.readline(TOLD_BYTES_MAX).decode("utf-8", "replace").strip()
    return ""


def passes(encoder: Encoder, tools: Tools, folder: Path) -> bool:
    """Try an encoder: it must make a film in which every picture can be decoded. Raises ToolMissing."""
    try:
        return _makes_all(encoder, tools, folder)
    except ToolTooSlow:
        return False


def _makes_all(encoder: Encoder, tools: Tools, folder: Path) -> bool:
    """Whether an encoder makes all of a made-up film; raises `ToolTooSlow` where it does not end."""
    path = folder / f"{encoder.name}.mp4"
    limits = HARDWARE_LIMITS if encoder in HARDWARE else LIMITS
    try:
        ffmpeg.make(test_args(encoder, path, FRAMES), tools, limits, lambda _: None)
        return ffmpeg.decoded(path, tools).video > 0 and ffmpeg.frames(path, tools) == FRAMES
    except (ToolMissing, ToolTooSlow):
        raise
    except StationError:
        return False


def _tried(tools: Tools, *, hardware: bool) -> Sequence[str]:
    with TemporaryDirectory(prefix="evidock-encoders-") as folder:
        hard = list[str]()
        with suppress(ToolTooSlow):  # those that passed before it stay
            asked = HARDWARE if hardware else ()
            hard.extend(encoder.name for encoder in asked if _makes_all(encoder, tools, Path(folder)))
        soft = next((encoder.name for encoder in SOFTWARE if passes(encoder, tools, Path(folder))), None)
    return [*hard, *([soft] if soft else [])]


def _remembered(memory: Path, holds_for: Mapping[str, object]) -> Sequence[str] | None:
    try:
        with memory.open("rb") as file:
            record = json.loads(file.read(MEMORY_BYTES_MAX))
        names = [str(name) for name in record.pop("usable")]
        return names if record == holds_for else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
