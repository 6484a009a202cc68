from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import CaptureTime, CardClock, RefersTo, TimeClaim
from media.capture_time import (
    CLOCK_S,
    GPS_S,
    LENGTH_UNKNOWN_S,
    READING_S,
    YEAR_S,
    ZONE_S,
    annotated,
    choose,
    with_card_clock,
)

START = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
DOCKED = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
RESET = datetime(2015, 1, 1, tzinfo=UTC)


def claim(
    source: str, off_s: float = 0.0, *, zone: str = "any", refers_to: RefersTo = "start", within_s: float = CLOCK_S
) -> TimeClaim:
    return TimeClaim(source, "raw", START + timedelta(seconds=off_s), zone, refers_to, within_s)


SATELLITES = claim("gps", 3, within_s=GPS_S)
LAST_FIX = claim("gps", 60, refers_to="end", within_s=GPS_S)
EXIF_STATED = claim("exif", 10, zone="stated +08:00")
KEYS = claim("keys", 20)
NAME = claim("name", 37)
CONTAINER = claim("container", 8 * 3600 + 37, within_s=ZONE_S + CLOCK_S)
EXIF = claim("exif", 40, zone="assumed +08:00")
MTIME = claim("mtime", 8 * 3600 + 100, refers_to="end", within_s=ZONE_S + CLOCK_S)
IN_ORDER: tuple[TimeClaim, ...] = (SATELLITES, EXIF_STATED, KEYS, NAME, CONTAINER, EXIF, MTIME)


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_the_best_claim_there_is_is_chosen_in_any_order(first: int) -> None:
    left = IN_ORDER[first:]
    if left[0] is CONTAINER:
        left = (CONTAINER, MTIME)  # EXIF and container do not meet in one file
    chosen = choose(left[::-1], DOCKED, None)
    assert chosen.source == left[0].source
    assert chosen == choose(left, DOCKED, None)


def test_nothing_plausible_means_the_docking_a_year_wide() -> None:
    reset = TimeClaim("name", "20150101_000000", RESET, "assumed +08:00", "start", CLOCK_S)
    unread = TimeClaim("exif", "0000:00:00", None, "unknown", "start", CLOCK_S)
    later = claim("mtime", 3 * 24 * 3600)
    assert choose((reset, unread, later), DOCKED, 5.0) == CaptureTime(DOCKED, "docking", YEAR_S)
    assert choose((), DOCKED, None) == CaptureTime(DOCKED, "docking", YEAR_S)


def test_a_reset_clock_is_not_chosen_while_another_claim_makes_sense() -> None:
    reset = TimeClaim("name", "20150101_000000", RESET, "assumed +08:00", "start", CLOCK_S)
    assert choose((reset, MTIME), DOCKED, 60.0).source == "mtime"


def test_a_claim_about_the_end_is_shifted_by_the_length() -> None:
    android = claim("container", 61, refers_to="end")
    assert choose((android,), DOCKED, 60.0) == CaptureTime(START + timedelta(seconds=1), "container", CLOCK_S)
    unknown = choose((android,), DOCKED, None)
    assert unknown.uncertainty_s == CLOCK_S + LENGTH_UNKNOWN_S


def test_a_clip_began_before_its_first_position_and_ended_after_its_last() -> None:
    on_time = choose((SATELLITES, LAST_FIX, NAME), DOCKED, 60.0)
    assert on_time == CaptureTime(START + timedelta(seconds=1.5), "gps", 1.5 + READING_S)
    late = choose((claim("gps", 100, within_s=GPS_S), claim("gps", 110, refers_to="end")), DOCKED, 120.0)
    assert late == CaptureTime(START + timedelta(seconds=45), "gps", 55 + READING_S)


def test_a_film_shorter_than_its_positions_says_nothing_by_its_length() -> None:
    lapse = choose((SATELLITES, LAST_FIX), DOCKED, 2.0)
    assert lapse == CaptureTime(START + timedelta(seconds=3), "gps", 55.0)


def test_a_reading_set_right_by_the_other_clips_is_believed() -> None:
    claims = with_card_clock((NAME, CONTAINER), CardClock("name", 37.0, 1.5, 4))
    assert choose(claims, DOCKED, 60.0) == CaptureTime(START, "card", 1.5)
    assert claims[-1].raw == "name raw -37.0 s by 4 clips"
    late = (claim("gps", 50, within_s=GPS_S), LAST_FIX)
    assert choose((*late, *claims), DOCKED, 60.0).source == "card"
    assert with_card_clock((NAME,), CardClock("exif", 37.0, 1.5, 4)) == (NAME,)
    assert with_card_clock((NAME,), None) == (NAME,)


