"""Looks (观看): somebody opens a clip, sees any part of it from anywhere for a while, and closes it again.

Opening writes the one line of a look, durable before any byte; reading a range writes none. A look is over when it is
closed, after 15 minutes without a read, when its clip is disposed of, or when its person may look no more (revoked,
recused, a higher class): the next read is refused. Then one more line says what was watched as the player tells
(`watched_ms`) and what was given out (`read_ms`, of even footage; a player reads ahead), from-to in milliseconds. A
look at one part alone, such as the sheet a list shows, says which `part`; it gives out no footage.
Looks live in the memory of the process. One whose process was killed has no second line: how much of the clip was
watched is unknown then, and up to all of it.

Shapes: parts are `view` (what plays: the original, or its viewing copy), `sub` (a small copy), `sheet`, `peaks` and
`poster`, as far as they are made; each has a size, a digest and its media type. Spans are pairs of seconds.
A face that speaks HTTP maps it so: parse `Range: bytes=FIRST-LAST` into two numbers, None where one is not given;
`answered(size_bytes, first, last)` gives begin and length of the answer (206, `Content-Range` from them), or None (416,
`bytes */SIZE`); without `Range` the answer is whole (200). `Looks.pieces(…)` reads the first piece before it returns,
so that what goes wrong (`LookOver` 404, `CatalogUnreachable` and others 503) is known before a header is sent; each
further piece reads a disk or a server, so iterate it in a thread. What goes wrong then ends the connection.
"""

from __future__ import annotations

import errno
import math
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from catalog.clips import clips
from catalog.clips.errors import StateSecret
from catalog.errors import AlreadyDisposed
from catalog.keeping import disposals
from catalog.rules.access import Action
from catalog.rules.callers import Caller
from catalog.trail.watched import ENDED
from docking_station.derived.copies import Choice, choose_view, notes, open_file
from docking_station.derived.open_files import OpenFiles
from docking_station.services.permits import note_looks, permit
from docking_station.services.rights import answers
from docking_station.station.errors import (
    CopyDiffers,
    DerivedUnwritable,
    LookOver,
    NothingToView,
    unwritable,
    unwritten,
)
from docking_station.station.logs import get_log
from docking_station.station.station import Station
from media import beside, proxy
from vault.errors import SealedHarmed, VaultUnreachable

Part = Literal["view", "sub", "sheet", "peaks", "poster"]
Span = tuple[float, float]

READ_BYTES = 1 << 20
ANSWER_BYTES_MAX = 2 << 20
"""Of one answer to a range: a browser keeps a connection for each answer that is not finished, and has only six."""
IDLE_S = 15 * 60.0
CHECK_S = 30.0
"""So often a look that goes on asks whether it still may; at each read where anything may have been written since."""
LOOKS_MAX, LOOKS_EACH_MAX = 1000, 100
"""So many go on at a time, and of one person: who opens more ends their own that were not read for the longest time."""
SPANS_MAX = 100
MS = 1000
POSTER: tuple[beside.Part, ...] = ("poster",)
POSTER_BYTES_MAX = 4 << 20
BESIDE: Mapping[Part, str] = {"sub": "sub", "sheet": "strip", "peaks": "peaks", "poster": "poster"}
"""What a look calls a part that stands beside the one that plays, and its note among the derived files."""
MEDIA_TYPES = {
    ("video", proxy.MP4): "video/mp4",
    ("audio", proxy.MP4): "audio/mp4",
    ("audio", "mp3"): "audio/mpeg",
    ("audio", "aac"): "audio/aac",
    ("audio", "wav"): "audio/wav",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
} | proxy.PICTURES
"""By kind and container of an original, the codec of a photograph, or the ending of a derived file."""
OF_BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a look: how long it is, which bytes they are, and what else its note tells."""

    size_bytes: int
    sha256: str
    media_type: str
    derived: bool
    note: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """A person looks at a clip, and it stands on the trail."""

    id: str
    clip: str
    caller: Caller
    choice: Choice
    parts: Mapping[Part, Shown]


def open_look(
    station: Station,
    caller: Caller,
    clip: str,
    only: Part | None = None,
    reason: str | None = None,
    film: Choice | None = None,
) -> Look:
    """Choose what is shown of a clip and write the look down; no byte is read before. Of one part `only` it says which.

    `film` is shown instead: one that was made of the clip for release.

    Raises `NothingToView`, `AlreadyDisposed`, `NotAllowed`, `ClockWrong`, `ClockDoubted`, `CatalogUnreachable`.
    """
    choice = film or choose_view(station, clip, photographs=True)
    parts, derived, said = _parts(station, choice), choice.derived, dict[str, object]()
    if film is not None:
        parts, said = {"view": parts["view"]}, {"film": film.note["sha256"]}
    if only is not None:
        if only not in parts:
            raise NothingToView(clip=clip, why=f"its {only} is not made")
        parts, derived, said = {only: parts[only]}, parts[only].derived, {"part": only}
    if reason is not None:
        said["reason"] = reason
    number = secrets.token_hex(16)
    permit(station, caller, Action.STREAM, clip, derived=derived, look=number, **said)
    return Look(number, clip, caller, choice, parts)


def answered(size_bytes: int, first: int | None, last: int | None) -> tuple[int, int] | None:
    """Where the answer to a range begins and how long it is, at most 2 MiB; None where nothing can be answered.

    `first` alone asks to the end, `last` alone asks for so many bytes before the end (RFC 9110, 14.1.2).
    """
    if first is None:
        first, last = (size_bytes, None) if last is None else (max(0, size_bytes - last), None)
    end = size_bytes if last is None else min(size_bytes, last + 1)
    return (first, min(end - first, ANSWER_BYTES_MAX)) if 0 <= first < end else None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch made one; of too many the nearest ones are taken together."""
    found = list[Span]()
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    by_gap = sorted(range(1, len(found)), key=lambda number: found[number][0] - found[number - 1][1])
    begins = sorted(by_gap[1 - SPANS_MAX :])
    return tuple((found[at][0], found[end - 1][1]) for at, end in pairwise((0, *begins, len(found))) if found)


