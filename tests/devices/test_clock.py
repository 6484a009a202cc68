"""A clock is judged only by a better one, and what a measurement allows is never made narrower than it is."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import ClockOffset
from devices.clock import (
    BOUND_S,
    STA_UNSYNC,
    GpsPair,
    Reading,
    StationClock,
    Timex,
    clock_of,
    from_device,
    from_gps,
    from_newest_file,
    judge,
    may_set,
    station_clock,
)

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
TRUE, FREE = StationClock(True, 0.05, "kernel"), StationClock(False, None, "kernel: not synchronised")
MTP, GPS = ClockOffset(100.0, "mtp", 3.0), ClockOffset(99.0, "gps", 5.0)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def pair(at: float, off: float, uncertainty: float = 1.0) -> GpsPair:
    return GpsPair(later(at), later(at + off), uncertainty)


# ---------------------------------------------------------------------- the station


def test_the_kernels_answer_is_read_where_it_stands() -> None:
    asked = Timex()
    if ctypes.CDLL(None).adjtimex(ctypes.byref(asked)) == -1:
        pytest.skip("the kernel may not be asked here")
    assert abs(asked.time[0] - time.time()) < 5
    assert 9_000 <= asked.tick <= 11_000
    mine = station_clock(Path("/nonexistent"))
    assert mine.synchronised == (not asked.status & STA_UNSYNC)
    assert (mine.max_error_s is not None) == mine.synchronised


def test_what_the_kernel_says_counts_and_the_mark_only_where_it_says_nothing() -> None:
    assert clock_of((0, 25_000), False) == StationClock(True, 0.025, "kernel: synchronised")
    assert not clock_of((STA_UNSYNC | 1, 25_000), True).synchronised
    assert clock_of("Operation not permitted", True).synchronised
    assert clock_of("Operation not permitted", False) == StationClock(False, None, "kernel: Operation not permitted")


# ---------------------------------------------------------------------- measuring


def test_a_device_that_tells_its_time_is_measured_directly() -> None:
    assert from_device(later(-7200), NOW, 3.0) == ClockOffset(-7200.0, "mtp", 3.0)


def test_satellites_give_the_median_and_a_few_wild_fixes_do_no_harm() -> None:
    pairs = [pair(at, 60 + at % 3 - 1) for at in range(90)] + [pair(at, -50_000) for at in range(5)]
    found = from_gps(pairs)
    assert found is not None
    assert found.offset_s == pytest.approx(60, abs=1)
    assert found.uncertainty_s <= 3


def test_a_clock_that_was_set_on_the_way_widens_the_uncertainty() -> None:
    found = from_gps([pair(at, 0) for at in range(60)] + [pair(at, 28_800) for at in range(40)])
    assert found is not None
    assert (found.offset_s, found.uncertainty_s) == (0, 28_801)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0, 100))
def test_nine_in_ten_pairs_lie_within_the_uncertainty(offsets: list[float], uncertainty: float) -> None:
    found = from_gps([pair(index, off, uncertainty) for index, off in enumerate(offsets)])
    assert found is not None
    within = sum(abs(off - found.offset_s) <= found.uncertainty_s + 1e-5 for off in offsets)
    assert within >= 0.9 * len(offsets)
    assert min(offsets) - 1e-5 <= found.offset_s <= max(offsets) + 1e-5


def test_no_pairs_no_measurement() -> None:
    assert from_gps([]) is None


def test_the_newest_file_is_a_bound_and_only_of_a_clock_that_is_ahead() -> None:
    files = [Reading(later(-10), 2), Reading(later(3600), 2), Reading(later(50), 0)]
    assert from_newest_file(files, NOW) == ClockOffset(3598.0, "newest-file", BOUND_S)
    assert from_newest_file([Reading(later(-3600), 2)], NOW) is None
    assert from_newest_file([Reading(later(3600), 50_400)], NOW) is None, "its zone explains it"
    assert from_newest_file([], NOW) is None


# ---------------------------------------------------------------------- judging


def test_the_most_certain_measurement_is_taken_with_the_stations_own_error() -> None:
    judged = judge(StationClock(True, 0.5, "kernel"), [GPS, MTP])
    assert judged.offset == ClockOffset(100.0, "mtp", 3.5)
    assert "mtp" in judged.reason[0]
    assert judge(StationClock(True, 10.0, "kernel"), [GPS, MTP]).offset == GPS


def test_a_station_without_a_true_clock_judges_by_satellites_alone() -> None:
    judged = judge(FREE, [MTP, GPS])
    assert judged.offset == GPS
    assert "not synchronised" in judged.reason[0]
    assert "未同步" in judged.reason[1]
    refused = judge(FREE, [MTP, ClockOffset(5.0, "newest-file", BOUND_S)])
    assert refused.offset is None
    assert "not synchronised" in refused.reason[0]


def test_a_bound_is_called_one_and_nothing_is_called_nothing() -> None:
    judged = judge(TRUE, [ClockOffset(3598.0, "newest-file", BOUND_S)])
    assert "at least 3598 s" in judged.reason[0]
    assert judge(TRUE, []).offset is None


# ---------------------------------------------------------------------- setting


@pytest.mark.parametrize(
    ("station", "offset", "can", "why"),
    [
        (TRUE, MTP, False, "cannot be set"),
        (FREE, GPS, True, "not synchronised"),
        (TRUE, None, True, "not measured"),
        (TRUE, ClockOffset(2.9, "mtp", 3.0), True, "within its uncertainty"),
        (TRUE, ClockOffset(-1.9, "mtp", 0.1), True, "no more than 2 s"),
        (TRUE, ClockOffset(90_000, "newest-file", BOUND_S), True, "within its uncertainty"),
    ],
)
def test_a_recorders_clock_is_left_alone(
    station: StationClock, offset: ClockOffset | None, can: bool, why: str
) -> None:
    setting = may_set(station, offset, can=can)
    assert not setting.sets
    assert why in setting.reason[0]


def test_a_clock_that_is_surely_off_is_set_and_what_it_was_is_on_record() -> None:
    setting = may_set(TRUE, ClockOffset(-3.5, "mtp", 3.0), can=True)
    assert setting.sets
    assert setting.record(done=True) == {
        "set": True,
        "offset_s": -3.5,
        "method": "mtp",
        "uncertainty_s": 3.0,
        "station_clock": "kernel",
        "station_max_error_s": 0.05,
    }
