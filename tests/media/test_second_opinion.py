"""What a second opinion comes to, and when it counts as a contradiction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalog.evidence import CaptureTime, Fix, TimeClaim
from media.capture_time import AS_IF_UTC, CLOCK_S, LENGTH_UNKNOWN_S, ZONE_S, choose
from media.second_opinion import MARGIN_S, SOURCE, SecondOpinion, disagreements, read_opinion

CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
DOCKED = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DURATION_S = 300.0
TRACK = {
    "QuickTime:CreateDate": "2026:03:05 09:00:00",
    "Track1:TrackCreateDate": "2026:03:05 09:00:00",
    "Doc1:QuickTime:GPSDateTime": "2026:03:05 01:00:10.500Z",
    "Doc1:QuickTime:GPSLatitude": 30.25,
    "Doc1:QuickTime:GPSLongitude": 120.5,
    "Doc2:QuickTime:GPSDateTime": "2026:03:05 01:04:50Z",
    "Doc2:QuickTime:GPSLatitude": -30.5,
    "Doc2:QuickTime:GPSLongitude": -120.75,
    "Composite:GPSLatitude": 1.0,
    "Composite:GPSLongitude": 1.0,
}


def gps(seconds: float, refers_to: str = "start") -> TimeClaim:
    at = AT + timedelta(seconds=seconds)
    return TimeClaim("gps", at.isoformat(), at, "stated UTC", "start" if refers_to == "start" else "end", 5.0)


def named(seconds: float) -> TimeClaim:
    return TimeClaim("name", "", AT + timedelta(seconds=seconds), "assumed +08:00", "start", CLOCK_S)


def mtime() -> TimeClaim:
    return TimeClaim("mtime", "", AT + timedelta(hours=8, minutes=5), AS_IF_UTC, "end", ZONE_S + CLOCK_S)


def sealed(*claims: TimeClaim) -> CaptureTime:
    return choose(claims, DOCKED, DURATION_S)


def contradictions(opinion: SecondOpinion, *claims: TimeClaim, track: tuple[Fix, ...] = ()) -> list[tuple[str, float]]:
    told = disagreements(opinion, sealed(*claims), claims, track, DOCKED)
    return [(one.what, one.apart) for one in told]


def test_places_of_the_pieces_come_before_the_whole_files() -> None:
    opinion = read_opinion(TRACK, CHINA, DURATION_S)
    assert [(fix.latitude_deg, fix.longitude_deg) for fix in opinion.track] == [(30.25, 120.5), (-30.5, -120.75)]
    assert opinion.track[0].at == AT + timedelta(seconds=10.5)


def test_claims_are_less_exact_than_our_own() -> None:
    first, last, made = read_opinion(TRACK, CHINA, DURATION_S).claims
    assert {claim.source for claim in (first, last, made)} == {SOURCE}
    assert (first.value, first.refers_to, first.uncertainty_s) == (
        AT + timedelta(seconds=10.5),
        "start",
        DURATION_S + MARGIN_S,
    )
    assert last.refers_to == "end"
    assert (made.value, made.zone, made.uncertainty_s) == (
        AT + timedelta(hours=8),
        AS_IF_UTC,
        ZONE_S + CLOCK_S + MARGIN_S,
    )


def test_positions_that_say_what_a_local_clock_says_may_hold_local_time() -> None:
    tags = TRACK | {"QuickTime:CreateDate": "2026:03:05 01:00:00"}
    assert read_opinion(tags, CHINA, None).claims[0].uncertainty_s == LENGTH_UNKNOWN_S + MARGIN_S + ZONE_S


@pytest.mark.parametrize(
    ("tags", "value", "zone"),
    [
        ({"ExifIFD:DateTimeOriginal": "2026:03:05 09:00:00"}, AT, "assumed +08:00"),
        ({"ExifIFD:DateTimeOriginal": "2026:03:05 02:00:00+01:00"}, AT, "stated +01:00"),
        ({"Keys:CreationDate": "2026:03:05 09:00:00+0800"}, AT, "stated +0800"),
        ({"RIFF:DateTimeOriginal": "2026:03:05 01:00:00"}, AT, AS_IF_UTC),
        ({"H264:DateTimeOriginal": "2026:03:05 01:00:00Z"}, AT, "stated +00:00"),
    ],
)
def test_dates(tags: dict[str, object], value: datetime, zone: str) -> None:
    (claim,) = read_opinion(tags, CHINA, None).claims
    assert (claim.value, claim.zone) == (value, zone)


@pytest.mark.parametrize(
    "tags",
    [
        {"ExifIFD:DateTimeOriginal": "0000:00:00 00:00:00"},
        {"ExifIFD:DateTimeOriginal": "2026:02:30 09:00:00"},
        {"ExifIFD:DateTimeOriginal": "yesterday"},
        {"ExifIFD:DateTimeOriginal": 20260305},
        {"ExifIFD:DateTimeOriginal": ["2026:03:05 09:00:00"]},
        {"ExifIFD:DateTimeOriginal": "2026:03:05 09:00:00+99:99"},
        {"ExifIFD:DateTimeOriginal": "0001:01:01 00:00:00+14:00"},
        {"XMP-xmp:CreateDate": "2026:03:05 09:00:00"},
        {"IFD0:ModifyDate": "2026:03:05 09:00:00"},
        {"": "", ":": "", ":::": "2026:03:05 09:00:00", "Doc1:": 3, "a\nb:CreateDate\n": 1},
        {"Composite:GPSLatitude": 0, "Composite:GPSLongitude": 0},
        {"Composite:GPSLatitude": 95.0, "Composite:GPSLongitude": 0},
        {"Composite:GPSLatitude": float("nan"), "Composite:GPSLongitude": 1.0},
        {"Composite:GPSLatitude": 10**400, "Composite:GPSLongitude": 1.0},
        {"Composite:GPSLatitude": "30.25", "Composite:GPSLongitude": "120.5"},
        {"GPS:GPSLatitude": 30.25, "GPS:GPSLongitude": 120.5},
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_left_out(tags: dict[str, object]) -> None:
    opinion = read_opinion(tags, CHINA, None)
    assert (opinion.claims, opinion.track) == ((), ())


def test_it_ranks_below_every_own_reader_but_sharpens() -> None:
    opinion = read_opinion(TRACK, CHINA, DURATION_S)
    assert choose((mtime(), *opinion.claims), DOCKED, DURATION_S).source == SOURCE
    assert choose((named(8 * 3600), *opinion.claims), DOCKED, DURATION_S).source == "name"
    assert choose((named(0), *opinion.claims), DOCKED, DURATION_S).source == SOURCE, "narrower, and contradicts nothing"
    assert choose((gps(10), gps(290, "end"), *opinion.claims), DOCKED, DURATION_S).source == "gps"


def test_times_that_differ_by_more_than_both_allow() -> None:
    opinion = read_opinion(TRACK, CHINA, DURATION_S)
    assert contradictions(opinion, gps(10), gps(290, "end")) == []
    assert contradictions(opinion, gps(-8), gps(272, "end")) == [("first fix", 18.5), ("last fix", 18.0)]
    assert contradictions(opinion, named(60)) == []
    assert contradictions(opinion, named(2 * 3600)) == [("start", 10.5 - 2 * 3600)]


def test_a_clock_that_was_reset_is_no_contradiction() -> None:
    opinion = read_opinion({"ExifIFD:DateTimeOriginal": "2000:01:01 00:00:00"}, CHINA, DURATION_S)
    assert contradictions(opinion, named(0)) == []


def test_places_that_differ() -> None:
    opinion = read_opinion(TRACK, CHINA, DURATION_S)
    near = (Fix(None, 30.25009, 120.5), Fix(None, -30.5, -120.75))
    far = (Fix(None, 30.25, 120.5), Fix(None, -30.5, -120.7502))
    assert contradictions(opinion, named(0), track=near) == []
    ((what, apart),) = contradictions(opinion, named(0), track=far)
    assert (what, round(apart, 9)) == ("last position", 0.0002)
    assert contradictions(opinion, named(0), track=()) == []
    assert contradictions(SecondOpinion(), named(0), track=near) == []


def test_the_other_side_of_the_date_line_is_near() -> None:
    opinion = SecondOpinion(track=(Fix(None, 0.5, 179.99999),))
    assert contradictions(opinion, named(0), track=(Fix(None, 0.5, -179.99999),)) == []