def poster(station: Station, clip: str) -> tuple[Shown, bytes] | None:
    """The one picture of a clip that lists show, whole; None where there is none. A list is no look."""
    disposals.demand_kept(station.database, clip)
    manifest = clips.manifest(station.database, clip)
    note = notes(station, manifest.sha256, POSTER).get("poster")
    if note is None or note["file"] is None:
        return None
    with unwritten(DerivedUnwritable, path=note["file"]), open_file(station, manifest, note) as file:
        return _derived(note), file.read(POSTER_BYTES_MAX)


@dataclass(slots=True)
class _Open:
    """A look that is not over: when it was read last, and what was read and watched of it."""

    look: Look
    read_at_s: float
    checked_at_s: float
    checked_state: object
    read: tuple[Span, ...] = ()
    watched: tuple[Span, ...] = ()


class Looks:
    """The looks of one process, which calls `sweep` once a minute and `close_all` at its end.

    The clock given is only for how long nobody read.
    """

    def __init__(self, station: Station, clock: Callable[[], float] = time.monotonic) -> None:
        self._station, self._clock = station, clock
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._open = dict[str, _Open]()
        self._files = OpenFiles()
        self._unwritten = list[_Open]()

    def open(
        self,
        caller: Caller,
        clip: str,
        only: Part | None = None,
        reason: str | None = None,
        film: Choice | None = None,
    ) -> Look:
        """Open a look; see `open_look`. For one part `only`, this person's look at the clip that goes on will do."""
        if only is None:
            return self._begun(open_look(self._station, caller, clip, reason=reason, film=film))
        with self._opening:  # who leaves a poster and comes back meanwhile waits for the look that is being opened
            going = self._going_on_of(caller, clip, only)
            return going or self._begun(open_look(self._station, caller, clip, only, reason))

    def find(self, number: str, caller: Caller, *, waits: bool = True) -> Look:
        """This person's look that is not over; raises `LookOver`, `AlreadyDisposed`, `CatalogUnreachable`.

        Without `waits` it raises `BlockingIOError` instead of asking the catalog.
        """
        return self._found(number, caller, waits=waits).look

    def at_once(self, look: Look, part: Part, begin: int, size_bytes: int) -> memoryview:
        """So many bytes of a look found just now, if a plain file's are in memory; raises `BlockingIOError` elsewhere.

        Most ranges of a film that plays are such; to read them in another thread costs as much as to read them.
        """
        with self._lock:
            one = self._open.get(look.id)
        if one is None:
            raise LookOver(look=look.id)
        piece = self._files.read_at_once((look.id, part), begin, size_bytes)
        self._taken(one, part, begin, size_bytes, len(piece))
        return piece

    def pieces(self, look: Look, part: Part, begin: int, size_bytes: int) -> Iterator[bytes]:
        """So many bytes of a part, a MiB at a time; the first is read before this returns.

        Raises `LookOver`, `AlreadyDisposed`, `DerivedUnwritable`, `CopyDiffers`, and what the vault raises.
        """
        one = self._found(look.id, look.caller)
        assert begin >= 0
        assert begin + size_bytes <= look.parts[part].size_bytes
        return self._going_on(one, part, begin, size_bytes, self._read(one, part, begin, min(READ_BYTES, size_bytes)))

    def watched(self, look: Look, spans: Iterable[Span]) -> None:
        """What a player tells that was watched, in seconds; what makes no sense is left out. Raises `LookOver`."""
        length_s = _length_s(look)
        sound = [
            (max(0.0, begin), min(end, length_s))
            for begin, end in spans
            if math.isfinite(begin) and math.isfinite(end) and max(0.0, begin) < min(end, length_s)
        ]
        one = self._found(look.id, look.caller)
        with self._lock:
            one.watched = merged((*one.watched, *sound))

    def close(self, look: Look) -> None:
        """End a look and write down what was watched; once more is harmless."""
        with self._lock:
            one = self._open.get(look.id)
        if one is not None:
            self._end(one)

    def sweep(self) -> None:
        """End looks nobody reads any more, and write the closing lines that could not be written before."""
        before = self._clock() - IDLE_S
        with self._lock:
            idle = [one for one in self._open.values() if one.read_at_s <= before]
            unwritten, self._unwritten = self._unwritten, []
        for one in unwritten:
            self._write(one)
        for one in idle:
            self._end(one)

    def close_all(self) -> None:
        """End every look: the process ends."""
        self.sweep()
        self.close_of(None)

    def close_of(self, caller: Caller | None) -> None:
        """End every look of a person, who signs out; of everybody if none is given."""
        with self._lock:
            left = [one for one in self._open.values() if caller in (None, one.look.caller)]
        for one in left:
            self._end(one)

    # ------------------------------------------------------------------ inside

    def _begun(self, look: Look) -> Look:
        now = self._clock()
        with self._lock:
            self._open[look.id] = _Open(look, now, now, None)
            every = list(self._open.values())
        own = [one for one in every if one.look.caller.who == look.caller.who]
        if len(own) > LOOKS_EACH_MAX or len(every) > LOOKS_MAX:
            self._end(min(own if len(own) > LOOKS_EACH_MAX else every, key=lambda one: one.read_at_s))
        return look

    def _going_on_of(self, caller: Caller, clip: str, part: Part) -> Look | None:
        with self._lock:
            looks = [one.look for one in self._open.values() if (one.look.caller, one.look.clip) == (caller, clip)]
        for look in looks:
            with suppress(LookOver):
                if part in look.parts:
                    return self._found(look.id, caller).look
        return None

    def _found(self, number: str, caller: Caller, *, waits: bool = True) -> _Open:
        now, state = self._clock(), self._station.database.state()  # a slow disk holds up this read alone
        with self._lock:
            one = self._open.get(number)
            if one is None or one.look.caller != caller:
                raise LookOver(look=number)
            is_idle, is_to_check = one.read_at_s <= now - IDLE_S, one.checked_at_s <= now - CHECK_S
            is_to_check |= state is None or one.checked_state != state
            if (is_idle or is_to_check) and not waits:
                raise BlockingIOError
            if not is_idle:
                one.read_at_s = now
        if is_idle:
            self._end(one)
            raise LookOver(look=number)
        if is_to_check:
            try:
                self._demand_still(one.look)
            except (AlreadyDisposed, StateSecret, LookOver):
                self._end(one)
                raise
            one.checked_at_s, one.checked_state = now, state
        return one

    def _demand_still(self, look: Look) -> None:
        """Raise where the clip is not to be shown any more, or not to this person; whatever reason was told holds."""
        disposals.demand_kept(self._station.database, look.clip)
        (answer,) = answers(self._station, look.caller, Action.STREAM, (look.clip,)).values()
        if answer.outcome != "allow":
            raise LookOver(look=look.id)

    def _going_on(self, one: _Open, part: Part, begin: int, size_bytes: int, piece: bytes) -> Iterator[bytes]:
        """The first piece, then the others as they are read; no look ends while it is read."""
        end = begin + size_bytes
        while piece:
            begin += len(piece)
            yield piece
            if begin < end:
                self._found(one.look.id, one.look.caller)
            piece = self._read(one, part, begin, min(READ_BYTES, end - begin)) if begin < end else b""

    def _read(self, one: _Open, part: Part, begin: int, size_bytes: int) -> bytes:
        look, shown = one.look, one.look.parts[part]
        try:
            piece = self._files.read_at(
                (look.id, part), lambda: open_file(self._station, look.choice.manifest, shown.note), begin, size_bytes
            )
        except OSError as error:
            if shown.derived:
                raise DerivedUnwritable(path=shown.note["file"], **unwritable(error)) from error
            key = look.choice.manifest.original_key
            if error.errno == errno.EBADMSG:
                raise SealedHarmed(key=key, reason=error.strerror) from error
            raise VaultUnreachable(reason=f"{key}: {error.strerror or error}") from error
        self._taken(one, part, begin, size_bytes, len(piece))
        return piece

    def _taken(self, one: _Open, part: Part, begin: int, size_bytes: int, found_bytes: int) -> None:
        """Note what was read, before it is given out."""
        look, shown = one.look, one.look.parts[part]
        is_whole = found_bytes == size_bytes
        with self._lock:
            is_over = look.id not in self._open
            if part in ("view", "sub") and is_whole and not is_over:
                one.read = merged((*one.read, (begin / shown.size_bytes, (begin + size_bytes) / shown.size_bytes)))
        if is_over:  # it ended meanwhile, and this read may have opened the file again
            self._files.close((look.id, part))
            raise LookOver(look=look.id)
        if not is_whole:
            found = f"{begin + found_bytes} bytes"
            raise CopyDiffers(clip=look.clip, path=part, expected=f"{shown.size_bytes} bytes", found=found)

    def _end(self, one: _Open) -> None:
        with self._lock:
            is_first = self._open.pop(one.look.id, None) is not None
        try:
            for part in one.look.parts:
                self._files.close((one.look.id, part))
        finally:
            if is_first:
                self._write(one)

    def _write(self, one: _Open) -> None:
        """Write down what was watched and what was read; kept for another time where the trail is closed."""
        look, length_s = one.look, _length_s(one.look)
        details = {
            "look": look.id,
            "read_ms": _in_ms(one.read, length_s) if length_s and "view" in look.parts else None,
            "watched_ms": _in_ms(one.watched, 1.0) if one.watched else None,
        }
        try:
            note_looks(self._station, look.caller, ENDED, (look.clip,), details)
        except Exception as error:  # noqa: BLE001 - whatever it is, the line is kept for another time
            get_log().warning("end of a look not written yet", look=look.id, clip=look.clip, error=error)
            with self._lock:
                self._unwritten.append(one)


