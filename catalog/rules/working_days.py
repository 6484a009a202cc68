"""Working days and ends of limits, by the calendar in the bureau's policy (工作日与期限); no holiday stands in code.

Source: holidays of a year are announced the autumn before, so the newest calendar counts, also for what was done
earlier. The day after is the first that counts; a limit in days or months that would end on a day off ends on the next
working day, and one that counts backward on the one before. Shapes: days are dates of the bureau's zone. Whatever needs
a year that is not listed counts weekends alone, and says so.
"""

from __future__ import annotations

import calendar as months_of
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from catalog.errors import CalendarEnds

if TYPE_CHECKING:
    from catalog.rules.bureau_policy import Calendar

DAY = timedelta(days=1)
COUNT_MAX = 3650
SATURDAY = 5
Unit = Literal["working-days", "days", "months"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A day, or a number of days, and whether that is provisional: a year it needs is not listed yet (暂定)."""

    day: date
    days: int
    is_provisional: bool


class WorkingDays:
    """Counts by one calendar. Raises `CalendarEnds` where that says not to count in years it does not list."""

    def __init__(self, calendar: Calendar) -> None:
        self._years = frozenset(year.year for year in calendar.years)
        self._off = tuple(days for year in calendar.years for days in year.off) + tuple(
            local.days for local in calendar.local
        )
        self._worked = frozenset(day for year in calendar.years for day in year.work)
        self._refuses = calendar.beyond == "refuse"

    def is_working(self, day: date) -> bool:
        """Whether people work on a day, as far as is known."""
        if self._refuses and day.year not in self._years:
            raise CalendarEnds(year=day.year)
        if day in self._worked:
            return True
        return day.weekday() < SATURDAY and not any(day in days for days in self._off)

    def after(self, day: date, count: int) -> Counted:
        """The day on which so many working days have passed after a day; before it, for a negative number."""
        if abs(count) > COUNT_MAX:
            raise ValueError(count)
        step, left, at, provisional = (DAY if count >= 0 else -DAY), abs(count), day, False
        while left:
            at += step
            provisional |= at.year not in self._years
            left -= self.is_working(at)
        return Counted(at, count, provisional)

    def between(self, first: date, last: date) -> Counted:
        """How many working days there are after the first day, up to the last."""
        days = [first + DAY * number for number in range(1, min((last - first).days, COUNT_MAX * 2) + 1)]
        provisional = any(day.year not in self._years for day in days)
        return Counted(last, sum(map(self.is_working, days)), provisional)

    def left(self, today: date, due: date) -> int:
        """How many working days are left until a day, 0 on it; after it fewer than 0."""
        if due < today:
            return -max(1, self.between(due, today).days)
        return self.between(today, due).days

    def due(self, day: date, count: int, unit: Unit) -> Counted:
        """The last day of a limit that begins to run after a day."""
        if unit == "working-days":
            return self.after(day, count)
        end = day + DAY * count if unit == "days" else months_later(day, count)
        ended = end
        while not self.is_working(ended):
            ended += DAY if count >= 0 else -DAY  # at least so many days before: never fewer
        return Counted(ended, count, not {end.year, ended.year} <= self._years)


def months_later(day: date, count: int) -> date:
    """The same day so many months later; where that month is shorter, its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, months_of.monthrange(year, month + 1)[1]))
