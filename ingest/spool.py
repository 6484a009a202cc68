"""The spool (缓存区): synced copies on the station's disk, each read back and compared before anything relies on it.

Shapes: `<key>` is a whole copy; `<key>.part` one that is being copied or was cut off, `<key>.mark` beside it how far it
is surely right (JSON: bytes, SHA-256). A copy that was cut off goes on from its mark: what the spool holds is hashed
again, not read from the recorder again. Nothing else lies there.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.evidence import Digest, SourceFile, SpooledFile
from catalog.station_error import StationError
from ingest.contract import CardReader, Watcher
from ingest.copying import Buffer, Mark, MarkBroken, copy_hashing, sha256_of
from ingest.errors import CopyMismatch, SourceChanged, SpoolBroken, SpoolFull, Stopped, TwinPending
from ingest.resume_point import ResumePoint, age_of, mark_of
from vault import durable

PART_DAYS_MAX = 30
"""Parts of recorders that never came back are dropped after this; the files are still on their cards."""
FRESH_S = 900
"""A copy that was read back by this process so short a time ago is not read again before it is used."""
DAY_S = 86_400
SPOILS = (SourceChanged, CopyMismatch, SpoolBroken, SpoolFull)
"""After these a part is worth nothing; after any other error it goes on another time."""


@dataclass
class Shared:
    """What all bays' views of one spool share: the stop, room promised to copies on their way, fresh copies."""

    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    promised: dict[str, int] = field(default_factory=dict)
    fresh: dict[str, tuple[int, int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class DiskSpool:
    """A spool in a folder; it leaves `reserve_bytes` of the disk free for the journal and the catalog."""

    folder: Path
    reserve_bytes: int
    watcher: Watcher
    shared: Shared = field(default_factory=Shared)
    reading: AbstractContextManager[object] = field(default_factory=nullcontext)
    """Held while a file is read and hashed, and no longer while its copy is synced and read back."""

    @property
    def stop(self) -> threading.Event:
        """Set, it ends every copy at its next buffer: somebody wants the program to end."""
        return self.shared.stop

    def take(self, source: SourceFile, card: CardReader) -> SpooledFile:
        """Copy a file into the spool, synced and read back."""
        with self._room(source):
            part = self.folder / f"{source.key}.part"
            try:
                digest = self._copied(source, card, part)
                self._rename(source, part)
            except StationError as error:
                if isinstance(error, SPOILS) or mark_of(part) is None:
                    self._forget_part(part)
                raise
        return SpooledFile(source, digest, source.key)

    def path(self, spooled: SpooledFile) -> Path:
        """Where the copy lies."""
        return self.folder / spooled.name

    def has(self, spooled: SpooledFile) -> bool:
        """Whether a whole copy is in the spool."""
        try:
            fd = os.open(self.path(spooled), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            return self._is_fresh(spooled.name, fd) or sha256_of(fd) == spooled.digest.sha256
        except OSError:
            return False
        finally:
            os.close(fd)

    def drop(self, spooled: SpooledFile) -> None:
        """Remove a copy; one that is gone is no error."""
        with self.shared.lock:
            self.shared.fresh.pop(spooled.name, None)
        try:
            self.path(spooled).unlink(missing_ok=True)
        except OSError as error:
            raise SpoolBroken(path=spooled.source.shown, reason=error.strerror) from error

    def sweep(self, wanted: Iterable[str]) -> None:
        """Remove what a crash left: all but the copies named in `wanted` and the parts that can go on.

        Nobody else may be copying.
        """
        keep = frozenset(wanted)
        oldest = time.time() - PART_DAYS_MAX * DAY_S
        try:
            for path in list(self.folder.iterdir()):
                can_go_on = path.suffix in (".part", ".mark") and mark_of(path) is not None and age_of(path) > oldest
                if path.name not in keep and not can_go_on:
                    path.unlink()
        except OSError as error:
            raise SpoolBroken(path=self.folder, reason=error.strerror) from error

    def free_bytes(self) -> int:
        """What the spool has to give: free on the disk, without the reserve and what is promised already."""
        with self.shared.lock:
            promised = sum(self.shared.promised.values())
        return max(0, shutil.disk_usage(self.folder).free - self.reserve_bytes - promised)

    def can_ever_hold(self, source: SourceFile) -> bool:
        """Whether a file would fit if nothing else were on the disk; raises `SpoolBroken`."""
        try:
            return source.size_bytes <= shutil.disk_usage(self.folder).total - self.reserve_bytes
        except OSError as error:
            raise SpoolBroken(path=source.shown, reason=error.strerror) from error

    # ------------------------------------------------------------------ room

    @contextmanager
    def _room(self, source: SourceFile) -> Iterator[None]:
        """Promise this file its room, once: several recorders are copied at the same time."""
        with self.shared.lock:
            if source.key in self.shared.promised:
                raise TwinPending(path=source.shown)
            wanted = max(0, source.size_bytes - self._part_bytes(source))
            try:
                free = shutil.disk_usage(self.folder).free
            except OSError as error:
                raise SpoolBroken(path=source.shown, reason=error.strerror) from error
            # Counted under one lock: two bays that each saw room enough would fill the disk together.
            free_bytes = max(0, free - self.reserve_bytes - sum(self.shared.promised.values()))
            if wanted > free_bytes:
                raise SpoolFull(path=source.shown, size_bytes=wanted, free_bytes=free_bytes)
            self.shared.promised[source.key] = wanted
        try:
            yield
        finally:
            with self.shared.lock:
                del self.shared.promised[source.key]

    def _part_bytes(self, source: SourceFile) -> int:
        part = self.folder / f"{source.key}.part"
        try:
            return part.stat().st_size if mark_of(part) is not None else 0
        except OSError:
            return 0

    # ------------------------------------------------------------------ copying

    def _copied(self, source: SourceFile, card: CardReader, part: Path) -> Digest:
        mark = mark_of(part)
        try:
            return self._copied_from(source, card, part, mark)
        except MarkBroken:
            assert mark is not None
            self.watcher.read(source, -mark.size_bytes)
            return self._copied_from(source, card, part, None)

    def _copied_from(self, source: SourceFile, card: CardReader, part: Path, mark: Mark | None) -> Digest:
        with card.open(source, mark.size_bytes if mark else 0) as descriptor:
            try:
                digest, copied = self._write(source, descriptor, part, mark)
            except _ReadError as error:
                raise card.failed(source, error.offset, error.cause) from error.cause
            # Asked after the reading: what changed while it was read is a copy of nothing that ever was.
            changed = card.still(source, descriptor)
        if changed is None and copied != source.size_bytes:
            changed = f"{source.size_bytes} bytes were announced and {copied} read"
        if changed is not None:
            raise SourceChanged(path=source.shown, what=changed)
        return digest

    def _write(self, source: SourceFile, descriptor: int, part: Path, mark: Mark | None) -> tuple[Digest, int]:
        """Copy, sync and read back; raises `_ReadError` for the card's failures, StationErrors for ours."""
        reader = _Reader(descriptor, source, mark.size_bytes if mark else 0, self.stop)
        fresh = 0 if mark else os.O_TRUNC
        try:
            if mark is None:
                part.with_suffix(".mark").unlink(missing_ok=True)
            fd = os.open(part, os.O_RDWR | os.O_CREAT | fresh | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            resume_point = ResumePoint(part, fd, mark.size_bytes if mark else 0)
            try:
                with self.reading:
                    self.watcher.reading(source)
                    if mark:
                        self.watcher.read(source, mark.size_bytes)
                    digest, copied = copy_hashing(
                        reader.read,
                        fd,
                        source.size_bytes,
                        lambda size: self.watcher.read(source, size),
                        resume=mark,
                        marked=resume_point.reached,
                    )
                if copied != source.size_bytes:
                    resume_point.write()  # what ended a pipe early is known only later
                # Synced first, then read from the disk: what memory remembers proves nothing about the disk.
                os.fsync(fd)
                spooled = sha256_of(fd)
            except (_ReadError, StationError):
                resume_point.write()
                raise
            finally:
                os.close(fd)
        except OSError as error:
            raise self._broken(source, error) from error
        if spooled != digest.sha256:
            raise CopyMismatch(path=source.shown, read=digest.sha256, spooled=spooled)
        return digest, copied

    def _rename(self, source: SourceFile, part: Path) -> None:
        try:
            place = self.folder / source.key
            # The name says that a copy is whole: it is given only to what was synced and read back.
            part.rename(place)
            durable.sync_folder(self.folder)
            part.with_suffix(".mark").unlink(missing_ok=True)
            seen = place.stat()
        except OSError as error:
            raise self._broken(source, error) from error
        with self.shared.lock:
            self.shared.fresh[source.key] = (seen.st_ino, seen.st_mtime_ns, time.monotonic())

    def _forget_part(self, part: Path) -> None:
        with suppress(OSError):
            part.with_suffix(".mark").unlink(missing_ok=True)
            part.unlink(missing_ok=True)

    def _is_fresh(self, name: str, descriptor: int) -> bool:
        """Whether these very blocks were read back a moment ago."""
        with self.shared.lock:
            known = self.shared.fresh.get(name)
        seen = os.fstat(descriptor)
        return (
            known is not None and known[:2] == (seen.st_ino, seen.st_mtime_ns) and time.monotonic() < known[2] + FRESH_S
        )

    def _broken(self, source: SourceFile, error: OSError) -> StationError:
        if error.errno in durable.FULL:
            return SpoolFull(path=source.shown, size_bytes=source.size_bytes, free_bytes=0)
        return SpoolBroken(path=source.shown, reason=error.strerror or error)


class _Reader:
    """Fills whole buffers from a descriptor that may give less at a time (a pipe does)."""

    def __init__(self, descriptor: int, source: SourceFile, offset: int, stop: threading.Event) -> None:
        self._descriptor, self._source, self._offset, self._stop = descriptor, source, offset, stop

    def read(self, buffer: Buffer) -> int:
        """Read one buffer, at most one byte beyond what was announced: a file that grows must not fill the disk."""
        wanted = min(len(buffer), max(0, self._source.size_bytes + 1 - self._offset))
        filled = 0
        while filled < wanted:
            if self._stop.is_set():
                raise Stopped(path=self._source.shown)
            try:
                size = os.readv(self._descriptor, [buffer[filled:wanted]])
            except OSError as error:
                raise _ReadError(self._offset + filled, error) from error
            if not size:
                break
            filled += size
        self._offset += filled
        return filled


class _ReadError(Exception):
    """The card refused to read at an offset."""

    def __init__(self, offset: int, cause: OSError) -> None:
        super().__init__(offset)
        self.offset, self.cause = offset, cause
