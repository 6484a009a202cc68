"""Time and place in a photograph (照片): its EXIF, its XMP, newsrooms' fields.

Sources: EXIF 2.32 in JPEG, TIFF and HEIC as `media.exif` reads it, in any other container as exifread does; XMP, IPTC.
Shapes: one file -> its time claims and at most one fix. Of a JPEG or HEIC the picture is not read; of others at most
FILE_BYTES_MAX bytes, by exifread in at most READS_MAX pieces, so that a file whose tables run in circles ends. Units:
degrees WGS 84; GPS time is UTC, camera time is local.
"""

from __future__ import annotations

import io
import logging
import re
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from catalog.evidence import Fix, TimeClaim
from media import exif, heif, jpeg
from media.boxes import BoundedFile
from media.capture_time import CHANGED, CLOCK_S, STATED, senseless, utc_of_local
from media.gps.contract import DILUTION_M, possible_fix, unread
from media.iptc import iptc_claims
from media.xmp import PACKET_BYTES_MAX, packet_of, xmp_claims, xmp_fix

FILE_BYTES_MAX = 32 * 1024 * 1024
READS_MAX = 100_000
GPS_TIME_S = 2.0
TEXT_CHARS_MAX = 64

XMP_WITHIN_BYTES = 512 * 1024
TIMES = (
    ("exif", "EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal"),
    ("exif", "EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized"),
    (CHANGED, "Image DateTime", "EXIF OffsetTime"),
)
GPS_DAY, GPS_CLOCK, GPS_STATUS = "GPS GPSDate", "GPS GPSTimeStamp", "GPS GPSStatus"
LATITUDE, LONGITUDE = "GPS GPSLatitude", "GPS GPSLongitude"
ACCURACY, DILUTION = "GPS GPSHPositioningError", "GPS GPSDOP"
SOUND, VOID = "A", "V"

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_SECONDS_CHARS = len("2026:03:11 09:36:21")
_CAMERA_TIME = re.compile(r"(\d{4}):(\d\d?):(\d\d?) +(\d\d?):(\d\d?):(\d\d?)")
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
Tags = Mapping[str, object]
"""What was found, by exifread's names: text, or a list of fractions."""


class _Written(NamedTuple):
    """What stands in a photograph beside its picture."""

    tags: Tags = MappingProxyType({})
    xmp: bytes = b""
    iptc: bytes = b""


class _RunsOn(Exception):
    """The EXIF tables make the reader read for ever."""


class _Metered(io.BytesIO):
    """A copy of the file's beginning that can be read only so often."""

    reads_left = READS_MAX

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise _RunsOn
        return super().read(size)


def read_exif(file: BinaryIO, zone: tzinfo) -> tuple[tuple[TimeClaim, ...], tuple[Fix, ...]]:
    """Return what a photograph says of time and place; nothing if it says none or cannot be read."""
    written = _written(file)
    satellites = _gps_claim(written.tags)
    found = [*_camera_claims(written.tags, zone), satellites, *xmp_claims(written.xmp), *iptc_claims(written.iptc)]
    fix = _fix(written.tags, satellites.value if satellites else None) or xmp_fix(written.xmp)
    return tuple(claim for claim in found if claim is not None), () if fix is None else (fix,)


def _written(file: BinaryIO) -> _Written:
    bounded = BoundedFile(file)
    head = bounded.read_at(0, min(8, bounded.size_bytes))
    if head.startswith(jpeg.BEGINS):
        return _of_jpeg(bounded)
    if head[4:] == b"ftyp":
        return _of_heif(bounded)
    file.seek(0)
    if head.startswith(exif.BEGINS):
        beginning = file.read(XMP_WITHIN_BYTES)
        return _Written(exif.read_tags(bounded, 0, bounded.size_bytes), packet_of(beginning), beginning)
    beginning = file.read(FILE_BYTES_MAX)
    return _Written(_read_tags(beginning), packet_of(beginning[:XMP_WITHIN_BYTES]))


def _of_jpeg(file: BoundedFile) -> _Written:
    """Return what the segments hold: the first of each kind that says something."""
    tags: Tags = {}
    xmp = iptc = b""
    for marker, start, end in jpeg.segments(file):
        if marker == jpeg.APP1 and not tags and file.read_at(start, len(jpeg.EXIF)) == jpeg.EXIF:
            file.read_ahead(start, end)
            tags = exif.read_tags(file, start + len(jpeg.EXIF), end)
        elif marker == jpeg.APP1 and not xmp and file.read_at(start, len(jpeg.XMP)) == jpeg.XMP:
            xmp = packet_of(file.read_at(start, end - start))
        elif marker == jpeg.APP13 and not iptc:
            iptc = file.read_at(start, end - start)
    return _Written(tags, xmp, iptc)


def _of_heif(file: BoundedFile) -> _Written:
    """Return what the items hold: the first of each kind that says something."""
    tags: Tags = {}
    xmp = b""
    for item in heif.items(file):
        if item.kind == heif.EXIF and not tags:
            file.read_ahead(item.start, item.end)
            tags = exif.read_tags(file, heif.tiff_start(file, item), item.end)
        elif item.kind == heif.XMP and not xmp:
            xmp = packet_of(file.read_at(item.start, min(item.end - item.start, PACKET_BYTES_MAX)))
    return _Written(tags, xmp)


