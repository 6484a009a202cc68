"""Files that many threads read from anywhere (随机读取), a few of them open at a time.

Shapes: a key names a file, and a function opens it when it is read; the longest unused one is closed when another needs
its place, and opened again at its next read. A plain file of the system is read at a place (pread), past any buffer; of
object storage, or sealed in segments, no more is read than the range asked for and what comes with it.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Hashable
from typing import BinaryIO

from catalog.station_error import StationError

OPEN_MAX = 64


class OpenFiles:
    """The files that are open; how to open one is told at each read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files = dict[Hashable, _File]()

    def read_at(self, key: Hashable, opened: Callable[[], BinaryIO], begin: int, size_bytes: int) -> bytes:
        """Up to so many bytes from a place in the file. Raises `OSError`, and what opening raises."""
        with self._lock:
            file = self._files[key] = self._files.pop(key) if key in self._files else _File()
            unused = self._files.pop(next(iter(self._files))) if len(self._files) > OPEN_MAX else None
        if unused is not None:
            unused.close()
        return file.read_at(opened, begin, size_bytes)

    def read_at_once(self, key: Hashable, begin: int, size_bytes: int) -> memoryview:
        """So many bytes of a plain file that is open, out of memory; raises `BlockingIOError` where that would wait."""
        with self._lock:
            file = self._files.get(key)
        if file is None:
            raise BlockingIOError
        return file.read_at_once(begin, size_bytes)

    def close(self, key: Hashable) -> None:
        """Let a file go."""
        with self._lock:
            file = self._files.pop(key, None)
        if file is not None:
            file.close()


class _File:
    """An open file, closed by whoever needs the place, also between two reads of another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None

    def read_at(self, opened: Callable[[], BinaryIO], begin: int, size_bytes: int) -> bytes:
        with self._lock:
            if self._file is None:
                self._file = opened()
            try:
                if _is_plain(self._file):
                    return os.pread(self._file.fileno(), size_bytes, begin)
                self._file.seek(begin)
                return self._file.read(size_bytes)
            except (OSError, StationError):
                self._let_go()  # the next read begins with a fresh one
                raise

    def read_at_once(self, begin: int, size_bytes: int) -> memoryview:
        if not self._lock.acquire(blocking=False):
            raise BlockingIOError
        try:
            if self._file is None or not _is_plain(self._file):
                raise BlockingIOError
            piece = memoryview(bytearray(size_bytes))
            if os.preadv(self._file.fileno(), [piece], begin, os.RWF_NOWAIT) < size_bytes:
                raise BlockingIOError
            return piece
        except OSError as error:  # also where a file system knows no such read
            raise BlockingIOError from error
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


def _is_plain(file: BinaryIO) -> bool:
    """Whether it is a file of the system, read as it lies there."""
    return isinstance(getattr(file, "raw", None), io.FileIO)
