"""Positions as NMEA 0183 sentences, RMC and GGA, in a text file beside the footage or in its subtitles.

Source: NMEA 0183; field order as in https://gpsd.gitlab.io/gpsd/NMEA.html#_rmc and #_gga. Any talker (GP, GN, BD, GL).
Shapes: a sentence may stand anywhere in a line (BlackVue puts a time before it; Thinkware writes `;` for `$`). A wrong
checksum, status V or quality 0 gives no fix; but where the beginning of a text has several checksums and every one is
wrong, its writer cannot count, and none is looked at. GGA has no date: it takes the day that brings it nearest to the
sentence before it, and is left out where an RMC has the same time, and after the last RMC; its dilution goes to that
RMC. Units: ddmm.mmm -> degrees WGS 84; knots -> m/s; UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import islice
from operator import xor
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import DILUTION_M, FIXES_MAX, Carrier, beginning_of, number, pieces_of, possible_fix, unread

KNOT_MPS = 1852 / 3600
FIRST_GPS_YEAR_OF_CENTURY = 80
ALL_WRONG_MIN = 3
"""So many checksums, all wrong, are no noise on a line."""

_WORDS = (b"RMC,", b"GGA,")
_SENTENCE = re.compile(rb"[$;]([A-Z]{2}(?:RMC|GGA),[^$*\r\n]{1,200})(?:\*(\S{1,2}))?")
_HEX = re.compile(rb"[0-9A-Fa-f]{2}")
_CLOCK = re.compile(r"(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6})\d*)?")
_DAY = re.compile(r"(\d\d)(\d\d)(\d\d)")
_ANGLE = re.compile(r"(\d{0,3}?)([0-5]?\d(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sentence says: `day` is None for GGA; `fix` has no time yet."""

    day: date | None
    clock: time
    fix: Fix


class Nmea:
    """A text of NMEA 0183 sentences."""

    name: str = "nmea"
    carrier: Carrier = "text"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in file order, or None if no sentence stands in the beginning."""
        beginning = beginning_of(file)
        if not any(word in beginning for word in _WORDS) or beginning.startswith(b"\0"):  # the latter is no text
            return None
        sentences = _SENTENCE.findall(beginning)
        if not sentences:
            return None
        checked = _counts(sentences)
        readings = (reading for piece in pieces_of(file) for reading in readings_in(piece, checked=checked))
        return dated(list(islice(readings, FIXES_MAX)))


def _counts(sentences: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether the writer of a text can work out checksums."""
    sums = [_is_sum_of(body, checksum) for body, checksum in sentences if _HEX.fullmatch(checksum)]
    return any(sums) or len(sums) < ALL_WRONG_MIN


def _is_sum_of(body: bytes, checksum: bytes) -> bool:
    return checksum.upper() == b"%02X" % reduce(xor, body)


def readings_in(text: bytes, *, checked: bool = True) -> Iterator[Reading]:
    """Yield what the sound sentences of a text say."""
    for sentence in _SENTENCE.finditer(text):
        body, checksum = sentence.groups()
        if checksum is not None and checked and not _is_sum_of(body, checksum):
            unread("a sentence with a wrong checksum")
            continue
        fields = body.decode("ascii", "replace").split(",")
        if _has_fix(fields):
            reading = _reading(fields)
            if reading is not None:
                yield reading


def dated(readings: Sequence[Reading]) -> tuple[Fix, ...]:
    """Return the fixes with their times; GGA alone, without any RMC, has none."""
    rmc = [datetime.combine(reading.day, reading.clock, UTC) for reading in readings if reading.day is not None]
    if not rmc:
        return tuple(reading.fix for reading in readings)
    days, last, latest = frozenset(rmc), max(rmc), rmc[0]
    times = []
    for reading in readings:
        latest = _at(reading, latest)
        times.append(latest)
    read = list(zip(times, readings, strict=True))
    off_m = {at: reading.fix.accuracy_m for at, reading in read if reading.day is None}
    return tuple(
        replace(reading.fix, at=at, accuracy_m=reading.fix.accuracy_m or off_m.get(at))
        for at, reading in read
        if reading.day is not None or (at not in days and at < last)
    )


def _at(reading: Reading, near: datetime) -> datetime:
    if reading.day is not None:
        return datetime.combine(reading.day, reading.clock, UTC)
    days = (near.date() + timedelta(days=offset) for offset in (-1, 0, 1))
    return min((datetime.combine(day, reading.clock, UTC) for day in days), key=lambda at: abs(at - near))


def _has_fix(fields: Sequence[str]) -> bool:
    """Tell whether the receiver says that it had a fix: status A of RMC, a quality but 0 of GGA."""
    if fields[0].endswith("RMC"):
        return len(fields) >= 10 and fields[2] == "A"
    return len(fields) >= 7 and fields[6] not in ("", "0")


def _reading(fields: Sequence[str]) -> Reading | None:
    dates = fields[0].endswith("RMC")
    day, speed, dilution = None, None, None
    if dates:
        day, speed, place = _day(fields[9]), number(fields[7]), fields[3:7]
    else:
        place, dilution = fields[2:6], number(fields[8]) if len(fields) > 8 else None
    clock = _clock(fields[1])
    latitude, longitude = _angle(place[0], place[1], "NS"), _angle(place[2], place[3], "EW")
    if clock is None or latitude is None or longitude is None or (dates and day is None):
        unread("a sentence that makes no sense")
        return None
    speed_mps = None if speed is None else speed * KNOT_MPS
    accuracy_m = None if dilution is None else dilution * DILUTION_M
    fix = possible_fix(None, latitude, longitude, speed_mps, accuracy_m, is_valid=True)
    return None if fix is None else Reading(day, clock, fix)


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()
    try:
        return time(int(hour), int(minute), int(second), int((fraction or "0").ljust(6, "0")))
    except ValueError:
        return None


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return date((1900 if year >= FIRST_GPS_YEAR_OF_CENTURY else 2000) + year, month, day)
    except ValueError:
        return None


def _angle(text: str, side: str, sides: str) -> float | None:
    match = _ANGLE.fullmatch(text)
    if match is None or len(side) != 1 or side not in sides:
        return None
    degrees = int(match[1] or 0) + float(match[2]) / 60
    return -degrees if side == sides[1] else degrees


FORMAT = Nmea()
