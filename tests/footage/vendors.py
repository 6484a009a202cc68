"""Positions as vendors of recorders write them, for the formats of `media/gps`.

Shapes: bytes out. Units: degrees WGS 84, km/h.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime

from tests.footage import movies

Point = tuple[datetime, float, float]
TS_BYTES = 188


def seventymai_box(places: Sequence[tuple[float, float]], *, kmh: float = 36.0) -> bytes:
    """Return a box of 70mai's, to stand behind a movie."""
    return movies.box(
        b"GPS ",
        *(
            struct.pack("<IIII", 1, 1, index, round(kmh * 1000))
            + struct.pack("<ci", _side(latitude, b"NS"), round(_ddmm(latitude) * 1000))
            + struct.pack("<ci", _side(longitude, b"EW"), round(_ddmm(longitude) * 1000))
            + bytes(10)
            for index, (latitude, longitude) in enumerate(places)
        ),
    )


def seventymai_log(places: Sequence[tuple[float, float]], *, status: str = "A") -> bytes:
    """Return a log of 70mai's, all of one clip."""
    lines = (
        f"{1_773_200_000 + index},{status},{latitude:.6f},{longitude:.6f},9000,1000,0,100,0,NO20260311-093620-01F.MP4"
        for index, (latitude, longitude) in enumerate(places)
    )
    return "\n".join(("$V02", *lines, "")).encode()


def escort(points: Sequence[Point], *, status: str = "A") -> bytes:
    """Return a text of Escort's."""
    return "".join(
        f"{status},{at:%d%m%y,%H%M%S},{_ddmm(latitude):09.4f},{_side(latitude, b'NS').decode()},"
        f"{_ddmm(longitude):010.4f},{_side(longitude, b'EW').decode()},36.00,0.10,-0.10,1.50;\n"
        for at, latitude, longitude in points
    ).encode()


def dji_srt(places: Sequence[tuple[float, float]], *, named: bool = False) -> bytes:
    """Return DJI's subtitles, a cue a second, in one of the two ways to write positions."""
    return "".join(
        f"{index + 1}\n00:00:{index:02d},000 --> 00:00:{index + 1:02d},000\n"
        + (
            f"[iso : 100] [latitude : {latitude:.6f}] [longtitude : {longitude:.6f}] [altitude: 74.7]\n\n"
            if named
            else f"HOME({longitude:.4f},{latitude:.4f}) 2026.03.11 09:36:21\nGPS({longitude:.4f},{latitude:.4f},19)\n\n"
        )
        for index, (latitude, longitude) in enumerate(places)
    ).encode()


def gps0(points: Sequence[Point], *, kmh: int = 36) -> bytes:
    """Return a `gps0` box."""
    records = (
        struct.pack("<ddiH", _signed(latitude), _signed(longitude), 20, kmh)
        + bytes([at.year - 2000, at.month, at.day, at.hour, at.minute, at.second, 45, 1, 1, 0])
        for at, latitude, longitude in points
    )
    return movies.box(b"gps0", *records)


def rvmi(latitude_deg: float, longitude_deg: float, *, kmh: float = 36.0) -> bytes:
    """Return a sample of an RVMI track that holds a position."""
    return b"gReV" + struct.pack(
        "<ii4xhHB", round(latitude_deg * 1e6), round(longitude_deg * 1e6), round(kmh * 10), 90, 12
    )


def novatek_ts(points: Sequence[Point], *, at: int = 0, m2ts: bool = False, status: bytes = b"A") -> bytes:
    """Return a transport stream with one of Novatek's packets a point, its layout `at` bytes into the body."""
    stream = b""
    for time, latitude, longitude in points:
        body = bytes(at) + struct.pack(
            "<6I", time.hour, time.minute, time.second, time.year - 2000, time.month, time.day
        )
        body += status + _side(latitude, b"NS") + _side(longitude, b"EW") + b"\0"
        body += struct.pack("<4f", _ddmm(latitude), _ddmm(longitude), 36 / 1.852, 0.0)
        pes = b"\0\0\x01\xbf" + struct.pack(">H", len(body)) + body
        pieces = [pes[begins : begins + TS_BYTES - 4] for begins in range(0, len(pes), TS_BYTES - 4)]
        packets = [_ts(0x200, b"\0\0\x01\xe0" + bytes(100))]
        packets += [_ts(0x300, piece, begins=index == 0) for index, piece in enumerate(pieces)]
        stream += b"".join((b"\0\0\0\0" if m2ts else b"") + packet for packet in packets)
    return stream


def _ts(pid: int, payload: bytes, *, begins: bool = True) -> bytes:
    head = bytes([0x47, (0x40 if begins else 0) | pid >> 8, pid & 0xFF, 0x10])
    return (head + payload).ljust(TS_BYTES, b"\xff")


def _ddmm(degrees: float) -> float:
    degrees = abs(degrees)
    return int(degrees) * 100 + (degrees - int(degrees)) * 60


def _signed(degrees: float) -> float:
    return -_ddmm(degrees) if degrees < 0 else _ddmm(degrees)


def _side(degrees: float, sides: bytes) -> bytes:
    return sides[1:] if degrees < 0 else sides[:1]
