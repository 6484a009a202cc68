"""One read of the source feeds the copy, SHA-256 and SM3 (边读边算).

Two lanes: this thread reads, writes and computes SHA-256; a second one computes SM3, which is the slowest part,
so one large file uses two processors. Buffers go round in a ring of fixed size: memory does not grow with the
file. Where the file system allows it, copies go past the page cache (O_DIRECT): that saves a tenth of the
processors' time, and what is read back comes from the disk and not from memory. Units: bytes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import mmap
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from catalog.evidence import Digest
from vault.durable import write_all
from vault.sm3 import sm3

BUFFER_BYTES = 1 << 20
BUFFERS = 3

Buffer = memoryview
"""A buffer begins at a page, as O_DIRECT asks for."""
Read = Callable[[Buffer], int]
"""Fills a buffer from its start and returns how much, 0 at the end; may fill less than there is."""


class Sm3Lane:
    """Computes SM3 in a thread of its own; gives each buffer back to `free` when it is done with it."""

    def __init__(self, free: queue.SimpleQueue[Buffer]) -> None:
        self._free = free
        self._work: queue.SimpleQueue[tuple[Buffer, int] | None] = queue.SimpleQueue()
        self._hash = sm3()
        self._thread = threading.Thread(target=self._run, name="sm3", daemon=True)
        self._thread.start()

    def feed(self, buffer: Buffer, size: int) -> None:
        """Take over a buffer that holds `size` bytes."""
        self._work.put((buffer, size))

    def finish(self) -> str:
        """The digest over everything fed, in hexadecimal."""
        self._work.put(None)
        self._thread.join()
        return self._hash.hexdigest()

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            buffer, size = item
            self._hash.update(buffer[:size])
            self._free.put(buffer)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a copy is surely right (断点): so many whole buffers, and the SHA-256 of what was read for them."""

    size_bytes: int
    sha256: str


Marked = Callable[[Mark], None]
"""Told after every whole buffer how far the copy is; nothing is synced yet."""


def copy_hashing(
    read: Read,
    target: int,
    size_bytes: int,
    progress: Callable[[int], None],
    *,
    resume: Mark | None = None,
    marked: Marked | None = None,
) -> tuple[Digest, int]:
    """Copy all that `read` gives into the descriptor `target`; returns both digests and the bytes copied.

    `size_bytes` is how much is expected. With `resume`, that much of the target is hashed instead of read, and `read`
    goes on behind it; raises `MarkBroken` if the target is not what the mark says. What `read` or the target raises
    comes through.
    """
    large = size_bytes >= BUFFER_BYTES
    free: queue.SimpleQueue[Buffer] = queue.SimpleQueue()
    for buffer in buffers(BUFFERS, BUFFER_BYTES) if large else buffers(2, size_bytes + 1):
        free.put(buffer)
    direct = large and past_the_cache(target, True)
    lane, sha256, copied = Sm3Lane(free), hashlib.sha256(), 0
    try:
        if resume is not None:
            copied = _hashed_again(target, resume, free, lane, sha256)
        while True:
            buffer = free.get()
            size = read(buffer)
            if not size:
                break
            piece = buffer[:size]
            sha256.update(piece)
            direct = direct and _written_directly(target, piece)
            if not direct:
                past_the_cache(target, False)
                write_all(target, piece)
            whole = size == len(buffer)
            lane.feed(buffer, size)
            copied += size
            if marked is not None and whole:
                marked(Mark(copied, sha256.copy().hexdigest()))
            progress(size)
    finally:
        of_lane = lane.finish()
    return Digest(sha256.hexdigest(), of_lane), copied


def buffers(count: int, size_bytes: int) -> list[Buffer]:
    """Make room to read into, in large pages where the kernel has them.

    What goes past the page cache pins every page it touches: large ones take half the processor's time.
    """
    step = -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, count * step, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    room = memoryview(memory)
    return [room[start : start + size_bytes] for start in range(0, count * step, step)]


class MarkBroken(Exception):
    """The part of a copy that was kept is not what its mark says."""


def _hashed_again(
    target: int, mark: Mark, free: queue.SimpleQueue[Buffer], lane: Sm3Lane, sha256: hashlib._Hash
) -> int:
    """Feed what the target holds to both digests; leaves the target open right behind it."""
    os.lseek(target, 0, os.SEEK_SET)
    left = mark.size_bytes
    while left:
        buffer = free.get()
        size = os.readv(target, [buffer[: min(left, len(buffer))]])
        if not size:
            free.put(buffer)
            break
        sha256.update(buffer[:size])
        lane.feed(buffer, size)
        left -= size
    if left or sha256.hexdigest() != mark.sha256:
        raise MarkBroken
    # What lies behind the mark was written, perhaps never synced, and is read from the card again.
    os.ftruncate(target, mark.size_bytes)
    os.lseek(target, mark.size_bytes, os.SEEK_SET)
    return mark.size_bytes


def sha256_of(descriptor: int) -> str:
    """Read a file from its start, from the disk and not from memory where the system allows it."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(descriptor, 0, os.SEEK_SET)
    past_the_cache(descriptor, True)
    sha256, (buffer,) = hashlib.sha256(), buffers(1, BUFFER_BYTES)
    while size := os.readv(descriptor, [buffer]):
        sha256.update(buffer[:size])
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return sha256.hexdigest()


def forget_cached(descriptor: int) -> None:
    """What is read next comes from the disk and not from memory, where there is a disk to ask."""
    with suppress(OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def both_digests(read: Read, size_bytes: int, progress: Callable[[int], None]) -> tuple[Digest, int]:
    """Both digests of a stream, without a copy."""
    sink = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        return copy_hashing(read, sink, size_bytes, progress)
    finally:
        os.close(sink)


def past_the_cache(descriptor: int, on: bool) -> bool:
    """Ask that a descriptor goes past the page cache, or no longer; whether it does now."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    wanted = flags | os.O_DIRECT if on else flags & ~os.O_DIRECT
    if wanted == flags:
        return on
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, wanted)
    except OSError:
        return False
    return on


def _written_directly(target: int, view: memoryview) -> bool:
    """Write one whole buffer past the cache; False, with nothing written, where that is not possible."""
    if len(view) != BUFFER_BYTES:
        return False
    try:
        written = os.write(target, view)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return False
        raise
    if written < len(view):
        past_the_cache(target, False)
        write_all(target, view[written:])
        past_the_cache(target, True)
    return True
