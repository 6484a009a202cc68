"""Moments on the line of a clip: gaps of its positions and photographs taken meanwhile, as its own times say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.rules.canonical import time_text
from review.moments import MOMENTS_MAX, Moment, moments

BEGINS = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
LENGTH_S = 600.0


def after(seconds: float) -> datetime:
    return BEGINS + timedelta(seconds=seconds)


def track(*seconds: float) -> list[dict[str, object]]:
    """Positions at these seconds, and one that does not say when."""
    return [{"at": at} for at in (*(time_text(after(one)) for one in seconds), None)]


@pytest.mark.parametrize(
    ("at_s", "found"),
    [
        ((0, 1, 2, 40, 41, 42), [(2.0, 38.0)]),
        ((0, 1, 2, 9, 10), []),
        ((0, 30, 60, 90, 300, 330), [(90.0, 210.0)]),  # a recorder that says where it is twice a minute
        ((41, 40, 2, 1, 0), [(2.0, 38.0)]),
        ((5,), []),
        ((), []),
    ],
)
def test_where_a_track_misses_positions_is_a_moment(at_s: tuple[float, ...], found: list[tuple[float, float]]) -> None:
    expected = tuple(Moment(at, lasts, "no_position") for at, lasts in found)
    assert moments(BEGINS, LENGTH_S, track(*at_s), ()) == expected


def test_moments_stand_in_their_order_and_only_inside_the_clip() -> None:
    photographs = [after(one) for one in (-1, 700, 30, 1)]
    found = moments(BEGINS, LENGTH_S, track(0, 1, 2, 20), photographs)
    assert [(one.at_s, one.what) for one in found] == [(1, "photograph"), (2, "no_position"), (30, "photograph")]


def test_of_very_many_moments_the_first_are_shown() -> None:
    assert len(moments(BEGINS, LENGTH_S, (), [after(one) for one in range(2 * MOMENTS_MAX)])) == MOMENTS_MAX
