"""A small house for lists of other systems: its words, people and cases, and workbooks made of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from catalog.rules.imports.cells import Value
from catalog.rules.imports.known import KnownCase, Person, Words, meanings
from catalog.rules.imports.problems import Row
from docking_station.services.import_house import House

Rows = Sequence[Sequence[Value]]
WORDS = Words(
    units=meanings([("sz", "社会组织科", ["民管科"]), ("yl", "养老科", [])]),
    kinds=meanings([("penalty", "行政处罚(普通程序)", ["一般程序", "普通程序"])]),
    papers=meanings(
        [
            ("question-record", "询问笔录", ["询问(调查)笔录"]),
            ("penalty-decision", "行政处罚决定书", []),
            ("opening-form", "立案审批表", []),
        ]
    ),
    marks={"罚决": "罚决字", "罚立": "罚立字"},
    mark_of={"penalty-decision": "罚决字", "opening-form": "罚立字"},
    short="示民",
)
PEOPLE = (
    Person("N1", "王某", "99010000001", "MZ01", "sz"),
    Person("N2", "李某某", "99010000002", "MZ02", "sz"),
    Person("N3", "李某某", "99010000003", "MZ03", "yl"),
    Person("N4", "朱某㛃", "99010000004", "MZ04", "yl"),
)
CASES = (
    KnownCase("A1", ("9901002026000001",), (WORDS.key(["罚立字", 2026, 1]),), date(2026, 3, 2), ("N1", "N3")),
    KnownCase("A2", ("9901002026000010",), (WORDS.key(["罚立字", 2026, 11]),), date(2026, 3, 2), ("N1",)),
)


def house() -> House:
    """What is known when a list is read."""
    return House(WORDS, list(PEOPLE), recorders=["MZ-R01", "MZ-R02"], cases=list(CASES))


def xlsx(path: Path, rows: Rows, change: Callable[[Workbook, Any], None] | None = None) -> Path:
    """A workbook of these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book, book.active)
    book.save(path)
    return path


def codes(row: Row) -> set[str]:
    """The codes of what was found in a row."""
    return {one.code for one in row.problems}


def readings(row: Row, code: str) -> tuple[str, ...]:
    """What may be meant, by the problem of this code."""
    return next(one.readings for one in row.problems if one.code == code)
