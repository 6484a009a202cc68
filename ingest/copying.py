"""One read of the source feeds the copy, SHA-256 and SM3 (边读边算).

Two lanes: this thread reads, writes and computes SHA-256; a second one computes SM3, which is the slowest part,
so one large file uses two processors. Buffers go round in a ring of fixed size: memory does not grow with the
file. Units: bytes.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes

from catalog.evidence import Digest
from vault.durable import write_all

BUFFER_BYTES = 1 << 20
BUFFERS = 6
FLUSH_BYTES = 16 << 20
"""After so many bytes the kernel is asked to start writing, so that the last sync has little left to do."""


class Sm3Lane:
    """Computes SM3 in a thread of its own; gives each buffer back to `free` when it is done with it."""

    def __init__(self, free: queue.SimpleQueue[bytearray]) -> None:
        self._free = free
        self._work: queue.SimpleQueue[tuple[bytearray, int] | None] = queue.SimpleQueue()
        self._hash = hashes.Hash(hashes.SM3())
        self._thread = threading.Thread(target=self._run, name="sm3", daemon=True)
        self._thread.start()

    def feed(self, buffer: bytearray, size: int) -> None:
        """Take over a buffer that holds `size` bytes."""
        self._work.put((buffer, size))

    def finish(self) -> str:
        """The digest over everything fed, in hexadecimal."""
        self._work.put(None)
        self._thread.join()
        return self._hash.finalize().hex()

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            buffer, size = item
            self._hash.update(memoryview(buffer)[:size])
            self._free.put(buffer)


def copy_hashing(
    read: Callable[[bytearray], int], target: int, size_bytes: int, progress: Callable[[int], None]
) -> tuple[Digest, int]:
    """Copy all that `read` gives into the descriptor `target`; returns both digests and the bytes copied.

    `read` fills a buffer and returns how much, 0 at the end. What it or the target raises comes through.
    """
    buffer_bytes = max(1, min(BUFFER_BYTES, size_bytes + 1))
    free: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
    for _ in range(BUFFERS if size_bytes >= BUFFER_BYTES else 2):
        free.put(bytearray(buffer_bytes))
    lane, sha256, copied, flushed = Sm3Lane(free), hashlib.sha256(), 0, 0
    try:
        while True:
            buffer = free.get()
            size = read(buffer)
            if not size:
                break
            view = memoryview(buffer)[:size]
            sha256.update(view)
            write_all(target, view)
            view.release()
            lane.feed(buffer, size)
            copied += size
            if copied - flushed >= FLUSH_BYTES:
                os.posix_fadvise(target, flushed, copied - flushed, os.POSIX_FADV_DONTNEED)
                flushed = copied
            progress(size)
    finally:
        sm3 = lane.finish()
    return Digest(sha256.hexdigest(), sm3), copied


def sha256_of(descriptor: int) -> str:
    """Read a file from its start, from the disk and not from memory where the system allows it."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(descriptor, 0, os.SEEK_SET)
    sha256, buffer = hashlib.sha256(), bytearray(BUFFER_BYTES)
    while size := os.readv(descriptor, [buffer]):
        sha256.update(memoryview(buffer)[:size])
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return sha256.hexdigest()


def both_digests(
    read: Callable[[bytearray], int], size_bytes: int, progress: Callable[[int], None]
) -> tuple[Digest, int]:
    """Both digests of a stream, without a copy."""
    sink = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        return copy_hashing(read, sink, size_bytes, progress)
    finally:
        os.close(sink)
