from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Fix
from media.gps.gpmf import FORMAT, fixes_in, streams
from tests.footage import movies

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)


def read(*payloads: bytes) -> Sequence[Fix] | None:
    return FORMAT.read(BytesIO(movies.movie(payloads, handler=b"meta", entry=b"gpmd")))


good = partial(Fix, is_valid=True)


def test_the_readings_of_a_payload_share_its_second() -> None:
    later = AT + timedelta(seconds=1)
    found = read(movies.gps5(AT, [PLACE, (-1.5, -2.5)]), movies.gps5(later, [PLACE]))
    assert found == (
        good(AT, *PLACE, 5, accuracy_m=10),
        good(AT + timedelta(seconds=0.5), -1.5, -2.5, 5, accuracy_m=10),
        good(later, *PLACE, 5, accuracy_m=10),
    )


def test_the_newer_kind_has_times_of_its_own() -> None:
    assert read(movies.gps9(AT, *PLACE)) == (good(AT, *PLACE, 5, accuracy_m=10),)


@pytest.mark.parametrize(
    "payload",
    [
        movies.gps5(AT, [(42.03, -129.29)] * 18, fix=0, dilution=9999),
        movies.gps5(AT, [PLACE], fix=0),
        movies.gps5(AT, [PLACE], fix=None),
        movies.gps5(AT, [PLACE], dilution=1001),
        movies.gps5(AT, [(0, 0)]),
        movies.gps9(AT, *PLACE, fix=0),
        movies.gps9(AT, *PLACE, dilution=1001),
        movies.device(b""),
    ],
)
def test_a_camera_without_satellites_is_nowhere(payload: bytes) -> None:
    assert read(payload) == ()


@pytest.mark.parametrize(("dilution", "accuracy_m"), [(None, None), (9999, None), (606, 30.3)])
def test_a_fix_counts_before_its_dilution_is_known(dilution: int | None, accuracy_m: float | None) -> None:
    (fix,) = read(movies.gps5(AT, [PLACE], dilution=dilution)) or ()
    assert fix.accuracy_m == pytest.approx(accuracy_m)
    assert replace(fix, accuracy_m=None) == good(AT, *PLACE, 5)


def drone(*, fix: int = 3, clock: bool = True) -> bytes:
    """Return a payload as the Karma drone writes it: 145 s after it was switched on, at AT, 3 m/s north, 4 east."""
    raw = movies.klv(b"TYPE", b"c", 1, b"JlllSSSSBB") + movies.klv(
        b"GPRI", b"?", 30, struct.pack(">Qlll4H2B", *[0] * 8, fix, 9)
    )
    numbers = struct.pack(">I4i3hH", 145_000, 302_500_000, 1_197_500_000, 0, 0, 300, 400, 0, 0)
    scale = struct.pack(">9i", 1000, 10**7, 10**7, 1000, 1000, 100, 100, 100, 100)
    own = (
        movies.klv(b"TYPE", b"c", 1, b"LllllsssS")
        + movies.klv(b"SCAL", b"l", 4, scale)
        + movies.klv(b"GLPI", b"?", 28, numbers)
    )
    times = struct.pack(">QQ", 144_000_000, (int(AT.timestamp()) - 1) * 1000)
    system = movies.klv(b"TYPE", b"c", 1, b"JJ") + movies.klv(b"SCAL", b"l", 4, struct.pack(">2i", 10**6, 1000))
    system += movies.klv(b"SYST", b"?", 16, times)
    return movies.device(raw, own, system if clock else b"")


def test_a_drones_own_positions_take_the_time_of_its_clock() -> None:
    assert read(drone()) == (good(AT, *PLACE, 5),)
    assert read(drone(clock=False)) == (good(None, *PLACE, 5),)
    assert read(drone(fix=0)) == ()


@pytest.mark.parametrize(
    "stream",
    [
        movies.klv(b"GPSF", b"L", 4, b"\0\0\0\3") + movies.klv(b"GPS5", b"?", 20, bytes(20)),
        movies.klv(b"GPSF", b"L", 4, b"\0\0\0\3") + movies.klv(b"GPS5", b"c", 20, bytes(20)),
        movies.klv(b"GPSF", b"L", 4, b"\0\0\0\3") + movies.klv(b"GPS5", b"l", 16, bytes(16)),
        movies.klv(b"GPSF", b"L", 4, b"\0\0\0\3") + struct.pack(">4scBH", b"GPS5", b"l", 20, 65535),
        movies.klv(b"SCAL", b"l", 4, bytes(36)) + movies.klv(b"GPS9", b"l", 36, bytes(36)),
        movies.klv(b"GPS9", b"d", 72, struct.pack(">9d", *[float("nan")] * 7, 1, 3)),
        movies.klv(b"GPS9", b"d", 72, struct.pack(">9d", 30, 119, 0, 0, 0, 1e300, 0, 1, 3)),
    ],
)
def test_shapes_that_lie_give_nothing(stream: bytes) -> None:
    found = read(movies.device(stream))
    assert found is not None
    assert [fix for fix in found if fix.at is not None] == []


@given(st.binary(max_size=400) | st.binary(max_size=200).map(movies.device))
def test_any_payload(payload: bytes) -> None:
    list(fixes_in(tuple(streams(payload)), 1.0))


def test_another_movie_is_left_to_others() -> None:
    assert FORMAT.read(BytesIO(movies.movie([movies.gps5(AT, [PLACE])]))) is None
    assert read(b"\0\0\0\x10 not GPMF at all") is None
    assert FORMAT.read(BytesIO(b"gpmd")) is None
