"""An MP4 whose index stands at its end, read as if it stood at its beginning (边读边重排), so that it plays at once.

Source: ISO/IEC 14496-12 (moov, stco, co64). Shapes: a seekable file -> a file of the same length with the same boxes,
moov behind ftyp and its places of chunks moved along; None where there is nothing to rearrange. Nothing is copied:
what is read is read from the original then. Units: bytes.
"""

from __future__ import annotations

import io
import os
import struct
from bisect import bisect_right
from typing import BinaryIO

from media.boxes import BoundedFile, Box, boxes

MOOV_BYTES_MAX = 64 * 1024 * 1024
"""The index of a film of a day."""
DEPTH = (b"trak", b"mdia", b"minf", b"stbl")
_TABLES = {b"stco": "I", b"co64": "Q"}


class _Joined(io.RawIOBase):
    """Pieces of memory and of a file, one behind the other, read as one file."""

    def __init__(self, file: BinaryIO, pieces: list[bytes | range]) -> None:
        super().__init__()
        self._file, self._pieces, self._at = file, pieces, 0
        self._begins, size = list[int](), 0
        for piece in pieces:
            self._begins.append(size)
            size += len(piece)
        self._size = size

    def readable(self) -> bool:
        """True: a file in memory can be read."""
        return True

    def seekable(self) -> bool:
        """True: a file in memory can be read from any place."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the base takes any buffer
        """Read up to the end of the piece this stands in."""
        if self._at >= self._size:
            return 0
        number = bisect_right(self._begins, self._at) - 1
        piece, inside = self._pieces[number], self._at - self._begins[number]
        size = min(len(buffer), len(piece) - inside)
        if isinstance(piece, bytes):
            data = piece[inside : inside + size]
        else:
            self._file.seek(piece[inside])
            data = self._file.read(size)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the original too."""
        if not self.closed:
            self._file.close()
        super().close()


def moov_first(file: BinaryIO) -> BinaryIO | None:
    """Return the same film with its index first; closing it closes `file`. None: leave it as it is."""
    bounded = BoundedFile(file, MOOV_BYTES_MAX + 1024 * 1024)
    top = list(boxes(bounded, 0, bounded.size_bytes))
    kinds = [box.kind for box in top]
    if kinds[:1] != [b"ftyp"] or kinds.count(b"moov") != 1 or b"moof" in kinds or any(box.missing_bytes for box in top):
        return None
    moov = top[kinds.index(b"moov")]
    if b"mdat" not in kinds[: kinds.index(b"moov")] or moov.size_bytes > MOOV_BYTES_MAX:
        return None
    begins = top[kinds.index(b"moov") - 1].end
    index = bytearray(bounded.read_at(begins, moov.end - begins))
    if len(index) != moov.end - begins or not _moved(index, moov.start - begins, begins):
        return None
    after = top[0].end
    pieces: list[bytes | range] = [
        range(after),
        bytes(index),
        range(after, begins),
        range(moov.end, bounded.size_bytes),
    ]
    return io.BufferedReader(_Joined(file, [piece for piece in pieces if len(piece)]))


def _moved(index: bytearray, body: int, moov_at: int) -> bool:
    """Add the index's own length to every place before where it stood; tell whether all of them have room for that."""
    held = BoundedFile(io.BytesIO(bytes(index)), 2 * MOOV_BYTES_MAX, 100_000)
    for table in _tables(held, Box(b"moov", body, len(index)), DEPTH):
        form = _TABLES[table.kind]
        count = int.from_bytes(index[table.start + 4 : table.start + 8], "big")
        at, most = table.start + 8, 2 ** (8 * struct.calcsize(f">{form}")) - 1
        if at + count * struct.calcsize(f">{form}") > table.end:
            return False
        places = struct.unpack_from(f">{count}{form}", index, at)
        moved = [place + len(index) if place < moov_at else place for place in places]
        if moved and max(moved) > most:
            return False
        struct.pack_into(f">{count}{form}", index, at, *moved)
    return True


def _tables(file: BoundedFile, holder: Box, path: tuple[bytes, ...]) -> list[Box]:
    inside = list(boxes(file, holder.start, holder.end))
    if not path:
        return [box for box in inside if box.kind in _TABLES]
    return [table for box in inside if box.kind == path[0] for table in _tables(file, box, path[1:])]
