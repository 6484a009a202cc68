"""What counts where in the yearly report of a bureau (行政执法统计年报): cases in, numbered columns out; pure.

A decision counts in the year it was made, a penalty once, under the heaviest of its kinds; a named kind goes before
其他. Columns, their order, and what counts in them are the policy's. What lies within a case of another kind counts in
the tables of coercion alone, there each record of it. Sums are in yuan. Shapes: a value a column, with its cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.rules.bureau_policy import BureauPolicy, Penalty, YearCell
from catalog.rules.case_file import CaseFacts
from catalog.rules.case_limits import days_of
from catalog.rules.numbers import bare
from catalog.rules.procedure import Paper
from catalog.rules.recording_needs import EVERY, kinds_of

TABLES = ("licence", "measure", "enforcement", "other")
COERCION = frozenset({"measure", "enforcement"})
PENALTY, NO_PENALTY, OTHER, FINE, DECIDE = "penalty", "不予", "other", "fine", "decide"
BETWEEN, BRACKETS, NAME_CHARS_MIN = re.compile(r"[、,;/+和及]|并处?"), re.compile(r"[、()\[\]]"), 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table (栏目): the cases that count in it, one several times where several of its records do.

    `cases` is None where nothing here knows it, and a person fills it in.
    """

    title: str
    cases: tuple[str, ...] | None

    @property
    def count(self) -> int | None:
        """How many."""
        return None if self.cases is None else len(self.cases)

    def as_json(self) -> dict[str, object]:
        """The column for `--json`."""
        return {"title": self.title, "count": self.count, "cases": self.cases}


@dataclass(frozen=True, slots=True)
class Penalties:
    """The penalties of a year (行政处罚实施情况): by column, the sum of fines and forfeits, what is in no column.

    `unsaid`: decisions of which nobody said what they were; `none`: those not to punish.
    """

    columns: tuple[Column, ...]
    yuan: Decimal
    unsaid: tuple[str, ...]
    none: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many in all (合计)."""
        return sum(one.count or 0 for one in self.columns)

    def as_json(self) -> dict[str, object]:
        """The table for `--json`; the sum as a text, to the cent."""
        named = {name: getattr(self, name) for name in ("columns", "count", "unsaid", "none")}
        return {**named, "yuan": str(self.yuan)}


def penalties(cases: Iterable[CaseFacts], policy: BureauPolicy, year: int) -> Penalties:
    """The penalties that were decided in a year; a case of such a kind that was not is none."""
    rows, titles = policy.statistics.penalties, columns_of(policy)
    kinds = {one.code for one in policy.kinds if one.statistics == PENALTY}
    by_title: dict[str, list[str]] = {title: [] for title in titles}
    yuan, unsaid, none = Decimal(), list[str](), list[str]()
    for case in cases:
        if case.decided is None or case.decided.year != year or not kinds & set(case.kinds[:1]):
            continue
        kind = None if is_without(case, policy) else heaviest(case, rows)
        if is_without(case, policy):
            none.append(case.id)
        elif kind is None:
            unsaid.append(case.id)
        else:
            by_title[kind.column].append(case.id)
            yuan += Decimal(str(case.fine or 0))
    return Penalties(
        tuple(Column(title, tuple(its)) for title, its in by_title.items()), yuan, tuple(unsaid), tuple(none)
    )


def columns_of(policy: BureauPolicy) -> tuple[str, ...]:
    """The columns of penalties in the order they are printed; one that the order forgot comes last."""
    by = policy.statistics
    return tuple(dict.fromkeys((*by.columns, *(one.column for one in by.penalties))))


def is_without(case: CaseFacts, policy: BureauPolicy) -> bool:
    """Whether the decision was not to punish (不予处罚), by its result or by its record."""
    types = {one.code for one in policy.papers.every if one.zh.startswith(NO_PENALTY) and DECIDE in one.steps}
    return NO_PENALTY in case.penalty or any(one.type in types for one in case.papers)


def heaviest(case: CaseFacts, rows: Sequence[Penalty]) -> Penalty | None:
    """The heaviest kind of a decision's penalties; None where nobody said what it was.

    A name is meant by a part of it too: lists write 限期停止活动 where the policy has it in brackets.
    """
    said = [part for part in BETWEEN.split(bare(case.penalty)) if len(part) >= NAME_CHARS_MIN]
    found = [row for row in rows if any(part in name or name in part for part in said for name in _names(row))]
    if case.fine:
        found = [row for row in rows if row in found or row.code == FINE]
    named = [row for row in found if row.code != OTHER]
    return next(iter(named[-1:] or (row for row in rows if said and row.code == OTHER)), None)


def _names(row: Penalty) -> list[str]:
    return [name for name in BRACKETS.split(bare(row.zh)) if len(name) >= NAME_CHARS_MIN]


def counted(cases: Sequence[CaseFacts], policy: BureauPolicy, year: int) -> Mapping[str, tuple[Column, ...]]:
    """The other tables of a year by `TABLES`, each with its columns."""
    types = {one.code: one for one in policy.papers.every}
    known = [(case, days_of(case)) for case in cases]

    def column(cell: YearCell) -> Column:
        if not cell.at:
            return Column(cell.column, None)
        every = ((case, days) for case, days in known if fits(case, cell, types))
        return Column(cell.column, tuple(case.id for case, days in every for _ in _times(days, cell, year)))

    return {table: tuple(column(one) for one in policy.statistics.cells if one.table == table) for table in TABLES}


def fits(case: CaseFacts, cell: YearCell, types: dict[str, Paper]) -> bool:
    """Whether a case is of the kinds of a column, and its result says what the column asks for."""
    kinds = kinds_of(case, types) if cell.table in COERCION else case.kinds[:1]
    said = not cell.says or any(word in case.penalty for word in cell.says)
    return said and not any(word in case.penalty for word in cell.unless) and not {*kinds, EVERY}.isdisjoint(cell.kinds)


def _times(days: Mapping[str, list[date]], cell: YearCell, year: int) -> Iterator[date]:
    """The days on which a case counts in a column: the first that it has, in the tables of coercion each."""
    every = next((days[code] for code in cell.at if days.get(code)), [])
    yield from (day for day in (every if cell.table in COERCION else every[:1]) if day.year == year)
