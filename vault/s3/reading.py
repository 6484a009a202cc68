"""Bytes out of a bucket: one version of one object as a file to read and seek in.

Shapes: asked for in windows that grow while reading goes straight on, so that a look at a box of a film costs little
and a whole film few requests. A connection that breaks is made again where it broke.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vault.errors import VaultDenied, VaultUnreachable
from vault.s3.responses import demand_version
from vault.s3.wire import EMPTY, Refused, Stream, Wire
from vault.seekable import Seekable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FIRST_BYTES = 1 << 20
LARGEST_BYTES = 64 << 20
GROWTH = 4
BUFFER_BYTES = 1 << 18


class ObjectReader(Seekable):
    """One version of one object as a file. Every request names the version: later ones under its key are not seen."""

    def __init__(self, wire: Wire, name: str, version: str, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._wire, self._object, self._version = wire, name, version
        self._stream: Stream | None = None
        self._left_bytes = 0
        self._window_bytes = FIRST_BYTES

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as bytes come at once; 0 at the end. Raises `VaultUnreachable`."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size_bytes - self._at)
        if wanted <= 0:
            return 0
        data = self._surely(wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let the connection go."""
        self._let_go()
        super().close()

    # ------------------------------------------------------------------ inside

    def _leave(self) -> None:
        self._let_go()
        self._window_bytes = FIRST_BYTES

    def _surely(self, wanted: int) -> bytes:
        for tried in range(1, self._wire.patience.tries):
            try:
                return self._some(wanted)
            except VaultUnreachable:
                self._let_go()
                self._wire.pause(tried)
        return self._some(wanted)

    def _some(self, wanted: int) -> bytes:
        if self._stream is None:
            self._left_bytes = min(self._window_bytes, self._size_bytes - self._at)
            span = f"{self._at}-{self._at + self._left_bytes - 1}"
            stream = self._stream = self._opened(span)
            self._window_bytes = min(self._window_bytes * GROWTH, LARGEST_BYTES)
            said = stream.headers.get("content-range", "nothing") if stream.status == 206 else str(stream.status)
            is_whole = stream.status == 200 and (self._at, self._left_bytes) == (0, self._size_bytes)
            if not is_whole and said != f"bytes {span}/{self._size_bytes}":
                raise VaultUnreachable(reason=f"{self._object}: {span} was answered with {said}")
        data = self._stream.read(min(wanted, self._left_bytes))
        if not data:
            raise VaultUnreachable(reason=f"{self._object} ends at byte {self._at} of {self._size_bytes}")
        self._left_bytes -= len(data)
        if self._left_bytes == 0:
            self._let_go()
        return data

    def _opened(self, span: str) -> Stream:
        try:
            return opened(self._wire, self._object, self._version, {"Range": f"bytes={span}"})
        except Refused as error:
            raise VaultDenied(what=f"to read {self._object}", reason=str(error)) from error

    def _let_go(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None


def opened(wire: Wire, name: str, version: str, headers: Mapping[str, str]) -> Stream:
    """The bytes of this very version as they come. Raises `VaultUnreachable`, `Refused`."""
    stream = wire.open(name, {"versionId": version}, headers)
    try:
        with wire.door(name):
            demand_version(stream.headers, version)
    except VaultUnreachable:
        stream.close()
        raise
    return stream


def digest_of(wire: Wire, name: str, version: str, size_bytes: int) -> str:
    """SHA-256 of a whole version as it comes over the wire, in one request. Raises `VaultUnreachable`, `Refused`."""
    digest, length = hashlib.sha256(), 0
    stream = opened(wire, name, version, EMPTY)
    try:
        while length <= size_bytes and (data := stream.read(BUFFER_BYTES)):
            digest.update(data)
            length += len(data)
    finally:
        stream.close()
    if length != size_bytes:
        raise VaultUnreachable(reason=f"{name}: {length} bytes came, not {size_bytes}")
    return digest.hexdigest()
