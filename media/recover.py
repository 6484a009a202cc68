"""What still plays of a clip cut off before its index was written (残缺视频恢复), found with a whole clip's help.

Sources: ISO/IEC 14496-15 (NAL units behind their lengths), ITU-T H.264 and H.265, 7.3 and 7.4 (headers, emulation
prevention: 00 00 00, 00 00 01, 00 00 02 never stand inside a unit); Novatek freeGPS blocks. Shapes: a damaged file and
a Reference -> the places of whole pictures, in file order, and of what lies between them: sound. A picture that was cut
is left out. The damaged file is only read. Units: bytes.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from media.boxes import BoundedFile, boxes
from media.errors import NothingRecovered
from media.reference import HEAD_BYTES, UNITS_MAX, Reference, is_slice, signature

PIECES_MAX = 2_000_000
"""Pictures of ten hours, and the sound between them."""
WINDOW_BYTES, BEGINNING_BYTES_MAX = 64 * 1024 * 1024, 64
FREE_GPS = re.compile(rb"(?=\x00[\x00-\x01].{2}freeGPS )", re.DOTALL)
_FORBIDDEN = re.compile(rb"\x00\x00[\x00-\x02]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole picture, or what lies between two (`is_picture` False); `is_key`: playing can begin here."""

    at: int
    size: int
    is_picture: bool
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was found between `start` and `end` of the damaged file."""

    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def pictures(self) -> int:
        """How many whole pictures there are."""
        return sum(piece.is_picture for piece in self.pieces)


def find(damaged: BinaryIO, reference: Reference, progress: Callable[[], object] = lambda: None) -> Found:
    """Find the pictures in a real file; raises `NothingRecovered`.

    `progress` is called again and again meanwhile; what it raises ends the search and is passed on.
    """
    start, end = _content(damaged)
    if end - start < reference.prefix_bytes + HEAD_BYTES:
        raise NothingRecovered(why="it ends before its first picture")
    with mmap.mmap(damaged.fileno(), 0, access=mmap.ACCESS_READ) as data:
        seeker = _Seeker(data, end, reference, progress)
        pieces = tuple(seeker.pieces(start))
    found = Found(start, end, pieces)
    if not found.pictures:
        raise NothingRecovered(why="no picture in it is written as in the whole clip it was compared with")
    return found


def _content(damaged: BinaryIO) -> tuple[int, int]:
    """Return from where to where the footage lies: the body of mdat, or all behind the last box that makes sense."""
    bounded = BoundedFile(damaged)
    at = 0
    for box in boxes(bounded, 0, bounded.size_bytes):
        if box.kind == b"mdat":
            return box.start, box.end if box.size_bytes else bounded.size_bytes
        at = box.end
    return at, bounded.size_bytes


class _Seeker:
    """Walks from unit to unit, and searches where no unit is."""

    def __init__(self, data: mmap.mmap, end: int, reference: Reference, progress: Callable[[], object]) -> None:
        self._data, self._end, self._reference, self._progress = data, end, reference, progress
        self._prefix, self._header = reference.prefix_bytes, reference.header_bytes
        self._beginning = _pattern(reference)

    def pieces(self, at: int) -> Iterator[Piece]:
        """Yield pictures and what lies between them."""
        between = at
        for _ in range(PIECES_MAX):
            self._progress()
            picture = self._picture(at)
            if picture is not None:
                if between < at:
                    yield from self._sound(between, at)
                yield picture
                at = between = at + picture.size
                continue
            beginning = self._next(at + 1)
            if beginning is None:
                break
            at = beginning
        if between < self._end:
            yield from self._sound(between, self._end)

    def _next(self, at: int) -> int | None:
        """Return where from here on a picture may begin; None if nowhere."""
        for begins in range(at, self._end, WINDOW_BYTES):
            ends = min(self._end, begins + WINDOW_BYTES)
            match = self._beginning.search(self._data, begins, min(self._end, ends + BEGINNING_BYTES_MAX))
            if match is not None and match.start() < ends:
                return match.start()
            self._progress()
        return None

    def _picture(self, at: int) -> Piece | None:
        """Return the picture that begins here, to its last unit; None if none does or it is not whole."""
        begins, is_key, slices = at, False, 0
        for number in range(UNITS_MAX):
            head = self._head(at)
            if head is None or not self._belongs(head, number, slices):
                break
            end = self._unit_end(at)
            if end is None:
                return None if number == 0 or self._is_cut(at) else self._ended(begins, at, slices, is_key)
            if number == 0 and not self._is_possible(at, end):
                return None
            at = end
            slices += is_slice(head, hevc=self._reference.hevc)
            is_key |= self._reference.is_key(head)
        return self._ended(begins, at, slices, is_key)

    def _ended(self, begins: int, ends: int, slices: int, is_key: bool) -> Piece | None:
        return Piece(begins, ends - begins, True, is_key) if slices else None

    def _belongs(self, head: bytes, number: int, slices: int) -> bool:
        """Tell whether this unit begins a picture, or goes on with one that has so many units and slices."""
        reference = self._reference
        starts = signature(head, hevc=reference.hevc) in reference.begins
        if number == 0:
            return starts
        if head[: self._header] not in reference.follows:
            return False
        if is_slice(head, hevc=reference.hevc):
            return slices == 0 or (reference.sliced and not self._is_first(head))
        return slices == 0 or not starts

    def _head(self, at: int) -> bytes | None:
        """Return the first bytes of the unit whose length stands here."""
        head = self._data[at + self._prefix : min(self._end, at + self._prefix + HEAD_BYTES)]
        return head if len(head) == HEAD_BYTES else None

    def _is_first(self, head: bytes) -> bool:
        """Tell whether a slice is the first of its picture."""
        return bool(head[self._header] & 0x80)

    def _length(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + self._prefix], "big")

    def _unit_end(self, at: int) -> int | None:
        length = self._length(at)
        end = at + self._prefix + length
        return end if 2 <= length <= self._reference.unit_bytes_max and end <= self._end else None

    def _is_cut(self, at: int) -> bool:
        """Tell whether one more part of a picture begins here that the file has no room for."""
        if not self._reference.sliced:
            return False
        length = self._length(at)
        return 2 <= length <= self._reference.unit_bytes_max and at + self._prefix + length > self._end

    def _is_possible(self, at: int, end: int) -> bool:
        """Tell whether what lies here can be a unit at all; zeros at its end are only filling."""
        return _FORBIDDEN.search(self._data[at + self._prefix : end].rstrip(b"\0")) is None

    def _sound(self, start: int, end: int) -> Iterator[Piece]:
        """Yield what lies between two pictures, without the blocks of positions some recorders put there."""
        for match in FREE_GPS.finditer(self._data, start, end):
            at = match.start()
            if at < start:
                continue
            if at > start:
                yield Piece(start, at - start, False)
            start = min(end, at + int.from_bytes(self._data[at : at + 4], "big"))
        if start < end:
            yield Piece(start, end - start, False)


def _pattern(reference: Reference) -> re.Pattern[bytes]:
    """Return what the beginning of a picture looks like: a length that can be, and a signature that was seen."""
    most = min(reference.unit_bytes_max, 2 ** (8 * reference.prefix_bytes) - 1).to_bytes(reference.prefix_bytes, "big")
    zeros = len(most) - len(most.lstrip(b"\0"))
    length = b"\\x00" * zeros
    if zeros < len(most):
        length += b"[\\x00-%b].{%d}" % (re.escape(most[zeros : zeros + 1]), len(most) - zeros - 1)
    hevc = reference.hevc
    heads = {begin[:-1] for begin in reference.begins}
    ends = {
        head: [end for end in range(256) if signature(head + bytes([end]), hevc=hevc) in reference.begins]
        for head in heads
    }
    each = [
        re.escape(head) + b"[" + b"".join(re.escape(bytes([end])) for end in ends[head]) + b"]"
        for head in sorted(heads)
    ]
    return re.compile(b"(?=" + length + b"(?:" + b"|".join(each) + b"))", re.DOTALL)
