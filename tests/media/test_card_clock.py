from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import RefersTo, TimeClaim
from media.capture_time import CLOCK_S, with_card_clock
from media.card_clock import FAR, NEAR, Sighting, clock_for, readings, sightings

START = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def claim(source: str, at: datetime | None, refers_to: RefersTo = "start") -> TimeClaim:
    return TimeClaim(source, "raw", at, "any", refers_to, 1.0)


def timed(start_s: float, off_s: float, *, length_s: int = 10, cold_s: int = 0) -> tuple[TimeClaim, ...]:
    """A clip with a position a second, and a name by a clock that is off."""
    return (
        claim("gps", after(start_s + cold_s)),
        claim("gps", after(start_s + length_s - 1), "end"),
        claim("name", after(start_s + off_s)),
    )


def seen(*clips: tuple[float, float], **how: int) -> list[Sighting]:
    return [one for start_s, off_s in clips for one in sightings(timed(start_s, off_s, **how), how.get("length_s", 10))]


def test_one_clip_with_positions_tells_of_those_without() -> None:
    clock = clock_for(seen((0, 37)), {"name": after(1000 + 37)})
    assert clock is not None
    assert abs(clock.offset_s - 37) <= clock.uncertainty_s <= 2.0
    assert (clock.source, clock.clips) == ("name", 1)


def test_clips_that_saw_satellites_late_narrow_each_other_down() -> None:
    late = seen((0, 37), cold_s=8)
    both = [*late, *seen((500, 37), length_s=4, cold_s=0)]
    one, two = clock_for(late, {"name": after(237)}), clock_for(both, {"name": after(237)})
    assert one is not None
    assert two is not None
    assert two.uncertainty_s <= 2.0 < one.uncertainty_s


def test_each_kind_of_reading_counts_by_itself() -> None:
    hours = 8 * 3600
    claims = (*timed(0, 37), claim("container", after(hours + 37)))
    told = sightings(claims, 10)
    assert sorted(one.kind for one in told) == ["container", "name"]
    clock = clock_for(told, {"container": after(1000 + hours + 37)})
    assert clock is not None
    assert abs(clock.offset_s - hours - 37) <= clock.uncertainty_s <= 2.0
    assert clock_for(told, {"exif": after(0)}) is None


def test_positions_that_may_hold_local_time_leave_both_readings_open() -> None:
    hours = 8 * 3600
    gps = timed(hours, 0)[:2]
    named = TimeClaim("name", "raw", after(12), "assumed +08:00", "start", 1.0)
    clock = clock_for(sightings((*gps, named), 10), {"name": after(1012)})
    assert clock is not None
    assert {off for off in (12, 12 - hours) if abs(clock.offset_s - off) <= clock.uncertainty_s} == {12, 12 - hours}


def test_other_whole_hours_are_the_recorders_own() -> None:
    clock = clock_for(seen((0, 3599)), {"name": after(1000 + 3599)})
    assert clock is not None
    assert abs(clock.offset_s - 3599) <= clock.uncertainty_s <= 2.0


@pytest.mark.parametrize(
    ("claims", "length_s"),
    [
        ((claim("name", after(0)),), 10),
        ((claim("gps", None), claim("name", after(0))), 10),
        (timed(0, 37), None),
        (timed(0, 37, length_s=60), 10),
        ((claim("gps", datetime(2015, 1, 1, tzinfo=UTC)), claim("name", after(0))), 10),
    ],
    ids=["no position", "position without time", "length unknown", "longer than the film", "satellites of 2015"],
)
def test_what_tells_nothing(claims: tuple[TimeClaim, ...], length_s: float | None) -> None:
    assert sightings(claims, length_s) == ()


def test_a_photograph_has_one_time_and_no_length() -> None:
    (one,) = sightings((claim("gps", after(0)), claim("exif", after(37))), None)
    assert (one.kind, one.low_s, one.high_s) == ("exif", 37, 37)


def test_a_clock_that_was_set_in_between_widens() -> None:
    clock = clock_for(seen((0, 412), (5000, 0)), {"name": after(2500)})
    assert clock is not None
    assert clock.uncertainty_s >= 206
    widely = clock_for(seen((0, 40_000), (80_000, 0)), {"name": after(41_000)})
    assert widely is not None
    assert widely.uncertainty_s >= 20_000


def test_far_away_and_reset_clocks_tell_nothing() -> None:
    assert clock_for(seen((0, 37)), {"name": after(FAR.total_seconds() + 60)}) is None
    since = clock_for(seen((0, 3600)), {"name": after(2 * NEAR.total_seconds())})
    assert since is not None
    assert abs(since.offset_s - 0) <= since.uncertainty_s - CLOCK_S
    assert abs(since.offset_s - 3600) <= since.uncertainty_s - CLOCK_S
    reset = datetime(2015, 1, 1, tzinfo=UTC)
    told = sightings((*timed(0, 0)[:2], claim("name", reset)), 10)
    assert clock_for(told, {"name": reset + timedelta(minutes=5)}) is None


def test_readings_are_those_of_the_start_and_the_first_of_a_kind() -> None:
    told = readings((claim("container", after(9), "end"), claim("name", after(1)), claim("name", after(2))))
    assert told == {"name": after(1)}


def test_a_day_alone_is_no_reading_of_a_clock() -> None:
    day = TimeClaim("name", "20260311", after(0), "assumed +08:00", "start", CLOCK_S + 43_200)
    assert readings((day,)) == {}
    assert with_card_clock((day,), clock_for(seen((0, 37)), {"name": after(100)})) == (day,)


@given(
    st.lists(
        st.tuples(st.integers(0, 30_000), st.integers(2, 900), st.floats(0, 0.9), st.floats(0, 1)),
        min_size=1,
        max_size=6,
    ),
    st.floats(-40_000, 40_000),
    st.floats(-3.0, 3.0),
    st.integers(0, 30_000),
)
def test_the_true_start_lies_within_what_is_claimed(
    clips: list[tuple[int, int, float, float]], off_s: float, drift_s_a_day: float, target_s: int
) -> None:
    """Readings cut to whole seconds, satellites found late, a clock that drifts: the claim still holds."""

    def read(at_s: float) -> datetime:
        return after(at_s + off_s + at_s * drift_s_a_day / 86_400).replace(microsecond=0)

    told: list[Sighting] = []
    for start_s, length_s, cold, lost in clips:
        first_s = start_s + int(length_s * cold)
        last_s = max(first_s, start_s + int(length_s * (1 - lost * 0.1)) - 1)
        claims = (claim("gps", after(first_s)), claim("gps", after(last_s), "end"), claim("name", read(start_s)))
        told.extend(sightings(claims, length_s))
    clock = clock_for(told, {"name": read(target_s)})
    if clock is not None:
        found = read(target_s) - timedelta(seconds=clock.offset_s)
        assert abs((found - after(target_s)).total_seconds()) <= clock.uncertainty_s + 1e-3
