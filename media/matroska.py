"""What a Matroska or WebM file says about when it was recorded (Matroska 时间).

Source: RFC 9559 (Segment, Info, DateUTC: nanoseconds since 2001, in UTC by the standard, in local time by some
recorders) and RFC 8794 (EBML: identifiers and sizes of one to eight bytes; a size of ones runs to the end). Shapes: a
seekable file -> at most one claim; only headers down to Info are read. Units: bytes, nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from catalog.evidence import TimeClaim
from media.boxes import BoundedFile
from media.container_time import container_claim

HEAD = b"\x1aE\xdf\xa3"
ELEMENTS_MAX = 200
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_SEGMENT, _INFO, _DATE = 0x18538067, 0x1549A966, 0x4461
_HEAD_BYTES_MAX = 12


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: what it is, and where its body begins and ends."""

    kind: int
    start: int
    end: int


def matroska_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return what the file says; nothing if it is no Matroska file or has no date. An OSError of it is passed on."""
    bounded = BoundedFile(file)
    if bounded.read_at(0, len(HEAD)) != HEAD:
        return ()
    place = _Element(0, 0, bounded.size_bytes)
    for kind in (_SEGMENT, _INFO, _DATE):
        found = next((element for element in _elements(bounded, place) if element.kind == kind), None)
        if found is None:
            return ()
        place = found
    raw = bounded.read_at(place.start, min(8, place.end - place.start))
    if len(raw) < 8:
        return ()
    value = EPOCH + timedelta(microseconds=int.from_bytes(raw, "big", signed=True) // 1000)
    return (container_claim(f"DateUTC {value.isoformat()}", value, android=False),)


def _elements(file: BoundedFile, holder: _Element) -> Iterator[_Element]:
    at = holder.start
    for _ in range(ELEMENTS_MAX):
        head = file.read_at(at, min(_HEAD_BYTES_MAX, holder.end - at))
        kind_bytes = _width(head)
        size_bytes = _width(head[kind_bytes:])
        if not kind_bytes or not size_bytes or len(head) < kind_bytes + size_bytes:
            return
        size = int.from_bytes(head[kind_bytes : kind_bytes + size_bytes], "big") & ((1 << 7 * size_bytes) - 1)
        start = at + kind_bytes + size_bytes
        unknown = size == (1 << 7 * size_bytes) - 1
        at = holder.end if unknown else min(start + size, holder.end)
        yield _Element(int.from_bytes(head[:kind_bytes], "big"), start, at)


def _width(head: bytes) -> int:
    """Return how many bytes a number has that begins so: as many as zeros stand before its first one, and itself."""
    return 9 - head[0].bit_length() if head and head[0] else 0
