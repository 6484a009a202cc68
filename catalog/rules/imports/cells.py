"""One cell of a list as people and Excel write it (单元格): dates, times, names, sums.

Shapes: each reader gives the value, the codes of what was repaired or is wrong (`docking_station/texts/imports.py` says
them), and where a person must choose, the readings there are. An empty cell is no value and no problem. Nothing is
guessed.
Units: Excel's days since 1899-12-30; times of day are those of the record, without a zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar


class Formula(str):
    """A formula instead of a value, as it stands in the cell."""

    __slots__ = ()


Value = str | int | float | date | time | None
"""What a cell holds; a `datetime` is a `date`, a `Formula` is a text."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was made of a cell: None where it says nothing, or nothing that may be taken."""

    value: T | None = None
    codes: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


EPOCH = date(1899, 12, 30)
MIDNIGHT = datetime(1900, 1, 1)  # noqa: DTZ001  # of no zone, as times in lists are
SERIALS = range(40_000, 60_001)
YEARS = range(1900, 2101)
EXACT_MAX = 10**15
"""From here on Excel keeps fifteen digits of a number and puts zeros for the others."""
DAY = re.compile(
    r"(?P<year>\d{4})\s*(?P<by>[年./-])\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"(?P<time>[\sT]*\d{1,2}:\d\d(?::\d\d)?(?:\.0+)?)?"
)
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)")
NO_YEAR = re.compile(r"(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*[日号]?")
SHORT = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{1,2}|\d{4})")
FORMS = {"年": "date-zh", "/": "date-slash", ".": "date-dots"}
CLOCK = re.compile(r"(?P<h>\d{1,2})\s*(?:[时点]\s*(?:(?P<m>\d{1,2})\s*分?)?|:(?P<m2>\d\d)(?::(?P<s>\d\d))?)")
UNTIL = re.compile(r"\s*(?:至|到|[-~—–]+)\s*")
DIGIT = re.compile(r"\d")
FRACTION = re.compile(r"0?\.\d+")
LONG = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
MARKED = re.compile(r'="([^"]*)"|\'(.+)', re.DOTALL)
LOST = re.compile(r"[?\ufffd]")
BETWEEN = re.compile(r"[、,;/]")
AND = re.compile(r"[和与]")
COUNT = re.compile(r"(\d{1,9})\s*[页年号]?")
SUM = re.compile(r"(?P<sum>(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,2})?)(?P<many>万?)元?")


def narrow(text: str) -> str:
    """A text after NFKC, without blanks at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


def shown(value: Value) -> str:
    """A cell as a person would see it; a number that Excel broke is shown broken."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < EXACT_MAX else f"{value:.10G}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value)


def prepared(value: Value) -> Read[Value]:
    """A cell without what was only put around it: ="0012", a leading apostrophe, blanks, line breaks."""
    if not isinstance(value, str):
        return Read(value)
    plain = value.strip()
    if not plain:
        return Read()
    codes = ["stray-blanks"] if plain != value else []
    if plain[0] in "='" and (marked := MARKED.fullmatch(plain)):
        plain, codes = marked[1] or marked[2] or "", [*codes, "text-marker"]
    elif isinstance(value, Formula) or plain[0] == "=" or ERROR.fullmatch(plain):
        return Read(None, ("formula",), (plain,))
    if "\n" in plain or "\r" in plain:
        plain, codes = "".join(line.strip() for line in plain.splitlines()), [*codes, "line-break"]
    if LOST.search(plain):
        codes.append("lost-character")
    return Read(plain or None, tuple(codes))


def long_number(value: Value) -> Read[str]:
    """A number that is a name (case, identity, credit code); Excel breaks what it takes for 16 digits or more."""
    text = narrow(shown(value)).replace(" ", "")
    is_broken = isinstance(value, int | float) and abs(value) >= EXACT_MAX
    if is_broken or LONG.fullmatch(text) or re.fullmatch(r"\d{15}0{2,}", text):
        return Read(None, ("id-destroyed",), (text,))
    return Read(text or None)


# ---------------------------------------------------------------------- days and times


def day_of(value: Value, year: int | None = None) -> Read[date]:
    """The day in a cell, in one of seven forms; `year` is that of the block the row stands in, if it has one."""
    if value is None:
        return Read()
    if isinstance(value, date):
        return _within(value.date() if isinstance(value, datetime) else value, (), shown(value))
    text = narrow(shown(value))
    if isinstance(value, float) and not value.is_integer():
        return Read(None, ("date-ambiguous",), (text, f"{text}0"))  # Excel makes 3.1 of 3.10
    if text.isdecimal() and len(text) <= 5 and int(text) in SERIALS:
        return Read(EPOCH + timedelta(int(text)), ("date-serial",))
    if found := DAY.fullmatch(text):
        return _day(found, "date-time" if found["time"] else FORMS.get(found["by"]))
    if found := COMPACT.fullmatch(text):
        return _day(found, "date-compact")
    if found := NO_YEAR.fullmatch(text):
        if year is None:
            return Read(None, ("date-no-year",), (text,))
        return _day(found, None, year)
    if found := SHORT.fullmatch(text):
        return Read(None, ("date-ambiguous",), tuple(_orders(found)))
    return Read(None, ("date-impossible" if DIGIT.search(text) else "date-unreadable",), (text,))


