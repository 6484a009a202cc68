"""Positions in the subtitles that DJI's drones write beside a clip, a cue a second or a picture.

Source: samples of ten models. Two ways: `GPS(longitude,latitude,…)`, and `[latitude : …] [longtitude : …]` (spelt so,
or right), the pairs of one cue in one line. Where a text holds the second, the first is not looked for. The order
within `GPS(…)` is that of most models; where the second number can be no latitude, it is taken the other way round.
Shapes: one fix a line that holds a pair, in file order; None if none in the beginning does. The times beside them are
the drone's own clock, in no stated zone: the fixes have none. Units: degrees WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import FIXES_MAX, Carrier, beginning_of, pieces_of, possible_fix

_NUMBER = rb"[ \t]*(-?\d{1,3}\.\d{1,15})[ \t]*"
_PAIR = re.compile(rb"GPS(?<!\wGPS) ?\(" + _NUMBER + rb"," + _NUMBER + rb",[^\n]*")
_NAMED = re.compile(rb"\[latitude ?:" + _NUMBER + rb"\] ?\[longt?itude ?:" + _NUMBER + rb"\][^\n]*")
_FORMS = ((b"[latitude", _NAMED), (b"GPS", _PAIR))
"""Each with a word that is quickly looked for."""


class DjiSrt:
    """A text of subtitles by DJI."""

    name: str = "dji_srt"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if no line in the beginning holds a pair."""
        beginning = beginning_of(file)
        forms = (form for word, form in _FORMS if word in beginning and form.search(beginning))
        form = next(forms, None)
        if form is None:
            return None
        pairs = chain.from_iterable(map(form.findall, pieces_of(file)))
        fixes = (_of_named if form is _NAMED else _of_pair)(pairs)
        return tuple(islice(fixes, FIXES_MAX))


def _of_named(pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[Fix]:
    for latitude, longitude in pairs:
        fix = possible_fix(None, float(latitude), float(longitude), None)
        if fix is not None:
            yield fix


def _of_pair(pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[Fix]:
    for one, other in pairs:
        longitude, latitude = float(one), float(other)
        if abs(latitude) > 90:
            longitude, latitude = latitude, longitude
        fix = possible_fix(None, latitude, longitude, None)
        if fix is not None:
            yield fix


FORMAT = DjiSrt()
