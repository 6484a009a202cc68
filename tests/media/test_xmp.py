from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.capture_time import choose
from media.xmp import CLAIMS_MAX, packet_of, xmp_claims, xmp_fix

DOCKED = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)


def packet(inside: str) -> bytes:
    return packet_of(b"\xff\xd8 http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + inside.encode() + b"</x:xmpmeta> rest")


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        ("30,15.0N", "119,45.0E", (30.25, 119.75)),
        ("30,15,0S", "119,45,0W", (-30.25, -119.75)),
        ("30,14,60.0N", "119,45.00E", (30.25, 119.75)),
    ],
)
def test_a_place(latitude: str, longitude: str, place: tuple[float, float]) -> None:
    for inside in (
        f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"',
        f"<exif:GPSLatitude>{latitude}</exif:GPSLatitude><exif:GPSLongitude>{longitude}</exif:GPSLongitude>",
    ):
        fix = xmp_fix(packet(inside))
        assert fix is not None
        assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx(place)


@pytest.mark.parametrize("inside", ["", 'exif:GPSLatitude="30,15.0N"', 'exif:GPSLatitude="x" exif:GPSLongitude="y"'])
def test_no_place(inside: str) -> None:
    assert xmp_fix(packet(inside)) is None


def test_times_are_kept_and_never_chosen() -> None:
    claims = xmp_claims(packet('xmp:CreateDate="2026-03-11T09:36:21+08:00" xmp:ModifyDate="2026-03-11T10:00:00"'))
    assert [(claim.source, claim.value) for claim in claims] == [
        ("xmp", datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)),
        ("changed", datetime(2026, 3, 11, 10, tzinfo=UTC)),
    ]
    assert choose(claims, DOCKED, None).source == "docking"
    assert [claim.value for claim in xmp_claims(packet('xmp:CreateDate="yesterday"'))] == [None]


@given(st.binary(max_size=300))
def test_junk(junk: bytes) -> None:
    for data in (packet_of(junk), b'exif:GPSLatitude="' + junk, b'xmp:CreateDate="' + junk + b'"'):
        assert len(xmp_claims(data)) <= CLAIMS_MAX
        xmp_fix(data)
