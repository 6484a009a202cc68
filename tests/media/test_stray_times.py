"""One row of a receiver with a wrong date must not throw the others away, whichever carrier it stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.evidence import Examined, Fix
from media.capture_time import choose
from media.ffmpeg import Tools
from media.look import look
from media.second_opinion import read_opinion
from media.track import without_strays
from tests.footage import clips, movies

CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
DOCKED = datetime(2026, 3, 11, 10, tzinfo=UTC)
PLACE = (30.25, 119.75)
ROWS = 6
TOOLS = Tools(ffprobe="ffprobe-not-here", ffmpeg="ffmpeg-not-here")
"""Positions and times are read by ourselves."""

WRONG = {
    "1024 weeks early": AT - timedelta(weeks=1024),
    "a factory date": datetime(2017, 12, 31, tzinfo=UTC),
    "twenty days early": AT - timedelta(days=20),
    "three hours early": AT - timedelta(hours=3),
    "after the docking": AT + timedelta(days=30),
}
CARRIERS: dict[str, tuple[str, Callable[[Sequence[datetime]], bytes]]] = {
    "nmea": ("A.NMEA", lambda times: "\r\n".join(clips.rmc(at, *PLACE) for at in times).encode()),
    "gpx": ("A.GPX", lambda times: clips.gpx([(at, *PLACE) for at in times])),
    "camm": (
        "A.MP4",
        lambda times: movies.movie([movies.camm_full(at, *PLACE) for at in times], handler=b"camm", entry=b"camm"),
    ),
    "gps9": (
        "A.MP4",
        lambda times: movies.movie([movies.gps9(at, *PLACE) for at in times], handler=b"meta", entry=b"gpmd"),
    ),
    "novatek": ("A.MP4", lambda times: movies.with_blocks([movies.freegps(at, *PLACE) for at in times])),
    "text track": (
        "A.MP4",
        lambda times: movies.movie(
            [movies.text_sample(clips.rmc(at, *PLACE)) for at in times], handler=b"text", entry=b"tx3g"
        ),
    ),
}


def seen(folder: Path, name: str, data: bytes) -> Examined:
    path = folder / "spooled"
    path.write_bytes(data)
    return look(path, name, tools=TOOLS, zone=CHINA, mtime_ns=0, docked_at=DOCKED)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", [0, ROWS // 2, ROWS - 1], ids=["first", "middle", "last"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_one_wrong_row_is_set_aside_and_counted(tmp_path: Path, carrier: str, place: int, wrong: str) -> None:
    times = [AT + timedelta(seconds=second) for second in range(ROWS)]
    sound = [at for at in times if at != times[place]]
    times[place] = WRONG[wrong]
    name, written = CARRIERS[carrier]
    found = seen(tmp_path, name, written(times))
    assert [fix.at for fix in found.track] == sound
    first, last = (claim for claim in found.claims if claim.source == "gps")
    assert (first.value, last.value) == (sound[0], sound[-1])
    assert first.note == "1 impossible positions left out"
    chosen = choose(found.claims, DOCKED, None)
    assert (chosen.source, chosen.starts_at) == ("gps", sound[0])


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
def test_a_whole_payload_with_a_wrong_date_is_set_aside(tmp_path: Path, place: int) -> None:
    times = [AT + timedelta(seconds=second) for second in range(3)]
    times[place] -= timedelta(weeks=1024)
    payloads = [movies.gps5(at, [PLACE] * 18) for at in times]
    found = seen(tmp_path, "A.MP4", movies.movie(payloads, handler=b"meta", entry=b"gpmd"))
    assert len(found.track) == 36
    assert {fix.at.year for fix in found.track if fix.at is not None} == {2026}


def test_a_clock_that_says_2006_throughout_keeps_its_places(tmp_path: Path) -> None:
    times = [AT - timedelta(weeks=1024) + timedelta(seconds=second) for second in range(ROWS)]
    name, written = CARRIERS["nmea"]
    assert len(seen(tmp_path, name, written(times)).track) == ROWS


def fixes(*minutes: float) -> tuple[Fix, ...]:
    return tuple(Fix(AT + timedelta(minutes=minute), *PLACE) for minute in minutes)


@pytest.mark.parametrize(
    ("minutes", "length_s", "strays"),
    [
        ((0, 0.1, 0.2, 200, 200.1), None, 0),  # a log of two outings
        ((0, 180, 360, 540), None, 0),  # a log with a row every three hours
        ((0, 0.1, 0.2, 55, 55.1), 3600, 0),  # an hour's film with a cellar in the middle
        ((0, 0.1, 0.2, 55, 55.1), 20, 2),  # a film of 20 s has no such rows
        ((0, 0.5, 1, 1.5, 2, 2.5, 3), 20, 0),  # one frame a second: a film shorter than its positions
        ((0, 600), 20, 0),  # two rows that contradict each other: neither is known to be wrong
        ((0, 0.1, 600, 600.1), 20, 0),
    ],
)
def test_what_may_be_true_is_kept(minutes: tuple[float, ...], length_s: float | None, strays: int) -> None:
    rows = fixes(*minutes)
    assert without_strays(rows, DOCKED, length_s) == rows[: len(rows) - strays]


def test_rows_without_time_stay() -> None:
    untimed = Fix(None, *PLACE)
    assert without_strays((untimed, *fixes(0, 0.1, -(10**6))), DOCKED, None) == (untimed, *fixes(0, 0.1))


def test_the_second_opinion_is_held_to_the_same() -> None:
    times = [AT - timedelta(weeks=1024), AT, AT + timedelta(seconds=1)]
    tags: dict[str, object] = {}
    for number, at in enumerate(times, 1):
        tags |= {
            f"Doc{number}:QuickTime:GPSDateTime": f"{at:%Y:%m:%d %H:%M:%S}Z",
            f"Doc{number}:QuickTime:GPSLatitude": PLACE[0],
            f"Doc{number}:QuickTime:GPSLongitude": PLACE[1],
        }
    assert [fix.at for fix in read_opinion(tags, CHINA, 3.0, DOCKED).track] == times[1:]
