"""Positions in the subtitles that DJI's drones write beside a clip, a cue a second or a picture.

Source: samples of ten models. Two ways: `GPS(longitude,latitude,…)`, and `[latitude : …] [longtitude : …]` (spelt so,
or right), the pairs of one cue in one line. Where a text holds the second, the first is not looked for. The order
within `GPS(…)` is that of most models; where the second number can be no latitude, it is taken the other way round.
Shapes: one fix a line that holds a pair, in file order; None if none in the beginning does. The times beside them are
the drone's own clock, in no stated zone: the fixes have none. Units: degrees WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, beginning_of, fixes_of, pieces_of, possible_fix

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
        return fixes_of(_fix(float(one), float(other), is_named=form is _NAMED) for one, other in pairs)


def _fix(one: float, other: float, *, is_named: bool) -> Fix | None:
    latitude, longitude = (one, other) if is_named or abs(other) > 90 else (other, one)
    return possible_fix(None, latitude, longitude, None)


FORMAT = DjiSrt()
