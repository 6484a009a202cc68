"""When the station's clock is believed, decided over readings alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.rules.clock import ALONE_MAX, CLOCK_SLACK, SYNCHRONISED_MAX, Reading, is_behind, jump, jump_max

NOW = datetime(2026, 11, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def reading(at: datetime, boot: str = "a", uptime_s: float = 0.0, *, kept: bool = False) -> Reading:
    return Reading(at, boot, uptime_s, kept)


def test_a_clock_may_be_set_back_a_little() -> None:
    assert not is_behind(NOW, NOW + CLOCK_SLACK)
    assert is_behind(NOW, NOW + CLOCK_SLACK + MINUTE)


def test_within_one_start_of_the_system_a_step_is_seen_whatever_time_went_by() -> None:
    last = reading(NOW, uptime_s=100.0)
    assert jump(reading(NOW + 30 * DAY, uptime_s=100.0 + 30 * 86_400), last) == timedelta(0)
    assert jump(reading(NOW + 30 * DAY, uptime_s=100.0 + 86_400), last) == 29 * DAY


@pytest.mark.parametrize(
    ("boot", "uptime_s"), [("b", 9e9), ("", 9e9), ("a", 1.0)], ids=["another", "unknown", "of a copied home"]
)
def test_between_two_starts_nobody_knows_how_long_the_machine_was_off(boot: str, uptime_s: float) -> None:
    assert jump(reading(NOW + DAY, boot, uptime_s), reading(NOW, uptime_s=100.0)) == DAY


@pytest.mark.parametrize(
    ("boot", "kept_before", "kept_now", "most"),
    [
        ("a", False, False, CLOCK_SLACK),
        ("a", False, True, SYNCHRONISED_MAX),  # a time server sets right what started wrong
        ("a", True, True, ALONE_MAX),  # and contradicts itself here
        ("a", True, False, CLOCK_SLACK),
        ("b", False, False, ALONE_MAX),
        ("b", True, True, SYNCHRONISED_MAX),
    ],
)
def test_how_far_a_clock_is_followed(boot: str, kept_before: bool, kept_now: bool, most: timedelta) -> None:
    last = reading(NOW, kept=kept_before)
    assert jump_max(reading(NOW, boot, 10.0, kept=kept_now), last) == most
