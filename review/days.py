"""How many clips start on each day, as bars (按日分布); many days are shown week by week, or month by month.

Pure. Shapes: one bar is one unit wide; heights are of 100, the highest is 100.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

BARS_MAX = 62
HEIGHT_MIN = 4.0
"""What is there can be seen."""
SPANS_DAYS = (1, 7, 28, 364)
"""Whole weeks, so that the same bar is always as long."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where it stands, how high it is, its first and last day, and how many clips start in it."""

    x: int
    height: float
    since: date
    until: date
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars that are there, and for how many there is room, for the empty ones between them too."""

    bars: tuple[Bar, ...]
    width: int


def bars(days: Mapping[str, int]) -> Bars:
    """The bars of these days, by the shortest span of which not too many are needed."""
    counted = {date.fromisoformat(day): count for day, count in days.items()}
    if not counted:
        return Bars((), 0)
    low, high = min(counted), max(counted)
    fitting = (span for span in SPANS_DAYS if (high - low).days // span < BARS_MAX)
    span = next(fitting, (high - low).days // BARS_MAX + 1)
    if span > 1:
        low -= timedelta(days=min(low.weekday(), low.toordinal() - 1))  # a week begins on a Monday
    tally = Counter[int]()
    for day, count in counted.items():
        tally[(day - low).days // span] += count
    top = max(tally.values())

    def bar(x: int) -> Bar:
        since = low.toordinal() + x * span
        until = min(since + span - 1, date.max.toordinal())
        height = max(HEIGHT_MIN, 100 * tally[x] / top)
        return Bar(x, height, date.fromordinal(since), date.fromordinal(until), tally[x])

    return Bars(tuple(bar(x) for x in sorted(tally)), (high - low).days // span + 1)
