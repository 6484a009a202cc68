"""The items of HEIC and AVIF photographs that hold EXIF and XMP (照片条目).

Source: ISO/IEC 23008-12 and 14496-12, 8.11 (meta, iinf, infe, iloc, idat). Shapes: a file -> the ranges of its items of
the kinds `Exif` and `mime`, each where its first extent lies; nothing where the tables make no sense. Units: bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from media.boxes import AHEAD_BYTES, BoundedFile, Box, boxes, firsts

ITEMS_MAX = 4_000
"""A photograph of many tiles has some hundred."""
EXTENTS_MAX = 64
TABLE_BYTES_MAX = 256 * 1024
EXIF, XMP = b"Exif", b"mime"
_FULL_BOX_BYTES = 4
_IN_FILE, _IN_IDAT = 0, 1


class Item(NamedTuple):
    """One item: its kind, and where its bytes begin and end."""

    kind: bytes
    start: int
    end: int


def items(file: BoundedFile) -> tuple[Item, ...]:
    """Return the items of the file that hold EXIF or text, in the order of their table."""
    file.read_ahead(0, AHEAD_BYTES)
    meta = next((box for box in boxes(file, 0, file.size_bytes) if box.kind == b"meta"), None)
    if meta is None:
        return ()
    start = meta.start + _FULL_BOX_BYTES
    file.read_ahead(start, meta.end)
    inside = firsts(file, Box(meta.kind, start, meta.end))
    iinf, iloc, idat = inside.get(b"iinf"), inside.get(b"iloc"), inside.get(b"idat")
    if iinf is None or iloc is None:
        return ()
    kinds = dict(_kinds(file, iinf))
    places = _places(file.body(iloc, TABLE_BYTES_MAX), frozenset(kinds), idat)
    return tuple(Item(kinds[number], at, end) for number, at, end in places)


def tiff_start(file: BoundedFile, item: Item) -> int:
    """Return where the TIFF structure of an item of EXIF begins: a number says how far behind it."""
    return item.start + 4 + int.from_bytes(file.read_at(item.start, 4), "big")


def _kinds(file: BoundedFile, iinf: Box) -> Iterator[tuple[int, bytes]]:
    """Yield number and kind of each item that is EXIF or text."""
    counted_bytes = 2 if file.body(iinf, 1) == b"\0" else 4
    listed = boxes(file, iinf.start + _FULL_BOX_BYTES + counted_bytes, iinf.end)
    for infe, _ in zip(listed, range(ITEMS_MAX), strict=False):
        entry = file.body(infe, 14)
        long = entry[:1] == b"\3"
        kind = entry[10:14] if long else entry[8:12]
        if kind in (EXIF, XMP):
            yield int.from_bytes(entry[4:8] if long else entry[4:6], "big"), kind


def _places(iloc: bytes, wanted: frozenset[int], idat: Box | None) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each wanted item, as `iloc` lists them; all that it says is of variable length."""
    version = iloc[0] if iloc else 0
    sizes = [half for byte in iloc[4:6] for half in (byte >> 4, byte & 15)]
    if version > 2 or len(sizes) < 4:
        return
    offset_bytes, length_bytes, base_bytes, index_bytes = sizes
    number_bytes = 4 if version == 2 else 2
    table = _Table(iloc, 6)
    for _ in range(min(table.number(number_bytes), ITEMS_MAX)):
        number = table.number(number_bytes)
        method = table.number(2) & 15 if version else _IN_FILE
        table.number(2)
        base, count = table.number(base_bytes), table.number(2)
        extents = []
        for _ in range(min(count, EXTENTS_MAX)):
            table.number(index_bytes if version else 0)
            extents.append((table.number(offset_bytes), table.number(length_bytes)))
        if table.is_over or count > EXTENTS_MAX:
            return
        if number in wanted and extents and (method == _IN_FILE or (method == _IN_IDAT and idat)):
            start = base + extents[0][0] + (idat.start if method == _IN_IDAT and idat else 0)
            yield number, start, start + extents[0][1]


class _Table:
    """Numbers of any length, one after the other."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw = raw
        self._at = at

    @property
    def is_over(self) -> bool:
        """Whether more was asked for than is there."""
        return self._at > len(self._raw)

    def number(self, size_bytes: int) -> int:
        """Return the next number of this length; 0 for none."""
        self._at += size_bytes
        return int.from_bytes(self._raw[self._at - size_bytes : self._at], "big")
