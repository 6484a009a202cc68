"""Makes what is shown of an original (制作观看副本): the copy that plays, and what stands beside it (`beside`).

Shapes: one original -> a `MadeFile` for each part, in the order they are made, and how each was. The original is only
read. Units: seconds; progress from 0 to 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from catalog.evidence import Kind, MediaFacts
from media import ffmpeg, probe, proxy
from media.beside import COPY_SHARE, PARTS, CopyDesk, MadeFile, Part, Playing, beside, command, nothing
from media.errors import NothingRecovered, NotMedia, ToolFailed, ToolTooSlow
from media.ffmpeg import Tools
from media.mp4 import read_movie
from media.proxy import Plan
from media.rebuilt_index import rebuild
from media.recover import find
from media.reference import Reference, read_reference
from media.transplant import is_fragmented, read_head, transplant

STANDSTILL_S = 60.0
"""An encoder in hardware that makes nothing for so long hangs; the next one may be better."""
ORIGINAL = "ORIGINAL"
"""What an original is called in the commands that are told."""
NOTHING = MediaFacts(None, None, (), False)


Keep = Callable[[MadeFile], Path | None]
"""Puts a file where it counts from now on, and returns its place."""


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """What an original is now, by a look of today's tools: the plan, the facts it rests on, what a player must know."""

    plan: Plan
    media: MediaFacts
    shown: dict[str, Any] = field(default_factory=dict)


def looked(original: Path, kind: Kind, tools: Tools) -> MediaPlan:
    """Look into an original and decide what is to be made of it."""
    with original.open("rb", buffering=0) as file:
        movie = read_movie(file)
        lacks_moov = movie is not None and movie.moov is None
        if kind == "video" and (lacks_moov or (movie is None and is_fragmented(file))):
            return MediaPlan(proxy.plan(kind, NOTHING, lacks_moov=True), NOTHING)
    try:
        answer = ffmpeg.described(original, tools)
    except NotMedia as error:
        nothing = replace(NOTHING, note=str(error.facts["why"]))
        return MediaPlan(proxy.plan(kind, nothing), nothing)
    media = probe.facts(answer)
    plan = proxy.plan(kind, media, reorders=probe.reorders(answer), pace=probe.pace(answer))
    return MediaPlan(plan, media, probe.shown_facts(answer))


def make(
    original: Path,
    kind: Kind,
    folder: Path,
    desk: CopyDesk,
    keep: Keep,
    references: Iterable[Path] = (),
    wanted: Collection[Part] = PARTS,
) -> None:
    """Make the copy that plays, and the other parts that are wanted, into an empty folder, and hand each to `keep`.

    Raises ToolMissing, ToolTooSlow, ToolFailed, `NothingRecovered`. `references` are whole clips of the same recorder,
    for an original that lost its index. What `desk.progress` raises ends the work and is passed on.
    """
    seen = looked(original, kind, desk.tools)
    if seen.plan.way in ("none", "as-is"):
        keep(MadeFile("view", None, (), {"way": seen.plan.way, "why": seen.plan.why, **seen.shown}))
        playing = Playing(original, ORIGINAL, seen.media, seen.shown)
        parts = nothing(seen.plan.why, wanted) if seen.plan.way == "none" else beside(playing, folder, desk, wanted)
    else:
        recovers = seen.plan.way == "recover"
        copy = _recovered(original, folder, desk, references) if recovers else _evenly(original, seen, folder, desk)
        path = keep(copy)
        assert path is not None
        parts = beside(playing_copy(path, kind, desk), folder, desk, wanted)
    for part in parts:
        keep(part)


def playing_copy(copy: Path, kind: Kind, desk: CopyDesk) -> Playing:
    """A copy that plays, wherever it lies now."""
    seen = looked(copy, kind, desk.tools)
    return Playing(copy, copy.name, seen.media, seen.shown)


def _evenly(source: Path, seen: MediaPlan, folder: Path, desk: CopyDesk) -> MadeFile:
    """Make the copy; where pictures that were copied as they are turn out to be uneven, once more at an even rate."""
    made = _copied(source, seen, folder, desk)
    if seen.plan.video != "copy" or made.facts.get("even", True):
        return made
    even = replace(seen.plan, way="encode", why=proxy.UNEVEN, video="encode", even=made.facts["frame_rate"])
    return _copied(source, replace(seen, plan=even), folder, desk)


