"""Reading lists of other systems (导入台账): each row's fate, against the policy, the catalog, and lists read beside.

Nothing is changed. Shapes: an `Imported` holds the reading of one file, as `catalog/rules/imports/rows.py` makes it.
Lists beside are read first and count as known, but for the rows nobody could take: a set of files can be tried before
any of them is entered. Times of rows are those of the lists, without a zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from catalog.cases import cases
from catalog.recorders import recorders
from catalog.rules.imports.cells import shown
from catalog.rules.imports.heads import Cells, Heads, find_heads, missing
from catalog.rules.imports.known import Known, KnownCase, Names, Person, Words, joined, meanings
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import Problem, Row
from catalog.rules.imports.rows import Reading, read_list
from catalog.rules.numbers import bare
from catalog.rules.policy_text import read_whole
from catalog.station_error import Language
from docking_station.services.policy import read_file, text_of
from docking_station.services.sheets import RESULT, ROWS_MAX, Sheet, read_sheets, write_answer
from docking_station.station.errors import ImportHeads, ImportTooLong
from docking_station.station.station import Station
from docking_station.texts import imports

LISTS: Mapping[Import, tuple[str, str]] = {
    "units": ("units", "科室清单"),
    "people": ("people", "人员清单"),
    "recorders": ("recorders", "记录仪清单"),
    "cases": ("cases", "案件台账"),
    "papers": ("written records", "文书台账"),
    "holdings": ("recorders handed out", "领用登记"),
    "roster": ("duty", "值班表"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A list as it was read from a file (导入预览)."""

    path: Path
    sheet: Sheet
    reading: Reading

    def as_json(self, language: Language) -> dict[str, object]:
        """The contract's document; sentences are in a language, codes and keys are not."""
        heads, sheet = self.reading.heads, self.sheet
        return {
            "import": self.reading.of,
            "file": str(self.path),
            "sheet": sheet.name,
            "encoding": sheet.encoding,
            "delimiter": sheet.delimiter,
            "map": heads.map_name,
            "unread": list(heads.unread.values()),
            "rows": [Said(row, language) for row in self.reading.rows],
            "counts": self.reading.counts,
        }

    def answer(self, path: Path, language: Language) -> None:
        """Write the list as Excel with what became of each row; raises `FileThere`, `ImportUnreadable`."""
        told = {row.row: imports.in_one_cell(row, language) for row in self.reading.rows if _is_told(row)}
        head_row = self.reading.heads.row
        write_answer(path, self.path, self.sheet, head_row, told, _answered(self.sheet.rows, head_row))


@dataclass(frozen=True, slots=True)
class Said:
    """A row as it is said in a language."""

    row: Row
    language: Language

    def as_json(self) -> dict[str, object]:
        """The contract's row; it is made when it is written, one at a time."""
        return {
            "row": self.row.row,
            "verdict": self.row.verdict,
            "problems": [_problem(one, self.language) for one in self.row.problems],
            "values": {name: plain(value) for name, value in self.row.values.items()},
        }


def plain(value: object) -> object:
    """A value of a row as JSON has it: days and times as they are in the list, without a zone."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def _problem(one: Problem, language: Language) -> dict[str, object]:
    message, hint = imports.said(one.code, language, one.readings, one.row)
    found: dict[str, object] = {"code": one.code, "column": one.column, "message": message, "hint": hint}
    found["readings"] = one.readings
    return found if one.row is None else found | {"of_row": one.row}


def _is_told(row: Row) -> bool:
    """Whether a row's result is written beside it: not for titles, heads, sums."""
    return row.verdict != "skipped" or any(one.code == "deleted" for one in row.problems)


@dataclass
class House:
    """What is known while several lists are read, each adding to it."""

    words: Words
    people: list[Person] = field(default_factory=list)
    units: Names = field(default_factory=dict)
    recorders: list[str] = field(default_factory=list)
    cases: list[KnownCase] = field(default_factory=list)
    standing: dict[object, Mapping[str, object]] = field(default_factory=dict)
    assigned: list[tuple[str, str, datetime, datetime | None]] = field(default_factory=list)

    def known(self) -> Known:
        """It as rows are read against. Officers of cases and recorders are numbers, whichever a person has."""
        ids = {number: one.id for one in self.people for number in (one.id, one.card, one.officer_no)}
        held: dict[object, Mapping[str, object]] = {
            ("holdings", ("recorder", "begins"), repr([serial, begins])): {
                "officer": ids.get(officer, officer),
                "ends": ends,
            }
            for serial, officer, begins, ends in self.assigned
        }
        return Known(
            self.words,
            people=self.people,
            units=self.units,
            recorders=self.recorders,
            cases=(replace(one, officers=tuple(ids.get(no, no) for no in one.officers)) for one in self.cases),
            standing={**self.standing, **held},
        )

    def add(self, reading: Reading) -> None:
        """Count the rows of a list as known that could be taken."""
        taken = [row for row in reading.rows if row.verdict in ("new", "same", "changed")]
        rows: list[Mapping[str, Any]] = [row.values for row in taken]
        if reading.of == "units":
            self.units = joined(self.units, _units(rows))
        elif reading.of == "people":
            self.people += map(_person, rows)
        elif reading.of == "recorders":
            self.recorders += dict.fromkeys(row["serial"] for row in rows if row["serial"] not in self.recorders)
        elif reading.of == "cases":
            self._add_cases(taken)

    def _add_cases(self, rows: Iterable[Row]) -> None:
        """A row that the catalog has is that case, from now on by all its numbers."""
        every = {case.id: case for case in self.cases}
        held = {number: case.id for case in self.cases for number in case.numbers}
        for row in rows:
            case = _case(row.values, self.words)
            ids = {held[number] for number in case.numbers & held.keys()} if row.verdict != "new" else set()
            if len(ids) == 1:
                one = every[ids.pop()]
                names, keys = (*one.names, *case.names), (*one.keys, *case.keys)
                case = KnownCase(one.id, names, keys, case.opening or one.opening, case.officers or one.officers)
            every[case.id] = case
        self.cases = list(every.values())


