"""What an AVI or WAV file says about when it was recorded (RIFF 时间).

Sources: RIFF (chunks padded to two bytes); `IDIT` in AVI's `hdrl`, `ICRD` in `INFO`, the Broadcast Wave `bext`
(EBU Tech 3285). Shapes: a seekable file -> at most CLAIMS_MAX claims, in file order; only chunk headers and the lists
that may hold a date are read. Units: none of these states a zone; a day alone is read as its noon, half a day wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

from catalog.evidence import TimeClaim
from media.boxes import BoundedFile
from media.capture_time import unzoned

HEADS = (b"RIFF", b"RF64")
CLAIMS_MAX = 4
CHUNKS_MAX = 200
TEXT_BYTES_MAX = 64
BEXT_DATE_AT, BEXT_DATE_BYTES = 320, 18
"""Behind description, originator and reference of 256, 32 and 32 bytes: `yyyy-mm-ddhh:mm:ss`."""

_NUMBERS = re.compile(r"(\d{4})\D(\d\d?)\D(\d\d?)(?:\D?(\d\d?)\D(\d\d?)(?:\D(\d\d?))?)?")
_WORDS = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})")


def riff_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return what the file says; nothing if it is no RIFF file. An OSError of it is passed on."""
    bounded = BoundedFile(file)
    if bounded.read_at(0, 4) not in HEADS:
        return ()
    return tuple(islice(_claims(bounded, 12, bounded.size_bytes, depth=0), CLAIMS_MAX))


def _claims(file: BoundedFile, at: int, end: int, *, depth: int) -> Iterator[TimeClaim]:
    for _ in range(CHUNKS_MAX):
        head = file.read_at(at, 12)
        if len(head) < 8 or at + 8 > end:
            return
        kind, size = head[:4], int.from_bytes(head[4:8], "little")
        if kind == b"LIST" and head[8:12] in (b"hdrl", b"INFO") and depth == 0:
            yield from _claims(file, at + 12, min(at + 8 + size, end), depth=1)
        elif kind in (b"IDIT", b"ICRD"):
            yield _claim(kind.decode(), file.read_at(at + 8, min(size, TEXT_BYTES_MAX)))
        elif kind == b"bext" and size >= BEXT_DATE_AT + BEXT_DATE_BYTES:
            raw = file.read_at(at + 8 + BEXT_DATE_AT, BEXT_DATE_BYTES)
            yield _claim("bext", raw[:10] + b" " + raw[10:])
        at += 8 + size + size % 2


def _claim(name: str, raw: bytes) -> TimeClaim:
    text = raw.split(b"\0")[0].decode("ascii", "replace").strip()
    value, is_day = time_of(text)
    return unzoned("container", f"{name} {text}", value, is_day=is_day)


def time_of(text: str) -> tuple[datetime | None, bool]:
    """Return the time a text tells as if it were UTC, and whether it tells a day alone."""
    words, numbers = _WORDS.match(text), _NUMBERS.match(text)
    try:
        if words is not None:
            return datetime.strptime(words[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC), False
        if numbers is None:
            return None, False
        year, month, day, hour, minute, second = (int(part) for part in numbers.groups("0"))
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None, False
    return at, numbers[4] is None