def _day(found: re.Match[str], form: str | None, year: int | None = None) -> Read[date]:
    try:
        day = date(year or int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return Read(None, ("date-impossible",), (found[0],))
    return _within(day, (form,) if form else (), found[0])


def _within(day: date, codes: tuple[str, ...], text: str) -> Read[date]:
    return Read(day, codes) if day.year in YEARS else Read(None, ("date-impossible",), (text,))


def _orders(found: re.Match[str]) -> Iterator[str]:
    """The days a date may mean that does not begin with its year in full."""
    first, second, third = map(int, found.groups())
    for year, month, day in ((third, first, second), (third, second, first), (first, second, third)):
        try:
            yield date(year + 2000 if year < 100 else year, month, day).isoformat()
        except ValueError:
            continue


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, and the day it was written with, if it was."""

    time: time
    day: date | None = None


def clock_of(value: Value) -> Read[Clock]:
    """The time of day in a cell: 9:30, 9时30分, a fraction of a day, or with its day before it."""
    if value is None:
        return Read()
    if isinstance(value, datetime | time):
        at = value.time() if isinstance(value, datetime) else value
        return _fraction((at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6) / 86400)
    text = narrow(shown(value))
    if FRACTION.fullmatch(text) or text == "0":
        return _fraction(float(text))
    before, _, clock = text.rpartition("日") if "日" in text else text.rpartition(" ")
    found = CLOCK.fullmatch(clock.strip())
    day = day_of(before + "日" if "日" in text else before.strip() or None)
    if found is None or (before and day.value is None):
        return Read(None, ("time-unreadable",), (text,))
    try:
        at = time(int(found["h"]), int(found["m"] or found["m2"] or 0), int(found["s"] or 0))
    except ValueError:
        return Read(None, ("time-unreadable",), (text,))
    return Read(Clock(at, day.value))


def _fraction(of_day: float) -> Read[Clock]:
    seconds = round(of_day * 86400)
    return Read(Clock((MIDNIGHT + timedelta(seconds=seconds % 86400)).time()), ("time-fraction",))


def span_of(begins: Value, ends: Value) -> tuple[Read[Clock], Read[Clock]]:
    """Begin and end of a record, from two cells, or both from the first."""
    if isinstance(begins, str) and ends is None:
        text = narrow(begins)
        for found in UNTIL.finditer(text):
            first, last = clock_of(text[: found.start()]), clock_of(text[found.end() :])
            if first.value and last.value:
                return Read(first.value, ("span-in-one-cell",)), last
    return clock_of(begins), clock_of(ends)


# ---------------------------------------------------------------------- names and sums


def names_of(value: Value, is_known: Callable[[str], bool]) -> Read[tuple[str, ...]]:
    """The names in a cell: 、 , ; / or blanks between them, 和 where both sides are known; 王　某 is one name."""
    names: list[str] = []
    codes = []
    for part in BETWEEN.split(narrow(shown(value))):
        words = iter(part.split())
        for word in words:
            if len(word) == 1 and (rest := next(words, "")):
                codes.append("name-padded")
                word += rest
            both = AND.split(word)
            names += both if len(both) > 1 and not is_known(word) and all(map(is_known, both)) else [word]
    return Read(tuple(names), tuple(dict.fromkeys(codes)))


def parts_of(value: Value) -> list[str]:
    """The parts of a list in a cell, with 、 , ; or / between them."""
    return [part.strip() for part in BETWEEN.split(narrow(shown(value))) if part.strip()]


def sum_of(value: Value) -> Read[int | float]:
    """A sum in yuan."""
    found = SUM.fullmatch(narrow(shown(value)).replace(" ", ""))
    if found is None:
        return Read(None, ("sum-unreadable",), (shown(value),))
    cents = round(float(found["sum"].replace(",", "")) * (1_000_000 if found["many"] else 100))
    return Read(cents // 100 if cents % 100 == 0 else cents / 100)


def count_of(value: Value) -> Read[int]:
    """A whole number: pages, a year, a number within it."""
    found = COUNT.fullmatch(narrow(shown(value)))
    return Read(int(found[1])) if found else Read(None, ("sum-unreadable",), (shown(value),))


def is_like(pattern: str, name: str) -> bool:
    """Whether a name may be the one of which characters were lost."""
    return re.fullmatch(".".join(map(re.escape, LOST.split(pattern))), name) is not None
