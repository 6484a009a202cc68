"""What an MTP recorder holds (MTP 设备目录): its storages, folders and files, asked for one by one.

Shapes: paths are those of its storage, or begin with the storage's name where it has several; names are UTF-8; at most
ENTRIES_MAX entries and DEPTH_MAX levels, what lies beyond is reported. A modify time is the recorder's wall clock taken
as UTC, as the system does for FAT cards. A size that is not told (4 GiB and more, if neither recorder nor library knows
the 64-bit size) leaves no proof that a file was read to its end: it is refused and stays on the recorder. Units: bytes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from catalog.evidence import SourceFile, shown_path
from catalog.station_error import StationError
from devices.errors import CardGone, CardUnreadable, MtpNoStorage, MtpSilent, MtpSizeUnknown, TooMuch
from devices.footage import Footage
from devices.junk import Junk, SkipRule
from devices.piping import Pipe
from devices.survey import EDGE_BYTES, ENTRIES_MAX, Entry, Refused, Skipped

DEPTH_MAX = 100
STORES_MAX = 16
UNTOLD_BYTES = 0xFFFFFFFF
"""The size of an object whose true size does not fit into 32 bits, or that has exactly this one: no telling."""
GONE_WAIT_S = 1.0
"""So long after an error the system may take to see that the device was pulled."""
UNCLEAR = frozenset({errno.EIO, errno.ETIMEDOUT, errno.EBUSY})
"""Errors that a pulled device gives as well as a sick one."""
UNSAYABLE = "its name cannot be said over MTP"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Session(Protocol):
    """An open session with one device; safe from several threads. Every refusal is an OSError with a number:

    ENODEV it is gone, EBUSY or ETIMEDOUT it does not answer in time, ENOENT, EROFS, EOPNOTSUPP it cannot do that,
    EEXIST a folder with two entries of one name, EILSEQ a name it cannot be asked for, else EIO.
    """

    def folders(self, folder: str) -> tuple[str, ...]:
        """The names of the folders in a folder; those in `/` are the storages."""

    def files(self, folder: str) -> tuple[str, ...]:
        """The names of the files in a folder."""

    def facts(self, folder: str, name: str) -> tuple[int | None, datetime | None]:
        """Size in bytes and modify time on the device's wall clock, without a zone; None where it does not tell."""

    def read(self, folder: str, name: str, offset: int, into: memoryview) -> int:
        """Fill `into` from `offset`; how many bytes came, 0 at the end. EOPNOTSUPP: it only gives whole files."""

    def pour(self, folder: str, name: str, descriptor: int) -> None:
        """Write the whole file into a descriptor, which stays open."""

    def delete(self, folder: str, name: str) -> None:
        """Remove a file; ENOENT if there is none."""

    def renew(self) -> None:
        """Forget every listing: what is asked from now on the device answers."""

    def clock(self) -> tuple[datetime, float] | None:
        """The device's wall clock and its uncertainty in seconds, or None if it has none."""

    def set_clock(self, wall: datetime) -> bool:
        """Set the device's wall clock; False if it has none, or refuses."""

    def present(self) -> bool:
        """Whether the system still sees the device."""

    def close(self) -> None:
        """End the session, in bounded time, whatever state the device is in; may be done twice."""


