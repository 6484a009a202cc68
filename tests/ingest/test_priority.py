"""Who is next and when again: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import SourceFile
from ingest.priority import BACK_OFF_FIRST_S, BACK_OFF_MAX_S, NS, Urgency, back_off, important_first, is_overdue

NOW = datetime(2026, 3, 6, tzinfo=UTC)
SOURCE = SourceFile("TA00001", b"A.MP4", 1, 0, "")


def written(at: datetime) -> SourceFile:
    return replace(SOURCE, mtime_ns=int(at.timestamp()) * NS)


def test_overdue_goes_before_important_before_the_rest() -> None:
    every = [Urgency(not overdue, not important) for overdue in (False, True) for important in (False, True)]
    ordered = [(not one.not_overdue, not one.not_important) for one in sorted(every)]
    assert ordered == [(True, True), (True, False), (False, True), (False, False)]


@pytest.mark.parametrize(
    ("age", "overdue"),
    [
        (timedelta(hours=23, minutes=59), False),
        (timedelta(hours=24), False),
        (timedelta(hours=24, seconds=1), True),
        (timedelta(days=3000), True),
        (-timedelta(days=3000), False),
    ],
)
def test_a_file_is_overdue_after_its_hours(age: timedelta, overdue: bool) -> None:
    assert is_overdue(written(NOW - age), NOW, 24) is overdue


@given(st.integers(-3, 10_000))
def test_pauses_grow_and_never_beyond_the_longest(failures: int) -> None:
    assert BACK_OFF_FIRST_S <= back_off(failures) <= back_off(failures + 1) <= BACK_OFF_MAX_S


def test_pauses_double() -> None:
    assert [back_off(failures) for failures in (1, 2, 3, 7, 99)] == [1, 2, 4, 60, 60]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20))
def test_important_marks_first_then_oldest(files: list[tuple[int, bool]]) -> None:
    sources = {
        replace(SOURCE, path=b"%d" % number, mtime_ns=mtime): important
        for number, (mtime, important) in enumerate(files)
    }
    ordered = important_first(sources, sources.__getitem__)
    assert sorted(ordered, key=lambda one: one.path) == sorted(sources, key=lambda one: one.path)
    keys = [(not sources[one], one.mtime_ns) for one in ordered]
    assert keys == sorted(keys)
