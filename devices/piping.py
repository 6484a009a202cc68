"""A file of an MTP recorder as a pipe (管道): a thread asks for piece after piece, the reader reads a descriptor.

Shapes: one thread a pipe, at most PIECE_BYTES and the system's pipe buffer in memory. A pipe has no errors: its reader
sees the end, and `is_read` then tells what ended it. A recorder that only gives whole files is read from the
start, and what lies before the offset is thrown away. Closing never waits longer than CLOSE_S for a silent device.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Protocol

PIECE_BYTES = 1 << 20
CLOSE_S = 10.0
END_S = 10.0
"""So long the next piece may take to come, and the thread to end once its reader has seen the end."""


class Pieces(Protocol):
    """The part of `devices.mtp_tree.Session` that reads."""

    def read(self, folder: str, name: str, offset: int, into: memoryview) -> int:
        """Fill a buffer from `offset`; return how many bytes came, 0 at the end."""

    def pour(self, folder: str, name: str, descriptor: int) -> None:
        """Write the whole file into a descriptor."""


class Pipe:
    """`descriptor` gives the bytes of a file from an offset on, `size_bytes` at most; use as a context manager.

    `reached` is the place in the file up to which the recorder gave bytes, `whole_only` whether it gives no pieces,
    `error` what ended it too early.
    """

    def __init__(self, session: Pieces, place: tuple[str, str], size_bytes: int, offset: int) -> None:
        self.reached, self.whole_only = offset, False
        self.error: OSError | None = None
        self._session, self._place, self._size = session, place, size_bytes
        self.descriptor, self._sink = os.pipe2(os.O_CLOEXEC)
        with suppress(OSError):  # a limit of the system: smaller works too
            fcntl.fcntl(self._sink, fcntl.F_SETPIPE_SZ, PIECE_BYTES)
        self._thread = threading.Thread(target=self._run, name="mtp", daemon=True)

    def __enter__(self) -> Pipe:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self.descriptor)
        self._thread.join(CLOSE_S)

    def is_read(self) -> bool:
        """Whether its reader took all there is, or all there will be is in the pipe; raises what ended it too early.

        Bytes that wait while more may come: the reader is not through, and may never want to be.
        """
        waiting = select.poll()
        waiting.register(self.descriptor, select.POLLIN)
        events = dict(waiting.poll(END_S * 1000)).get(self.descriptor, 0)
        if events & select.POLLIN and not events & select.POLLHUP:
            return False
        self._thread.join(END_S if events else 0)
        if self._thread.is_alive():
            raise OSError(errno.ETIMEDOUT, "the end of the file does not come")
        if self.error is not None:
            raise self.error
        return True

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        try:
            try:
                self._in_pieces()
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP or self.whole_only:
                    raise
                self.whole_only = True
                self._as_a_whole()
        except BrokenPipeError:
            pass  # the reader has had enough
        except OSError as error:
            self.error = error
        finally:
            os.close(self._sink)

    def _in_pieces(self) -> None:
        buffer = memoryview(bytearray(min(PIECE_BYTES, max(1, self._size - self.reached))))
        while self.reached < self._size:
            got = self._session.read(*self._place, self.reached, buffer[: self._size - self.reached])
            if not got:
                return
            self._give(buffer[:got])

    def _as_a_whole(self) -> None:
        skip = self.reached
        with self._poured() as whole:
            while piece := os.read(whole, PIECE_BYTES):
                kept = piece[skip:]
                skip -= min(skip, len(piece))
                self._give(memoryview(kept))

    @contextmanager
    def _poured(self) -> Iterator[int]:
        """The whole file from its start; raises at the end what ended it too early."""
        source, sink = os.pipe2(os.O_CLOEXEC)
        errors: list[OSError] = []

        def pour() -> None:
            try:
                self._session.pour(*self._place, sink)
            except OSError as error:
                errors.append(error)
            finally:
                os.close(sink)

        thread = threading.Thread(target=pour, name="mtp-whole", daemon=True)
        thread.start()
        try:
            yield source
        finally:
            os.close(source)
            thread.join(CLOSE_S)
        if errors:
            raise errors[0]

    def _give(self, piece: memoryview) -> None:
        self.reached += len(piece)  # before the reader can have any of it, and ask
        while piece:
            piece = piece[os.write(self._sink, piece) :]
