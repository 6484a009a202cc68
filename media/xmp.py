"""What a photograph's XMP packet says: a place, and times that programs wrote (XMP).

Source: Adobe XMP part 2 (exif:GPSLatitude as `DDD,MM.mmmmK` or `DDD,MM,SSK`; xmp, exif and photoshop dates as ISO
8601). A packet is text: attributes or elements are looked for by name, and no XML is parsed. Shapes: the beginning of a
file -> at most CLAIMS_MAX claims that are kept and never chosen, for any program may have written them, and one fix at
most. Units: degrees WGS 84.
"""

from __future__ import annotations

import re
from functools import cache

from catalog.evidence import Fix, TimeClaim
from media.capture_time import AS_IF_UTC, CHANGED, CLOCK_S, STATED, XMP, ZONE_S, senseless, utc_of_iso
from media.gps.contract import possible_fix

PACKET_BYTES_MAX = 256 * 1024
CLAIMS_MAX = 8
DATES = {
    b"exif:DateTimeOriginal": XMP,
    b"exif:DateTimeDigitized": XMP,
    b"exif:GPSTimeStamp": XMP,
    b"photoshop:DateCreated": XMP,
    b"xmp:CreateDate": XMP,
    b"pdf:CreationDate": XMP,
    b"xmp:ModifyDate": CHANGED,
}

_BEGINS, _ENDS = b"<x:xmpmeta", b"</x:xmpmeta>"
_ANGLE = re.compile(r"(\d{1,3}),(\d{1,2})(?:,(\d{1,2}(?:\.\d{1,9})?)|(\.\d{1,9}))?([NSEW])")


@cache
def _property(name: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(name) + rb"\s{0,8}(?:=\s{0,8}[\"']([^\"'<>]{1,64})[\"']|>([^<>]{1,64})<)")


def packet_of(beginning: bytes) -> bytes:
    """Return the first packet in the beginning of a file; nothing if there is none."""
    at = beginning.find(_BEGINS)
    end = beginning.find(_ENDS, at)
    return beginning[at:end][:PACKET_BYTES_MAX] if 0 <= at < end else b""


def xmp_claims(packet: bytes) -> tuple[TimeClaim, ...]:
    """Return the times of a packet, each with the name of its property before it; equal ones once."""
    found: dict[str, TimeClaim] = {}
    for name, source in DATES.items():
        text = _said(packet, name)
        if text:
            found.setdefault(text, _claim(source, f"{name.decode()} {text}", text))
    return tuple(found.values())[:CLAIMS_MAX]


def xmp_fix(packet: bytes) -> Fix | None:
    """Return the place of a packet, or None if it has none."""
    latitude, longitude = _angle(_said(packet, b"exif:GPSLatitude")), _angle(_said(packet, b"exif:GPSLongitude"))
    if latitude is None or longitude is None:
        return None
    return possible_fix(None, latitude, longitude, None)


def _said(packet: bytes, name: bytes) -> str:
    match = _property(name).search(packet) if name in packet else None
    return (match[1] or match[2]).decode("utf-8", "replace").strip() if match else ""


def _claim(source: str, raw: str, text: str) -> TimeClaim:
    value = utc_of_iso(text)
    if value is None:
        return senseless(source, raw)
    has_zone = text.endswith("Z") or text[-6:-5] in ("+", "-")
    zone, uncertainty_s = (f"{STATED} zone", CLOCK_S) if has_zone else (AS_IF_UTC, ZONE_S + CLOCK_S)
    return TimeClaim(source, raw, value, zone, "start", uncertainty_s)


def _angle(text: str) -> float | None:
    match = _ANGLE.fullmatch(text)
    if match is None:
        return None
    degrees, minutes, seconds, fraction, side = match.groups()
    angle = int(degrees) + (int(minutes) + float(fraction or 0)) / 60 + float(seconds or 0) / 3600
    return -angle if side in "SW" else angle
