"""Whether a file holds all that its own headers promise (完整性): a card pulled early or a dead battery cuts it.

Sources: ISO/IEC 14496-12 (boxes), RIFF (AVI, WAVE). Shapes: headers of at most BOXES_MAX top-level boxes are read,
nothing else; any other format promises nothing. Units: bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

BOXES_MAX = 10_000
HEADER_BYTES = 16
SIZE_UNKNOWN = 0xFFFFFFFF

_BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"meta", b"udta"}
    | {b"styp", b"sidx", b"ssix", b"moof", b"mfra", b"emsg", b"prft", b"pdin"}
)


@dataclass(frozen=True, slots=True)
class Cut:
    """The part that runs past the end of the file, and by how much."""

    part: str
    missing_bytes: int


def cut(file: BinaryIO, size_bytes: int) -> Cut | None:
    """Return what is missing from a seekable file of `size_bytes`, or None if nothing is known to be."""
    file.seek(0)
    head = file.read(HEADER_BYTES)
    if head[:4] == b"RIFF":
        return _cut_riff(head, size_bytes)
    return _cut_box(file, size_bytes) if head[4:8] in _BOXES else None


def _cut_riff(head: bytes, size_bytes: int) -> Cut | None:
    promised = int.from_bytes(head[4:8], "little")
    if len(head) < 8 or promised in (0, SIZE_UNKNOWN):  # a recorder writes the size when it stops
        return None
    missing = 8 + promised - size_bytes
    return Cut("RIFF", missing) if missing > 0 else None


def _cut_box(file: BinaryIO, size_bytes: int) -> Cut | None:
    at = 0
    for _ in range(BOXES_MAX):
        file.seek(at)
        header = file.read(HEADER_BYTES)
        name, size = header[4:8], int.from_bytes(header[:4], "big")
        if name not in _BOXES or size == 0:  # 0 means: to the end of the file
            return None
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:
            return None
        at += size
        if at > size_bytes:
            return Cut(name.decode("ascii"), at - size_bytes)
    return None