class Tree:
    """Everything on one recorder, through its session; `name` is what errors call it."""

    def __init__(self, name: str, session: Session) -> None:
        self._name, self._session = name, session
        self._stores: tuple[str, ...] | None = None

    def walk(self, junk: Junk, footage: Footage, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry in name order, folder by folder; raises `MtpNoStorage`, `CardGone`, `MtpSilent`."""
        todo: list[tuple[tuple[str, ...], SkipRule | None]] = [((), None)]
        if len(self._roots()) > 1:
            todo = [((store,), None) for store in reversed(self._roots())]
        entries = 0
        while todo:
            parts, rule = todo.pop()
            try:
                folders, files = self._listing(parts)
            except OSError as error:
                yield Refused(_path(parts), self.lost(_path(parts), 0, error))
                continue
            if rule is not None and not folders and not files:
                yield Skipped(_path(parts), rule)
            below = []
            for name, is_folder in sorted([(one, True) for one in folders] + [(one, False) for one in files]):
                entries += 1
                path = _path((*parts, name))
                if entries > ENTRIES_MAX:
                    yield Refused(path, TooMuch(path=shown_path(path), limit=f"{ENTRIES_MAX} entries"))
                    return
                left = rule or junk.rule(_path((name,))) or footage.outside(tuple(path.split(b"/")))
                if is_folder and len(parts) >= DEPTH_MAX:
                    yield Refused(path, TooMuch(path=shown_path(path[-200:]), limit=f"{DEPTH_MAX} levels"))
                elif is_folder:
                    below.append(((*parts, name), left))
                else:
                    yield Skipped(path, left) if left is not None else self._file(path, edged)
            todo.extend(reversed(below))

    def _listing(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        folder = self._folder(parts)
        if not self._session.present():
            raise OSError(errno.ENODEV, "it is gone")
        return self._session.folders(folder), self._session.files(folder)

    def _file(self, path: bytes, edged: bool) -> Entry:
        try:
            folder, name = self.place(path)
            size, wall = self._session.facts(folder, name)
            if size is None or size == UNTOLD_BYTES:
                return Refused(path, MtpSizeUnknown(path=shown_path(path)))
            edges = self.edges(folder, name, size) if edged else ""
            return SourceFile(None, path, size, _as_if_utc_ns(wall), edges)
        except OSError as error:
            return Refused(path, self.lost(path, 0, error))

    def edges(self, folder: str, name: str, size: int) -> str:
        """The digest of a file's edges; where the recorder only gives whole files, one is read whole for it."""
        try:
            digest = hashlib.sha256(self._exactly(folder, name, 0, min(size, EDGE_BYTES)))
            if size > EDGE_BYTES:
                last = max(EDGE_BYTES, size - EDGE_BYTES)
                digest.update(self._exactly(folder, name, last, size - last))
            return digest.hexdigest()
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
        return self._edges_of_whole(folder, name, size)

    def _exactly(self, folder: str, name: str, offset: int, wanted: int) -> bytes:
        body = bytearray(wanted)
        done = 0
        while done < wanted:
            got = self._session.read(folder, name, offset + done, memoryview(body)[done:])
            if not got:
                raise OSError(errno.EIO, f"it ends at byte {offset + done}, not where the recorder says")
            done += got
        return bytes(body)

    def _edges_of_whole(self, folder: str, name: str, size: int) -> str:
        first, last, seen = b"", b"", 0
        with Pipe(self._session, (folder, name), size, 0) as pipe:
            while piece := os.read(pipe.descriptor, EDGE_BYTES):
                seen += len(piece)
                first += piece[: EDGE_BYTES - len(first)]
                last = (last + piece)[-EDGE_BYTES:]
            is_read = pipe.is_read()
        if not is_read or seen != size:
            raise OSError(errno.EIO, f"{size} bytes were announced and {seen} given")
        behind = min(EDGE_BYTES, size - len(first))
        return hashlib.sha256(first + (last[-behind:] if behind else b"")).hexdigest()

    def _roots(self) -> tuple[str, ...]:
        """The storages; asked once, because paths depend on how many there are. Raises StationErrors."""
        if self._stores is None:
            with self.asking():
                stores = tuple(sorted(self._session.folders("/")))
            if not stores:
                raise MtpNoStorage(port=self._name)
            self._stores = stores[:STORES_MAX]
        return self._stores

    def _folder(self, parts: tuple[str, ...]) -> str:
        roots = self._roots()
        folder = "/" + "/".join(parts if len(roots) > 1 else (roots[0], *parts))
        if any("\udc80" <= letter <= "\udcff" for letter in folder):
            raise OSError(errno.EILSEQ, UNSAYABLE)
        return folder

    def place(self, path: bytes) -> tuple[str, str]:
        """Folder and name of a path, as the device is asked for them."""
        try:
            *parts, name = path.decode().split("/")
        except UnicodeDecodeError as error:
            raise OSError(errno.EILSEQ, UNSAYABLE) from error
        return self._folder(tuple(parts)), name

    def there(self, folder: str) -> bool:
        """Whether a folder is still listed, looked up level by level: an error is no proof of absence."""
        at = ""
        for part in folder.split("/")[1:]:
            if part not in self._session.folders(at or "/"):
                if not at:
                    raise OSError(errno.ENODEV, "the storage is gone")
                return False
            at = f"{at}/{part}"
        return True

    @contextmanager
    def asking(self, path: bytes = b"", offset: int = 0) -> Iterator[None]:
        """Turn what the device answers to a question about a place into what a person is told."""
        try:
            yield
        except OSError as error:
            raise self.lost(path, offset, error) from error

    def lost(self, path: bytes, offset: int, error: OSError) -> StationError:
        """What a person is told of an error at a place: is the file bad, the device silent, or gone?"""
        shown = shown_path(path) or self._name
        if error.errno == errno.ENODEV or (error.errno in UNCLEAR and self._pulled()):
            return CardGone(path=shown)
        if error.errno in (errno.EBUSY, errno.ETIMEDOUT):
            return MtpSilent(port=self._name, reason=error.strerror)
        return CardUnreadable(path=shown, offset=offset, reason=error.strerror or error)

    def _pulled(self) -> bool:
        """Whether the device is gone; the error of a pull comes before the system has noticed."""
        until = time.monotonic() + GONE_WAIT_S
        while self._session.present():
            if time.monotonic() >= until:
                return False
            time.sleep(GONE_WAIT_S / 20)
        return True


def _path(parts: tuple[str, ...]) -> bytes:
    return "/".join(parts).encode("utf-8", "surrogateescape")


def _as_if_utc_ns(wall: datetime | None) -> int:
    """A wall clock as nanoseconds since 1970, read as UTC; 0 where the recorder does not tell."""
    if wall is None:
        return 0
    return (wall.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) * 1000
