"""What holds for every GPS format: junk never raises, limits are kept, and no impossible fix comes out."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gps.contract import FILE_BYTES_MAX, FIXES_MAX, GpsFormat
from media.track import formats
from tests.footage import clips, movies, vendors
from tests.footage.counted import Counted

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)
WALK = [AT + timedelta(seconds=second) for second in range(4)]
SENTENCES = [clips.rmc(at, *PLACE) for at in WALK]
XYZ = movies.box(b"udta", movies.spoken(b"\xa9xyz", "+30.25+119.75/"), movies.loci(*PLACE))
OF_FORMAT = {
    "camm": (movies.movie([movies.camm_full(at, *PLACE) for at in WALK], handler=b"camm", entry=b"camm"),),
    "dji_srt": (vendors.dji_srt([PLACE] * 3), vendors.dji_srt([PLACE] * 3, named=True)),
    "escort": (vendors.escort([(at, *PLACE) for at in WALK]),),
    "gpmf": (
        movies.movie([movies.gps5(at, [PLACE] * 3) for at in WALK], handler=b"meta", entry=b"gpmd"),
        movies.movie([movies.gps9(at, *PLACE) for at in WALK], handler=b"meta", entry=b"gpmd"),
    ),
    "gps0": (movies.movie() + vendors.gps0([(at, *PLACE) for at in WALK]),),
    "gpx": (clips.gpx([(at, *PLACE) for at in WALK]),),
    "iso6709": (movies.movie(parts=(XYZ,)),),
    "nmea": ("\n".join([*SENTENCES, clips.gga("013622", *PLACE)]).encode(),),
    "novatek": tuple(
        whole
        for dialect in ("17", "17c", "short")
        for whole in [movies.with_blocks([movies.freegps(at, *PLACE, dialect=dialect)[:300] for at in WALK])]
        for whole in (whole, clips.without_moov(whole))
    ),
    "novatek_ts": tuple(
        vendors.novatek_ts([(at, *PLACE) for at in WALK], at=at, m2ts=m2ts)
        for at, m2ts in ((0, False), (164, False), (0, True))
    ),
    "rvmi": (movies.movie([vendors.rvmi(*PLACE) for _ in WALK], handler=b"data", entry=b"RVMI"),),
    "seventymai_box": (movies.movie() + vendors.seventymai_box([PLACE] * 3),),
    "seventymai_log": (vendors.seventymai_log([PLACE] * 3),),
    "text_track": (
        movies.movie([movies.text_sample(line) for line in SENTENCES], handler=b"sbtl", entry=b"tx3g"),
        movies.fragmented([movies.text_sample(line) for line in SENTENCES], handler=b"text", entry=b"tx3g"),
    ),
}
SOUND = tuple(data for of_one in OF_FORMAT.values() for data in of_one)
NUMBERS = (b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\x08", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")
PIECES = (
    b"$GPRMC,",
    b"A,",
    b"9" * 12,
    b",",
    b"N",
    b"E",
    b"*",
    b"<gpx>",
    b"<wpt lat='",
    b"'>",
    b"freeGPS ",
    b"gps ",
    b"GPS ",
    b"gps0",
)
READ_S_MAX = 2.0
EVERY = pytest.mark.parametrize("known", formats(), ids=lambda known: known.name)


def hold(known: GpsFormat, data: bytes) -> None:
    file, begun = Counted(data), time.process_time()
    fixes = known.read(file)
    assert time.process_time() - begun < READ_S_MAX
    assert file.read_bytes <= FILE_BYTES_MAX
    assert fixes == known.read(BytesIO(data))
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


def test_every_format_has_a_file_here() -> None:
    assert sorted(OF_FORMAT) == [known.name for known in formats()]


@EVERY
def test_its_own_file_is_known_and_another_formats_is_not(known: GpsFormat) -> None:
    for name, of_one in OF_FORMAT.items():
        for data in of_one:
            assert bool(known.read(BytesIO(data))) is (name == known.name), name


@EVERY
def test_a_file_cut_anywhere(known: GpsFormat) -> None:
    for data in OF_FORMAT[known.name]:
        for end in range(0, len(data), 1 + len(data) // 100):
            hold(known, data[:end])


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
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=8) | st.sampled_from(NUMBERS)), max_size=8),
)
def test_damaged_tracks(known: GpsFormat, sound: bytes, wounds: list[tuple[int, bytes]]) -> None:
    data = bytearray(sound)
    for at, bytes_ in wounds:
        at %= len(data)
        data[at : at + len(bytes_)] = bytes_
    hold(known, bytes(data))


@EVERY
@given(st.lists(st.sampled_from(PIECES)))
def test_pieces_of_tracks(known: GpsFormat, pieces: list[bytes]) -> None:
    hold(known, b"".join(pieces))
    hold(known, movies.FTYP + b"".join(pieces))
