"""Positions in the log `GPSData*.txt` that 70mai's recorders keep for all clips of a card.

Source: samples. Each recording begins with a line `$V02`; a line has the time, `A` or `V`, latitude, longitude, course
and speed (both times 100), three numbers of the motion sensor, the name of the clip, more. Shapes: one fix a line that
has a fix and names its clip, in file order; None if the file does not begin so. The time counts seconds by the
recorder's own clock, in no stated zone: it is no satellite's time, and the fixes have none. Units: degrees WGS 84;
hundredths of m/s -> m/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, beginning_of, fixes_of, lines_of, number, possible_fix

BEGINS = b"$V02"
FIELDS_MIN = 10
UNIT_MPS = 0.01


class SeventymaiLog:
    """A log of 70mai's."""

    name: str = "seventymai_log"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if this is another file."""
        if beginning_of(file).partition(b"\n")[0].strip() != BEGINS:
            return None
        return fixes_of(fix_of(line.decode("ascii", "replace").strip()) for line in lines_of(file))


def fix_of(line: str) -> Fix | None:
    """Return the fix of one line, or None if it has none."""
    fields = line.split(",")
    if len(fields) < FIELDS_MIN or fields[1] != "A" or not fields[0].isdigit():
        return None
    latitude, longitude, speed = number(fields[2]), number(fields[3]), number(fields[5])
    if latitude is None or longitude is None:
        return None
    return possible_fix(None, latitude, longitude, None if speed is None else speed * UNIT_MPS, is_valid=True)


FORMAT = SeventymaiLog()
