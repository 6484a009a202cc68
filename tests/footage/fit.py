"""A small Garmin FIT file, a carrier of positions none of our own readers knows.

Source: the FIT protocol as published. Shapes: n places -> one header, one definition, n records, a checksum. Units:
semicircles (2**31 are 180 degrees), seconds since 1989-12-31 UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
RECORD = 20
FIELDS = ((253, 4, 0x86), (0, 4, 0x85), (1, 4, 0x85))
_NIBBLES = (
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
    0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
)  # fmt: skip


def fit(points: Sequence[tuple[datetime, float, float]]) -> bytes:
    """Return the file with these places, latitude before longitude."""
    fields = b"".join(bytes(field) for field in FIELDS)
    body = b"\x40\0\0" + struct.pack("<HB", RECORD, len(FIELDS)) + fields
    for at, latitude_deg, longitude_deg in points:
        places = (round(degrees * 2**31 / 180) for degrees in (latitude_deg, longitude_deg))
        body += b"\0" + struct.pack("<Iii", round((at - EPOCH).total_seconds()), *places)
    head = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT")
    whole = head + struct.pack("<H", _crc(head)) + body
    return whole + struct.pack("<H", _crc(whole))


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        for nibble in (byte & 15, byte >> 4):
            crc = (crc >> 4) ^ _NIBBLES[crc & 15] ^ _NIBBLES[nibble]
    return crc
