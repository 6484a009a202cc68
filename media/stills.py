"""Time and place in a photograph's EXIF (照片).

Source: EXIF 2.32 (DateTimeOriginal, OffsetTimeOriginal, GPS IFD) as read by exifread, XMP and IPTC. Shapes: one
file -> its time claims and at most one fix; at most FILE_BYTES_MAX bytes are read, in at most READS_MAX pieces, so that
a file whose tables run in circles ends. Units: degrees WGS 84; GPS time is UTC, camera time is local.
"""

from __future__ import annotations

import io
import logging
import re
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from typing import BinaryIO

from catalog.evidence import Fix, TimeClaim
from media.capture_time import CHANGED, CLOCK_S, STATED, offset_text, senseless
from media.gps.contract import possible_fix
from media.iptc import iptc_claims
from media.xmp import packet_of, xmp_claims, xmp_fix

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
VOID = "V"

SEGMENTS_MAX = 200
_JPEG, _EXIF = b"\xff\xd8", b"Exif\0\0"
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_SECONDS_CHARS = len("2026:03:11 09:36:21")
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
Tags = Mapping[str, object]
"""What exifread found, by name: text, or a sequence of fractions."""


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
    """Return what the EXIF of a photograph says; nothing if it has none or it cannot be read."""
    beginning = file.read(FILE_BYTES_MAX)
    tags, packet = _tags(beginning), packet_of(beginning[:XMP_WITHIN_BYTES])
    satellites = _gps_claim(tags)
    found = [*_camera_claims(tags, zone), satellites, *xmp_claims(packet), *iptc_claims(beginning[:XMP_WITHIN_BYTES])]
    fix = _fix(tags, satellites.value if satellites else None) or xmp_fix(packet)
    return tuple(claim for claim in found if claim is not None), () if fix is None else (fix,)


def _tags(beginning: bytes) -> Tags:
    """Return the EXIF of a photograph; where exifread gives up at a maker's own segments, that behind them."""
    return _read_tags(beginning) or _read_tags(_tiff_of(beginning))


def _tiff_of(jpeg: bytes) -> bytes:
    """Return the TIFF structure in the EXIF segment of a JPEG; nothing if there is none."""
    at = 2 if jpeg.startswith(_JPEG) else len(jpeg)
    for _ in range(SEGMENTS_MAX):
        head = jpeg[at : at + 4 + len(_EXIF)]
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):
            break
        end = at + 2 + int.from_bytes(head[2:4], "big")
        if head[1] == 0xE1 and head[4:] == _EXIF:
            return jpeg[at + len(head) : end]
        at = end
    return b""


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
        local = datetime.strptime(raw[:_SECONDS_CHARS], "%Y:%m:%d %H:%M:%S").replace(tzinfo=stated or zone)
        value = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return senseless(source, raw)
    told = f"{STATED} {offset_text(local)}" if stated else f"assumed {offset_text(local)}"
    return TimeClaim(source, raw, value, told, "start", CLOCK_S)


def _gps_claim(tags: Tags) -> TimeClaim | None:
    day, clock = tags.get(GPS_DAY), _fractions(tags.get(GPS_CLOCK))
    match = _DAY.fullmatch(day) if isinstance(day, str) else None
    told = "" if clock is None else ":".join(f"{float(part):g}" for part in clock)
    if tags.get(GPS_STATUS) == VOID or (match is None and clock is None):
        return None
    if match is None or clock is None:
        return senseless("gps", f"{day or ''} {told}".strip(), "a day or a time alone")
    raw = f"{day} {told}"
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
    if latitude is None or longitude is None or tags.get(GPS_STATUS) == VOID:
        return None
    return possible_fix(at, latitude, longitude, None)


def _angle(value: object, side: object, sides: str) -> float | None:
    parts = _fractions(value)
    if parts is None or not isinstance(side, str) or len(side) != 1 or side not in sides:
        return None
    degrees = float(parts[0] + parts[1] / 60 + parts[2] / 3600)
    return -degrees if side == sides[1] else degrees


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
