from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media import freegps
from media.boxes import AHEAD_BYTES
from media.gps.novatek import FORMAT
from tests.footage import clips, movies
from tests.footage.counted import Counted

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)
DIALECTS = ("17", "17c", "short")


def read(data: bytes) -> Sequence[Fix] | None:
    return FORMAT.read(BytesIO(data))


def walk(count: int, dialect: str = "17c") -> list[bytes]:
    return [movies.freegps(AT + timedelta(seconds=second), *PLACE, dialect=dialect) for second in range(count)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("place", [(30.25, 119.75), (-30.25, -119.75), (0.75, 1.25)])
def test_each_dialect_in_each_quarter(dialect: str, place: tuple[float, float]) -> None:
    (fix,) = read(movies.with_blocks([movies.freegps(AT, *place, kmh=36, dialect=dialect)])) or ()
    assert fix.at == AT
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx(place, abs=1e-5)
    assert fix.speed_mps == pytest.approx(10, abs=1e-4)


def test_the_order_is_that_of_the_index() -> None:
    found = read(movies.with_blocks(walk(5)))
    assert found is not None
    assert [fix.at for fix in found] == [AT + timedelta(seconds=second) for second in range(5)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_satellite_is_no_fix(dialect: str) -> None:
    assert read(movies.with_blocks([movies.freegps(AT, *PLACE, dialect=dialect, status=b"V")])) == ()


def changed(at: int, form: str, value: float) -> bytes:
    block = bytearray(movies.freegps(AT, *PLACE, dialect="17"))
    struct.pack_into(form, block, at, value)
    return bytes(block)


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [
        (0x30, "<I", 24),
        (0x34, "<I", 60),
        (0x38, "<I", 60),
        (0x3C, "<I", 2**32 - 1),
        (0x40, "<I", 13),
        (0x44, "<I", 31 + 1),
        (0x44, "<I", 0),
        (0x4C, "<f", float("nan")),
        (0x4C, "<f", float("inf")),
        (0x4C, "<f", -3015.0),
        (0x4C, "<f", 3075.0),
        (0x4C, "<f", 9915.0),
        (0x50, "<f", 18115.0),
        (0x50, "<f", 3e38),
    ],
)
def test_an_impossible_time_or_place_is_no_fix(at: int, form: str, value: float) -> None:
    assert read(movies.with_blocks([changed(at, form, value)])) == ()


def test_an_impossible_speed_alone_is_dropped() -> None:
    (fix,) = read(movies.with_blocks([changed(0x54, "<f", float("nan"))])) or ()
    assert fix.speed_mps is None


def test_numbers_that_are_no_degrees_are_minutes_in_a_small_block_too() -> None:
    block = movies.freegps(AT, *PLACE, dialect="17")
    small = struct.pack(">I", 0x4000) + block[4:0x4000]
    (fix,) = read(movies.with_blocks([small])) or ()
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx(PLACE, abs=1e-5)


def test_blocks_with_sentences() -> None:
    lines = [clips.rmc(AT + timedelta(seconds=second), *PLACE).encode() for second in range(3)]
    blocks = [movies.freegps(AT, 0, 0, dialect="17", status=b"\xe0")[:0x80] + line.ljust(0x80, b"\0") for line in lines]
    found = read(movies.with_blocks(blocks))
    assert found is not None
    assert [fix.at for fix in found] == [AT + timedelta(seconds=second) for second in range(3)]


def test_a_movie_without_index_or_with_other_blocks_is_left_to_others() -> None:
    assert read(movies.movie([b"one"], mdat=walk(1)[0])) is None
    assert read(movies.with_blocks([b"\0\0\x40\0freeGPS ".ljust(0x4000, b"\xed")])) is None
    assert read(b"freeGPS ") is None


@pytest.mark.parametrize(
    "index",
    [
        b"",
        struct.pack(">I", 0x101),
        struct.pack(">II", 0x101, 2**32 - 1),
        struct.pack(">IIII", 0x101, 9, 2**32 - 1, 2**32 - 1),
        struct.pack(">IIIII", 0x101, 1, 0, 0, 7),
    ],
)
def test_an_index_that_lies_gives_nothing(index: bytes) -> None:
    assert read(movies.movie([b"one"], parts=(movies.box(b"gps ", index),))) is None


def test_a_block_that_was_overwritten_is_missing_alone() -> None:
    blocks = walk(3)
    blocks[1] = bytes(len(blocks[1]))
    assert len(read(movies.with_blocks(blocks)) or ()) == 2


@pytest.mark.parametrize("tail", [b"", bytes(4096), b"\xff" * 99])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_moov_the_blocks_are_found(dialect: str, tail: bytes) -> None:
    found = read(clips.without_moov(movies.with_blocks(walk(4, dialect))) + tail)
    assert found is not None
    assert [fix.at for fix in found] == [AT + timedelta(seconds=second) for second in range(4)]


@pytest.mark.parametrize("size", [96, 100, 255, 256, 257, 300, 511, 1000])
def test_blocks_are_found_wherever_the_pieces_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freegps, "SCAN_BYTES", size)
    blocks = [block[:300] for block in walk(9)]
    whole = clips.without_moov(movies.with_blocks(blocks, [b"freeGPS freeGPS "]))
    assert len(read(whole) or ()) == 9
    assert len(read(whole[:-100]) or ()) == 9
    assert len(read(whole[:-250]) or ()) == 8


def test_half_a_moov_is_no_index() -> None:
    whole = movies.with_blocks(walk(4))
    for cut in (whole[:-4], whole[: whole.index(b"mdhd")]):
        assert len(read(cut) or ()) == 4


def test_the_search_ends_at_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = clips.without_moov(movies.with_blocks(walk(9)))
    monkeypatch.setattr(freegps, "BLOCKS_MAX", 4)
    assert len(read(whole) or ()) == 4
    monkeypatch.setattr(freegps, "SCAN_BYTES_MAX", 0x4000)
    file = Counted(whole)
    assert len(FORMAT.read(file) or ()) == 1
    assert file.read_bytes <= 0x4000 + AHEAD_BYTES


def test_a_healthy_movie_is_not_searched() -> None:
    file = Counted(movies.with_blocks(walk(60), [bytes(10_000_000)]))
    assert len(FORMAT.read(file) or ()) == 60
    assert file.read_bytes < 60 * freegps.BLOCK_BYTES + 3 * AHEAD_BYTES
