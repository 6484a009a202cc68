"""The few fields of EXIF that tell time and place (照片元数据), read straight from their tables.

Sources: TIFF 6.0 (byte order, tables of entries of 12 bytes, values behind an offset where they need more than four
bytes); EXIF 2.32 (tables 0x8769 and 0x8825, and the tags below). Shapes: a range of a file that begins as TIFF does ->
fields by name: text, or up to three fractions; nothing where it begins otherwise. Three tables are read and no pointer
but the two to them is followed, so it ends whatever a file says; what makes no sense is left out. Units: bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from media.boxes import BoundedFile

ENTRIES_MAX = 500
"""Tables of cameras have some 60 entries."""
TEXT_BYTES_MAX = 64
PARTS_MAX = 3
"""Of an angle or a time of day: each is a fraction."""

IMAGE: Mapping[int, str] = {0x0132: "Image DateTime"}
CAMERA: Mapping[int, str] = {
    0x9003: "EXIF DateTimeOriginal",
    0x9004: "EXIF DateTimeDigitized",
    0x9010: "EXIF OffsetTime",
    0x9011: "EXIF OffsetTimeOriginal",
    0x9012: "EXIF OffsetTimeDigitized",
}
PLACE: Mapping[int, str] = {
    0x0001: "GPS GPSLatitudeRef",
    0x0002: "GPS GPSLatitude",
    0x0003: "GPS GPSLongitudeRef",
    0x0004: "GPS GPSLongitude",
    0x0007: "GPS GPSTimeStamp",
    0x0009: "GPS GPSStatus",
    0x000B: "GPS GPSDOP",
    0x001D: "GPS GPSDate",
    0x001F: "GPS GPSHPositioningError",
}
POINTERS: Mapping[int, Mapping[int, str]] = {0x8769: CAMERA, 0x8825: PLACE}

Tags = Mapping[str, str | list[Fraction]]
"""What was found, by name: text, or fractions."""

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
BEGINS = tuple(_ORDERS)
"""How a TIFF structure begins, in either byte order."""
_TEXT, _FRACTIONS, _SIGNED_FRACTIONS, _NUMBERS = 2, 5, 10, (3, 4, 13)
_INLINE_BYTES = 4


class _Entry(NamedTuple):
    """One entry of a table: what it is, how its value is written, how often, and its last four bytes."""

    tag: int
    form: int
    times: int
    value: bytes


class _Tiff(NamedTuple):
    """Where a TIFF structure lies, and its byte order as `struct` spells it."""

    file: BoundedFile
    start: int
    end: int
    order: str


def read_tags(file: BoundedFile, start: int, end: int) -> Tags:
    """Return the fields of the TIFF structure that stands from `start` to `end`; nothing if none does."""
    head = file.read_at(start, 8)
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < 8:
        return {}
    tiff = _Tiff(file, start, end, order)
    found: dict[str, str | list[Fraction]] = {}
    pointed: dict[int, int] = {}
    for entry in _entries(tiff, _number(order, head[4:8])):
        if entry.tag in POINTERS and entry.form in _NUMBERS:
            pointed.setdefault(entry.tag, _number(order, entry.value))
        elif entry.tag in IMAGE:
            _keep(found, tiff, entry, IMAGE)
    for tag, at in pointed.items():
        for entry in _entries(tiff, at):
            if entry.tag in POINTERS[tag]:
                _keep(found, tiff, entry, POINTERS[tag])
    return found


def _entries(tiff: _Tiff, at: int) -> Iterator[_Entry]:
    """Yield the entries of the table at this offset, as many as are there."""
    if not 0 < at < tiff.end - tiff.start:
        return
    at += tiff.start
    count = min(int.from_bytes(tiff.file.read_at(at, 2), "little" if tiff.order == "<" else "big"), ENTRIES_MAX)
    body = tiff.file.read_at(at + 2, min(count * 12, tiff.end - at - 2))
    yield from map(_Entry._make, struct.iter_unpack(tiff.order + "HHI4s", body[: len(body) // 12 * 12]))


def _keep(found: dict[str, str | list[Fraction]], tiff: _Tiff, entry: _Entry, names: Mapping[int, str]) -> None:
    value: str | list[Fraction] | None = None
    if entry.form == _TEXT:
        value = _text(tiff, entry)
    elif entry.form in (_FRACTIONS, _SIGNED_FRACTIONS) and entry.times <= PARTS_MAX:
        value = _fractions(tiff, entry)
    if value:
        found.setdefault(names[entry.tag], value)


def _text(tiff: _Tiff, entry: _Entry) -> str:
    if entry.times <= _INLINE_BYTES:
        raw = entry.value[: entry.times]
    else:
        raw = _behind(tiff, entry, min(entry.times, TEXT_BYTES_MAX))
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip(" ")


def _fractions(tiff: _Tiff, entry: _Entry) -> list[Fraction] | None:
    """Return degrees, minutes and seconds, or one number; None if one of them is divided by nothing."""
    raw = _behind(tiff, entry, entry.times * 8)
    if len(raw) < entry.times * 8:
        return None
    pairs = struct.unpack(tiff.order + ("i" if entry.form == _SIGNED_FRACTIONS else "I") * 2 * entry.times, raw)
    if 0 in pairs[1::2]:
        return None
    return [Fraction(over, under) for over, under in zip(pairs[::2], pairs[1::2], strict=True)]


def _behind(tiff: _Tiff, entry: _Entry, size_bytes: int) -> bytes:
    """Return the value an entry's offset leads to."""
    at = tiff.start + _number(tiff.order, entry.value)
    return tiff.file.read_at(at, min(size_bytes, tiff.end - at))


def _number(order: str, raw: bytes) -> int:
    return int.from_bytes(raw, "little" if order == "<" else "big")
