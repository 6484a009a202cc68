"""The one position a phone or an Android recorder writes into a movie: where it was when recording began or ended.

Sources: ISO 6709 texts in `udta/©xyz` (Android's MediaRecorder.setLocation), Keys
`com.apple.quicktime.location.ISO6709` and iTunes' `©xyz`; 3GPP TS 26.244 `loci`. Shapes: the first that is possible
gives one fix without a time; None if there is none. Units: ±DD.D, ±DDMM.M or ±DDMMSS.S and longitude likewise ->
degrees WGS 84; what follows (height, datum) is left out. A `loci` is exact to 1.5e-5 degrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import Carrier, number, possible_fix, unread
from media.mp4 import ILST, KEYS, UDTA, Movie, read_movie

LOCATIONS = (
    (UDTA, "©xyz"),
    (KEYS, "com.apple.quicktime.location.ISO6709"),
    (ILST, "©xyz"),
)
ACCURACY = "com.apple.quicktime.location.accuracy.horizontal"
SHOWN_CHARS = 40

_NUMBER = r"(\d{%d})(\d\d)?(\d\d)?([.,]\d{1,15})?"
_REST = r"(?:[+-][\d.,]+)?(?:CRS[^/]*)?/?"
_TEXT = re.compile(rf"([+-]){_NUMBER % 2}([+-]){_NUMBER % 3}{_REST}")
_UNPADDED = re.compile(rf"([+-])(\d{{1,2}})()()([.,]\d{{1,15}})?([+-])(\d{{1,3}})()()([.,]\d{{1,15}})?{_REST}")
"""Degrees alone without the zeros in front, as some recorders write them: `+51.5932-0.2431/`."""


class Iso6709:
    """A movie with one position in its texts."""

    name: str = "iso6709"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the one fix, or None if no text holds a possible one."""
        movie = read_movie(file)
        found = None if movie is None else next(_fixes(movie), None)
        return None if found is None else (found,)


def place_of(text: str) -> tuple[float, float] | None:
    """Return latitude and longitude of an ISO 6709 text, or None if it is none."""
    match = _TEXT.fullmatch(text) or _UNPADDED.fullmatch(text)
    if match is None:
        return None
    parts = match.groups()
    latitude, longitude = _angle(*parts[1:5]), _angle(*parts[6:10])
    if latitude is None or longitude is None:
        return None
    return (-latitude if parts[0] == "-" else latitude, -longitude if parts[5] == "-" else longitude)


def _angle(degrees: str, minutes: str | None, seconds: str | None, fraction: str | None) -> float | None:
    """Return an angle in degrees; the fraction belongs to the last part that is there."""
    values = [float(part) for part in (degrees, minutes, seconds) if part]
    if any(value >= 60 for value in values[1:]):
        return None
    values[-1] += float((fraction or "0").replace(",", "."))
    return sum(value / scale for value, scale in zip(values, (1, 60, 3600), strict=False))


def _fixes(movie: Movie) -> Iterator[Fix]:
    texts = (movie.text(*location) for location in LOCATIONS)
    places = []
    for text in filter(None, texts):
        place = place_of(text)
        if place is None:
            unread(f"the place {text[:SHOWN_CHARS]!a}")
        else:
            places.append(place)
    places += [(place.latitude_deg, place.longitude_deg) for place in movie.places]
    accuracy_m = number(movie.text(KEYS, ACCURACY) or "")
    for latitude, longitude in places:
        fix = possible_fix(None, latitude, longitude, None, accuracy_m)
        if fix is not None:
            yield fix


FORMAT = Iso6709()
