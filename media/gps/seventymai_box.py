"""Positions in a `GPS ` box at the end of a movie, as 70mai's recorders write it.

Source: samples; the layout was worked out from them. A box directly in the file holds records of 36 bytes, little-
endian: a number that is always 1, whether there was a fix, the count, speed, `N` or `S`, latitude, `E` or `W`,
longitude, seven bytes of zeros, three unknown. Shapes: one fix a record with a fix, in file order; no time is written.
A box that runs past the end of the file, or most of whose positions lie nowhere on Earth, is damaged or another's, and
gives none; None if there is no such box. Units: thousandths of km/h -> m/s; DDmm.mmm times 1000 -> degrees WGS 84.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from catalog.evidence import Fix
from media.boxes import BoundedFile
from media.gps.contract import Carrier, degrees_of, fixes_of, possible_fix, unread
from media.mp4 import read_movie

BOX = b"GPS "
BOXES_READ_MAX = 8
BOX_BYTES_MAX = 2 * 1024 * 1024
"""Sixteen hours of records."""
UNIT = 1000.0
SPEED_UNIT_MPS = 1 / 3600
SOUND_SHARE_MIN = 0.5

_RECORD = struct.Struct("<IIIIcici7s3x")


class SeventymaiBox:
    """A movie with 70mai's box."""

    name: str = "seventymai_box"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if no box holds such records."""
        movie = read_movie(file)
        boxes = [box for box in movie.outside if box.kind == BOX] if movie else []
        whole = [box for box in boxes if not box.missing_bytes]
        if len(whole) < len(boxes):
            unread("a GPS box that is cut off")
        if not whole:
            return None
        bounded = BoundedFile(file, BOXES_READ_MAX * BOX_BYTES_MAX)
        bodies = [bounded.body(box, BOX_BYTES_MAX) for box in whole[:BOXES_READ_MAX]]
        found = [_fix(*record) for body in bodies for record in _records(body)]
        if not found:
            return None
        return fixes_of(found) if len(found) - found.count(None) >= SOUND_SHARE_MIN * len(found) else ()


def _records(body: bytes) -> Iterator[tuple[int, bytes, int, bytes, int]]:
    """Yield what each record with a fix says, until one is no record."""
    for one, known, _, *rest in _RECORD.iter_unpack(body[: len(body) // _RECORD.size * _RECORD.size]):
        speed, south, latitude, west, longitude, zeros = rest
        if one != 1 or known > 1 or any(zeros):
            return
        if known:
            yield speed, south, latitude, west, longitude


def _fix(speed: int, south: bytes, latitude: int, west: bytes, longitude: int) -> Fix | None:
    if south not in (b"N", b"S") or west not in (b"E", b"W"):
        return None
    return possible_fix(
        None,
        degrees_of(latitude / UNIT) * (-1 if south == b"S" else 1),
        degrees_of(longitude / UNIT) * (-1 if west == b"W" else 1),
        speed * SPEED_UNIT_MPS,
        is_valid=True,
    )


FORMAT = SeventymaiBox()
