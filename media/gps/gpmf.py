"""Positions in a GPMF track, as GoPro cameras and the Karma drone write it.

Source: https://github.com/gopro/gpmf-parser (key, type, size, count; DEVC holds STRM holds the readings). Layout, big-
endian: GPS5 has latitude, longitude, height, flat and full speed, with GPSF (0 none, 2 flat, 3 full), GPSP (dilution of
precision times 100) and GPSU (UTC as yymmddhhmmss.sss) for the whole payload; GPS9 has five the same, then days since
2000, seconds, dilution and fix of its own; GLPI has seconds since the drone started, latitude, longitude, and its speed
north and east sixth and seventh, GPRI beside it the kind of fix ninth, SYST the drone's seconds and those since 1970.
Shapes: one payload a sample, some 18 readings each; those of GPS5 are spread over the time their sample is shown. No
reading without a fix or with a dilution above DILUTION_MAX is kept: a camera that never saw a satellite writes numbers
that look like places. None if no track is GPMF. Units: degrees WGS 84, m/s, UTC.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import DILUTION_M, FIXES_MAX, Carrier, possible_fix
from media.mp4_samples import samples_of

ENTRY = "gpmd"
DILUTION_MAX = 10.0
DILUTION_UNTOLD = 99.99
"""What cameras write until they have worked the dilution out, while GPSF may tell of a fix already."""
FLAT_FIX = 2
READINGS_MAX = 2_000
"""How many readings one payload may hold; a second of the quickest receiver has 18."""
DAYS_FROM = datetime(2000, 1, 1, tzinfo=UTC)
UNIX_FROM = datetime(1970, 1, 1, tzinfo=UTC)

_HEAD = struct.Struct(">4scBH")
_NESTED = b"\0"
_LETTERS = {"b": "b", "B": "B", "s": "h", "S": "H", "l": "i", "L": "I", "f": "f", "d": "d", "j": "q", "J": "Q"}


@dataclass(frozen=True, slots=True)
class Item:
    """One key with its values: `type` is a letter, `size` the bytes of one structure of `count`."""

    type: bytes
    size: int
    count: int
    body: bytes


Stream = Mapping[bytes, Item]


class Gpmf:
    """A movie with a GPMF track."""

    name: str = "gpmf"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the samples, or None if no track holds GPMF."""
        samples = samples_of(file, ENTRY)
        if samples is None:
            return None
        known, fixes = False, list[Fix]()
        for sample in samples:
            payload = tuple(streams(sample.data))
            known = known or bool(payload)
            fixes.extend(fixes_in(payload, sample.length_s))
            if len(fixes) >= FIXES_MAX:
                break
        return tuple(fixes[:FIXES_MAX]) if known else None


def streams(payload: bytes) -> Iterator[Stream]:
    """Yield what each stream of a payload holds, by key."""
    for key, device in _items(payload):
        if key == b"DEVC" and device.type == _NESTED:
            for inner, stream in _items(device.body):
                if inner == b"STRM" and stream.type == _NESTED:
                    yield dict(_items(stream.body))


def fixes_in(payload: Sequence[Stream], length_s: float) -> Iterator[Fix]:
    """Yield the fixes of one payload that is shown for `length_s`, whichever of the three kinds it holds."""
    for stream in payload:
        if b"GPS5" in stream:
            yield from _of_gps5(stream, length_s)
        elif b"GPS9" in stream:
            for latitude, longitude, _, speed, _, days, seconds, dilution, kind in _rows(stream, b"GPS9", 9):
                if _is_sound(kind, dilution):
                    at = _after(DAYS_FROM, days, seconds)
                    yield from _fix(at, latitude, longitude, speed, _accuracy_m(dilution))
        elif b"GLPI" in stream:
            yield from _of_glpi(stream, payload)


def _of_gps5(stream: Stream, length_s: float) -> Iterator[Fix]:
    """Yield the fixes of a GPS5 stream if the whole payload had a fix."""
    kind, dilution = _number(stream.get(b"GPSF")), _number(stream.get(b"GPSP"))
    dilution = DILUTION_UNTOLD if dilution is None else dilution / 100
    if kind is None or not _is_sound(kind, dilution):
        return
    begins = _utc(stream.get(b"GPSU"))
    rows = tuple(_rows(stream, b"GPS5", 5))
    for index, (latitude, longitude, _, speed, _) in enumerate(rows):
        at = None if begins is None else _after(begins, 0, length_s * index / len(rows))
        yield from _fix(at, latitude, longitude, speed, _accuracy_m(dilution))


