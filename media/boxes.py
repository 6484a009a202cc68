"""Boxes of MP4, MOV and 3GP files (容器的盒), found one header at a time and within limits.

Source: ISO/IEC 14496-12, 4.2 (size, type, 64-bit size; size 0 runs to the end of what holds it). Shapes: a file and a
range -> boxes in file order; a header that makes no sense ends the walk, a box that runs past its holder is cut there.
Nothing is read but headers and what is asked for, and what is past a limit reads as nothing. Units: bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

WALK_BYTES_MAX = 3 * 1024 * 1024
"""A walk through all headers and the tables of a small track; a film of hours needs a few hundred kilobytes."""
READS_MAX = 20_000
"""A film with a picture, sound and four other tracks takes some three hundred."""
BOXES_MAX = 10_000
"""How many boxes one holder may have: a fragmented film of hours has two a second."""
HEADER_BYTES = 8
LONG_HEADER_BYTES = 16


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, where its body begins and ends, and how much of it its holder has no room for."""

    kind: bytes
    start: int
    end: int
    missing_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """How long its body is."""
        return self.end - self.start


class BoundedFile:
    """A seekable file that gives at most `bytes_max` bytes in at most `reads_max` reads, and then nothing more."""

    def __init__(self, file: BinaryIO, bytes_max: int = WALK_BYTES_MAX, reads_max: int = READS_MAX) -> None:
        self._file = file
        self._bytes_left = bytes_max
        self._reads_left = reads_max
        self.size_bytes = file.seek(0, os.SEEK_END)

    def read_at(self, at: int, size_bytes: int) -> bytes:
        """Return what stands at `at`: fewer bytes at the end of the file, none where a limit is met."""
        size_bytes = min(size_bytes, self.size_bytes - at)
        if at < 0 or size_bytes <= 0 or size_bytes > self._bytes_left or self._reads_left <= 0:
            return b""
        self._bytes_left -= size_bytes
        self._reads_left -= 1
        self._file.seek(at)
        return self._file.read(size_bytes)

    def body(self, box: Box, size_bytes_max: int) -> bytes:
        """Return the beginning of a box's body."""
        return self.read_at(box.start, min(box.size_bytes, size_bytes_max))


def boxes(file: BoundedFile, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that stand between `start` and `end`, one after the other."""
    end = min(end, file.size_bytes)
    for _ in range(BOXES_MAX):
        header = file.read_at(start, min(LONG_HEADER_BYTES, end - start))
        if len(header) < HEADER_BYTES:
            return
        size, kind, header_bytes = int.from_bytes(header[:4], "big"), header[4:8], HEADER_BYTES
        if size == 1:
            size, header_bytes = int.from_bytes(header[8:], "big"), LONG_HEADER_BYTES
        elif size == 0:
            size = end - start
        if size < header_bytes or start + header_bytes > end:
            return
        yield Box(kind, start + header_bytes, min(start + size, end), max(0, start + size - end))
        start += size


def first(file: BoundedFile, holder: Box, *path: bytes) -> Box | None:
    """Return the first box at the end of this path of types below `holder`, or None."""
    found: Box | None = holder
    for kind in path:
        if found is None:
            return None
        found = next((box for box in boxes(file, found.start, found.end) if box.kind == kind), None)
    return found
