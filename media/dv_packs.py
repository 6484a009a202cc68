"""When camcorders recorded: the packs of DV and of AVCHD (数据包时间).

Sources: IEC 61834-4 (pack 0x62 the day, 0x63 the time, in BCD); SMPTE 314M (DIF blocks of 80 bytes, 150 to a sequence,
blocks 3 to 5 hold packs); AVCHD's packs 0x18 and 0x19 behind `MDPM` in an SEI of H.264, as ExifTool's H264 describes
them. Shapes: a seekable file -> at most one claim, the first that is whole, for the beginning of the file. Units: local
time of the camera; AVCHD states the zone, DV does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import BinaryIO

from catalog.evidence import TimeClaim
from media.boxes import BoundedFile
from media.capture_time import CLOCK_S, HOUR_S, STATED, offset_text
from media.container_time import container_claim
from media.transport import is_transport, payloads

DIF_BYTES, DIF_SEQUENCE_BYTES, DIF_SEQUENCES = 80, 150 * 80, 24
AUX_BLOCKS = (3, 4, 5)
PACK_BYTES = 5
DV_HEAD = b"\x1f\x07\x00"
DV_DAY, DV_CLOCK = 0x62, 0x63
FIRST_DV_YEAR_OF_CENTURY = 75
AVCHD_HEAD = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
AVCHD_SCAN_BYTES = 256 * 1024
"""The first picture stands behind a few tables."""
AVCHD_PACKS_MAX = 64
AVCHD_YEAR, AVCHD_DAY = 0x18, 0x19
_SUMMER, _WEST, _HALF_HOUR, _NO_ZONE = 0x40, 0x20, 0x01, 0x80


def dv_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return when the first frame of a DV file was recorded; nothing if it is none or does not say."""
    bounded = BoundedFile(file)
    if bounded.read_at(0, len(DV_HEAD)) != DV_HEAD:
        return ()
    found: dict[int, bytes] = {}
    for pack in _dv_packs(bounded):
        found.setdefault(pack[0], pack)
    day, clock = found.get(DV_DAY), found.get(DV_CLOCK)
    if day is None or clock is None:
        return ()
    year = _bcd(day[4])
    century = 1900 if year is not None and year >= FIRST_DV_YEAR_OF_CENTURY else 2000
    numbers = (_bcd(day[3] & 0x1F), _bcd(day[2] & 0x3F), _bcd(clock[4] & 0x3F), _bcd(clock[3] & 0x7F))
    value = _time(None if year is None else century + year, *numbers, _bcd(clock[2] & 0x7F))
    return () if value is None else (container_claim(f"DV {value:%Y-%m-%d %H:%M:%S}", value, android=False),)


def avchd_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return when the first picture of an AVCHD stream was recorded; nothing if it is none or does not say."""
    file.seek(0)
    head = file.read(AVCHD_SCAN_BYTES)
    half = len(AVCHD_HEAD) // 2
    if not is_transport(head) or (AVCHD_HEAD[:half] not in head and AVCHD_HEAD[half:] not in head):
        return ()  # a packet's edge cuts it at one place: one half is always whole
    for stream in payloads(head):
        at = stream.find(AVCHD_HEAD)
        if at >= 0:
            claim = _avchd_claim(_unescaped(stream[at + len(AVCHD_HEAD) : at + len(AVCHD_HEAD) + 512]))
            return () if claim is None else (claim,)
    return ()


def _dv_packs(file: BoundedFile) -> Iterator[bytes]:
    """Yield the packs for day and time in the order of the file."""
    for sequence in range(DIF_SEQUENCES):
        for block in AUX_BLOCKS:
            body = file.read_at(sequence * DIF_SEQUENCE_BYTES + block * DIF_BYTES, DIF_BYTES)
            for at in range(3, len(body) - PACK_BYTES + 1, PACK_BYTES):
                if body[at] in (DV_DAY, DV_CLOCK) and body[at + 2 : at + PACK_BYTES] != b"\xff\xff\xff":
                    yield body[at : at + PACK_BYTES]


def _avchd_claim(packs: bytes) -> TimeClaim | None:
    count = min(packs[0], AVCHD_PACKS_MAX) if packs else 0
    bodies = {packs[at]: packs[at + 1 : at + PACK_BYTES] for at in range(1, len(packs), PACK_BYTES)[:count]}
    year, day = bodies.get(AVCHD_YEAR, b""), bodies.get(AVCHD_DAY, b"")
    if len(year) < 4 or len(day) < 4:
        return None
    century, of_century = _bcd(year[1]), _bcd(year[2])
    if century is None or of_century is None:
        return None
    read = _time(century * 100 + of_century, _bcd(year[3]), *(_bcd(part) for part in day))
    if read is None:
        return None
    raw = f"AVCHD {read:%Y-%m-%d %H:%M:%S}"
    zone = _zone(year[0])
    if zone is None:
        return container_claim(raw, read, android=False)
    try:
        local = read.replace(tzinfo=zone)
        value = local.astimezone(UTC)
    except OverflowError:
        return None
    # Whether the stated zone already counts summer time in, makers do not agree.
    uncertainty_s = CLOCK_S + (HOUR_S if year[0] & _SUMMER else 0.0)
    told_zone = offset_text(local)
    return TimeClaim("container", raw + told_zone, value, f"{STATED} {told_zone}", "start", uncertainty_s)


def _zone(value: int) -> timezone | None:
    if value & _NO_ZONE:
        return None
    offset = timedelta(hours=value >> 1 & 0x0F, minutes=30 if value & _HALF_HOUR else 0)
    return timezone(-offset if value & _WEST else offset)


def _unescaped(unit: bytes) -> bytes:
    """Return what stood in a NAL unit before 00 00 01 and the like were kept out of it."""
    return unit.replace(b"\0\0\x03", b"\0\0")


def _bcd(byte: int) -> int | None:
    tens, ones = divmod(byte, 16)
    return 10 * tens + ones if tens < 10 and ones < 10 else None


def _time(*parts: int | None) -> datetime | None:
    numbers = [part for part in parts if part is not None]
    if len(numbers) < len(parts):
        return None
    year, month, day, hour, minute, second = numbers
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
