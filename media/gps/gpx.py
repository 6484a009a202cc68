"""Positions as GPX 1.0 or 1.1 track points and way points with a time, in a file beside the footage.

Source: https://www.topografix.com/GPX/1/1/ (trkpt, wpt: lat, lon, time, fix, hdop; speed as in 1.0 or in the 1.1
extensions). Shapes: n points with a time give at most n fixes, in file order; a file cut short gives those before the
cut. What it is written in is told by its declaration, and a byte that is none of it spoils no more than its letter. A
DOCTYPE is refused before the parser sees it, so nothing is expanded and nothing is fetched. Units: degrees WGS 84, m/s;
a time without a zone is UTC by the schema.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO
from xml.etree.ElementTree import ParseError, XMLParser

from catalog.evidence import Fix
from media.capture_time import utc_of_iso
from media.gps.contract import (
    DILUTION_M,
    FILE_BYTES_MAX,
    FIXES_MAX,
    Carrier,
    beginning_of,
    number,
    possible_fix,
    unread,
)

CHUNK_BYTES = 64 * 1024
TEXT_CHARS_MAX = 64
ENCODINGS = frozenset(
    {"gbk", "gb2312", "gb18030", "big5", "us-ascii", "windows-1250", "windows-1251", "windows-1252", "shift_jis"}
    | {f"iso-8859-{part}" for part in (1, 2, 5, 15)}
)
"""What is not among them is read as UTF-8."""

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.-]{1,20})[\"']")
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DOCTYPE = "<!DOCTYPE"
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
        parser, before = XMLParser(target=points), ""
        try:
            for text in _texts(file):
                if _DOCTYPE in before + text:
                    unread("GPX with a DOCTYPE")
                    return None
                before = text[-len(_DOCTYPE) :]
                parser.feed(text)
                if points.root not in (None, "gpx") or len(points.fixes) >= FIXES_MAX:
                    break
            else:
                parser.close()
        except (ParseError, ValueError) as error:
            if points.root == "gpx":
                unread(f"GPX from line {getattr(error, 'position', (0, 0))[0]} on, which is no XML")
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
    kind, dilution = texts.get("fix"), number(texts.get("hdop", ""))
    if kind == NO_FIX:
        return None
    if latitude is None or longitude is None or at is None:
        unread("a GPX point without a time or a place that makes sense")
        return None
    accuracy_m = None if dilution is None else dilution * DILUTION_M
    speed = number(texts.get("speed", ""))
    return possible_fix(at, latitude, longitude, speed, accuracy_m, is_valid=True if kind else None)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _texts(file: BinaryIO) -> Iterator[str]:
    """Yield the text of the file in pieces.

    The parser is handed text, so what the declaration says does not matter to it any more.
    """
    decoder = getincrementaldecoder(_encoding(beginning_of(file)))("replace")
    file.seek(0)
    left = FILE_BYTES_MAX
    while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield _NO_XML.sub("\ufffd", decoder.decode(chunk))


def _encoding(beginning: bytes) -> str:
    """Return what the declaration says, if it is an encoding in which `<` and line ends are those of ASCII."""
    declared = _DECLARED.match(beginning)
    name = declared[1].decode("ascii").lower() if declared else ""
    return name if name in ENCODINGS else "utf-8-sig"


FORMAT = Gpx()