def test_a_name_that_late_satellites_allow_sharpens_them() -> None:
    very_late = (claim("gps", 7000, within_s=GPS_S), claim("gps", 7190, refers_to="end"), NAME)
    chosen = choose(very_late, DOCKED, 7200.0)
    assert (chosen.source, chosen.uncertainty_s) == ("name", CLOCK_S)
    contradicted = (*very_late[:2], claim("name", -9 * 3600))
    assert choose(contradicted, DOCKED, 7200.0).source == "gps"


@given(
    length_s=st.floats(1, 7200),
    cold_start=st.floats(0, 1),
    seen=st.floats(0, 1),
    clock_off_s=st.floats(-CLOCK_S, CLOCK_S),
    zone_h=st.integers(-12, 14),
    held=st.sets(st.sampled_from(["gps", "name", "container", "mtime", "android"])),
    length_known=st.booleans(),
)
def test_the_true_start_lies_within_what_is_claimed(
    length_s: float, cold_start: float, seen: float, clock_off_s: float, zone_h: int, held: set[str], length_known: bool
) -> None:
    first_s = length_s * cold_start
    last_s = first_s + (length_s - first_s) * seen
    local_s = clock_off_s + zone_h * 3600
    late_s = GPS_S if length_known else LENGTH_UNKNOWN_S
    known = {
        "gps": (claim("gps", first_s, within_s=late_s), claim("gps", last_s, refers_to="end", within_s=late_s)),
        "name": (claim("name", clock_off_s),),
        "container": (claim("container", local_s, within_s=ZONE_S + CLOCK_S),),
        "android": (claim("container", clock_off_s + length_s, refers_to="end"),),
        "mtime": (claim("mtime", local_s + length_s, refers_to="end", within_s=ZONE_S + CLOCK_S),),
    }
    claims = [said for source in sorted(held) for said in known[source]]
    chosen = choose(claims, DOCKED, length_s if length_known else None)
    assert abs((chosen.starts_at - START).total_seconds()) <= chosen.uncertainty_s + 1e-3


def test_doubts_are_written_down() -> None:
    reset = TimeClaim("mtime", "raw", RESET, "as if UTC", "end", CLOCK_S)
    unread = TimeClaim("exif", "raw", None, "unknown", "start", CLOCK_S)
    noted = TimeClaim("keys", "raw", None, "unknown", "start", CLOCK_S, "no zone is stated")
    later = claim("mtime", 3 * 24 * 3600)
    container = claim("container", 37 + 8 * 3600)
    told = (NAME, container, reset, unread, noted, later, SATELLITES)
    notes = [doubted.note for doubted in annotated(told, DOCKED)]
    assert notes == [
        None,
        "local time written as UTC: +8 h from the name",
        "before 2018: a clock that was reset",
        "no time that makes sense",
        "no zone is stated",
        "later than the docking",
        None,
    ]


def test_a_clock_that_contradicts_the_satellites_is_doubted() -> None:
    (doubted, _) = annotated((claim("name", 3600), SATELLITES), DOCKED)
    assert doubted.note == "+3597 s from the satellites' time"
    (same_hour, _) = annotated((claim("container", 30 * 60), NAME), DOCKED)
    assert same_hour.note is None


@pytest.mark.parametrize("hours", [-5, 8])
@pytest.mark.parametrize("drift_s", [-60, 0, 60])
def test_positions_that_may_hold_local_time_are_as_wide_as_both(hours: int, drift_s: int) -> None:
    satellites = claim("gps", hours * 3600, within_s=GPS_S)
    name = claim("name", drift_s, zone=f"assumed {hours:+03d}:00")
    chosen = choose((satellites, name), DOCKED + timedelta(days=1), None)
    assert chosen.source == "gps"
    for start in (START, START + timedelta(hours=hours)):
        assert abs((chosen.starts_at - start).total_seconds()) <= chosen.uncertainty_s
    notes = {one.source: one.note for one in annotated((satellites, name), DOCKED + timedelta(days=1))}
    assert "another zone" in str(notes["gps"])


def test_other_whole_hours_are_the_recorders_clock_alone() -> None:
    name = claim("name", 3600, zone="assumed +08:00")
    assert choose((SATELLITES, name), DOCKED + timedelta(days=1), None).uncertainty_s == GPS_S


def test_a_clock_that_was_set_right_is_not_asked_again() -> None:
    claims = with_card_clock((NAME, EXIF), CardClock("name", -4 * 3600, 4 * 3600 + 1, 4))
    assert choose(claims, DOCKED + timedelta(days=1), None).source == "card"


def test_a_clock_that_is_off_by_no_whole_hours_is_only_a_bad_clock() -> None:
    name = claim("name", 8 * 3600 + 500)
    assert choose((SATELLITES, name), DOCKED + timedelta(days=1), None).uncertainty_s == GPS_S
