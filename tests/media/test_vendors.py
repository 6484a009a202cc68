from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from media import transport
from media.gps import dji_srt, escort, gps0, novatek_ts, rvmi, seventymai_box, seventymai_log
from media.transport import private_packets
from tests.footage import movies, vendors

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
QUARTERS = ((30.25, 119.75), (-30.25, -119.75), (0.75, 1.25))
MPS = pytest.approx(10, abs=1e-3)


@pytest.mark.parametrize("place", QUARTERS)
def test_each_vendor_in_each_quarter(place: tuple[float, float]) -> None:
    points = [(AT + timedelta(seconds=second), *place) for second in range(3)]
    movie = movies.movie()
    found = {
        "box": seventymai_box.FORMAT.read(BytesIO(movie + vendors.seventymai_box([place] * 3))),
        "log": seventymai_log.FORMAT.read(BytesIO(vendors.seventymai_log([place] * 3))),
        "escort": escort.FORMAT.read(BytesIO(vendors.escort(points))),
        "dji": dji_srt.FORMAT.read(BytesIO(vendors.dji_srt([place] * 3))),
        "dji named": dji_srt.FORMAT.read(BytesIO(vendors.dji_srt([place] * 3, named=True))),
        "gps0": gps0.FORMAT.read(BytesIO(movie + vendors.gps0(points))),
        "gps0 in moov": gps0.FORMAT.read(BytesIO(movies.movie(parts=(vendors.gps0(points),)))),
        "rvmi": rvmi.FORMAT.read(BytesIO(movies.movie([vendors.rvmi(*place)] * 3, handler=b"data", entry=b"RVMI"))),
        "ts": novatek_ts.FORMAT.read(BytesIO(vendors.novatek_ts(points))),
        "ts +164": novatek_ts.FORMAT.read(BytesIO(vendors.novatek_ts(points, at=164))),
    }
    for name, fixes in found.items():
        assert fixes is not None, name
        assert len(fixes) == 3, name
        assert (fixes[0].latitude_deg, fixes[0].longitude_deg) == pytest.approx(place, abs=1e-5), name
        assert fixes[0].speed_mps in (None, MPS), name
        assert fixes[-1].at in (None, points[-1][0]), name
    assert {name for name, fixes in found.items() if fixes and fixes[0].at} == {
        "escort", "gps0", "gps0 in moov", "ts", "ts +164",
    }  # fmt: skip


def test_without_satellites_there_is_no_fix() -> None:
    assert seventymai_log.FORMAT.read(BytesIO(vendors.seventymai_log([QUARTERS[0]], status="V"))) == ()
    assert escort.FORMAT.read(BytesIO(vendors.escort([(AT, *QUARTERS[0])], status="V"))) == ()
    assert novatek_ts.FORMAT.read(BytesIO(vendors.novatek_ts([(AT, *QUARTERS[0])] * 2, status=b"V"))) == ()


def test_a_box_that_is_cut_or_mostly_impossible_gives_nothing() -> None:
    box = vendors.seventymai_box([QUARTERS[0]] * 3)
    assert seventymai_box.FORMAT.read(BytesIO(movies.movie() + box[:-1])) is None
    wrong = bytearray(box)
    for record in (0, 1):
        struct.pack_into("<i", wrong, 8 + 36 * record + 17, 2**31 - 1)
    assert seventymai_box.FORMAT.read(BytesIO(movies.movie() + wrong)) == ()


def test_the_order_of_longitude_and_latitude_that_cannot_be_is_turned_round() -> None:
    (fix,) = dji_srt.FORMAT.read(BytesIO(b"1\n00:00:01,000 --> 00:00:02,000\nGPS(30.25,119.75,19)\n")) or ()
    assert (fix.latitude_deg, fix.longitude_deg) == (30.25, 119.75)


def test_packets_across_the_pieces_a_stream_is_read_in(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = vendors.novatek_ts([(AT, *QUARTERS[0])] * 20, at=164)
    monkeypatch.setattr(transport, "SCAN_BYTES", 4 * 188)
    assert len(list(private_packets(BytesIO(stream)))) == 20
    assert len(novatek_ts.FORMAT.read(BytesIO(stream)) or ()) == 20
    monkeypatch.setattr(transport, "SCAN_BYTES_MAX", 8 * 188)
    assert 0 < len(list(private_packets(BytesIO(stream)))) < 20


def test_a_word_that_ends_as_djis_is_none() -> None:
    told = b"xGPS(119.75,30.25,8)\nGPS(119.76,30.26,8)\n (GPS (119.77,30.27,8)\n"
    found = dji_srt.FORMAT.read(BytesIO(told)) or ()
    assert [fix.longitude_deg for fix in found] == [119.76, 119.77]
