"""The yearly report as a document (统计年报文本): tables, the rules they were counted by, remarks; its workbook.

Shapes: `Report` blocks as the custody report has them. What is published leaves out what the bureau keeps to itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from catalog.rules.disclosure import ten_thousands
from catalog.rules.policy_marks import MARK
from catalog.rules.year_tables import Column
from catalog.station_error import Language
from docking_station.bundle.report import Block, Heading, Report, Table, Text
from docking_station.bundle.report_html import html
from docking_station.derived.pdf import pdf_of
from docking_station.services.statistics import PUBLISHED_LATE, UNPUBLISHED, UNREVIEWED, Recorded
from docking_station.services.table_files import book_bytes
from docking_station.services.year_report import YearReport
from docking_station.texts import text
from docking_station.texts.statistics import HOLES

RULES = ("day", "heaviest", "named", "money", "licence", "appeal", "coercion")
DAY = re.compile(r"(\d+)-(\d+)-(\d+)")
KINDS = ("xlsx", "pdf", "html")
NO_SHEET, SHEET_CHARS_MAX = re.compile(r"[\\/*?:\[\]]"), 31
"""What no name of a sheet may hold in Excel, and its most."""


def year_document(found: YearReport, language: Language, *, is_public: bool) -> Report:
    """The whole report in one language; without the sixth table and what is still to be settled where it is public."""

    def say(name: str, **facts: object) -> str:
        return text(f"year_{name}", language, **facts)

    blocks: list[Block] = [Text(say("span", **_dates(found, language))), Text(say("blank"))]
    for name, rows in _tables(found, language, is_public=is_public):
        blocks += [Heading(say(name)), _table(rows)]
    blocks.append(Heading(say("rules")))
    order = " < ".join(MARK.sub("", one) for one in found.order)
    blocks += [Text(f"{n}. {say(f'rule_{rule}', order=order)}") for n, rule in enumerate(RULES, start=1)]
    blocks += [Heading(say("says")), *(Text(one) for one in _says(found, language))]
    left = list(_left(found, language))
    if left and not is_public:
        blocks += [Heading(say("todo")), *(Text(one) for one in left)]
    blocks.append(Text(say("signs")))
    return Report(say("title", bureau=found.bureau, year=found.year), language, tuple(blocks), str(found.year))


def year_files(
    found: YearReport, language: Language, to: Path, kinds: Sequence[str] = KINDS
) -> Iterator[tuple[Path, bytes]]:
    """What is reported (`xlsx`, `pdf`) and published (`html`): each file in a folder and its bytes.

    PDF only where what makes it is installed. Raises `CannotPull`.
    """
    for kind in kinds:
        path = to / f"enforcement-{found.year}.{kind}"
        if kind == "xlsx":
            yield path, book_bytes(path, year_sheets(found, language))
        elif kind == "html":
            yield path, html(year_document(found, language, is_public=True))
        elif kind == "pdf" and (printed := pdf_of(html(year_document(found, language, is_public=False)))):
            yield path, printed


def year_sheets(found: YearReport, language: Language) -> dict[str, list[Sequence[object]]]:
    """A sheet for each table, its heads first, as people send it on."""
    return {
        NO_SHEET.sub(" ", text(f"year_{name}", language))[:SHEET_CHARS_MAX]: [tuple(row) for row in rows]
        for name, rows in _tables(found, language, is_public=False)
    }


def _dates(found: YearReport, language: Language) -> dict[str, str]:
    """The days of the report, as documents write them."""
    told = {name: str(getattr(found, name)) for name in ("until", "made", "report_by", "publish_by")}
    told["since"] = f"{found.year}-01-01"
    return {name: DAY.sub(_written, day) if language == "zh" else day for name, day in told.items()}


def _written(day: re.Match[str]) -> str:
    return "{}年{}月{}日".format(*map(int, day.groups()))


def _tables(found: YearReport, language: Language, *, is_public: bool) -> Iterator[tuple[str, list[Sequence[object]]]]:
    """The name of each table, and its rows, the heads first."""
    by, whole = found.penalties, text("year_sum", language)
    money = text("year_money", language)
    heads, counts = [one.title for one in by.columns], [one.count for one in by.columns]
    yield "penalty", [[*heads, whole, money], [*counts, by.count, ten_thousands(by.yuan) or "0"]]
    for name, columns in found.tables.items():
        yield name, _row(columns, whole if name in ("measure", "enforcement") else "")
    yield "people", [[text("year_staff", language), text("year_cards", language)], [found.staff, found.cards]]
    if not is_public:
        heads = [
            text(f"year_{name}", language) for name in ("unit", "matter", "should", "met", "answered", "open", "holes")
        ]
        yield "recorded", [heads, *(_recorded(found, one, language) for one in found.recorded)]


def _row(columns: Sequence[Column], whole: str) -> list[Sequence[object]]:
    heads, counts = [one.title for one in columns], [one.count for one in columns]
    if whole:
        heads, counts = [*heads, whole], [*counts, sum(one or 0 for one in counts)]
    return [heads, counts]


def _recorded(found: YearReport, one: Recorded, language: Language) -> Sequence[object]:
    holes = "；".join(f"{HOLES[code][language == 'zh']} {count}" for code, count in one.holes.items())
    called = found.units.get(one.unit, one.unit), f"{one.matter} {found.matters.get(one.matter, '')}"
    return [*called, one.should, one.met, one.answered, one.open, holes]


def _table(rows: Sequence[Sequence[object]]) -> Table:
    heads, *values = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    return Table(heads, tuple(values), tuple(max(3, min(len(head), 8)) for head in heads))


def _says(found: YearReport, language: Language) -> Iterator[str]:
    """What the bureau says to its figures, as far as the station knows it."""
    by, of = found.penalties, found.wrong
    days = {name: getattr(found, name) for name in ("opened", "decided", "closed")}
    yield text("year_says_cases", language, **days)
    sums = {"count": by.count, "money": ten_thousands(by.yuan) or "0", "none": len(by.none)}
    yield text("year_says_penalties", language, **sums)
    yield text("year_says_review", language, count=len(of.get(UNREVIEWED, ())))
    yield text("year_says_public", language, late=len(of.get(PUBLISHED_LATE, ())), owed=len(of.get(UNPUBLISHED, ())))
    yield text("year_says_people", language, staff=found.staff, cards=found.cards)
    yield text("year_says_rest", language)


def _left(found: YearReport, language: Language) -> Iterator[str]:
    """What is to be settled before the report leaves the house."""
    if found.until < date(found.year, 12, 31):
        yield text("year_todo_running", language)
    if unsaid := found.penalties.unsaid:
        shown = "、".join(found.called.get(one, one) for one in unsaid)
        yield text("year_todo_unsaid", language, count=len(unsaid), cases=shown)
