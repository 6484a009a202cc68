from __future__ import annotations

import struct
import time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import mp4_samples
from media.mp4 import read_movie
from media.mp4_samples import READ_BYTES_MAX, SAMPLE_BYTES_MAX, SAMPLES_MAX, Sample, read_samples
from tests.footage import movies
from tests.footage.counted import Counted

LINES = [b"one", b"three", b"", b"eleven"]
SECONDS_MAX = 5.0


def samples(data: bytes | Counted) -> list[Sample]:
    file = BytesIO(data) if isinstance(data, bytes) else data
    movie = read_movie(file)
    assert movie is not None
    return list(read_samples(file, movie, movie.tracks[0]))


@pytest.mark.parametrize("moov_first", [True, False])
def test_samples_in_order_with_their_times(moov_first: bool) -> None:
    found = samples(movies.movie(LINES, moov_first=moov_first))
    assert found == [Sample(b"one", 0, 1), Sample(b"three", 1, 1), Sample(b"eleven", 3, 1)]


def test_samples_of_fragments() -> None:
    found = samples(movies.fragmented([b"one", b"two"], handler=b"sbtl", entry=b"tx3g"))
    assert found == [Sample(b"one", 0, 1), Sample(b"two", 1, 1)]


def laid_out(*tables: bytes, content: bytes = b"abcdefghij") -> list[Sample]:
    """Return the samples of a movie with these tables; its content begins at 28."""
    stsd = movies.full(b"stsd", struct.pack(">I", 1), movies.box(b"text", bytes(8)))
    moov = movies.box(b"moov", movies.track(b"text", stsd, *tables))
    return samples(movies.FTYP + movies.box(b"mdat", content) + moov)


def table(kind: bytes, *rows: tuple[int, ...], form: str = "I") -> bytes:
    return movies.full(kind, struct.pack(">I", len(rows)), *(struct.pack(f">{len(row)}{form}", *row) for row in rows))


def test_chunks_of_many_samples_of_one_size_at_wide_offsets() -> None:
    found = laid_out(
        table(b"stts", (2, 500), (3, 1000)),
        table(b"stsc", (1, 3, 1), (2, 1, 1)),
        movies.full(b"stsz", struct.pack(">II", 2, 5)),
        table(b"co64", (28,), (34,), (36,), form="Q"),
    )
    assert [sample.data for sample in found] == [b"ab", b"cd", b"ef", b"gh", b"ij"]
    assert [sample.starts_s for sample in found] == [0, 0.5, 1, 2, 3]


def test_samples_past_the_end_and_too_long_ones_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4_samples, "SAMPLE_BYTES_MAX", 4)
    found = laid_out(
        table(b"stts", (4, 1000)),
        table(b"stsc", (1, 1, 1)),
        movies.full(b"stsz", struct.pack(">II", 0, 4), struct.pack(">4I", 3, 5, 3, 3)),
        table(b"stco", (28,), (28,), (10**9,), (31,)),
    )
    assert [sample.data for sample in found] == [b"abc", b"def"]


@pytest.mark.parametrize(
    "tables",
    [
        (),
        (
            table(b"stsc", (1, 2**32 - 1, 1)),
            movies.full(b"stsz", struct.pack(">II", 1, 2**32 - 1)),
            table(b"stco", (28,)),
        ),
        (
            table(b"stts", (2**32 - 1, 1)),
            table(b"stsc", (1, 2**32 - 1, 1)),
            movies.full(b"stsz", struct.pack(">II", SAMPLE_BYTES_MAX, 2**32 - 1)),
            table(b"stco", *[(0,)] * 1000),
        ),
        (table(b"stsc", (5, 1, 1), (1, 1, 1), (2**32 - 1, 1, 1)), movies.full(b"stsz", bytes(8)), table(b"stco", (0,))),
        (movies.full(b"stsz", struct.pack(">II", 0, 2**32 - 1)), movies.full(b"stco", struct.pack(">I", 2**32 - 1))),
    ],
)
def test_tables_that_lie_end_in_time(tables: tuple[bytes, ...]) -> None:
    begun = time.process_time()
    assert len(laid_out(*tables)) <= SAMPLES_MAX
    assert time.process_time() - begun < SECONDS_MAX


def test_a_fragment_that_lies_ends_in_time() -> None:
    whole = movies.fragmented([b"one"] * 50, handler=b"sbtl", entry=b"tx3g")
    lie = struct.pack(">I", 2**32 - 1)
    begun = time.process_time()
    for at in range(whole.index(b"moof"), whole.index(b"moof") + 100, 4):
        samples(whole[:at] + lie + whole[at + 4 :])
    assert time.process_time() - begun < SECONDS_MAX


SEEDS = (movies.movie(LINES), movies.fragmented(LINES, handler=b"sbtl", entry=b"tx3g"))
NUMBERS = [0, 1, 2, 3, 8, 0x201, 0xF05, 2**31, 2**32 - 1]


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 300), st.sampled_from(NUMBERS)), max_size=6))
def test_damaged_tables_do_no_harm(sound: bytes, wounds: list[tuple[int, int]]) -> None:
    damaged = bytearray(sound)
    for at, number in wounds:
        at = 28 + 4 * at % (len(damaged) - 32)
        damaged[at : at + 4] = struct.pack(">I", number)
    file = Counted(bytes(damaged))
    movie = read_movie(file)
    for track in movie.tracks if movie else ():
        file.read_bytes = 0
        for sample in read_samples(file, movie, track) if movie else ():
            assert len(sample.data) <= SAMPLE_BYTES_MAX
        assert file.read_bytes <= 2 * READ_BYTES_MAX