def _of_glpi(stream: Stream, payload: Sequence[Stream]) -> Iterator[Fix]:
    """Yield a drone's own positions if the receiver beside them had a fix."""
    kinds = [row[8] for beside in payload if b"GPRI" in beside for row in _rows(beside, b"GPRI", 10)]
    clocks = [row for beside in payload if b"SYST" in beside for row in _rows(beside, b"SYST", 2)]
    if not kinds or min(kinds) < FLAT_FIX:
        return
    for seconds, latitude, longitude, _, _, north, east, _, _ in _rows(stream, b"GLPI", 9):
        at = _after(UNIX_FROM, 0, clocks[0][1] + seconds - clocks[0][0]) if clocks else None
        yield from _fix(at, latitude, longitude, math.hypot(north, east))


def _is_sound(kind: float, dilution: float) -> bool:
    return kind >= FLAT_FIX and (dilution <= DILUTION_MAX or dilution == DILUTION_UNTOLD)


def _accuracy_m(dilution: float) -> float | None:
    return None if dilution == DILUTION_UNTOLD else dilution * DILUTION_M


def _fix(
    at: datetime | None, latitude: float, longitude: float, speed: float, accuracy_m: float | None = None
) -> Iterator[Fix]:
    fix = possible_fix(at, latitude, longitude, speed, accuracy_m, is_valid=True)
    if fix is not None:
        yield fix


def _rows(stream: Stream, key: bytes, width: int) -> Iterator[tuple[float, ...]]:
    """Yield the readings of a key, each value divided by its scale; none if their shape is not `width` values."""
    item, scale = stream[key], stream.get(b"SCAL")
    form = _form(item, stream.get(b"TYPE"))
    divisors = _values(scale) if scale else (1.0,)
    if form is None or len(form.format) != width + 1 or len(divisors) not in (1, width) or 0 in divisors:
        return
    divisors = divisors * width if len(divisors) == 1 else divisors
    if form.size == item.size and len(item.body) >= form.size * min(item.count, READINGS_MAX):
        for index in range(min(item.count, READINGS_MAX)):
            row = form.unpack_from(item.body, index * form.size)
            yield tuple(value / divisor for value, divisor in zip(row, divisors, strict=True))


def _form(item: Item, types: Item | None) -> struct.Struct | None:
    """Return how to unpack one structure: as TYPE lists its letters, or of one letter throughout."""
    letters_of = item.type if item.type != b"?" or types is None else types.body
    letters = [_LETTERS.get(letter) for letter in letters_of.decode("latin-1")]
    if not letters or None in letters:
        return None
    one = "".join(letter for letter in letters if letter)
    if item.type != b"?":
        one *= item.size // struct.calcsize(f">{one}")
    return struct.Struct(f">{one}")


def _values(item: Item) -> tuple[float, ...]:
    letter = _LETTERS.get(item.type.decode("latin-1"))
    if letter is None:
        return ()
    size = struct.calcsize(f">{letter}")
    whole = item.body[: len(item.body) // size * size]
    return tuple(float(value) for (value,) in struct.iter_unpack(f">{letter}", whole))


def _number(item: Item | None) -> float | None:
    values = _values(item) if item else ()
    return values[0] if values else None


def _utc(item: Item | None) -> datetime | None:
    if item is None:
        return None
    try:
        return datetime.strptime(item.body.decode("ascii"), "%y%m%d%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _after(begins: datetime, days: float, seconds: float) -> datetime | None:
    if not (math.isfinite(days) and math.isfinite(seconds)):
        return None
    try:
        return begins + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None


def _items(data: bytes) -> Iterator[tuple[bytes, Item]]:
    """Yield the keys of one level in order; each body is padded to four bytes."""
    at = 0
    while at + _HEAD.size <= len(data):
        key, letter, size, count = _HEAD.unpack_from(data, at)
        begins = at + _HEAD.size
        yield key, Item(letter, size, count, data[begins : begins + size * count])
        at = begins + (size * count + 3) // 4 * 4


FORMAT = Gpmf()
