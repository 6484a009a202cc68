"""Makes what stands beside the file that plays (旁附文件): small copy, poster, strip for scrubbing, peaks of the sound.

Shapes: one file that plays -> a `MadeFile` for each part that is wanted, one after the other, what is quick first. A
part that cannot be made, or is not needed, is one without a path and with the reason: a poster is no reason to fail.
Peaks are one byte each 50 ms: the loudest sample in it, 255 the loudest there can be. Units: seconds; progress from 0
to 1.
"""

from __future__ import annotations

import array
import sys
import wave
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from catalog.evidence import MediaFacts
from media import ffmpeg, probe, proxy
from media.errors import ToolFailed
from media.ffmpeg import Limits, Tools
from media.proxy import Encoder

Part = Literal["view", "poster", "strip", "peaks", "waveform", "sub"]
PARTS: tuple[Part, ...] = ("view", "poster", "strip", "peaks", "waveform", "sub")
"""All that is derived of a clip, in the order it is made."""
VIEW: tuple[Part, ...] = ("view",)
COPY_SHARE = 0.6
"""How much of the work the copy itself is."""
SUB_FROM = 0.7
PICTURE_LIMITS = Limits(timeout_s=600.0, output_bytes_max=32 * 1024 * 1024)
PEAKS_A_S = 20
SAMPLES = proxy.SOUND_HZ // PEAKS_A_S
BLOCK = SAMPLES * PEAKS_A_S * 60
"""A minute of samples is in memory at once."""


