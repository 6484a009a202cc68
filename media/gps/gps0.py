"""Positions in a `gps0` box, as recorders with that box (Navitel and others of the chip) write it.

Source: samples; ExifTool's list of kinds. Records of 32 bytes, little-endian: latitude and longitude as doubles, height
in metres, speed, then six bytes of time (year of the century, month, day, hour, minute, second), half the course, and
three bytes of status. The box stands beside moov, or in it or its udta. Shapes: one fix a record, in file order; None
if there is no such box. Units: DDmm.mmmm -> degrees WGS 84, south and west negative; km/h -> m/s; UTC.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO

from catalog.evidence import Fix
from media.boxes import BoundedFile, Box, boxes
from media.gps.contract import Carrier, degrees_of, fixes_of, possible_fix, unread
from media.mp4 import Movie, read_movie

BOX = b"gps0"
BOX_BYTES_MAX = 2 * 1024 * 1024
CENTURY = 2000
KMH_MPS = 1 / 3.6

_RECORD = struct.Struct("<ddiH6B4x")


class Gps0:
    """A movie with a `gps0` box."""

    name: str = "gps0"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if there is no such box."""
        movie = read_movie(file)
        if movie is None:
            return None
        bounded = BoundedFile(file)
        box = next((box for box in _places(bounded, movie) if box.kind == BOX and box.size_bytes >= _RECORD.size), None)
        if box is None:
            return None
        body = bounded.body(box, BOX_BYTES_MAX)
        records = _RECORD.iter_unpack(body[: len(body) // _RECORD.size * _RECORD.size])
        return fixes_of(_fix(*record) for record in records)


def _places(file: BoundedFile, movie: Movie) -> Iterator[Box]:
    """Yield the boxes beside moov, in it and in its udta."""
    inside = (boxes(file, part.start, part.end) for part in movie.parts if part.kind == b"udta")
    return chain(movie.outside, movie.parts, *inside)


def _fix(latitude: float, longitude: float, _height: int, speed: int, *clock: int) -> Fix | None:
    year, month, day, hour, minute, second = clock
    try:
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            raise ValueError
        at = datetime(CENTURY + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        unread("a record that makes no sense")
        return None
    return possible_fix(at, degrees_of(latitude), degrees_of(longitude), speed * KMH_MPS)


FORMAT = Gps0()
