"""What an MXF file says about when it was made (MXF 时间).

Source: SMPTE ST 377-1 (KLV: a key of 16 bytes, a BER length, a body; header metadata are sets of local tags of two
bytes and lengths of two; a timestamp is year, month, day, hour, minute, second and 1/250 s). Shapes: a seekable file ->
at most CLAIMS_MAX claims: when its packages were made, then when anything in it was changed; the header metadata alone
are read. Units: UTC by the standard, local time by many cameras.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

from catalog.evidence import TimeClaim
from media.boxes import BoundedFile
from media.capture_time import CHANGED, unzoned
from media.container_time import container_claim

CLAIMS_MAX = 6
SETS_MAX = 500
SET_BYTES_MAX = 16 * 1024
TAGS_MAX = 200
PARTITION = bytes.fromhex("060e2b34020501010d010201")
SET = bytes.fromhex("060e2b34025301010d010101")
MADE = {0x4405: "PackageCreationDate"}
CHANGES = {0x4404: "PackageModifiedDate", 0x3B02: "LastModifiedDate", 0x3C06: "ModificationDate"}
TICK_US = 4000
_KEY_BYTES, _STAMP = 16, struct.Struct(">H6B")


@dataclass(frozen=True, slots=True)
class _Date:
    """A timestamp, with its local tag."""

    tag: int
    value: datetime


def mxf_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return what the file says; nothing if it is no MXF file. An OSError of it is passed on."""
    bounded = BoundedFile(file)
    if bounded.read_at(0, len(PARTITION)) != PARTITION:
        return ()
    dates = tuple(dict.fromkeys(_dates(bounded)))
    made = (
        container_claim(f"{MADE[date.tag]} {date.value.isoformat()}", date.value, android=False)
        for date in dates
        if date.tag in MADE
    )
    changed = (
        unzoned(CHANGED, f"{CHANGES[date.tag]} {date.value.isoformat()}", date.value, refers_to="end")
        for date in dates
        if date.tag in CHANGES
    )
    return (*islice(made, CLAIMS_MAX // 2), *islice(changed, CLAIMS_MAX // 2))


def _dates(file: BoundedFile) -> Iterator[_Date]:
    at = 0
    for _ in range(SETS_MAX):
        head = file.read_at(at, _KEY_BYTES + 9)
        size, size_bytes = _ber(head[_KEY_BYTES:])
        if not size_bytes:
            return
        start = at + _KEY_BYTES + size_bytes
        if head.startswith(SET):
            yield from _dates_of(file.read_at(start, min(size, SET_BYTES_MAX)))
        at = start + size


def _dates_of(body: bytes) -> Iterator[_Date]:
    """Yield the timestamps of one set of local tags."""
    at = 0
    for _ in range(TAGS_MAX):
        if at + 4 > len(body):
            return
        tag, size = struct.unpack_from(">HH", body, at)
        if size == _STAMP.size and tag in MADE.keys() | CHANGES.keys() and at + 4 + size <= len(body):
            year, month, day, hour, minute, second, ticks = _STAMP.unpack_from(body, at + 4)
            try:
                value = datetime(year, month, day, hour, minute, second, ticks * TICK_US % 1_000_000, tzinfo=UTC)
            except ValueError:
                pass  # all zeros is "unknown"
            else:
                yield _Date(tag, value)
        at += 4 + size


def _ber(head: bytes) -> tuple[int, int]:
    """Return a length and how many bytes it takes; 0 of them if it is none."""
    if not head:
        return 0, 0
    if head[0] < 0x80:
        return head[0], 1
    count = head[0] & 0x7F
    return (int.from_bytes(head[1 : 1 + count], "big"), 1 + count) if 1 <= count <= 8 and len(head) > count else (0, 0)