def _in_ms(spans: Iterable[Span], unit_s: float) -> list[list[int]]:
    return [[int(begin * unit_s * MS), math.ceil(end * unit_s * MS)] for begin, end in spans]


def _length_s(look: Look) -> float:
    """How long what is shown is; 0 for a photograph, and where nobody knows."""
    return float(look.choice.note.get("duration_s") or look.choice.manifest.duration_s or 0.0)


def _parts(station: Station, choice: Choice) -> Mapping[Part, Shown]:
    """What can be seen of a clip now, by its notes."""
    original, found = choice.manifest, dict[Part, Shown]()
    if choice.derived:
        found["view"] = _derived(choice.note)
    else:
        found["view"] = Shown(original.size_bytes, original.sha256, _media_type(choice), False, choice.note)
    about = notes(station, original.sha256)
    for part, name in BESIDE.items():
        if name in about and about[name]["file"] is not None:
            found[part] = _derived(about[name])
    return found


def _derived(note: Mapping[str, Any]) -> Shown:
    media_type = MEDIA_TYPES.get(Path(note["file"]).suffix, OF_BYTES)
    return Shown(note["size_bytes"], note["sha256"], media_type, True, note)


def _media_type(choice: Choice) -> str:
    """The type of an original that is shown as it is."""
    kind, media = choice.manifest.kind, choice.manifest.media
    codecs = [stream["codec"] for stream in media["streams"]]
    return MEDIA_TYPES.get(codecs[0] if kind == "image" else (kind, media["container"]), OF_BYTES)
