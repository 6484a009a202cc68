from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.evidence import Fix, TimeClaim
from media.stills import read_exif
from tests.footage import clips

CHINA = timezone(timedelta(hours=8))
TAKEN = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.247534, 119.745997)
FULL = clips.exif("2026:03:11 09:36:58", "+08:00", PLACE, TAKEN)


def read(tiff: bytes) -> tuple[tuple[TimeClaim, ...], tuple[Fix, ...]]:
    return read_exif(BytesIO(clips.jpeg(tiff)), CHINA)


def test_time_zone_and_place() -> None:
    (camera, satellites), (fix,) = read(FULL)
    assert (camera.source, camera.raw, camera.zone) == ("exif", "2026:03:11 09:36:58", "stated +08:00")
    assert camera.value == datetime(2026, 3, 11, 1, 36, 58, tzinfo=UTC)
    assert (satellites.source, satellites.value, satellites.zone) == ("gps", TAKEN, "stated UTC")
    assert satellites.uncertainty_s == 2
    assert fix.at == TAKEN
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx(PLACE, abs=1e-6)


def test_a_stated_zone_wins_over_the_assumed_one() -> None:
    ((camera,), _) = read(clips.exif("2026:03:11 01:36:21", "+00:00"))
    assert (camera.value, camera.zone) == (TAKEN, "stated +00:00")
    ((camera,), _) = read(clips.exif("2026:03:11 09:36:21"))
    assert (camera.value, camera.zone) == (TAKEN, "assumed +08:00")


@pytest.mark.parametrize(
    ("told", "accuracy_m"),
    [
        ([(0x1F, (47, 10))], 4.7),
        ([(0x0B, (3, 1))], 15.0),
        ([(0x0B, (3, 1)), (0x1F, (47, 10))], 4.7),
        ([(0x1F, (1, 0))], None),
    ],
)
def test_how_good_a_position_is(told: list[tuple[int, tuple[int, int]]], accuracy_m: float | None) -> None:
    (_, (fix,)) = read(clips.exif(place=PLACE, more=[clips.rational_entry(tag, [value]) for tag, value in told]))
    assert (fix.accuracy_m, fix.is_valid) == (accuracy_m, True)


def test_south_and_west() -> None:
    (_, (fix,)) = read(clips.exif(place=(-33.5, -70.25)))
    assert (fix.at, fix.latitude_deg, fix.longitude_deg) == (None, -33.5, -70.25)


@pytest.mark.parametrize("place", [(0.0, 0.0), (95.0, 10.0), (10.0, 181.0)])
def test_impossible_places_are_left_out(place: tuple[float, float]) -> None:
    assert read(clips.exif(place=place)) == ((), ())


def test_a_void_receiver_says_nothing() -> None:
    assert read(clips.exif(place=PLACE, gps_at=TAKEN, status="V")) == ((), ())


@pytest.mark.parametrize("raw", ["0000:00:00 00:00:00", "2026:02:30 10:00:00", "yesterday"])
def test_a_date_that_is_none_is_a_claim_without_value(raw: str) -> None:
    ((camera,), _) = read(clips.exif(raw))
    assert (camera.raw, camera.value, camera.note) == (raw, None, "no such time")


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"not a photograph", clips.jpeg(), clips.wav()[:200]])
def test_no_exif_says_nothing(data: bytes) -> None:
    assert read_exif(BytesIO(data), CHINA) == ((), ())


@settings(max_examples=80, deadline=2000)
@given(st.data())
def test_damaged_exif_never_breaks_the_reader(data: st.DataObject) -> None:
    tiff = bytearray(FULL)
    for _ in range(data.draw(st.integers(1, 12))):
        tiff[data.draw(st.integers(8, len(tiff) - 1))] = data.draw(st.integers(0, 255))
    cut_at = data.draw(st.integers(0, len(tiff)))
    read_exif(BytesIO(clips.jpeg(bytes(tiff[:cut_at]))), CHINA)


def test_directories_that_run_in_circles_end() -> None:
    entries = [(0x8769, clips.LONG, 1, b"\x08\0\0\0"), (0x8825, clips.LONG, 1, b"\x08\0\0\0")]
    around = clips.ifd(entries, 8)[:-4] + b"\x08\0\0\0"
    assert read(b"II*\0\x08\0\0\0" + around) == ((), ())
