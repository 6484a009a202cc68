"""The beginnings of films as camcorders write them, made byte by byte: Matroska, DV, AVCHD, MXF, each with its date.

Shapes: a time as the camera showed it -> bytes. Units: as each format has them.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from media.dv_packs import AVCHD_HEAD, DIF_BYTES, DIF_SEQUENCE_BYTES
from media.mxf import PARTITION, SET

MATROSKA_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
ZONE_CHINA = 8 << 1


def matroska(at: datetime, *, endless: bool = False) -> bytes:
    """Return EBML's header and a segment with Info; `endless`: the segment does not say how long it is."""
    nanoseconds = (at - MATROSKA_EPOCH) // timedelta(microseconds=1) * 1000
    info = _element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + _element(0x4461, struct.pack(">q", nanoseconds))
    body = _element(0xEC, bytes(9)) + _element(0x1549A966, info)
    segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + body if endless else _element(0x18538067, body)
    return _element(0x1A45DFA3, _element(0x4282, b"matroska")) + segment


def dv(at: datetime) -> bytes:
    """Return two sequences of DV; the packs stand in the second, those of the first say nothing."""
    nothing = bytearray(b"\xff" * DIF_SEQUENCE_BYTES)
    nothing[:4] = b"\x1f\x07\x00\xbf"
    nothing[3 * DIF_BYTES + 3] = 0x62
    said = bytearray(nothing)
    day = bytes([0x62, 0xFF, 0xC0 | _bcd(at.day), 0xE0 | _bcd(at.month), _bcd(at.year % 100)])
    clock = bytes([0x63, 0xFF, 0x80 | _bcd(at.second), 0x80 | _bcd(at.minute), 0xC0 | _bcd(at.hour)])
    place = 5 * DIF_BYTES + 3 + 11 * 5
    said[place : place + 10] = day + clock
    return bytes(nothing + said)


def avchd(at: datetime, *, zone: int = ZONE_CHINA, place: int = 40) -> bytes:
    """Return packets of M2TS with an SEI; from `place` on it stands in the first, the rest of it in the second."""
    year = bytes([0x18, zone, _bcd(at.year // 100), _bcd(at.year % 100), _bcd(at.month)])
    day = bytes([0x19, _bcd(at.day), _bcd(at.hour), _bcd(at.minute), _bcd(at.second)])
    packs = (b"\x02" + year + day).replace(b"\0\0", b"\0\0\x03")
    stream = (b"\0\0\x01\xe0" + bytes(place)).ljust(place, b"\1") + AVCHD_HEAD + packs
    pieces = [stream[at_ : at_ + 184] for at_ in range(0, len(stream), 184)]
    other = bytes(4) + b"\x47\x00\x20\x10" + b"\xff" * 184
    packets = [
        bytes(4) + bytes([0x47, 0x50 if number == 0 else 0x10, 0x11, 0x10]) + piece.ljust(184, b"\xff")
        for number, piece in enumerate(pieces)
    ]
    return other.join([b"", *packets, b""])


def mxf(at: datetime) -> bytes:
    """Return a header partition and two sets of header metadata: a package and what wrote it."""
    stamp = struct.pack(">H6B", at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 4000)
    package = _tag(0x4405, stamp) + _tag(0x4404, bytes(8)) + _tag(0x3C0A, bytes(16))
    writer = _tag(0x3C06, stamp)
    sets = b"".join(SET + bytes([1, kind, 0, 0]) + _ber(body) for kind, body in ((0x36, package), (0x30, writer)))
    return PARTITION + bytes([1, 2, 4, 0]) + _ber(bytes(88)) + sets


def _element(kind: int, body: bytes) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + struct.pack(">Q", 1 << 56 | len(body)) + body


def _tag(tag: int, body: bytes) -> bytes:
    return struct.pack(">HH", tag, len(body)) + body


def _ber(body: bytes) -> bytes:
    return b"\x83" + len(body).to_bytes(3, "big") + body


def _bcd(number: int) -> int:
    return number // 10 << 4 | number % 10
