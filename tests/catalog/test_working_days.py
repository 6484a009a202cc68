"""Working days by the policy's calendar: as the printed notices say, and provisional beyond them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import CalendarEnds
from catalog.rules.bureau_policy import LocalDays
from catalog.rules.policy_fields import Days
from catalog.rules.policy_text import read_whole
from catalog.rules.working_days import Unit, WorkingDays
from docking_station.services.policy import shipped

CALENDAR = read_whole(shipped()).calendar
COUNT = WorkingDays(CALENDAR)
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))


def test_a_year_has_as_many_working_days_as_its_notice_leaves() -> None:
    weekdays, off_on_weekdays, worked_weekends = 261, 19, 6
    found = COUNT.between(date(2025, 12, 31), date(2026, 12, 31))
    assert (found.days, found.is_provisional) == (weekdays - off_on_weekdays + worked_weekends, False)


@pytest.mark.parametrize(
    ("day", "count", "unit", "due", "provisional"),
    [
        (date(2026, 2, 10), 7, "working-days", date(2026, 2, 26), False),  # over the spring festival, a Saturday worked
        (date(2026, 2, 26), -7, "working-days", date(2026, 2, 10), False),
        (date(2026, 3, 5), 0, "working-days", date(2026, 3, 5), False),
        (date(2026, 3, 5), 90, "days", date(2026, 6, 3), False),
        (date(2026, 9, 16), 15, "days", date(2026, 10, 8), False),  # would end on a holiday
        (date(2026, 5, 8), -5, "days", date(2026, 4, 30), False),  # would end on a holiday: not fewer than five before
        (date(2026, 8, 31), 1, "months", date(2026, 9, 30), False),
        (date(2026, 7, 4), 3, "months", date(2026, 10, 8), False),
        (date(2026, 12, 29), 2, "working-days", date(2026, 12, 31), False),
        (date(2026, 12, 29), 3, "working-days", date(2027, 1, 1), True),
        (date(2026, 12, 1), 2, "months", date(2027, 2, 1), True),
    ],
)
def test_a_limit_ends_as_the_law_counts(day: date, count: int, unit: Unit, due: date, provisional: bool) -> None:
    found = COUNT.due(day, count, unit)
    assert (found.day, found.is_provisional) == (due, provisional)


def test_a_local_day_off_counts_and_a_year_that_is_not_listed_can_be_refused() -> None:
    local = replace(CALENDAR, local=(LocalDays(Days(date(2026, 3, 6), date(2026, 3, 6)), "x"),), beyond="refuse")
    assert WorkingDays(local).after(date(2026, 3, 5), 1).day == date(2026, 3, 9)
    with pytest.raises(CalendarEnds, match="2027"):
        WorkingDays(local).after(date(2026, 12, 31), 1)


@given(day=DAYS, count=st.integers(0, 60))
def test_counting_there_and_measuring_agree(day: date, count: int) -> None:
    there = COUNT.after(day, count)
    assert COUNT.between(day, there.day).days == count
    assert count == 0 or COUNT.is_working(there.day)
    assert there.is_provisional == any(
        (day + timedelta(days=number)).year != 2026 for number in range(1, (there.day - day).days + 1)
    )


@pytest.mark.parametrize(
    ("due", "left"),
    [
        (date(2026, 2, 26), 1),
        (date(2026, 2, 25), 0),
        (date(2026, 2, 24), -1),
        (date(2026, 2, 14), -2),  # the festival lies between
        (date(2026, 3, 1), 3),  # a Sunday; the Saturday before is worked
    ],
)
def test_what_is_left_of_a_limit_is_0_on_its_last_day_and_less_after_it(due: date, left: int) -> None:
    assert COUNT.left(date(2026, 2, 25), due) == left
