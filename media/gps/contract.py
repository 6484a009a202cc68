"""What the house asks of a GPS format (定位格式), and the one gate every position passes.

Units: degrees WGS 84, metres per second, aware UTC.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Literal, Protocol

from catalog.evidence import Fix

Carrier = Literal["text", "movie", "stream"]
"""What a format reads: a text beside or in the footage, a film with boxes, or a film in any other container."""

FILE_BYTES_MAX = 64 * 1024 * 1024
FIXES_MAX = 100_000
LINE_BYTES_MAX = 1024
UNREAD_MAX = 4
"""So many kinds of unread things are told of one file."""
BEGINNING_BYTES = 64 * 1024
"""A text that is of a format shows it by then."""
PIECE_BYTES = 256 * 1024
SPEED_MPS_MAX = 400.0
"""Nothing an officer rides is faster; two positions further apart than this contradict each other."""

DILUTION_M = 5.0
"""A dilution of precision times this is an accuracy: what a receiver is off by under a clear sky."""
ACCURACY_M_MAX = 100_000.0
"""Receivers write round numbers as large as this where they know nothing."""


class GpsFormat(Protocol):
    """One way to write positions down. It gives at most FIXES_MAX fixes and reads at most FILE_BYTES_MAX bytes.

    Only a film without an index is read further: a movie that lost its moov, a transport stream.
    """

    @property
    def name(self) -> str:
        """What a format is called in notes and logs, one word."""

    @property
    def carrier(self) -> Carrier:
        """What a format reads. It is handed the whole file, seekable and without a buffer, wherever it then stands."""

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if this is another format's file.

        Bad content never raises: what cannot be read gives no fix. An OSError of `file` is passed on.
        """


@dataclass
class Turned:
    """What of a carrier came to no position: how many the gate turned away, and what could not be read at all."""

    count: int = 0
    unread: Counter[str] = field(default_factory=Counter)

    @property
    def note(self) -> str | None:
        """Say what could not be read, or None if all could."""
        notes = [what if count == 1 else f"{what} ({count} times)" for what, count in self.unread.items()]
        return f"not read: {', '.join(notes)}" if notes else None


_TURNED: ContextVar[Turned | None] = ContextVar("turned", default=None)


@contextmanager
def counting() -> Iterator[Turned]:
    """Count what is turned away and what is unread within this."""
    turned = Turned()
    outside = _TURNED.set(turned)
    try:
        yield turned
    finally:
        _TURNED.reset(outside)


def unread(what: str) -> None:
    """Write down that a carrier holds something that cannot be read; few different words, for they are kept."""
    turned = _TURNED.get()
    if turned is not None and (what in turned.unread or len(turned.unread) < UNREAD_MAX):
        turned.unread[what] += 1


def possible_fix(
    at: datetime | None,
    latitude_deg: float,
    longitude_deg: float,
    speed_mps: float | None,
    accuracy_m: float | None = None,
    *,
    is_valid: bool | None = None,
) -> Fix | None:
    """Return the fix, or None if no receiver with a position would say so; an impossible speed alone is dropped.

    So is an accuracy that is none. `is_valid` is True where the receiver said so, else None.
    """
    nowhere = latitude_deg == 0 and longitude_deg == 0
    if nowhere or not (abs(latitude_deg) <= 90 and abs(longitude_deg) <= 180):
        turned = _TURNED.get()
        if turned is not None:
            turned.count += 1
        return None
    if speed_mps is not None and not (math.isfinite(speed_mps) and 0 <= speed_mps <= SPEED_MPS_MAX):
        speed_mps = None
    if accuracy_m is not None and not 0 < accuracy_m <= ACCURACY_M_MAX:
        accuracy_m = None
    return Fix(at, latitude_deg, longitude_deg, speed_mps, accuracy_m, is_valid)


def fixes_of(found: Iterable[Fix | None]) -> tuple[Fix, ...]:
    """Return the fixes among what records came to, in their order, at most FIXES_MAX."""
    return tuple(islice((fix for fix in found if fix is not None), FIXES_MAX))


def degrees_of(degrees_minutes: float) -> float:
    """Return DDmm.mmm as degrees: 3015.5 is 30.2583; more than 59 minutes is no angle, and infinite."""
    degrees, minutes = divmod(abs(degrees_minutes), 100)
    angle = degrees + minutes / 60 if minutes < 60 else math.inf
    return math.copysign(angle, degrees_minutes)


def number(text: str) -> float | None:
    """Return the number a text says, or None if it says none."""
    try:
        return float(text)
    except ValueError:
        return None


def beginning_of(file: BinaryIO) -> bytes:
    """Return the beginning of a text, by which a format knows it."""
    file.seek(0)
    return file.read(BEGINNING_BYTES)


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield a text in pieces of whole lines, until FILE_BYTES_MAX are read; only a line longer than a piece is cut."""
    file.seek(0)
    left, rest = FILE_BYTES_MAX, b""
    while left > 0 and (read := file.read(min(left, PIECE_BYTES))):
        left -= len(read)
        whole, newline, rest = (rest + read).rpartition(b"\n")
        if not newline and len(rest) >= PIECE_BYTES:
            whole, rest = rest, b""
        if whole:
            yield whole
    if rest:
        yield rest


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a text without their ends, none longer than LINE_BYTES_MAX."""
    for piece in pieces_of(file):
        for line in piece.split(b"\n"):
            if len(line) <= LINE_BYTES_MAX:
                yield line
            else:
                yield from (line[at : at + LINE_BYTES_MAX] for at in range(0, len(line), LINE_BYTES_MAX))
