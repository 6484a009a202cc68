"""What is on a card (清点): every entry, by raw name, without following anything out of it.

Each folder is opened below the one before it without following links, so a hostile card leads nowhere, and paths
may be longer than the system's limit. Shapes: at most ENTRIES_MAX entries and DEPTH_MAX levels; what lies beyond
is reported, not dropped. Units: bytes, nanoseconds; edges are the first and last EDGE_BYTES.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.evidence import SourceFile, shown_path
from catalog.station_error import StationError
from devices.errors import CardGone, CardUnreadable, EraseRefused, NoCard, NotAFile, TooMuch
from devices.footage import Footage
from devices.junk import Junk, SkipRule

EDGE_BYTES = 64 * 1024
ENTRIES_MAX = 1_000_000
DEPTH_MAX = 1_000
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A card may be prepared: a link could lead to files of the station, a pipe would hold an opening up for ever.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

NOT_BELOW = frozenset({b"", b".", b".."})
GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESTALE, errno.ESHUTDOWN})
"""What the system answers when the device itself is no longer there."""

NOT_FILES = {
    stat.S_IFLNK: ("symbolic link", "符号链接"),
    stat.S_IFCHR: ("character device", "字符设备"),
    stat.S_IFBLK: ("block device", "块设备"),
    stat.S_IFIFO: ("pipe", "管道"),
    stat.S_IFSOCK: ("socket", "套接字"),
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that a rule leaves on the card."""

    path: bytes
    rule: SkipRule


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be taken, and the error a person is shown."""

    path: bytes
    error: StationError


Entry = SourceFile | Skipped | Refused

Outside = Callable[[tuple[bytes, ...]], SkipRule | None]


class Card:
    """A mounted card, or any folder given by hand; holds the folder open until closed.

    `alive` tells whether the device below is still there: a pulled card's folders are listed from memory for a while.
    """

    one_clock = True

    def __init__(self, root: Path, alive: Callable[[], bool] = lambda: True) -> None:
        self.root, self.name = root, str(root.absolute())
        self._alive = alive
        self._lock = threading.Lock()
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise NoCard(path=root, reason=error.strerror) from error

    def close(self) -> None:
        """Let go of the folder, so that whoever still reads meets `CardGone`; may be done twice."""
        with self._lock:
            root, self._root = self._root, -1
        if root >= 0:
            os.close(root)

    # ------------------------------------------------------------------ listing

    def survey(self, junk: Junk, outside: Outside = lambda parts: None, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry in name order, folder by folder; `outside` gives the rule for a path that is left on the card.

        Unless `edged`, no file is opened, and every file's edges are empty: `edges` gives them.
        """
        waiting: list[tuple[tuple[bytes, ...], SkipRule | None]] = [((), None)]
        entries = 0
        while waiting:
            parts, rule = waiting.pop()
            try:
                names, folder = self._names(parts)
            except OSError as error:
                yield Refused(b"/".join(parts), self._lost(parts, 0, error))
                continue
            try:
                below = []
                if rule is not None and not names:
                    yield Skipped(b"/".join(parts), rule)
                for name in names:
                    entries += 1
                    if entries > ENTRIES_MAX:
                        path = b"/".join((*parts, name))
                        yield Refused(path, TooMuch(path=shown_path(path), limit=f"{ENTRIES_MAX} entries"))
                        return
                    left = rule or junk.rule(name) or outside((*parts, name))
                    entry = self._entry(folder, (*parts, name), left, edged)
                    if entry is None:
                        below.append(((*parts, name), left))
                    else:
                        yield entry
                waiting.extend(reversed(below))
            finally:
                os.close(folder)

    def _names(self, parts: tuple[bytes, ...]) -> tuple[list[bytes], int]:
        folder = self.descend(parts)
        try:
            return sorted(os.fsencode(name) for name in os.listdir(folder)), folder
        except OSError:
            os.close(folder)
            raise

    def _entry(self, folder: int, parts: tuple[bytes, ...], left: SkipRule | None, edged: bool) -> Entry | None:
        """The entry, or None for a folder to be listed; `left` is the rule that leaves it on the card, if any."""
        path, name = b"/".join(parts), parts[-1]
        try:
            seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(seen.st_mode):
                if len(parts) > DEPTH_MAX:
                    return Refused(path, TooMuch(path=shown_path(path[-200:]), limit=f"{DEPTH_MAX} levels"))
                return None
            if left is not None:
                return Skipped(path, left)
            if not stat.S_ISREG(seen.st_mode):
                what, what_zh = NOT_FILES.get(stat.S_IFMT(seen.st_mode), ("special entry", "特殊条目"))
                return Refused(path, NotAFile(path=shown_path(path), what=what, what_zh=what_zh))
            if not edged:
                return SourceFile(None, path, seen.st_size, seen.st_mtime_ns, "")
            fd = os.open(name, FILE_FLAGS, dir_fd=folder)
            try:
                return SourceFile(None, path, seen.st_size, seen.st_mtime_ns, _edges(fd, seen.st_size))
            finally:
                os.close(fd)
        except OSError as error:
            return Refused(path, self._lost(parts, 0, error))

    # ------------------------------------------------------------------ reading

    def edges(self, source: SourceFile) -> str:
        """What `survey` puts into `SourceFile.edges`; raises `CardGone`, `CardUnreadable`, `NotAFile`."""
        with self.open(source) as descriptor:
            try:
                return _edges(descriptor, source.size_bytes)
            except OSError as error:
                raise self.failed(source, 0, error) from error

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """Give a descriptor of a surveyed file, standing at `offset`."""
        parts = tuple(source.path.split(b"/"))
        try:
            folder = self.descend(parts[:-1])
            try:
                fd = os.open(parts[-1], FILE_FLAGS, dir_fd=folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._lost(parts, 0, error) from error
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise NotAFile(path=source.shown, what="special entry", what_zh="特殊条目")
            if offset:
                os.lseek(fd, offset, os.SEEK_SET)
            yield fd
        finally:
            os.close(fd)

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What about the file changed since the survey, or None."""
        try:
            now = os.fstat(descriptor)
        except OSError as error:
            raise self.failed(source, source.size_bytes, error) from error
        if now.st_size != source.size_bytes:
            return f"its size went from {source.size_bytes} to {now.st_size} bytes"
        if now.st_mtime_ns != source.mtime_ns:
            return "its modify time moved"
        return None

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report for a failed read: a bad sector, or a card that is gone."""
        return self._lost(tuple(source.path.split(b"/")), offset, error)

    def _lost(self, parts: tuple[bytes, ...], offset: int, error: OSError) -> StationError:
        """A card that is gone is another thing than a bad place on it."""
        path = shown_path(b"/".join(parts)) or str(self.root)
        if error.errno in GONE:
            return CardGone(path=path)
        try:
            root = self._own_root()
            try:
                os.listdir(root)
                here = os.path.samestat(self.root.stat(), os.fstat(root)) and self._alive()
            finally:
                os.close(root)
        except OSError:
            here = False
        if not here:
            return CardGone(path=path)
        return CardUnreadable(path=path, offset=offset, reason=error.strerror or error)

    def descend(self, parts: tuple[bytes, ...]) -> int:
        """Open a folder level by level, following no link and never going up."""
        if not NOT_BELOW.isdisjoint(parts):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return descended(self._own_root(), parts)

    def _own_root(self) -> int:
        """The root in a descriptor of its own: one that another thread closes may at once belong to another card."""
        with self._lock:
            return os.dup(self._root)


def descended(folder: int, parts: Iterable[bytes]) -> int:
    """Open the folder that lies below an open one, level by level, following no link; the others are closed."""
    for part in parts:
        try:
            below = os.open(part, FOLDER_FLAGS, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def seen_in(folder: int, name: bytes) -> os.stat_result:
    """What stands under a name in an open folder, which is closed; no link is followed."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    finally:
        os.close(folder)


def remove_from(folder: int, name: bytes, path: bytes) -> None:
    """Remove a plain file from an open folder, which is closed, for good. `path` is what `EraseRefused` tells."""
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise EraseRefused(path=shown_path(path), reason="it is no file")
        os.unlink(name, dir_fd=folder)
        os.fsync(folder)
    finally:
        os.close(folder)


def _edges(descriptor: int, size_bytes: int) -> str:
    """The SHA-256 of the first and last EDGE_BYTES."""
    digest = hashlib.sha256(os.pread(descriptor, EDGE_BYTES, 0))
    if size_bytes > EDGE_BYTES:
        digest.update(os.pread(descriptor, EDGE_BYTES, max(EDGE_BYTES, size_bytes - EDGE_BYTES)))
    return digest.hexdigest()


def footage_or_all(
    found: Iterable[Entry], footage: Footage, everything: Callable[[], Iterable[Entry]]
) -> Iterator[Entry]:
    """What was found, if any of it lies in a footage folder (取证目录); else all of the card, listed anew."""
    waiting: list[Entry] | None = []
    for entry in found:
        if waiting is not None and not isinstance(entry, Skipped) and footage.contains(entry.path):
            yield from waiting
            waiting = None
        if waiting is None:
            yield entry
        else:
            waiting.append(entry)
    if waiting is not None:
        yield from everything()
