"""Which files of a folder hold still (文件是否静止): nothing about them changes, and nobody has them open for writing.

Shapes: files are known by their path below the folder, raw bytes; at most ENTRIES_MAX are looked at. Names of half-done
uploads are never still. Units: seconds of a steady clock, which the caller hands in; bytes, nanoseconds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from devices.junk import Junk, SkipRule
from devices.survey import ENTRIES_MAX, FILE_FLAGS

TEMPORARY = tuple(
    SkipRule(pattern, "an upload that is not done; taken once it is renamed", "尚未上传完成，改名后采集")
    for pattern in ("*.part", "*.tmp", "*.temp", "*.filepart", "*.partial", "*.crdownload", "*.upload", "*~", ".~*")
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looked, and since when it has looked so, on the steady clock."""

    size: int
    mtime_ns: int
    inode: int
    since: float

    def same(self, other: Look) -> bool:
        """Whether nothing has changed."""
        return (self.size, self.mtime_ns, self.inode) == (other.size, other.mtime_ns, other.inode)


class Stillness:
    """Remembers how files looked, and which of them were taken up; `unsettled` counts those still being written."""

    def __init__(self, still_s: float) -> None:
        self.unsettled = 0
        self._still_s = still_s
        self._temporary = Junk(TEMPORARY)
        self._seen: dict[bytes, Look] = {}
        self._taken: dict[bytes, Look] = {}

    def temporary(self, path: bytes) -> SkipRule | None:
        """The rule by which a file of this name is half an upload, or None."""
        return self._temporary.rule(path.rpartition(b"/")[2])

    def look(self, root: int, now: float) -> Mapping[bytes, Look]:
        """Look at every file below an open folder; those that hold still."""
        before, self._seen = self._seen, {}
        still = {}
        for path, look, folder in self._files(root, now):
            known = before.get(path)
            look = known if known is not None and known.same(look) else look
            self._seen[path] = look
            if now - look.since >= self._still_s and (self._is_taken(path, look) or not being_written(path, folder)):
                still[path] = look
        self._taken = {path: look for path, look in self._taken.items() if path in self._seen}
        self.unsettled = len(self._seen) - len(still)
        return still

    def any_new(self, still: Mapping[bytes, Look]) -> bool:
        """Whether one of them was not taken up as it is now."""
        return any(not self._is_taken(path, look) for path, look in still.items())

    def take(self, path: bytes, look: Look) -> None:
        """Note that a file was taken up: it is new again only when it changes."""
        self._taken[path] = look

    def next_s(self, now: float, at_most_s: float) -> float:
        """In how many seconds a file may come to rest."""
        rests = (
            look.since + self._still_s - now for path, look in self._seen.items() if not self._is_taken(path, look)
        )
        return min((rest for rest in rests if 0 < rest < at_most_s), default=at_most_s)

    def _is_taken(self, path: bytes, look: Look) -> bool:
        taken = self._taken.get(path)
        return taken is not None and taken.same(look)

    def _files(self, root: int, now: float) -> Iterator[tuple[bytes, Look, int]]:
        """Every plain file with the open folder it is in, without following links."""
        count = 0
        for folder, _, names, descriptor in os.fwalk(b".", dir_fd=root, follow_symlinks=False):
            for name in names:
                count += 1
                if count > ENTRIES_MAX:
                    return
                if self._temporary.rule(name) is not None:
                    continue
                with suppress(OSError):  # gone since it was listed
                    seen = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode):
                        path = b"/".join((*folder.split(b"/")[1:], name))
                        yield path, Look(seen.st_size, seen.st_mtime_ns, seen.st_ino, now), descriptor


def being_written(path: bytes, folder: int) -> bool:
    """Whether somebody has a file of an open folder open for writing; False where the file system does not tell.

    The question is a read lease, given back at once; it is refused while there is a writer. Whoever opens the file just
    then waits that long; the signal the system sends us for it is one that is ignored.
    """
    try:
        descriptor = os.open(path.rpartition(b"/")[2], FILE_FLAGS, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False
