from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media.gps.camm import FORMAT, GPS_EPOCH, utc_of_gps
from tests.footage import movies

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)


def read(*packets: bytes) -> Sequence[Fix] | None:
    return FORMAT.read(BytesIO(movies.movie(packets, handler=b"camm", entry=b"camm")))


def test_full_packets_have_utc_speed_and_accuracy() -> None:
    later = AT + timedelta(seconds=1)
    found = read(movies.camm_full(AT, *PLACE), movies.camm_point(1, 1), movies.camm_full(later, -30.25, -119.75))
    assert found == (
        Fix(AT, *PLACE, 5, accuracy_m=3, is_valid=True),
        Fix(later, -30.25, -119.75, 5, accuracy_m=3, is_valid=True),
    )


def test_points_alone_have_no_time() -> None:
    assert read(movies.camm_point(*PLACE)) == (Fix(None, *PLACE),)


def test_no_fix_is_no_fix_and_hides_no_point() -> None:
    assert read(movies.camm_full(AT, *PLACE, kind=0)) == ()
    assert read(movies.camm_full(AT, *PLACE, kind=0), movies.camm_point(1, 2)) == (Fix(None, 1, 2),)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1e300, 1e18])
def test_a_time_without_sense_is_no_fix(seconds: float) -> None:
    packet = movies.camm_full(AT, *PLACE)
    assert read(packet[:4] + struct.pack("<d", seconds) + packet[12:]) == ()


@pytest.mark.parametrize(
    "packet", [b"", b"\0\0", movies.camm_full(AT, *PLACE)[:-1], movies.camm_point(91, 0), movies.camm_point(0, 0)]
)
def test_other_packets_are_left_out(packet: bytes) -> None:
    assert read(packet, b"\0\0\3\0" + bytes(12)) == ()


@pytest.mark.parametrize(
    ("day", "leap_s"), [((1981, 6, 1), 0), ((2016, 12, 31), 17), ((2017, 1, 2), 18), ((2026, 3, 11), 18)]
)
def test_leap_seconds(day: tuple[int, int, int], leap_s: int) -> None:
    at = datetime(*day, tzinfo=UTC)
    assert utc_of_gps((at - GPS_EPOCH).total_seconds() + leap_s) == at


def test_another_movie_is_left_to_others() -> None:
    assert FORMAT.read(BytesIO(movies.movie([movies.camm_point(*PLACE)]))) is None
    assert FORMAT.read(BytesIO(b"camm")) is None
