"""Times in Matroska, DV, AVCHD and MXF, and in the box Navitel puts behind moov."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import TimeClaim
from media.capture_time import CHANGED, CLOCK_S, HOUR_S, ZONE_S
from media.container_time import movie_claims
from media.dv_packs import avchd_claims, dv_claims
from media.look import TIMES
from media.matroska import matroska_claims
from media.mp4 import read_movie
from media.mxf import mxf_claims
from tests.footage import camcorders, movies
from tests.footage.counted import Counted

AT = datetime(2026, 3, 11, 9, 36, 21, tzinfo=UTC)
READ_BYTES_MAX = 1024 * 1024
Times = Callable[[BinaryIO], tuple[TimeClaim, ...]]
OF_READER: dict[Times, tuple[bytes, ...]] = {
    avchd_claims: (camcorders.avchd(AT), camcorders.avchd(AT, place=160), camcorders.avchd(AT, zone=0xFF)),
    dv_claims: (camcorders.dv(AT),),
    matroska_claims: (camcorders.matroska(AT), camcorders.matroska(AT, endless=True)),
    mxf_claims: (camcorders.mxf(AT),),
}
EVERY = pytest.mark.parametrize("reader", [reader for _, reader in TIMES], ids=lambda reader: reader.__name__)
MADE = [data for of_one in OF_READER.values() for data in of_one]


@pytest.mark.parametrize(("reader", "files"), OF_READER.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_its_own_files_tell_their_time_and_no_others(reader: Times, files: tuple[bytes, ...]) -> None:
    for data in MADE:
        told = reader(BytesIO(data))
        assert bool(told) is (data in files)
        for claim in told:
            zone = timedelta(hours=8) if claim.zone.startswith("stated") else timedelta(0)
            assert claim.value == AT - zone
            assert claim.uncertainty_s == (CLOCK_S if zone else CLOCK_S + ZONE_S)
            assert claim.source == (CHANGED if "Modifi" in claim.raw else "container")


def test_avchd_states_its_zone_and_makers_differ_about_summer_time() -> None:
    for zone, offset in ((2, 1.0), (0x20 | 2 * 3 | 1, -3.5), (0, 0.0)):
        (claim,) = avchd_claims(BytesIO(camcorders.avchd(AT, zone=zone)))
        assert claim.value == AT - timedelta(hours=offset)
    (claim,) = avchd_claims(BytesIO(camcorders.avchd(AT, zone=0x40 | 2)))
    assert claim.uncertainty_s == CLOCK_S + HOUR_S


def test_midnight_is_written_with_bytes_between_its_zeros() -> None:
    midnight = AT.replace(hour=0, minute=0, second=0)
    (claim,) = avchd_claims(BytesIO(camcorders.avchd(midnight, zone=0)))
    assert claim.value == midnight


def test_an_impossible_day_is_no_time() -> None:
    wrong = camcorders.dv(AT).replace(bytes([0x63, 0xFF, 0x80 | 0x21]), bytes([0x63, 0xFF, 0xFF]))
    assert dv_claims(BytesIO(wrong)) == ()


@pytest.mark.parametrize("in_moov", [True, False])
def test_navitels_box(in_moov: bool) -> None:
    idit = movies.box(b"IDIT", b"2026-03-11 09:36:21\0")
    data = movies.movie(parts=(idit,)) if in_moov else movies.movie() + idit
    movie = read_movie(BytesIO(data))
    assert movie is not None
    (claim,) = movie_claims(movie)
    assert (claim.value, claim.raw, claim.source) == (AT, "IDIT 2026-03-11 09:36:21", "container")


def test_a_moov_without_a_header_does_not_hide_the_one_that_has_it() -> None:
    whole = movies.movie(created=movies.seconds_1904(AT))
    movie = read_movie(BytesIO(movies.box(b"moov", b"12345678") + whole))
    assert movie is not None
    assert movie_claims(movie)[0].value == AT
    only = read_movie(BytesIO(movies.box(b"moov", b"12345678")))
    assert only is not None
    assert only.moov is not None


def hold(reader: Times, data: bytes) -> None:
    file = Counted(data)
    for claim in reader(file):
        assert claim.value is None or claim.value.utcoffset() == timedelta(0)
    assert file.read_bytes <= READ_BYTES_MAX + 2 * len(data)


@EVERY
def test_files_cut_anywhere(reader: Times) -> None:
    for data in MADE:
        for end in range(0, len(data), 1 + len(data) // 100):
            hold(reader, data[:end])


@EVERY
@given(st.sampled_from(MADE), st.lists(st.tuples(st.integers(0, 30_000), st.binary(max_size=8)), max_size=8))
def test_damaged_files(reader: Times, data: bytes, wounds: list[tuple[int, bytes]]) -> None:
    wounded = bytearray(data)
    for at, bytes_ in wounds:
        at %= len(data)
        wounded[at : at + len(bytes_)] = bytes_
    hold(reader, bytes(wounded))


@EVERY
@given(st.binary(max_size=2000))
def test_random_bytes(reader: Times, data: bytes) -> None:
    hold(reader, data)
