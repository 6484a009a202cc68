"""Which bytes a range is answered with, and which seconds of a clip were watched."""

from __future__ import annotations

import time

import pytest

from docking_station.services.looks import ANSWER_BYTES_MAX, SPANS_MAX, answered, merged


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (0, None, (0, ANSWER_BYTES_MAX)),
        (0, 0, (0, 1)),
        (10, 19, (10, 10)),
        (5, 4, None),
        (None, 100, (9_999_900, 100)),
        (None, 20_000_000, (0, ANSWER_BYTES_MAX)),
        (None, 0, None),
        (None, None, None),
        (9_999_999, None, (9_999_999, 1)),
        (9_999_990, 20_000_000, (9_999_990, 10)),
        (10_000_000, None, None),
        (-1, None, None),
    ],
)
def test_what_is_answered_to_a_range(first: int | None, last: int | None, wanted: tuple[int, int] | None) -> None:
    assert answered(10_000_000, first, last) == wanted


def test_spans_are_merged_and_few() -> None:
    assert merged([(5, 6), (0, 2), (1, 3), (3, 4)]) == ((0, 4), (5, 6))
    many = merged((number, number + 0.5 + number / 1000) for number in range(300))
    assert len(many) == SPANS_MAX
    assert (many[0][0], many[-1][1]) == (0, 299 + 0.5 + 0.299)
    assert many[-1][0] == 99, "the widest gaps stay"
    assert merged([]) == ()


def test_spans_without_end_are_merged_at_once() -> None:
    began_s = time.monotonic()
    assert len(merged((number, number + 0.5) for number in range(30_000))) == SPANS_MAX
    assert time.monotonic() - began_s < 8
