"""Positions in the subtitles that DJI's drones write beside a clip, a cue a second or a picture.

Source: samples of ten models. Two ways: `GPS(longitude,latitude,…)`, and `[latitude : …] [longtitude : …]` (spelt so,
or right), the pairs of one cue in one line. Where a text holds the second, the first is not looked for. The order
within `GPS(…)` is that of most models; where the second number can be no latitude, it is taken the other way round.
Shapes: one fix a line that holds a pair, in file order; None if no line does. The times beside them are the drone's own
clock, in no stated zone: the fixes have none. Units: degrees WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import FIXES_MAX, Carrier, lines_of, possible_fix

LINES_BEFORE_FIRST_MAX = 200
_NUMBER = rb"\s*(-?\d{1,3}\.\d{1,15})\s*"
_PAIR = re.compile(rb"\bGPS ?\(" + _NUMBER + rb"," + _NUMBER + rb",")
_NAMED = re.compile(rb"\[latitude ?:" + _NUMBER + rb"\] ?\[longt?itude ?:" + _NUMBER + rb"\]")


class DjiSrt:
    """A text of subtitles by DJI."""

    name: str = "dji_srt"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if no line in the beginning holds a pair."""
        lines = lines_of(file)
        first = list(islice(lines, LINES_BEFORE_FIRST_MAX))
        named = any(_NAMED.search(line) for line in first)
        if not named and not any(_PAIR.search(line) for line in first):
            return None
        found = _named([*first, *lines]) if named else _paired([*first, *lines])
        return tuple(islice(found, FIXES_MAX))


def _named(lines: Sequence[bytes]) -> Iterator[Fix]:
    for line in lines:
        match = _NAMED.search(line)
        fix = match and possible_fix(None, float(match[1]), float(match[2]), None)
        if fix:
            yield fix


def _paired(lines: Sequence[bytes]) -> Iterator[Fix]:
    for line in lines:
        match = _PAIR.search(line)
        if match is None:
            continue
        longitude, latitude = float(match[1]), float(match[2])
        if abs(latitude) > 90:
            longitude, latitude = latitude, longitude
        fix = possible_fix(None, latitude, longitude, None)
        if fix is not None:
            yield fix


FORMAT = DjiSrt()