def _copied(source: Path, seen: MediaPlan, folder: Path, desk: CopyDesk) -> MadeFile:
    """Make the copy; where an encoder in hardware fails on this clip, or stands still, the next one is tried."""
    target = folder / f"view{seen.plan.suffix}"
    limits = proxy.limits_for(seen.plan.way, seen.media.duration_s, source.stat().st_size)
    encoders = desk.encoders if seen.plan.video == "encode" else desk.encoders[:1]
    for number, encoder in enumerate(encoders, 1):
        is_last = number == len(encoders)
        args = proxy.view_args(source, target, seen.plan, encoder, desk.mark)
        copying = _Copying(desk.progress, seen.media.duration_s, None if is_last else STANDSTILL_S)
        try:
            ffmpeg.make(args, desk.tools, limits, copying)
        except (ToolFailed, ToolTooSlow):
            if is_last:
                raise
            continue
        facts = {"way": seen.plan.way, "why": seen.plan.why, **probe.shown_facts(ffmpeg.described(target, desk.tools))}
        if seen.plan.video == "encode":
            facts["encoder"] = encoder.name
        called = source.name if source.parent == folder else ORIGINAL
        return MadeFile("view", target, command(args, source, called, target), facts)
    raise AssertionError("there is always an encoder")


class _Copying:
    """Hears how far a copy is and tells it on; raises ToolTooSlow where it stands still for so long."""

    def __init__(self, progress: Callable[[float], None], length_s: float | None, standstill_s: float | None) -> None:
        self._progress, self._length_s, self._standstill_s = progress, length_s, standstill_s
        self._done_s, self._moved_at = -1.0, time.monotonic()

    def __call__(self, done_s: float) -> None:
        if done_s > self._done_s:
            self._done_s, self._moved_at = done_s, time.monotonic()
        elif self._standstill_s is not None and time.monotonic() > self._moved_at + self._standstill_s:
            raise ToolTooSlow(tool="ffmpeg", seconds=self._standstill_s)
        self._progress(COPY_SHARE * min(1.0, done_s / self._length_s) if self._length_s else 0.0)


def _recovered(original: Path, folder: Path, desk: CopyDesk, references: Iterable[Path]) -> MadeFile:
    """Find what plays in a clip without index, and make a copy of that; raises `NothingRecovered`."""
    error = NothingRecovered(why="there is no whole clip of the same recorder yet")
    with original.open("rb") as damaged:
        recover = _from_fragments if is_fragmented(damaged) else _from_pictures
        for path in references:
            whole = folder / "rebuilt.mp4"
            try:
                with path.open("rb", buffering=0) as file:
                    made = recover(damaged, file, whole, desk)
            except NothingRecovered as failed:
                error = failed
                continue
            finally:
                whole.unlink(missing_ok=True)
            if made is not None:
                copy, frames = made
                facts = {"way": "recover", "why": "its index is missing: the recorder was cut off", "frames": frames}
                return MadeFile("view", copy.path, copy.command, copy.facts | facts)
    raise error


def _from_pictures(damaged: BinaryIO, healthy: BinaryIO, whole: Path, desk: CopyDesk) -> tuple[MadeFile, int] | None:
    """Look for pictures that begin as in a healthy clip; None where that is none of H.264 or H.265."""
    reference = read_reference(healthy)
    if reference is None:
        return None
    found = find(damaged, reference, lambda: desk.progress(0.0))
    rebuild(damaged, found, reference, whole, lambda: desk.progress(0.0))
    return _of_rebuilt(whole, reference, whole.parent, desk), found.pictures


def _from_fragments(damaged: BinaryIO, healthy: BinaryIO, whole: Path, desk: CopyDesk) -> tuple[MadeFile, int] | None:
    """Put the head of a healthy clip before the fragments that are whole; None where that has none to lend."""
    head = read_head(healthy)
    if head is None:
        return None
    pictures = transplant(damaged, head, whole, lambda: desk.progress(0.0))
    seen = looked(whole, "video", desk.tools)
    if seen.plan.video is None or ffmpeg.decoded(whole, desk.tools).video == 0:
        raise NothingRecovered(why="its fragments do not decode behind the head of another clip of the recorder")
    if seen.plan.way == "as-is":
        seen = replace(seen, plan=replace(seen.plan, way="remux"))
    try:
        return _copied(whole, seen, whole.parent, desk), pictures
    except ToolFailed:
        if seen.plan.audio is None:
            raise
        return _copied(whole, replace(seen, plan=replace(seen.plan, audio=None)), whole.parent, desk), pictures


def _of_rebuilt(whole: Path, reference: Reference, folder: Path, desk: CopyDesk) -> MadeFile:
    """Make the copy of what was found, with its sound if that can be decoded at all."""
    seen = looked(whole, "video", desk.tools)
    copies = not reference.reordered and not reference.hevc
    rate = reference.rate if reference.reordered else None
    even = rate or seen.plan.even
    plan = Plan("remux", "", "copy", "encode", rate) if copies else Plan("encode", "", "encode", "encode", rate, even)
    if len(seen.media.streams) > 1:
        with suppress(ToolFailed):
            return _copied(whole, replace(seen, plan=plan), folder, desk)
    return _copied(whole, replace(seen, plan=replace(plan, audio=None)), folder, desk)
