"""How long a clip is kept: the table, the rolling lock, and when it may go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import PolicyBad
from catalog.rules.policy_text import EXAMPLE, read_policy
from catalog.rules.retention import (
    CaseFile,
    FilePeriods,
    Keep,
    PeriodRule,
    Retention,
    Retentions,
    longest,
    may_go,
    months_later,
    wanted,
)

SEALED = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)
LOCKED = months_later(SEALED, 6)
MOMENTS = st.integers(0, 24 * 365 * 60).map(lambda hours: SEALED + timedelta(hours=hours))
KEEPS = st.one_of(st.integers(6, 1200), st.sampled_from(["case-file", "permanent"]))


@pytest.mark.parametrize(
    ("is_linked", "is_important", "keep"),
    [(False, False, 6), (True, False, "case-file"), (False, True, 36), (True, True, "case-file")],
)
def test_the_longest_that_anything_demands_counts(is_linked: bool, is_important: bool, keep: Keep) -> None:
    table = Retention(6, linked="case-file", important=36)
    assert table.keep(is_linked=is_linked, is_important=is_important) == keep


def test_for_ever_is_longer_than_the_case_file_and_that_than_any_number() -> None:
    assert longest([1200, "case-file", "permanent"]) == "permanent"
    assert longest([1200, "case-file"]) == "case-file"
    assert longest([7, 1200]) == 1200


@given(keep=KEEPS, sealed=MOMENTS, locked=MOMENTS, now=MOMENTS, first=st.integers(1, 120))
def test_a_lock_is_never_shortened(keep: Keep, sealed: datetime, locked: datetime, now: datetime, first: int) -> None:
    assert wanted(keep, sealed, locked, now, first).until >= locked


@given(keep=KEEPS, sealed=MOMENTS, locked=MOMENTS, now=MOMENTS, held=st.booleans())
def test_nothing_goes_before_its_lock_and_its_time(
    keep: Keep, sealed: datetime, locked: datetime, now: datetime, held: bool
) -> None:
    if may_go(keep, sealed, locked, on_legal_hold=held, now=now):
        assert isinstance(keep, int)
        assert not held
        assert now >= locked
        assert now >= months_later(sealed, keep)


def test_without_an_end_date_the_lock_rolls_on_and_is_held() -> None:
    early = wanted("case-file", SEALED, LOCKED, SEALED + timedelta(days=30), 6)
    assert (early.until, early.on_legal_hold) == (LOCKED, True)
    late = SEALED + timedelta(days=100)
    assert wanted("permanent", SEALED, LOCKED, late, 6).until == months_later(late, 6)
    ended = LOCKED + timedelta(days=400)
    assert wanted("permanent", SEALED, LOCKED, ended, 6).until == months_later(ended, 6)


def test_a_number_of_months_counts_from_the_sealing() -> None:
    assert wanted(36, SEALED, LOCKED, SEALED, 6).until == months_later(SEALED, 36)
    assert wanted(6, SEALED, months_later(SEALED, 12), SEALED, 6).until == months_later(SEALED, 12)
    assert may_go(6, SEALED, LOCKED, on_legal_hold=False, now=LOCKED)
    assert not may_go(6, SEALED, LOCKED, on_legal_hold=True, now=LOCKED)
    assert not may_go(7, SEALED, LOCKED, on_legal_hold=False, now=LOCKED)
    assert not may_go("case-file", SEALED, LOCKED, on_legal_hold=False, now=LOCKED + timedelta(days=9999))


def test_the_policy_says_it_and_the_example_is_the_default() -> None:
    assert read_policy(EXAMPLE).retention == read_policy("").retention == Retention()
    text = "[retention]\nmonths = 12\nlinked = 'permanent'\nimportant = 60\n"
    assert read_policy(text).retention == Retention(12, "permanent", 60)


@pytest.mark.parametrize(
    "line", ["months = 5", "months = 'case-file'", "linked = 5", "linked = 'ever'", "important = true", "kept = 6"]
)
def test_a_retention_that_cannot_be_is_named(line: str) -> None:
    with pytest.raises(PolicyBad) as told:
        read_policy(f"[retention]\n{line}\n")
    assert told.value.message().startswith("line 2: ")


def test_the_day_decides_and_a_newer_policy_shortens_nothing() -> None:
    days = [SEALED + timedelta(days=number) for number in range(4)]
    tables = Retentions(
        ((days[0], Retention(24, linked=60, important=36)), (days[2], Retention(6, linked=12, important=6)))
    )
    assert tables.at(days[1]) == tables.adopted[0][1]
    assert tables.keep(days[1], (), is_important=False) == 24
    assert tables.keep(days[3], (), is_important=False) == 6
    assert tables.keep(days[1], (), is_important=True) == 36
    assert tables.keep(days[1], [days[1]], is_important=False) == 60
    assert tables.keep(days[1], [days[3]], is_important=False) == 24
    assert tables.keep(days[3], [days[3]], is_important=False) == 12
    assert tables.keep(days[3], [days[1], days[3]], is_important=False) == 60, "a corrected link"


def test_a_longer_policy_lengthens_and_what_came_before_the_first_goes_by_the_first() -> None:
    tables = Retentions(((LOCKED, Retention(12, linked=30)), (months_later(LOCKED, 1), Retention(36, linked=30))))
    assert tables.keep(SEALED, (), is_important=False) == 36
    assert Retentions(tables.adopted[:1]).keep(SEALED, [SEALED], is_important=False) == 30
    assert Retentions().keep(SEALED, (), is_important=False) == 6


TEN, THIRTY = 120, 360
PERIODS = FilePeriods(
    (
        PeriodRule(("*",), "appealed", "permanent"),
        PeriodRule(("penalty",), "", THIRTY),
        PeriodRule(("inspection",), "", TEN),
    ),
    (PeriodRule(("inspection",), "", THIRTY, steps=("seal",)), PeriodRule(("*",), "", "permanent", matters=("G7",))),
)
CLOSED = CaseFile(("inspection",), "G1", (), date(2026, 3, 5))
"""Ten years from the first day of 2027."""


@pytest.mark.parametrize(
    ("file", "last"),
    [
        (CLOSED, date(2036, 12, 31)),
        (replace(CLOSED, closed=date(2026, 12, 31)), date(2036, 12, 31)),
        (replace(CLOSED, kinds=("inspection", "penalty")), date(2056, 12, 31)),
        (replace(CLOSED, step="seal"), date(2056, 12, 31)),
        (replace(CLOSED, closed=None), None),
        (replace(CLOSED, kinds=("other",)), None),
        (replace(CLOSED, facts=("appealed",)), "permanent"),
        (replace(CLOSED, matter="G7"), "permanent"),
    ],
)
def test_a_case_file_is_kept_by_kind_matter_and_fact(file: CaseFile, last: date | str | None) -> None:
    if isinstance(last, date):
        assert PERIODS.keep(file, last) == "case-file"
        assert PERIODS.keep(file, last + timedelta(days=1)) is None
        by_day = replace(PERIODS, from_closing=True)
        assert file.closed is not None
        assert by_day.keep(file, date(last.year, file.closed.month, file.closed.day)) is None
    else:
        assert PERIODS.keep(file, date(2999, 1, 1)) == (last or "case-file")
    assert FilePeriods().keep(file, date(2999, 1, 1)) == "case-file", "a bureau without a table keeps it"


def test_the_longest_of_all_files_counts_and_no_policy_shortens_what_was_closed_before() -> None:
    table = Retentions(((SEALED, Retention(periods=PERIODS)),))
    later, day = date(2037, 1, 1), [SEALED]

    def keep(tables: Retentions, *files: CaseFile, today: date = later) -> Keep:
        return tables.keep(SEALED, day, is_important=False, files=files, today=today)

    assert keep(table, CLOSED) == 6
    assert keep(table, CLOSED, today=date(2036, 12, 31)) == "case-file"
    assert keep(table, CLOSED, replace(CLOSED, closed=None)) == "case-file"
    assert keep(table, CLOSED, replace(CLOSED, facts=("appealed",))) == "permanent"
    assert keep(table) == table.keep(SEALED, day, is_important=False, files=(CLOSED,)) == "case-file"
    assert table.keep(SEALED, day, is_important=True, files=(CLOSED,), today=later) == "case-file", "its wearer's flag"
    short = replace(PERIODS, files=(PeriodRule(("*",), "", 12),))
    closed_at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    for old, new in ((PERIODS, short), (short, PERIODS)):
        adopted = ((SEALED - timedelta(days=99), old), (closed_at + timedelta(days=9), new))
        both = Retentions(tuple((at, Retention(periods=one)) for at, one in adopted))
        assert keep(both, CLOSED, today=date(2036, 12, 31)) == "case-file"
        assert keep(both, CLOSED) == 6
    months = Retentions(((SEALED, Retention(linked=60, periods=PERIODS)),))
    assert keep(months, CLOSED) == 60