@dataclass(frozen=True, slots=True)
class MadeFile:
    """One part: the file that was made and the command that made it, or no path; and what else there is to know."""

    part: str
    path: Path | None
    command: tuple[str, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CopyDesk:
    """With what copies are made: `encoders` best first; `mark` is written into every copy."""

    tools: Tools
    encoders: Sequence[Encoder]
    mark: str
    progress: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Playing:
    """A file that plays: where it is, what it is called in commands, what is in it, what a player must know of it."""

    path: Path
    name: str
    media: MediaFacts
    shown: Mapping[str, Any]


def beside(playing: Playing, folder: Path, desk: CopyDesk, wanted: Collection[Part]) -> Iterator[MadeFile]:
    """Make the parts that are wanted into a folder; raises ToolMissing, ToolTooSlow, and what `desk.progress` raises.

    A part that could not be made says why under `failed`.
    """
    sound = folder / "sound.wav"
    try:
        for part in PARTS:
            if part in wanted and part in _MAKERS:
                desk.progress(SUB_FROM if part == "sub" else COPY_SHARE)
                try:
                    yield _MAKERS[part](playing, sound, folder, desk)
                except ToolFailed as error:
                    yield MadeFile(part, None, (), {"why": error.message(), "failed": True})
    finally:
        sound.unlink(missing_ok=True)


def nothing(why: str, wanted: Collection[Part]) -> Iterator[MadeFile]:
    """Say of every part beside one that does not play that there is none."""
    return (MadeFile(part, None, (), {"why": why}) for part in PARTS if part in wanted and part in _MAKERS)


def command(args: Sequence[str], source: Path, called: str, target: Path) -> tuple[str, ...]:
    """The command as it is told: with names for the two paths, which tell nothing."""
    names = {f"file:{source}": called, f"file:{target}": target.name}
    return ("ffmpeg", *(names.get(arg, arg) for arg in args))


def _poster(playing: Playing, _: Path, folder: Path, desk: CopyDesk) -> MadeFile:
    if proxy.first(playing.media, "video") is None:
        return MadeFile("poster", None, (), {"why": "there is no picture in it"})
    target = folder / "poster.jpg"
    return _made("poster", playing, target, proxy.poster_args(playing.path, target, playing.media.duration_s), desk)


def _strip(playing: Playing, _: Path, folder: Path, desk: CopyDesk) -> MadeFile:
    if proxy.first(playing.media, "video") is None:
        return MadeFile("strip", None, (), {"why": "there is no picture in it"})
    strip, target = proxy.strip_for(playing.media.duration_s), folder / "strip.jpg"
    scrubbing = {
        "count": strip.count, "every_s": strip.every_s, "columns": strip.columns, "rows": strip.rows,
        "tile_width_px": proxy.TILE_WIDTH_PX, "tile_height_px": proxy.TILE_HEIGHT_PX,
    }  # fmt: skip
    return _made("strip", playing, target, proxy.strip_args(playing.path, target, strip), desk, scrubbing)


def _peaks(playing: Playing, sound: Path, folder: Path, desk: CopyDesk) -> MadeFile:
    if proxy.first(playing.media, "audio") is None:
        return MadeFile("peaks", None, (), {"why": "there is no sound in it"})
    args, target = _take_sound(playing, sound, desk), folder / "peaks.bin"
    count = 0
    with sound.open("rb") as file, wave.open(file) as samples, target.open("wb") as peaks:
        while block := samples.readframes(BLOCK):
            desk.progress(COPY_SHARE)
            count += peaks.write(loudest(block))
    return MadeFile("peaks", target, args, {"count": count, "every_s": 1 / PEAKS_A_S})


def _waveform(playing: Playing, sound: Path, folder: Path, desk: CopyDesk) -> MadeFile:
    if proxy.first(playing.media, "audio") is None:
        return MadeFile("waveform", None, (), {"why": "there is no sound in it"})
    if not sound.exists():
        _take_sound(playing, sound, desk)
    target = folder / "waveform.png"
    return _made(
        "waveform", Playing(sound, sound.name, playing.media, {}), target, proxy.wave_args(sound, target), desk
    )


def _sub(playing: Playing, _: Path, folder: Path, desk: CopyDesk) -> MadeFile:
    """A copy for pages that show several films; in software, which holds the rate on any machine."""
    media, size_bytes = playing.media, playing.path.stat().st_size
    if not proxy.needs_sub(media, size_bytes):
        return MadeFile("sub", None, (), {"why": "what plays is as small"})
    target = folder / "sub.mp4"
    args = proxy.sub_args(playing.path, target, media, desk.encoders[-1], desk.mark)
    length_s = media.duration_s

    def progress(done_s: float) -> None:
        desk.progress(SUB_FROM + (1 - SUB_FROM) * (min(1.0, done_s / length_s) if length_s else 0.0))

    ffmpeg.make(args, desk.tools, proxy.limits_for("encode", length_s, size_bytes), progress)
    facts = probe.shown_facts(ffmpeg.described(target, desk.tools))
    return MadeFile("sub", target, command(args, playing.path, playing.name, target), facts)


_MAKERS: dict[Part, Callable[[Playing, Path, Path, CopyDesk], MadeFile]] = {
    "poster": _poster,
    "strip": _strip,
    "peaks": _peaks,
    "waveform": _waveform,
    "sub": _sub,
}


def loudest(samples: bytes) -> bytes:
    """The loudest of each 50 ms of little-endian samples of 16 bits, a byte each."""
    values = array.array("h", samples[: len(samples) // 2 * 2])
    if sys.byteorder == "big":
        values.byteswap()
    pieces = (values[at : at + SAMPLES] for at in range(0, len(values), SAMPLES))
    return bytes(max(max(piece), -1 - min(piece)) >> 7 for piece in pieces)


def _take_sound(playing: Playing, sound: Path, desk: CopyDesk) -> tuple[str, ...]:
    """Take the sound out once for all that is drawn of it."""
    args = proxy.sound_args(playing.path, sound)
    limits = proxy.limits_for("encode", playing.media.duration_s, playing.path.stat().st_size)
    try:
        ffmpeg.make(args, desk.tools, limits, lambda _: desk.progress(COPY_SHARE))
    except ToolFailed:
        with suppress(OSError):
            sound.unlink()
        raise
    return command(args, playing.path, playing.name, sound)


def _made(
    part: Part, playing: Playing, target: Path, args: list[str], desk: CopyDesk, facts: dict[str, Any] | None = None
) -> MadeFile:
    ffmpeg.make(args, desk.tools, PICTURE_LIMITS, lambda _: desk.progress(COPY_SHARE))
    if not target.exists():
        return MadeFile(part, None, (), {"why": "no picture of it can be decoded"})
    return MadeFile(part, target, command(args, playing.path, playing.name, target), facts or {})
