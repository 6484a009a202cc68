"""Boxes of MP4, MOV and 3GP files (容器的盒), found one header at a time and within limits.

Source: ISO/IEC 14496-12, 4.2 (size, type, 64-bit size; size 0 runs to the end of what holds it). Shapes: a file and a
range -> boxes in file order; a header that makes no sense ends the walk, a box that runs past its holder is cut there.
Nothing is read but headers and what is asked for, but that within one box, the index, a header brings what follows it
along; what is past a limit reads as nothing. Units: bytes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

WALK_BYTES_MAX = 3 * 1024 * 1024
"""A walk through all headers and the tables of a small track; a film of hours needs a few hundred kilobytes."""
READS_MAX = 20_000
"""A film with a picture, sound and four other tracks takes some three hundred."""
BOXES_MAX = 10_000
"""How many boxes one holder may have: a fragmented film of hours has two a second."""
HEADER_BYTES = 8
LONG_HEADER_BYTES = 16
AHEAD_BYTES = 4096
"""A page: reading it costs hardly more than reading a header of it."""

_HEADER = struct.Struct(">I4s")


class Box(NamedTuple):
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
        self._ahead_from = self._ahead_to = 0
        self._page, self._page_from, self._page_to = b"", 0, 0
        self.size_bytes = file.seek(0, os.SEEK_END)

    def read_ahead(self, start: int, end: int) -> None:
        """Between `start` and `end`, where one header follows the other, read a page at a time from now on."""
        self._ahead_from, self._ahead_to = start, min(end, self.size_bytes)

    def read_at(self, at: int, size_bytes: int) -> bytes:
        """Return what stands at `at`: fewer bytes at the end of the file, none where a limit is met."""
        if self._page_from <= at and at + size_bytes <= self._page_to and size_bytes > 0 and self._reads_left > 0:
            self._reads_left -= 1
            return self._page[at - self._page_from : at - self._page_from + size_bytes]
        size_bytes = min(size_bytes, self.size_bytes - at)
        if at < 0 or size_bytes <= 0:
            return b""
        if self._ahead_from <= at and at + size_bytes <= self._ahead_to and size_bytes < AHEAD_BYTES:
            page = self._read(at, min(AHEAD_BYTES, self._ahead_to - at))
            self._page, self._page_from, self._page_to = page, at, at + len(page)
            if page:
                return page[:size_bytes]
        return self._read(at, size_bytes)

    def body(self, box: Box, size_bytes_max: int) -> bytes:
        """Return the beginning of a box's body."""
        return self.read_at(box.start, min(box.size_bytes, size_bytes_max))

    def _read(self, at: int, size_bytes: int) -> bytes:
        if size_bytes > self._bytes_left or self._reads_left <= 0:
            return b""
        self._bytes_left -= size_bytes
        self._reads_left -= 1
        self._file.seek(at)
        return self._file.read(size_bytes)


def boxes(file: BoundedFile, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that stand between `start` and `end`, one after the other."""
    end = min(end, file.size_bytes)
    for _ in range(BOXES_MAX):
        header = file.read_at(start, min(end - start, LONG_HEADER_BYTES))
        if len(header) < HEADER_BYTES:
            return
        (size, kind), header_bytes = _HEADER.unpack_from(header), HEADER_BYTES
        if size == 1:
            size, header_bytes = int.from_bytes(header[8:], "big"), LONG_HEADER_BYTES
        elif size == 0:
            size = end - start
        if size < header_bytes or start + header_bytes > end:
            return
        after = start + size
        if after <= end:
            yield Box(kind, start + header_bytes, after)
        else:
            yield Box(kind, start + header_bytes, end, after - end)
        start = after


def first(file: BoundedFile, holder: Box, *path: bytes) -> Box | None:
    """Return the first box at the end of this path of types below `holder`, or None."""
    found = holder
    for kind in path:
        for box in boxes(file, found.start, found.end):
            if box.kind == kind:
                found = box
                break
        else:
            return None
    return found


def firsts(file: BoundedFile, holder: Box) -> dict[bytes, Box]:
    """Return the first box of each type directly in `holder`."""
    found: dict[bytes, Box] = {}
    for box in boxes(file, holder.start, holder.end):
        found.setdefault(box.kind, box)
    return found
