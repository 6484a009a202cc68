from __future__ import annotations

import struct
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import boxes as boxes_module
from media.boxes import READS_MAX, WALK_BYTES_MAX, BoundedFile, Box, boxes
from media.ffmpeg import Tools
from media.look import look
from media.mp4 import ILST, KEYS, TEXTS_MAX, TRACKS_MAX, UDTA, Movie, ReadOnce, Stamp, Text, read_movie
from tests.footage import clips, movies
from tests.footage.counted import Counted

CREATED = 3_855_521_400
LARGE_BYTES = 2 * 1024**3
FEW_BYTES = 64 * 1024
NAMES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"meta", b"udta", b"ilst", b"keys", b"mdat", b"gps ")


def read(data: bytes) -> Movie:
    movie = read_movie(BytesIO(data))
    assert movie is not None
    return movie


@pytest.mark.parametrize("moov_first", [True, False])
def test_times_and_tracks(moov_first: bool) -> None:
    movie = read(movies.movie([b"one"], handler=b"sbtl", entry=b"tx3g", created=CREATED, moov_first=moov_first))
    (track,) = movie.tracks
    assert movie.times == (Stamp("mvhd", CREATED, CREATED),)
    assert track.times == (Stamp("tkhd", CREATED, CREATED), Stamp("mdhd", CREATED, CREATED))
    assert (track.number, track.handler, track.entries, track.timescale) == (1, "sbtl", ("tx3g",), 1000)


def test_times_of_64_bits() -> None:
    whole = movies.FTYP + movies.box(b"moov", movies.times(b"mvhd", 2**40, version=1))
    assert read(whole).times == (Stamp("mvhd", 2**40, 2**40),)


def test_ffmpegs_own_movie_is_read() -> None:
    movie = read(clips.mp4(tags={"com.android.version": "9"}))
    assert [track.handler for track in movie.tracks] == ["vide", "soun"]
    assert [track.entries for track in movie.tracks] == [("mp4v",), ("mp4a",)]
    assert movie.text(KEYS, "com.android.version") == "9"


def test_texts_say_where_they_stand() -> None:
    udta = movies.box(
        b"udta",
        movies.spoken(b"\xa9xyz", "+30.25+119.75/"),
        movies.full(
            b"meta", movies.full(b"hdlr", bytes(20)), movies.box(b"ilst", movies.box(b"\xa9day", movies.data("2026")))
        ),
    )
    movie = read(movies.movie(parts=(udta, movies.keyed(("com.apple.quicktime.creationdate", "2026-03-11")))))
    assert movie.texts == (
        Text(UDTA, "©xyz", "+30.25+119.75/"),
        Text(ILST, "©day", "2026"),
        Text(KEYS, "com.apple.quicktime.creationdate", "2026-03-11"),
    )
    assert movie.text(UDTA, "©day") is None


@pytest.mark.parametrize("name", [b"here\0", b"\0", "\ufeff这里".encode("utf-16-be") + b"\0\0"])
def test_loci_is_read_behind_a_name_in_any_letters(name: bytes) -> None:
    movie = read(movies.movie(parts=(movies.box(b"udta", movies.loci(-30.25, 119.75, name=name)),)))
    assert [(place.latitude_deg, place.longitude_deg) for place in movie.places] == [(-30.25, 119.75)]


@pytest.mark.parametrize("loci", [movies.loci(30, 119, role=2), movies.loci(30, 119, name=b"endless")[:20]])
def test_loci_of_another_place_or_without_end_is_none(loci: bytes) -> None:
    assert read(movies.movie(parts=(movies.box(b"udta", loci),))).places == ()


@pytest.mark.parametrize("data", [b"", b"moov", bytes(100), b"RIFF....AVI ", b"\xff\xd8\xff\xe0" * 9])
def test_another_file_is_none(data: bytes) -> None:
    assert read_movie(BytesIO(data)) is None


def test_without_moov_there_is_a_movie_of_nothing() -> None:
    movie = read(clips.without_moov(clips.mp4()))
    assert [box.kind for box in movie.outside] == [b"ftyp", b"free", b"mdat"]
    assert movie == Movie(None, movie.outside)


