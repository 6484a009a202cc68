"""Positions in the text file `*.map` that Escort's recorders keep beside each clip, a line a second.

Source: samples: `A` or `V`, ddmmyy, hhmmss, latitude and longitude as DDmm.mmmm with their letters, speed, three
numbers of the motion sensor, `;`. Shapes: one fix a line with status A, a possible time and place, in file order; None
if none of the first lines is laid out so. Units: degrees WGS 84, km/h -> m/s, UTC (taken for the satellites' time).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, beginning_of, degrees_of, fixes_of, lines_of, number, possible_fix, unread

LINES_BEFORE_FIRST_MAX = 20
KMH_MPS = 1 / 3.6

_LINE = re.compile(
    rb"([AV]),(\d{6}),(\d{6}),(\d{3,4}\.\d{1,6}),([NS]),(\d{3,5}\.\d{1,6}),([EW]),([-\d.]{1,12}),[^;]{0,60};\s*"
)


class Escort:
    """A text file of Escort's."""

    name: str = "escort"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if this is another file."""
        first = beginning_of(file).split(b"\n", LINES_BEFORE_FIRST_MAX)[:LINES_BEFORE_FIRST_MAX]
        if not any(map(_LINE.fullmatch, first)):
            return None
        matches = filter(None, map(_LINE.fullmatch, lines_of(file)))
        return fixes_of(_fix(*(part.decode("ascii") for part in match.groups())) for match in matches)


def _fix(status: str, day: str, clock: str, south: str, side: str, east: str, west: str, speed: str) -> Fix | None:
    if status != "A":
        return None
    try:
        at = datetime.strptime(day + clock, "%d%m%y%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        unread("a line of an impossible time")
        return None
    speed_kmh = number(speed)
    return possible_fix(
        at,
        degrees_of(float(south)) * (-1 if side == "S" else 1),
        degrees_of(float(east)) * (-1 if west == "W" else 1),
        None if speed_kmh is None else speed_kmh * KMH_MPS,
        is_valid=True,
    )


FORMAT = Escort()
