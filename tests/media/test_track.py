from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

from catalog.evidence import Fix
from media.track import Track, formats, read_track, without_jumps
from tests.footage import clips

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)


def fix(second: float, latitude: float, longitude: float = 119.75) -> Fix:
    return Fix(AT + timedelta(seconds=second), latitude, longitude)


def test_every_module_of_the_family_is_asked() -> None:
    names = [known.name for known in formats()]
    assert names == sorted(names)
    assert {"camm", "dji_srt", "gpmf", "gpx", "iso6709", "nmea", "novatek", "novatek_ts", "text_track"} <= set(names)


def test_the_answer_says_who_knew_the_file() -> None:
    assert read_track(BytesIO(clips.gpx([(AT, 30.25, 119.75)]))).format == "gpx"
    assert read_track(BytesIO(clips.rmc(AT, 30.25, 119.75).encode())).format == "nmea"
    assert read_track(BytesIO(b"neither")) == Track(None, ())


def test_a_point_nobody_could_have_reached_is_left_out() -> None:
    walk = [fix(0, 30.25), fix(1, 30.25001), fix(2, 42.0), fix(3, 30.25002)]
    assert without_jumps(walk) == (walk[0], walk[1], walk[3])
    walk.append(fix(4, 30.25003))
    assert without_jumps(walk) == (walk[0], walk[1], walk[3], walk[4])


def test_a_wrong_first_point_does_not_spoil_the_rest() -> None:
    walk = [fix(0, 42.0), fix(1, 30.25), fix(2, 30.25001)]
    assert without_jumps(walk) == tuple(walk[1:])


def test_a_wrong_second_point_does_not_take_the_first_with_it() -> None:
    walk = [fix(0, 30.25), fix(1, 42.0), fix(2, 30.25001), fix(3, 30.25002)]
    assert without_jumps(walk) == (walk[0], walk[2], walk[3])


def test_the_date_line_is_no_jump() -> None:
    walk = [fix(0, 10.0, 179.99999), fix(1, 10.0, -179.99999)]
    assert without_jumps(walk) == tuple(walk)


def test_points_without_time_are_kept() -> None:
    walk = [Fix(None, 10.0, 10.0), Fix(None, 50.0, 50.0)]
    assert without_jumps(walk) == tuple(walk)
    assert without_jumps(walk[:1]) == tuple(walk[:1])
