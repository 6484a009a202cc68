"""What holds for every GPS format: junk never raises, and no impossible fix comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gps.contract import FIXES_MAX, GpsFormat
from media.track import formats
from tests.footage import clips

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
SOUND = (
    clips.gpx([(AT, 30.25, 119.75)] * 4),
    "\n".join([clips.rmc(AT, 30.25, 119.75), clips.gga("013622", 30.25, 119.75)] * 4).encode(),
)
PIECES = (b"$GPRMC,", b"A,", b"9" * 12, b",", b"N", b"E", b"*", b"<gpx>", b"<wpt lat='", b"'>")
EVERY = pytest.mark.parametrize("known", formats(), ids=lambda known: known.name)


def hold(known: GpsFormat, data: bytes) -> None:
    fixes = known.read(BytesIO(data))
    assert len(fixes or ()) <= FIXES_MAX
    for fix in fixes or ():
        assert abs(fix.latitude_deg) <= 90
        assert abs(fix.longitude_deg) <= 180
        assert (fix.latitude_deg, fix.longitude_deg) != (0, 0)
        assert fix.at is None or fix.at.utcoffset() is not None
        assert fix.speed_mps is None or 0 <= fix.speed_mps < 1000


@EVERY
def test_a_name_is_one_word(known: GpsFormat) -> None:
    assert known.name.isidentifier()


@EVERY
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100_000, b"\xff" * 100_000, b"$" * 100_000, b"<" * 100_000, b"<a>" * 9999]
)
def test_plain_junk(known: GpsFormat, data: bytes) -> None:
    assert not known.read(BytesIO(data))


@EVERY
@given(st.binary(max_size=2000))
def test_random_bytes(known: GpsFormat, data: bytes) -> None:
    hold(known, data)


@EVERY
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=8)), max_size=8))
def test_damaged_tracks(known: GpsFormat, sound: bytes, wounds: list[tuple[int, bytes]]) -> None:
    data = bytearray(sound)
    for at, bytes_ in wounds:
        at %= len(data)
        data[at : at + len(bytes_)] = bytes_
    hold(known, bytes(data))


@EVERY
@given(
    st.lists(st.sampled_from([b"$GPRMC,", b"A,", b"9" * 12, b",", b"N", b"E", b"*", b"<gpx>", b"<wpt lat='", b"'>"]))
)
def test_pieces_of_tracks(known: GpsFormat, pieces: list[bytes]) -> None:
    hold(known, b"".join(pieces))