def house_of(station: Station, policy_file: Path | None = None) -> House:
    """What the policy in force, or this file, and the catalog know; raises `PolicyBad`, `PolicyFileMissing`."""
    text = read_file(policy_file) if policy_file is not None else text_of(station)
    house, register = House(Words.of(read_whole(text or ""))), recorders.snapshot(station.database)
    for one in register.recorders:
        if not one.retired:
            house.recorders.append(one.serial)
            unit = house.words.units.get(bare(one.unit or ""), frozenset())
            known = {"unit": next(iter(unit)).code if len(unit) == 1 else one.unit}
            house.standing["recorders", ("serial",), repr([one.serial])] = known
    for case in cases.every(station.database):
        written, own = house.words.written(case.no), house.words.number(case.no)
        begins, keys = _in_list(case.begins_at, station.settings.zone), (written.key,) if written else ()
        house.cases.append(KnownCase(case.no, (case.no,), keys, begins and begins.date(), case.officers))
        name, number = ("opening_no", own[0]) if own else ("office_no", case.no)
        house.standing["cases", (name,), repr([number])] = {"title": case.title, "party": case.subject}
    for held in register.holdings:
        begins, ends = (_in_list(at, station.settings.zone) for at in (held.begins_at, held.ends_at))
        if begins is not None and held.begins_at != held.ends_at:
            house.assigned.append((held.serial, held.officer, begins, ends))
    return house


def _in_list(at: datetime | None, zone: tzinfo) -> datetime | None:
    """A time as lists have it: of the recorders' zone, and without it."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)


def read_import(
    house: House, of: Import, path: Path, map_name: str | None = None, delimiter: str | None = None
) -> Imported:
    """Read one list; raises `ImportUnreadable`, `ImportTooLong`, `ImportHeads`."""
    heads_in = partial(find_heads, of=of, map_name=map_name)
    sheets = read_sheets(path, delimiter, lambda rows: len(heads.columns) if (heads := heads_in(rows)) else 0)
    found = [(sheet, heads_in(sheet.rows)) for sheet in sheets]
    whole = [(sheet, heads) for sheet, heads in found if heads is not None and not missing(heads, of)]
    if len(whole) != 1:
        raise _unknown(of, path, whole, [heads for _, heads in found if heads is not None])
    sheet, heads = whole[0]
    if (answered := _answered(sheet.rows, heads.row)) is not None:
        heads = replace(heads, names=(*heads.names[:answered], "", *heads.names[answered + 1 :]))
    reading = read_list(of, sheet.rows, heads, house.known(), sheet.hidden)
    if of == "units":  # one may stand below another of the same list
        known = house.known().units
        own = _units(row.values for row in reading.rows if row.values.get("name"))
        house = replace(house, units={**house.units, **{name: one for name, one in own.items() if name not in known}})
        reading = read_list(of, sheet.rows, heads, house.known(), sheet.hidden)
    if len(reading.rows) - reading.counts["skipped"] > ROWS_MAX:
        raise ImportTooLong(path=path, most=ROWS_MAX)
    return Imported(path, sheet, reading)


def _unknown(of: Import, path: Path, whole: Sequence[tuple[Sheet, Heads]], near: Sequence[Heads]) -> ImportHeads:
    names, names_zh = LISTS[of]
    facts: dict[str, object] = {"path": path, "list": names, "list_zh": names_zh}
    if whole:
        sheets = ", ".join(str(sheet.name) for sheet, _ in whole)
        return ImportHeads(
            **facts,
            what=f"the sheets {sheets} all look like one",
            what_zh=f"工作表 {sheets} 均为此类台账",
            todo="Hide or delete the sheets that are not meant",
            todo_zh="隐藏或删除不需要的工作表",
        )
    lacking = "、".join(missing(max(near, key=lambda one: len(one.columns)), of)) if near else ""
    return ImportHeads(
        **facts,
        what=f"it lacks the columns {lacking}" if lacking else "no row has the heads of one",
        what_zh=f"缺少列 {lacking}" if lacking else "没有找到表头",
        todo="Name the columns as docs/commands.md says, or choose another --map",
        todo_zh="按 docs/commands.md 命名各列，或用 --map 选择其他系统的列名",
    )


def _answered(rows: Sequence[Cells], head_row: int) -> int | None:
    """The column of an earlier answer, from 0: it has its head, and no cell below it says anything else."""
    for column in (column for column, head in enumerate(rows[head_row - 1]) if head == RESULT):
        below = (text for row in rows[head_row:] if column < len(row) and (text := shown(row[column])))
        if all(map(imports.is_result, below)):
            return column
    return None


def _units(rows: Iterable[Mapping[str, Any]]) -> Names:
    return meanings((row.get("code") or row["name"], row["name"], row.get("was") or ()) for row in rows)


def _person(row: Mapping[str, Any]) -> Person:
    number = row.get("id") or row.get("officer_no") or row["card"]
    return Person(number, row["name"], row.get("card"), row.get("officer_no"), row.get("unit"))


def _case(row: Mapping[str, Any], words: Words) -> KnownCase:
    opening = row.get("opening_no")
    names = [str(row[name]) for name in ("office_no", "source_id") if row.get(name)]
    keys = () if opening is None else (words.key(opening),)
    first: date | None = row.get("opening")
    return KnownCase(names[0] if names else repr(keys), tuple(names), keys, first, tuple(row.get("officers") or ()))