def _read_tags(beginning: bytes) -> Tags:
    import exifread
    from exifread.core.exceptions import ExifError

    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it warns of every photograph without EXIF
    copy = _Metered(beginning)
    try:
        found = exifread.process_file(copy, details=False, extract_thumbnail=False)
    except (ExifError, _RunsOn, struct.error, EOFError, LookupError, ValueError, TypeError, AttributeError):
        return {}
    except (ArithmeticError, AssertionError, NotImplementedError, RecursionError, MemoryError, UnboundLocalError):
        return {}
    return {name: _plain(getattr(tag, "values", None)) for name, tag in found.items()}


def _plain(values: object) -> object:
    return values.strip("\0 ")[:TEXT_CHARS_MAX] if isinstance(values, str) else values


def _camera_claims(tags: Tags, zone: tzinfo) -> list[TimeClaim]:
    """Return each time the camera wrote, once: when the picture was taken, when it was made a file, last changed."""
    found: dict[str, TimeClaim] = {}
    for source, name, offset in TIMES:
        raw = tags.get(name)
        if isinstance(raw, str) and raw and raw[:_SECONDS_CHARS] not in found:
            found[raw[:_SECONDS_CHARS]] = _camera_claim(source, raw, _offset(tags.get(offset)), zone)
    return list(found.values())


def _camera_claim(source: str, raw: str, stated: timezone | None, zone: tzinfo) -> TimeClaim:
    try:
        value, offset, twice_s = utc_of_local(datetime(*_numbers(raw), tzinfo=UTC), stated or zone)
    except (ValueError, OverflowError):
        return senseless(source, raw)
    zone_words = f"{STATED if stated else 'assumed'} {offset}"
    return TimeClaim(source, raw, value, zone_words, "start", CLOCK_S + twice_s)


def _numbers(raw: str) -> tuple[int, int, int, int, int, int]:
    """Return year to second of a camera's time; ValueError if it is none."""
    match = _CAMERA_TIME.match(raw)
    if match is None:
        raise ValueError(raw)
    year, month, day, hour, minute, second = map(int, match.groups())
    return year, month, day, hour, minute, second


def _gps_claim(tags: Tags) -> TimeClaim | None:
    day, clock = tags.get(GPS_DAY), _fractions(tags.get(GPS_CLOCK))
    match = _DAY.fullmatch(day) if isinstance(day, str) else None
    time = "" if clock is None else ":".join(f"{float(part):g}" for part in clock)
    if tags.get(GPS_STATUS) == VOID or (match is None and clock is None):
        return None
    if match is None or clock is None:
        return senseless("gps", f"{day or ''} {time}".strip(), "a day or a time alone")
    raw = f"{day} {time}"
    hour, minute, second = (float(part) for part in clock)
    if not (hour < 24 and minute < 60 and second < 60):
        return senseless("gps", raw)
    try:
        midnight = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    except ValueError:
        return senseless("gps", raw)
    value = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    return TimeClaim("gps", raw, value, f"{STATED} UTC", "start", GPS_TIME_S)


def _fix(tags: Tags, at: datetime | None) -> Fix | None:
    latitude = _angle(tags.get(LATITUDE), tags.get(f"{LATITUDE}Ref"), "NS")
    longitude = _angle(tags.get(LONGITUDE), tags.get(f"{LONGITUDE}Ref"), "EW")
    if tags.get(GPS_STATUS) == VOID:
        return None
    if latitude is None or longitude is None:
        if LATITUDE in tags or LONGITUDE in tags:
            unread("an EXIF position")
        return None
    off_m, dilution = _fraction(tags.get(ACCURACY)), _fraction(tags.get(DILUTION))
    if off_m is None and dilution is not None:
        off_m = dilution * DILUTION_M
    return possible_fix(at, latitude, longitude, None, off_m, is_valid=True if tags.get(GPS_STATUS) == SOUND else None)


def _angle(value: object, side: object, sides: str) -> float | None:
    parts = _fractions(value)
    if parts is None or not isinstance(side, str) or len(side) != 1 or side not in sides:
        return None
    degrees = float(parts[0] + parts[1] / 60 + parts[2] / 3600)
    return -degrees if side == sides[1] else degrees


def _fraction(value: object) -> float | None:
    """Return the number if it is one fraction."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else None
    return float(one) if isinstance(one, (int, Fraction)) and getattr(one, "denominator", 0) > 0 else None


def _fractions(value: object) -> Sequence[Fraction] | None:
    """Return degrees, minutes and seconds (or hours, …) if these are three non-negative fractions."""
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(isinstance(part, (int, Fraction)) and getattr(part, "denominator", 0) > 0 for part in value):
        return None
    parts = [Fraction(part.numerator, part.denominator) for part in value]
    return parts if all(part >= 0 for part in parts) else None


def _offset(text: object) -> timezone | None:
    match = _OFFSET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)) if minutes < 24 * 60 else None