def test_half_a_moov_gives_what_is_there() -> None:
    whole = movies.movie([b"one"], created=CREATED)
    cut = whole[: whole.index(b"mdhd")]
    assert read(cut).times == (Stamp("mvhd", CREATED, CREATED),)


def test_a_moov_at_the_end_of_two_gigabytes_costs_a_few_reads(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.write(movies.FTYP + struct.pack(">I4sQ", 1, b"mdat", LARGE_BYTES))
        file.seek(len(movies.FTYP) + LARGE_BYTES)
        file.write(movies.movie([b"one"], created=CREATED)[len(movies.FTYP) + 11 :])
    with path.open("rb", buffering=0) as file:
        before = _read_by_this_process()
        movie = read_movie(file)
        assert _read_by_this_process() - before < FEW_BYTES
    assert movie is not None
    assert movie.times[0].created_raw == CREATED


def _read_by_this_process() -> int:
    """Return how many bytes this process has read so far, from disk or not."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])


@pytest.mark.parametrize(
    "after",
    [
        struct.pack(">I4s", 7, b"trak"),
        struct.pack(">I4s", 1, b"trak"),
        struct.pack(">I4sQ", 1, b"trak", 15),
        struct.pack(">I4sQ", 1, b"trak", 2**64 - 1),
        struct.pack(">I4s", 0, b"trak"),
        struct.pack(">I4s", 2**32 - 1, b"udta"),
        b"\0\0\0",
    ],
)
def test_a_size_that_lies_ends_the_walk(after: bytes) -> None:
    whole = movies.FTYP + movies.box(b"moov", movies.times(b"mvhd", CREATED), after)
    assert read(whole).times == (Stamp("mvhd", CREATED, CREATED),)


def test_boxes_in_boxes_without_end() -> None:
    deep = b""
    for _ in range(5000):
        deep = movies.box(b"trak", movies.box(b"mdia", movies.box(b"minf", deep)))
    file = Counted(movies.FTYP + movies.box(b"moov", deep))
    assert read_movie(file) is not None
    assert file.reads < 100


def test_many_tracks_and_texts_are_cut() -> None:
    udta = movies.box(b"udta", *(movies.spoken(b"\xa9cmt", str(index)) for index in range(1000)))
    tracks = [movies.box(b"trak")] * 1000
    movie = read(movies.FTYP + movies.box(b"moov", *tracks, udta))
    assert (len(movie.tracks), len(movie.texts)) == (TRACKS_MAX, TEXTS_MAX)


def test_many_boxes_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes_module, "BOXES_MAX", 10)
    file = BoundedFile(BytesIO(movies.box(b"free") * 50))
    assert len(list(boxes(file, 0, file.size_bytes))) == 10


def test_past_a_limit_there_is_nothing() -> None:
    file = BoundedFile(BytesIO(bytes(100)), bytes_max=50, reads_max=3)
    assert [len(file.read_at(0, size)) for size in (30, 30, 20, 0, 1)] == [30, 0, 20, 0, 0]
    file = BoundedFile(BytesIO(bytes(100)), reads_max=2)
    assert [len(file.read_at(at, 10)) for at in (-1, 95, 100, 0, 0)] == [0, 5, 0, 10, 0]
    assert file.body(Box(b"", 0, 9), 4) == b""


def test_what_a_page_brought_along_counts_as_a_read() -> None:
    counted = Counted(bytes(100))
    file = BoundedFile(counted, reads_max=3)
    file.read_ahead(0, 50)
    assert [len(file.read_at(at, 10)) for at in (0, 10, 45, 40, 0)] == [10, 10, 10, 0, 0]
    assert (counted.reads, counted.read_bytes) == (2, 60)


def test_an_index_of_nothing_but_empty_boxes_ends_soon() -> None:
    trak = movies.box(b"trak", movies.box(b"free") * 5_000)
    data = movies.FTYP + movies.box(b"moov", *[trak] * 50)
    began = time.process_time()
    movie = read(data)
    assert time.process_time() - began < 1
    assert len(movie.tracks) == 50


SEEDS = (
    movies.movie([b"one", b"two"], created=CREATED, parts=(movies.keyed(("a", "b"), ("c", "d")),)),
    movies.movie(parts=(movies.box(b"udta", movies.spoken(b"\xa9xyz", "+1+2/"), movies.loci(1, 2)),), moov_first=True),
    movies.fragmented([b"one", b"two"], handler=b"sbtl", entry=b"tx3g"),
)


@settings(max_examples=300)
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(
            st.integers(0, 2000),
            st.binary(max_size=8)
            | st.sampled_from([*NAMES, b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\x08", b"\xff\xff\xff\xff"]),
        ),
        max_size=10,
    ),
)
def test_damaged_movies_do_no_harm(sound: bytes, wounds: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(sound)
    for at, bytes_ in wounds:
        damaged[at % len(damaged) : at % len(damaged) + len(bytes_)] = bytes_
    file = Counted(bytes(damaged))
    assert read_movie(file) == read_movie(BytesIO(damaged))
    assert file.read_bytes <= WALK_BYTES_MAX
    assert file.reads <= READS_MAX


@given(st.lists(st.sampled_from([*NAMES, b"\0\0\0\x10", b"\0\0\0\x08", b"\0\0\0\1", bytes(4), b"ftyp"]), max_size=60))
def test_pieces_of_movies_do_no_harm(pieces: list[bytes]) -> None:
    read_movie(BytesIO(movies.FTYP + b"".join(pieces)))


def test_a_movie_is_read_once_within_read_once_and_anew_outside() -> None:
    film, other = BytesIO(movies.movie()), BytesIO(b"no movie at all")
    with ReadOnce():
        once = read_movie(film)
        assert read_movie(other) is None
        film.truncate(0)
        assert read_movie(film) is once
        assert once is not None
    assert read_movie(film) is None


def with_lengths(data: bytes, kind: bytes, length: int, scale: int | None = None) -> bytes:
    """Return a movie whose every `mvhd` or `mdhd` says this length."""
    changed, at = bytearray(data), data.find(kind)
    while at >= 0:
        changed[at + 20 : at + 24] = length.to_bytes(4, "big")
        if scale is not None:
            changed[at + 16 : at + 20] = scale.to_bytes(4, "big")
        at = changed.find(kind, at + 4)
    return bytes(changed)


LIES = [
    (b"mvhd", 0xFFFFFFFF, None),
    (b"mvhd", 0xFFFFFFFF, 90_000),
    (b"mvhd", 0xFFFFFFFE, 90_000),
    (b"mvhd", 0, None),
    (b"mvhd", 1000, None),
    (b"mvhd", 400_000, None),
    (b"mdhd", 0xFFFFFFFF, None),
    (b"mdhd", 1, None),
]


@pytest.mark.parametrize(("kind", "length", "scale"), LIES)
def test_where_a_header_lies_about_the_length_the_samples_are_believed(
    tmp_path: Path, kind: bytes, length: int, scale: int | None
) -> None:
    data = with_lengths(clips.mp4(20), kind, length, scale)
    movie = read_movie(BytesIO(data))
    assert movie is not None
    assert movie.duration_s == pytest.approx(20, abs=0.1)
    path = tmp_path / "A.MP4"
    path.write_bytes(data)
    found = look(path, path.name, tools=Tools(), zone=UTC, mtime_ns=0, docked_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert found.media.duration_s == pytest.approx(20, abs=0.1)


def test_a_film_that_an_edit_list_trims_is_as_long_as_it_is_shown() -> None:
    scale, told = movies.SCALE, 3
    edit = movies.full(b"elst", struct.pack(">IIII", 1, told * scale, 0, 0x10000))
    samples = tuple(b"picture" for _ in range(20))
    whole = movies.movie(samples, parts=())
    mvhd = with_lengths(whole, b"mvhd", told * scale)
    trak = mvhd.find(b"trak")
    edts = movies.box(b"edts", edit)
    grown = bytearray(mvhd[: trak + 4] + edts + mvhd[trak + 4 :])
    for at in (trak, mvhd.find(b"moov")):
        size = int.from_bytes(grown[at - 4 : at], "big") + len(edts)
        grown[at - 4 : at] = size.to_bytes(4, "big")
    movie = read_movie(BytesIO(bytes(grown)))
    assert movie is not None
    assert movie.duration_s == told
    longer = read_movie(BytesIO(mvhd))
    assert longer is not None
    assert longer.duration_s == len(samples)
