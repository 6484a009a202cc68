"""Damage done to files on purpose (变异): to bytes, numbers, and the boxes, chunks and lines they are made of.

Shapes: a file, another file and a source of chance -> the file with one to WOUNDS_MAX wounds. The same chance gives the
same wounds. Units: bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

WOUNDS_MAX = 6
GROWN_BYTES_MAX = 512 * 1024
DEPTH_MAX = 12
HOLDERS = frozenset(
    b"moov trak mdia minf stbl udta moof traf mvex edts dinf meta ilst iprp ipco RIFF LIST hdrl strl INFO".split()
)
WORDS = (
    b"moov trak mdia mvhd tkhd mdhd hdlr minf stbl stsd stts stsc stsz stco co64 udta meta keys ilst data loci moof "
    b"traf tfhd tfdt trun mvex trex mdat uuid LIST IDIT bext INFO hdrl strd GPS5 GPSU GPSF GPSP STRM DEVC SCAL gps0 "
    b'$GPRMC, $GPGGA, <gpx> <trkpt <wpt lat=" <time> A, V, N, S E * NaN inf -inf 1e999 -0 9999999999999999999999 '
    b"freeGPS  --> Exif\0\0 x:xmpmeta".split(b" ")
)
NUMBERS = (
    0,
    1,
    2,
    4,
    7,
    8,
    15,
    16,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    2**24,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
)
_DIGITS = re.compile(rb"\d+(?:\.\d+)?")
_Wound = Callable[[bytes, bytes, random.Random], bytes]


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return the file wounded; `other` is a file that parts may be taken from."""
    for _ in range(chance.randint(1, WOUNDS_MAX)):
        data = chance.choice(WOUNDS)(data, other, chance)[:GROWN_BYTES_MAX]
    return data


def parts(data: bytes) -> list[tuple[int, int]]:
    """Return where each box or chunk begins and ends, those inside others too; nothing if the file has none."""
    little = data[:4] in (b"RIFF", b"RF64")
    found: list[tuple[int, int]] = []
    _walk(data, 0, len(data), little, 0, found)
    return found


def _walk(data: bytes, at: int, end: int, little: bool, depth: int, found: list[tuple[int, int]]) -> None:
    while at + 8 <= end and len(found) < 2000 and depth < DEPTH_MAX:
        kind = data[at : at + 4] if little else data[at + 4 : at + 8]
        number = data[at + 4 : at + 8] if little else data[at : at + 4]
        size = int.from_bytes(number, "little") + 8 if little else int.from_bytes(number, "big")
        ends = min(end, at + size)
        if size < 8 or not kind.strip(b"\xa9 ").isalnum():
            return
        found.append((at, ends))
        if kind in HOLDERS:
            _walk(data, at + (12 if little or kind == b"meta" else 8), ends, little, depth + 1, found)
        at = ends + (ends - at) % 2 if little else ends


