"""Reading lists of other systems (导入台账): each row's fate, against the policy, the catalog, and lists read beside.

Nothing is changed. Shapes: an `Imported` holds the reading of one file, as `catalog/rules/imports/rows.py` makes it.
Lists beside are read first and count as known, but for the rows nobody could take: a set of files can be tried before
any of them is entered. Times of rows are those of the lists, without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from catalog.rules.imports.cells import shown
from catalog.rules.imports.heads import Cells, Heads, find_heads, missing
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import Problem, Row
from catalog.rules.imports.rows import Reading, read_list
from catalog.rules.imports.taken import plain
from catalog.station_error import Language
from docking_station.services.import_house import House, units_of
from docking_station.services.sheets import RESULT, ROWS_MAX, Sheet, read_sheets, write_answer
from docking_station.station.errors import ImportHeads, ImportTooLong
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
class Applied:
    """What was taken into the catalog (入库结果): the id of the import, None where nothing was new, and the rows."""

    id: str | None = None
    rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Imported:
    """A list as it was read from a file (导入预览); `applied` is None where it was only read."""

    path: Path
    sheet: Sheet
    reading: Reading
    applied: Applied | None = None

    def as_json(self, language: Language) -> dict[str, object]:
        """The contract's document; sentences are in a language, codes and keys are not."""
        heads, sheet, done = self.reading.heads, self.sheet, self.applied
        found: dict[str, object] = {
            "import": self.reading.of,
            "file": str(self.path),
            "sheet": sheet.name,
            "encoding": sheet.encoding,
            "delimiter": sheet.delimiter,
            "map": heads.map_name,
            "unread": list(heads.unread.values()),
            "rows": [Said(row, language, self.is_done(row)) for row in self.reading.rows],
            "counts": self.reading.counts,
        }
        return found if done is None else found | {"applied": {"id": done.id, "rows": len(done.rows)}}

    def is_done(self, row: Row) -> bool:
        """Whether a row was taken into the catalog."""
        return self.applied is not None and row.row in self.applied.rows

    def answer(self, path: Path, language: Language) -> None:
        """Write the list as Excel with what became of each row; raises `FileThere`, `ImportUnreadable`."""
        rows = filter(_is_told, self.reading.rows)
        told = {row.row: imports.in_one_cell(row, language, is_done=self.is_done(row)) for row in rows}
        head_row = self.reading.heads.row
        write_answer(path, self.path, self.sheet, head_row, told, _answered(self.sheet.rows, head_row))


@dataclass(frozen=True, slots=True)
class Said:
    """A row as it is said in a language."""

    row: Row
    language: Language
    is_done: bool = False

    def as_json(self) -> dict[str, object]:
        """The contract's row; it is made when it is written, one at a time."""
        found: dict[str, object] = {
            "row": self.row.row,
            "verdict": self.row.verdict,
            "problems": [_problem(one, self.language) for one in self.row.problems],
            "values": {name: plain(value) for name, value in self.row.values.items()},
        }
        return found | {"applied": True} if self.is_done else found


def _problem(one: Problem, language: Language) -> dict[str, object]:
    message, hint = imports.said(one.code, language, one.readings, one.row)
    found: dict[str, object] = {"code": one.code, "column": one.column, "message": message, "hint": hint}
    found["readings"] = one.readings
    return found if one.row is None else found | {"of_row": one.row}


def _is_told(row: Row) -> bool:
    """Whether a row's result is written beside it: not for titles, heads, sums."""
    return row.verdict != "skipped" or any(one.code == "deleted" for one in row.problems)


def read_import(
    house: House,
    of: Import,
    path: Path,
    map_name: str | None = None,
    delimiter: str | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Read one list; raises `ImportUnreadable`, `ImportTooLong`, `ImportHeads`. `told` hears of each row."""
    heads_in = partial(find_heads, of=of, map_name=map_name, maps=house.maps)
    sheets = read_sheets(path, delimiter, lambda rows: len(heads.columns) if (heads := heads_in(rows)) else 0)
    found = [(sheet, heads_in(sheet.rows)) for sheet in sheets]
    whole = [(sheet, heads) for sheet, heads in found if heads is not None and not missing(heads, of)]
    if len(whole) != 1:
        raise _unknown(of, path, whole, [heads for _, heads in found if heads is not None])
    sheet, heads = whole[0]
    if (answered := _answered(sheet.rows, heads.row)) is not None:
        heads = replace(heads, names=(*heads.names[:answered], "", *heads.names[answered + 1 :]))
    reading = read_list(of, sheet.rows, heads, house.known(), sheet.hidden, told)
    if of == "units":  # one may stand below another of the same list
        known = house.known().units
        own = units_of(row.values for row in reading.rows if row.values.get("name"))
        house = replace(house, units={**house.units, **{name: one for name, one in own.items() if name not in known}})
        reading = read_list(of, sheet.rows, heads, house.known(), sheet.hidden, told)
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
