"""The segments of a JPEG (照片分段): where EXIF, XMP and newsrooms' fields lie, without reading the picture.

Sources: ITU-T T.81, annex B (markers, two bytes of length); EXIF 2.32 and Adobe XMP part 3 (APP1); IPTC in APP13.
Shapes: a file -> at most SEGMENTS_MAX segments in file order, until the picture begins. Units: bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from media.boxes import AHEAD_BYTES, BoundedFile

SEGMENTS_MAX = 200
FILL_BYTES_MAX = 16
"""So many bytes 0xFF may stand before a marker."""
BEGINS = b"\xff\xd8"
APP1, APP13 = 0xE1, 0xED
EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_STARTS_PICTURE, _ENDS = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


class Segment(NamedTuple):
    """One segment: its marker, and where its body begins and ends."""

    marker: int
    start: int
    end: int


def segments(file: BoundedFile) -> Iterator[Segment]:
    """Yield the segments before the picture; none if this is no JPEG."""
    file.read_ahead(0, AHEAD_BYTES)
    if file.read_at(0, 2) != BEGINS:
        return
    at = 2
    for _ in range(SEGMENTS_MAX):
        at += _fill_bytes(file, at)
        head = file.read_at(at, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_STARTS_PICTURE, _ENDS):
            return
        if head[1] in _ALONE:
            at += 2
            continue
        size = int.from_bytes(head[2:], "big")
        if size < 2:
            return
        yield Segment(head[1], at + 4, min(at + 2 + size, file.size_bytes))
        at += 2 + size


def _fill_bytes(file: BoundedFile, at: int) -> int:
    """Return how many bytes of filling stand before the marker at `at`."""
    if file.read_at(at, 2) != b"\xff\xff":
        return 0
    run = file.read_at(at, FILL_BYTES_MAX)
    return len(run) - len(run.lstrip(b"\xff")) - 1
