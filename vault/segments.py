"""Originals encrypted in segments (分段加密): read from anywhere, and nothing in them moved, cut or swapped unseen.

Source: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM; docs/encryption.md.
Shapes: a header of 32 bytes (`EVDSEG01`, bytes of plain a segment as 4 bytes big-endian, 4 zero bytes, the id of the
wrapping key in 16 ASCII digits), then segments of 1 MiB each with a tag of 16 bytes; the last may be shorter, and is
empty only where the original is. The nonce of a segment is 7 zero bytes, its number as 4 bytes big-endian, and 1 for
the last, else 0. Each segment also vouches for the header and the SHA-256 of the plain original.
One key is for one original: equal bytes under one key always give equal segments, so that a put can be begun again.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.seekable import Seekable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FORMAT = "evidock.segments/1"
MAGIC = b"EVDSEG01"
HEADER_BYTES = 32
SEGMENT_BYTES = 1 << 20
TAG_BYTES = 16
WHOLE_BYTES = SEGMENT_BYTES + TAG_BYTES
SEGMENTS_MAX = 1 << 32


@dataclass(frozen=True, slots=True)
class Cipher:
    """One original's key, and what its segments vouch for besides: header and plain digest."""

    aead: AESGCM
    header: bytes
    plain_sha256: bytes

    def seal(self, number: int, is_last: bool, plain: bytes) -> bytes:
        """One segment with its tag."""
        # Bound to header and plain digest: a segment of another original opens in no place of this one.
        return self.aead.encrypt(nonce(number, is_last), plain, self.header + self.plain_sha256)

    def unseal(self, number: int, is_last: bool, segment: bytes, into: memoryview) -> None:
        """One segment's plain bytes; raises OSError, and leaves zeros, where it is not what was sealed there."""
        try:
            self.aead.decrypt_into(nonce(number, is_last), segment, self.header + self.plain_sha256, into)
        except InvalidTag as error:
            into[:] = bytes(len(into))
            raise damaged(f"segment {number} is not what was sealed") from error


def cipher(key: bytes, wrapping_key: str, plain_sha256: str) -> Cipher:
    """The cipher of one original."""
    header = MAGIC + SEGMENT_BYTES.to_bytes(4, "big") + bytes(4) + wrapping_key.encode("ascii")
    assert len(header) == HEADER_BYTES
    return Cipher(AESGCM(key), header, bytes.fromhex(plain_sha256))


def nonce(number: int, is_last: bool) -> bytes:
    """Twelve bytes that are never the same for two segments of one original."""
    # A key is one original's alone, so a number is enough; the last byte keeps a cut between two segments from
    # passing for the end.
    return bytes(7) + number.to_bytes(4, "big") + bytes([is_last])


def damaged(what: str) -> OSError:
    """What a reader is told of bytes that are not what was sealed."""
    return OSError(errno.EBADMSG, what)


def plain_size(sealed_bytes: int) -> int:
    """How many bytes the original of an object of that size has; -1 where no original gives such a size."""
    rest = sealed_bytes - HEADER_BYTES
    segments = -(-rest // WHOLE_BYTES)
    size_bytes = rest - segments * TAG_BYTES
    fits = size_bytes >= 0 and segments >= 1 and (size_bytes > 0 or segments == 1)
    return size_bytes if fits and max(1, -(-size_bytes // SEGMENT_BYTES)) == segments else -1


def sealed(source: BinaryIO, size_bytes: int, key: Cipher) -> Iterator[bytes]:
    """Header and segments of an original of that size, in order; one that is shorter or longer raises OSError."""
    yield key.header
    count = max(1, -(-size_bytes // SEGMENT_BYTES))
    assert count <= SEGMENTS_MAX
    for number in range(count):
        wanted = min(SEGMENT_BYTES, size_bytes - number * SEGMENT_BYTES)
        plain = source.read(wanted)
        if len(plain) != wanted:
            raise damaged("the copy became shorter while it was read")
        yield key.seal(number, number == count - 1, plain)
    if source.read(1):
        raise damaged("the copy became longer while it was read")


class SegmentReader(Seekable):
    """The plain original over an object of sealed segments; one segment is in memory. Raises OSError for damage."""

    def __init__(self, file: BinaryIO, sealed_bytes: int, key: Cipher) -> None:
        super().__init__(plain_size(sealed_bytes))
        self._file, self._key = file, key
        self._number, self._plain = -1, bytearray()
        if self._size_bytes < 0 or file.read(HEADER_BYTES) != key.header:
            raise damaged("it does not begin or end like sealed segments under this key")
        self._count = max(1, -(-self._size_bytes // SEGMENT_BYTES))

    def fileno(self) -> int:
        """The descriptor of the sealed file, for asking the system about its memory; reading it gives no plain byte."""
        return self._file.fileno()

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer from one segment; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        if self._at >= self._size_bytes:
            self._open(self._count - 1)  # an end is believed only where the last segment says so
            return 0
        number, inside = divmod(self._at, SEGMENT_BYTES)
        size_bytes = self._plain_bytes(number)
        if not inside and number != self._number and len(view) >= size_bytes:
            self._unseal(number, view[:size_bytes])  # a whole reading: nothing is kept, nothing is copied
            self._at += size_bytes
            return size_bytes
        self._open(number)
        piece = memoryview(self._plain)[inside : inside + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Let the object go."""
        self._plain = bytearray()
        self._file.close()
        super().close()

    def _plain_bytes(self, number: int) -> int:
        return min(SEGMENT_BYTES, self._size_bytes - number * SEGMENT_BYTES)

    def _open(self, number: int) -> None:
        """Have the plain bytes of a segment at hand."""
        if number == self._number:
            return
        self._number = -1
        size_bytes = self._plain_bytes(number)
        if len(self._plain) != size_bytes:
            self._plain = bytearray(size_bytes)
        self._unseal(number, memoryview(self._plain))
        self._number = number

    def _unseal(self, number: int, into: memoryview) -> None:
        place = HEADER_BYTES + number * WHOLE_BYTES
        if self._file.tell() != place:
            self._file.seek(place)
        segment = self._file.read(len(into) + TAG_BYTES)
        if len(segment) != len(into) + TAG_BYTES:
            raise damaged(f"segment {number} is cut off")
        self._key.unseal(number, number == self._count - 1, segment, into)


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of what a file gives from here on."""
    digest = hashlib.sha256()
    while data := file.read(SEGMENT_BYTES):
        digest.update(data)
    return digest.hexdigest()
