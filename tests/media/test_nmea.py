from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media.gps import contract, nmea
from media.gps.nmea import FORMAT
from tests.footage import clips

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)


def read(*lines: str) -> list[Fix] | None:
    found = FORMAT.read(BytesIO("\r\n".join(lines).encode()))
    return None if found is None else list(found)


def test_rmc_is_read_in_file_order() -> None:
    found = read(clips.rmc(AT, 30.25, 119.75), "$GSENSOR,1,2,3", clips.rmc(AT + timedelta(seconds=1), -30.5, -119.5))
    assert found is not None
    assert [fix.at for fix in found] == [AT, AT + timedelta(seconds=1)]
    assert (found[1].latitude_deg, found[1].longitude_deg) == pytest.approx((-30.5, -119.5), abs=1e-6)
    assert found[0].speed_mps == pytest.approx(1.028889, abs=1e-6)


@pytest.mark.parametrize("talker", ["GP", "GN", "BD", "GL"])
def test_any_talker(talker: str) -> None:
    body = clips.rmc(AT, 30.25, 119.75)[3:].partition("*")[0]
    assert read(clips.sentence(talker + body)) is not None


@pytest.mark.parametrize(
    "line",
    [
        clips.rmc(AT, 30.25, 119.75, status="V"),
        clips.rmc(AT, 30.25, 119.75)[:-2] + "00",
        clips.rmc(AT, 30.25, 119.75)[:-2] + "XX",
        clips.rmc(AT, 0.0, 0.0),
        clips.sentence("GPRMC,013621,A,9915.0,N,11945.0,E,1,1,110326,,"),
        clips.sentence("GPRMC,013621,A,3075.0,N,11945.0,E,1,1,110326,,"),
        clips.sentence("GPRMC,253621,A,3015.0,N,11945.0,E,1,1,110326,,"),
        clips.sentence("GPRMC,013621,A,3015.0,N,11945.0,E,1,1,310226,,"),
        clips.sentence("GPRMC,013621,A,3015.0,,11945.0,E,1,1,110326,,"),
        clips.sentence("GPRMC,013621"),
        clips.gga("013621", 30.25, 119.75, quality=0),
    ],
)
def test_what_may_not_be_trusted_gives_no_fix(line: str) -> None:
    assert read(line) == []


def test_a_sentence_without_checksum_is_read() -> None:
    line = clips.rmc(AT, 30.25, 119.75)
    assert read(line.partition("*")[0]) == read(line)


def test_gga_takes_its_day_from_the_sentences_around_it() -> None:
    midnight = datetime(2026, 3, 12, tzinfo=UTC)
    found = read(
        clips.gga("235958", 30.25, 119.75),
        clips.rmc(midnight - timedelta(seconds=1), 30.25, 119.75),
        clips.gga("235959", 30.25, 119.75),
        clips.gga("000001", 30.25, 119.75),
        clips.rmc(midnight + timedelta(seconds=2), 30.25, 119.75),
    )
    assert found is not None
    assert [fix.at and (fix.at - midnight).total_seconds() for fix in found] == [-2, -1, 1, 2]


def test_gga_alone_has_no_time() -> None:
    found = read(clips.gga("235958", 30.25, 119.75))
    assert found is not None
    assert [fix.at for fix in found] == [None]


def test_vendors_put_things_around_a_sentence() -> None:
    plain = clips.rmc(AT, 30.25, 119.75)
    assert read("[1784358211371]" + plain) == read(plain)
    assert read("gsensori,4,512,6,-3,8;" + plain[1:]) == read(plain)


def test_another_file_is_left_to_others() -> None:
    assert read("2026-03-11 09:36:21 4 A.MP4") is None
    assert read() is None


def test_a_file_is_read_up_to_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    line = clips.rmc(AT, 30.25, 119.75)
    monkeypatch.setattr(nmea, "FIXES_MAX", 3)
    assert len(read(*[line] * 10) or ()) == 3
    monkeypatch.setattr(contract, "FILE_BYTES_MAX", 2 * len(line) + 4)
    assert len(read(*[line] * 10) or ()) == 2


def test_a_writer_that_never_gets_a_checksum_right_is_believed() -> None:
    wrong = [clips.rmc(AT + timedelta(seconds=second), 30.25, 119.75)[:-2] + "00" for second in range(3)]
    assert len(read(*wrong) or ()) == 3
    assert not read(*wrong[:2])
    assert len(read(*wrong, clips.rmc(AT + timedelta(seconds=9), 30.25, 119.75)) or ()) == 1


def test_gga_after_the_last_rmc_may_belong_to_another_day_and_is_left_out() -> None:
    found = read(clips.rmc(AT, 30.25, 119.75), clips.gga("013622", 30.25, 119.75))
    assert [fix.at for fix in found or ()] == [AT]


def test_a_dilution_goes_to_the_sentence_of_its_time() -> None:
    later = AT + timedelta(seconds=1)
    found = read(clips.gga("013621", 30.25, 119.75), clips.rmc(AT, 30.25, 119.75), clips.rmc(later, 30.25, 119.75))
    assert found is not None
    assert [(fix.at, fix.accuracy_m, fix.is_valid) for fix in found] == [(AT, 5.0, True), (later, None, True)]
    alone = read(clips.gga("013621", 30.25, 119.75))
    assert alone is not None
    assert [(fix.accuracy_m, fix.is_valid) for fix in alone] == [(5.0, True)]
