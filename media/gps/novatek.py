"""Positions in `freeGPS ` blocks as Novatek firmware writes them, one a second: types 17 and 17c, and sentences.

Source: samples of Viofo, 2E Drive and Transcend recorders; ExifTool's list of the kinds, QuickTimeStream. Layout, all
little-endian: six numbers of 32 bits (hour, minute, second, year, month, day), status `A`, `N` or `S`, `E` or `W`, NUL,
then latitude, longitude, speed and course as floats; it stands 0x30 or, in short blocks, 0x10 bytes into the block.
Vantrue's blocks hold an NMEA sentence instead, read as in `nmea`. Shapes: n blocks give at most n fixes, in their
order; status `V`, an impossible time or place give none; None if no block is either. Units: type 17 has DDmm.mmm and
knots; type 17c, known by its block of 0x4000 bytes and numbers that are degrees, has degrees and km/h; both -> degrees
WGS 84, m/s. The time is taken for UTC.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from catalog.evidence import Fix
from media.freegps import blocks
from media.gps.contract import FIXES_MAX, Carrier, degrees_of, fixes_of, possible_fix, unread
from media.gps.nmea import KNOT_MPS, Reading, dated, readings_in
from media.mp4 import read_movie

DEGREES_BLOCK_BYTES = 0x4000
KMH_MPS = 1 / 3.6
CENTURY = 2000
LAYOUTS_AT = (0x30, 0x10)

_STATUS_AT = 24
_STATUS = re.compile(rb"[AV](?:[NS][EW]\0|00\0|\0\0\0)")
_NUMBERS = struct.Struct("<6I4x3f")


class Novatek:
    """A movie with Novatek's blocks, or what is left of one."""

    name: str = "novatek"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the blocks, or None if no block is laid out so or holds a sentence."""
        movie = read_movie(file)
        if movie is None:
            return None
        found, readings = list[Fix | None](), list[Reading]()
        for block in blocks(file, movie):
            at = layout_at(block)
            if at is None:
                readings.extend(readings_in(block))
            else:
                found.append(fix_of(block, at))
        if not found and not readings:
            return None
        return fixes_of(found) or dated(readings[:FIXES_MAX])


def layout_at(block: bytes, places: Sequence[int] = LAYOUTS_AT) -> int | None:
    """Return where the six numbers of the time stand, or None if this block is laid out otherwise."""
    return next((at for at in places if _STATUS.match(block, at + _STATUS_AT)), None)


def fix_of(block: bytes, at: int) -> Fix | None:
    """Return the fix of a block whose time stands at `at`, or None if it has none we may trust."""
    status = block[at + _STATUS_AT : at + _STATUS_AT + 3]
    if not status.startswith(b"A") or len(block) < at + _NUMBERS.size:
        return None
    hour, minute, second, year, month, day, latitude, longitude, speed = _NUMBERS.unpack_from(block, at)
    try:
        if not all(map(math.isfinite, (latitude, longitude))) or latitude < 0 or longitude < 0:
            raise ValueError
        when = datetime(year if year >= CENTURY else CENTURY + year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        unread("a block that makes no sense")
        return None
    told_bytes = int.from_bytes(block[:4], "big")
    if told_bytes == DEGREES_BLOCK_BYTES and latitude <= 90 and longitude <= 180:
        unit_mps = KMH_MPS
    else:
        latitude, longitude, unit_mps = degrees_of(latitude), degrees_of(longitude), KNOT_MPS
    south, west = status[1:2] == b"S", status[2:3] == b"W"
    latitude, longitude = (-latitude if south else latitude), (-longitude if west else longitude)
    return possible_fix(when, latitude, longitude, speed * unit_mps, is_valid=True)


FORMAT = Novatek()
