"""Positions in an RVMI track, as some recorders for vehicles write it.

Source: samples; ExifTool's list of kinds. A sample begins with its kind: `gReV` holds, little-endian,
latitude and longitude in millionths of a degree, four unknown bytes, speed in tenths of km/h; `sReV` is the motion
sensor, `tReV` unknown. Shapes: one fix a sample of that kind, in file order; no time is written. None if no track has
such an entry. Units: degrees WGS 84, m/s.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, fixes_of, possible_fix
from media.mp4_samples import samples_of

ENTRY = "RVMI"
KIND = b"gReV"
UNIT_DEG = 1e-6
UNIT_MPS = 0.1 / 3.6

_PACKET = struct.Struct("<4sii4xh")


class Rvmi:
    """A movie with an RVMI track."""

    name: str = "rvmi"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the samples, or None if there is no such track."""
        samples = samples_of(file, ENTRY)
        return None if samples is None else fixes_of(fix_of(sample.data) for sample in samples)


def fix_of(packet: bytes) -> Fix | None:
    """Return the fix of one sample, or None if it is of another kind."""
    if not packet.startswith(KIND) or len(packet) < _PACKET.size:
        return None
    _, latitude, longitude, speed = _PACKET.unpack_from(packet)
    return possible_fix(None, latitude * UNIT_DEG, longitude * UNIT_DEG, speed * UNIT_MPS)


FORMAT = Rvmi()
