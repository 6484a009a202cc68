"""Positions in private packets of an MPEG transport stream, as Novatek's firmware writes them, one a second.

Source: samples; ExifTool's list of kinds, M2TS. The body of a private PES holds the same layout as the `freeGPS ` block
of type 17 (see `novatek`), at its beginning or 164 bytes later. Shapes: n packets give at most n fixes, in their order;
status `V`, an impossible time or place give none; None if no packet is laid out so. Units: DDmm.mm and knots -> degrees
WGS 84, m/s; the time is taken for UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, fixes_of
from media.gps.novatek import fix_of, layout_at
from media.transport import private_packets

LAYOUTS_AT = (0, 164)


class NovatekTs:
    """A transport stream with Novatek's packets."""

    name: str = "novatek_ts"
    carrier: Carrier = "stream"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the packets, or None if no packet is laid out so."""
        placed = ((body, layout_at(body, LAYOUTS_AT)) for body in private_packets(file))
        found = [fix_of(body, at) for body, at in placed if at is not None]
        return fixes_of(found) if found else None


FORMAT = NovatekTs()
