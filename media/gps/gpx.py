"""Positions as GPX 1.0 or 1.1 track points and way points with a time, in a file beside the footage.

Source: https://www.topografix.com/GPX/1/1/ (trkpt, wpt: lat, lon, time, fix, hdop; speed as in 1.0 or in the 1.1
extensions). Shapes: n points with a time give at most n fixes, in file order; a file cut short gives those before the
cut. A DOCTYPE is refused before the parser sees it, so nothing is expanded and nothing is fetched; so is a NUL, which
only UTF-16 has and which would hide a DOCTYPE. Units: degrees WGS 84, m/s; a time without a zone is UTC by the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO
from xml.etree.ElementTree import ParseError, XMLParser

from catalog.evidence import Fix
from media.capture_time import utc_of_iso
from media.gps.contract import DILUTION_M, FILE_BYTES_MAX, FIXES_MAX, Carrier, beginning_of, number, possible_fix

CHUNK_BYTES = 64 * 1024
TEXT_CHARS_MAX = 64

_DOCTYPE = b"<!DOCTYPE"
_POINTS = frozenset({"trkpt", "wpt"})
_TEXTS = frozenset({"time", "speed", "hdop", "fix"})
NO_FIX = "none"


class Gpx:
    """A GPX file."""

    name: str = "gpx"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if this is no GPX file or one with a DOCTYPE."""
        if b"gpx" not in beginning_of(file):
            return None
        points = _Points()
        parser = XMLParser(target=points)
        before = b""
        for chunk in _chunks(file):
            if b"\0" in chunk or _DOCTYPE in before + chunk:
                return None
            before = chunk[-len(_DOCTYPE) :]
            try:
                parser.feed(chunk)
            except (ParseError, ValueError, LookupError):  # an encoding nobody knows is one of the last two
                break
            if points.root not in (None, "gpx") or len(points.fixes) >= FIXES_MAX:
                break
        return tuple(points.fixes[:FIXES_MAX]) if points.root == "gpx" else None


class _Points:
    """What the parser tells its findings to; it keeps the fixes and no tree, however large the file."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.fixes: list[Fix] = []
        self._place: Mapping[str, str] | None = None
        self._texts: dict[str, str] = {}
        self._open: str | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = _local(tag)
        self.root = self.root or name
        if name in _POINTS:
            self._place, self._texts = attributes, {}
        self._open = name if self._place is not None and name in _TEXTS else None

    def data(self, text: str) -> None:
        if self._open is not None:
            known = self._texts.get(self._open, "")
            self._texts[self._open] = known + text[: TEXT_CHARS_MAX - len(known)]

    def end(self, tag: str) -> None:
        self._open = None
        if _local(tag) in _POINTS and self._place is not None:
            fix = _fix(self._place, self._texts)
            self._place = None
            if fix is not None:
                self.fixes.append(fix)


def _fix(place: Mapping[str, str], texts: Mapping[str, str]) -> Fix | None:
    latitude, longitude = number(place.get("lat", "")), number(place.get("lon", ""))
    at = utc_of_iso(texts.get("time", ""))
    if latitude is None or longitude is None or at is None:
        return None
    kind, dilution = texts.get("fix"), number(texts.get("hdop", ""))
    if kind == NO_FIX:
        return None
    accuracy_m = None if dilution is None else dilution * DILUTION_M
    speed = number(texts.get("speed", ""))
    return possible_fix(at, latitude, longitude, speed, accuracy_m, is_valid=True if kind else None)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    left = FILE_BYTES_MAX
    while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


FORMAT = Gpx()