def _times(piece: bytes, count: int) -> bytes:
    """Return a piece again and again, as often as there is room for."""
    return piece * min(count, max(1, GROWN_BYTES_MAX // max(1, len(piece))))


def _flip(data: bytes, _: bytes, chance: random.Random) -> bytes:
    wounded = bytearray(data or b"\0")
    for _count in range(chance.randint(1, 4)):
        wounded[chance.randrange(len(wounded))] ^= 1 << chance.randrange(8)
    return bytes(wounded)


def _number(data: bytes, _: bytes, chance: random.Random) -> bytes:
    width = chance.choice((1, 2, 4, 4, 8))
    at = chance.randrange(len(data) + 1)
    if chance.random() < 0.5:
        at &= ~3
    told = (chance.choice(NUMBERS) + chance.choice((0, 0, -1, 1))) % (1 << 8 * width)
    return data[:at] + told.to_bytes(width, chance.choice(("big", "little"))) + data[at + width :]


def _size_of_part(data: bytes, _: bytes, chance: random.Random) -> bytes:
    found = parts(data)
    if not found:
        return _number(data, b"", chance)
    at, end = chance.choice(found)
    little = data[:4] == b"RIFF"
    size = chance.choice((*NUMBERS[:16], end - at + 1, end - at - 1, len(data), len(data) - at, chance.randrange(4096)))
    at += 4 if little else 0
    return data[:at] + (size % 2**32).to_bytes(4, "little" if little else "big") + data[at + 4 :]


def _inside_part(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """Put a number near the beginning of a box: counts and versions stand there."""
    found = parts(data)
    if not found:
        return _number(data, b"", chance)
    at, end = chance.choice(found)
    at = min(at + 8 + 4 * chance.randrange(8), max(at, end - 4))
    return data[:at] + (chance.choice(NUMBERS) % 2**32).to_bytes(4, "big") + data[at + 4 :]


def _moved_part(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Repeat, lose, move or nest a box, or take one from another file."""
    found, theirs = parts(data), parts(other)
    if not found:
        return _spliced(data, other, chance)
    (at, end), (to, _) = chance.choice(found), chance.choice(found)
    taken, choice = data[at:end], chance.randrange(5)
    if choice == 0:
        return data[:at] + data[end:]
    if choice == 1:
        return data[:to] + _times(taken, chance.choice((1, 2, 50))) + data[to:]
    if choice == 2 and theirs:
        begin, ends = chance.choice(theirs)
        return data[:to] + other[begin:ends] + data[to:]
    if choice == 3:
        for _ in range(chance.choice((2, 40, 3000))):
            taken = (len(taken) + 8).to_bytes(4, "big") + data[at + 4 : at + 8] + taken[:65536]
        return data[:at] + taken + data[end:]
    return data[: at + 4] + chance.choice(WORDS)[:4].ljust(4) + data[at + 8 :]


def _spliced(data: bytes, other: bytes, chance: random.Random) -> bytes:
    at, theirs = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    return data[:at] + other[theirs : theirs + chance.choice((8, 64, 4096, GROWN_BYTES_MAX))] + data[at:]


def _cut(data: bytes, _: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] if chance.random() < 0.5 else data[:at] + data[at + chance.choice((1, 2, 4, 188, 4096)) :]


def _repeated(data: bytes, _: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    piece = data[at : at + chance.choice((1, 4, 16, 188, 1024))]
    return data[:at] + _times(piece, chance.choice((2, 3, 100, 2000))) + data[at:]


def _word(data: bytes, _: bytes, chance: random.Random) -> bytes:
    at, word = chance.randrange(len(data) + 1), chance.choice(WORDS)
    return data[:at] + word + data[at + (len(word) if chance.random() < 0.5 else 0) :]


def _said_number(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """Change a number that is written out in digits."""
    at = chance.randrange(len(data) + 1)
    match = _DIGITS.search(data, at, at + 4096)
    if match is None:
        return _flip(data, b"", chance)
    said = (
        b"",
        b"-",
        b"0",
        b"00",
        b"60",
        b"61",
        b"99",
        b"180",
        b"9" * 30,
        b"0." + b"0" * 400,
        b"1e308",
        b"-1e-308",
        b"\xd9\xa3",
    )
    return data[: match.start()] + chance.choice(said) + data[match.end() :]


def _lines(data: bytes, _: bytes, chance: random.Random) -> bytes:
    lines = data[:GROWN_BYTES_MAX].splitlines(keepends=True)
    if len(lines) < 2:
        return _spliced(data, b"\n" * 100, chance)
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    if chance.random() < 0.5:
        lines[at], lines[to] = lines[to], lines[at]
    else:
        lines[at] = _times(lines[to].rstrip(), chance.choice((1, 2, 500)))
    return b"".join(lines)


WOUNDS: Sequence[_Wound] = (
    _flip, _number, _number, _size_of_part, _inside_part, _inside_part, _moved_part, _moved_part,
    _spliced, _cut, _repeated, _word, _said_number, _lines,
)  # fmt: skip
