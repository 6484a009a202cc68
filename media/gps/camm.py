"""Positions in a CAMM track (camera motion metadata), as Google's and some Android recorders write it.

Source: https://developers.google.com/streetview/publish/camm-spec. Layout, little-endian: 16 bits reserved, 16 bits
type; type 5 has latitude, longitude and height as doubles; type 6 has the time as a double, the kind of fix (0 none,
2 flat, 3 full), latitude and longitude as doubles, then floats: height, two accuracies, speed east, north and up.
Shapes: one packet a sample; if there are packets of type 6, those of type 5 are left out, which have no time; None if
no track is CAMM. Units: degrees WGS 84, m/s; seconds of GPS time, which has no leap seconds -> UTC.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, fixes_of, possible_fix, unread
from media.mp4_samples import samples_of

ENTRY = "camm"
GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
FLAT_FIX = 2
LEAP_DAYS = (
    date(1981, 7, 1), date(1982, 7, 1), date(1983, 7, 1), date(1985, 7, 1), date(1988, 1, 1), date(1990, 1, 1),
    date(1991, 1, 1), date(1992, 7, 1), date(1993, 7, 1), date(1994, 7, 1), date(1996, 1, 1), date(1997, 7, 1),
    date(1999, 1, 1), date(2006, 1, 1), date(2009, 1, 1), date(2012, 7, 1), date(2015, 7, 1), date(2017, 1, 1),
)  # fmt: skip
"""The days that began a leap second later, since GPS time began (IERS Bulletin C)."""

_POINT = struct.Struct("<xxH3d")
_FULL = struct.Struct("<xxHdiddf2f3f4x")
_POINT_TYPE, _FULL_TYPE = 5, 6


class Camm:
    """A movie with a CAMM track."""

    name: str = "camm"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the samples, or None if there is no CAMM track."""
        samples = samples_of(file, ENTRY)
        if samples is None:
            return None
        packets = [sample.data for sample in samples]
        return fixes_of(map(full_fix, packets)) or fixes_of(map(point_fix, packets))


def full_fix(packet: bytes) -> Fix | None:
    """Return the fix of a packet of type 6, or None if it is of another or the receiver had none."""
    if len(packet) < _FULL.size or packet[2:4] != _FULL_TYPE.to_bytes(2, "little"):
        return None
    _, seconds, kind, latitude, longitude, _, accuracy, _, east, north, _ = _FULL.unpack_from(packet)
    if kind < FLAT_FIX:
        return None
    when = utc_of_gps(seconds)
    if when is None:
        unread("a packet of an impossible time")
        return None
    return possible_fix(when, latitude, longitude, math.hypot(east, north), accuracy, is_valid=True)


def point_fix(packet: bytes) -> Fix | None:
    """Return the fix of a packet of type 5, which has no time."""
    if len(packet) < _POINT.size or packet[2:4] != _POINT_TYPE.to_bytes(2, "little"):
        return None
    _, latitude, longitude, _ = _POINT.unpack_from(packet)
    return possible_fix(None, latitude, longitude, None)


def utc_of_gps(seconds: float) -> datetime | None:
    """Return GPS time in UTC, or None if it is no time."""
    try:
        utc = GPS_EPOCH + timedelta(seconds=seconds)
        return utc - timedelta(seconds=bisect_right(LEAP_DAYS, utc.date()))
    except (ValueError, OverflowError):
        return None


FORMAT = Camm()
