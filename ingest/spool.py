"""The spool (缓存区): synced copies on the station's disk, each read back and compared before anything relies on it.

Shapes: `<key>.part` while it is copied, `<key>` when it is whole; nothing else lies there.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import StationError
from catalog.evidence import Digest, SourceFile, SpooledFile
from ingest.contract import CardReader, Watcher
from ingest.copying import Buffer, copy_hashing, sha256_of
from ingest.errors import CopyMismatch, SourceChanged, SpoolBroken, SpoolFull, Stopped
from vault import durable


@dataclass(frozen=True)
class DiskSpool:
    """A spool in a folder; it leaves `reserve_bytes` of the disk free for the journal and the catalog."""

    folder: Path
    reserve_bytes: int
    watcher: Watcher
    stop: threading.Event = field(default_factory=threading.Event)
    """Set, it ends every copy at its next buffer: somebody wants the program to end."""

    def take(self, source: SourceFile, card: CardReader) -> SpooledFile:
        """See `ingest.contract.Spool`."""
        self._demand_room(source)
        self.watcher.reading(source)
        part = self.folder / f"{source.key}.part"
        try:
            digest = self._copied(source, card, part)
            self._rename(source, part)
        except StationError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return SpooledFile(source, digest, source.key)

    def path(self, spooled: SpooledFile) -> Path:
        """Where the copy lies."""
        return self.folder / spooled.name

    def holds(self, spooled: SpooledFile) -> bool:
        """See `ingest.contract.Spool`."""
        try:
            fd = os.open(self.path(spooled), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            return sha256_of(fd) == spooled.digest.sha256
        except OSError:
            return False
        finally:
            os.close(fd)

    def drop(self, spooled: SpooledFile) -> None:
        """See `ingest.contract.Spool`."""
        try:
            self.path(spooled).unlink(missing_ok=True)
        except OSError as error:
            raise SpoolBroken(path=spooled.source.shown, reason=error.strerror) from error

    def sweep(self, wanted: Iterable[str]) -> None:
        """Remove what a crash left: everything but the copies named in `wanted`. Nobody else may be copying."""
        keep = frozenset(wanted)
        try:
            for path in self.folder.iterdir():
                if path.name not in keep:
                    path.unlink()
        except OSError as error:
            raise SpoolBroken(path=self.folder, reason=error.strerror) from error

    # ------------------------------------------------------------------ inside

    def _demand_room(self, source: SourceFile) -> None:
        try:
            free_bytes = max(0, shutil.disk_usage(self.folder).free - self.reserve_bytes)
        except OSError as error:
            raise SpoolBroken(path=source.shown, reason=error.strerror) from error
        if source.size_bytes > free_bytes:
            raise SpoolFull(path=source.shown, size_bytes=source.size_bytes, free_bytes=free_bytes)

    def _copied(self, source: SourceFile, card: CardReader, part: Path) -> Digest:
        with card.open(source) as descriptor:
            try:
                digest, copied = self._write(source, descriptor, part)
            except _ReadError as error:
                raise card.failed(source, error.offset, error.cause) from error.cause
            changed = card.still(source, descriptor)
        if changed is None and copied != source.size_bytes:
            changed = f"{source.size_bytes} bytes were announced and {copied} read"
        if changed is not None:
            raise SourceChanged(path=source.shown, what=changed)
        return digest

    def _write(self, source: SourceFile, descriptor: int, part: Path) -> tuple[Digest, int]:
        """Copy, sync and read back; raises `_ReadError` for the card's failures, StationErrors for ours."""
        offset = 0

        def read(buffer: Buffer) -> int:
            nonlocal offset
            if self.stop.is_set():
                raise Stopped(path=source.shown)
            try:
                size = os.readv(descriptor, [buffer])
            except OSError as error:
                raise _ReadError(offset, error) from error
            offset += size
            # A file that grows while it is read must not fill the disk: one byte more than announced tells.
            return min(size, max(0, source.size_bytes + 1 - (offset - size)))

        try:
            fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                digest, copied = copy_hashing(read, fd, source.size_bytes, lambda n: self.watcher.read(source, n))
                os.fsync(fd)
                spooled = sha256_of(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise self._broken(source, error) from error
        if spooled != digest.sha256:
            raise CopyMismatch(path=source.shown, read=digest.sha256, spooled=spooled)
        return digest, copied

    def _rename(self, source: SourceFile, part: Path) -> None:
        try:
            part.rename(self.folder / source.key)
            durable.sync_folder(self.folder)
        except OSError as error:
            raise self._broken(source, error) from error

    def _broken(self, source: SourceFile, error: OSError) -> StationError:
        if error.errno in durable.FULL:
            return SpoolFull(path=source.shown, size_bytes=source.size_bytes, free_bytes=0)
        return SpoolBroken(path=source.shown, reason=error.strerror or error)


class _ReadError(Exception):
    """The card refused to read at an offset."""

    def __init__(self, offset: int, cause: OSError) -> None:
        super().__init__(offset)
        self.offset, self.cause = offset, cause
