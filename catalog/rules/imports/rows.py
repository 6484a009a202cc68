"""From a sheet to what each of its rows is worth (逐行结论). Nothing is guessed, nothing is left out.

Shapes: one `Row` for each row of the sheet, counted from 1; one `Reading` for a list. Rows are read one after another,
as a row may mean the one above; then those about the same thing are compared, and with what the catalog holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.rules.imports.cells import Read, Value, day_of, names_of, prepared, shown
from catalog.rules.imports.fields import READERS
from catalog.rules.imports.finish import FINISH, Draft, day_in, keys_of, known_by
from catalog.rules.imports.heads import Cells, Heads
from catalog.rules.imports.known import Known, Standing
from catalog.rules.imports.maps import FIELDS, Field, Import
from catalog.rules.imports.problems import REPAIRED, VERDICTS, Problem, Row, Verdict, weighed
from catalog.rules.imports.taken import NOTHING, comparable
from catalog.rules.numbers import bare

TOTAL = re.compile(r"(本[页月年])?(合计|总计|小计|累计|共计):?")
NOTE = re.compile(r"填表说明.*|(说明|注\d*|备注|填表人|填报人|制表人?|审核人|负责人):.*", re.DOTALL)
BLOCK = re.compile(r"(\d{4})年(\d{1,2})月份?")
COUNTERS = frozenset(("序号", "行号", "no", "no."))
"""Heads of columns that only count the rows."""
DITTO = frozenset(("同上", "〃", '"', "″", "”", "''", "\u2033"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A list as it was read (读取结果)."""

    of: Import
    heads: Heads
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in VERDICTS}


def read_list(
    of: Import,
    sheet: Sequence[Cells],
    heads: Heads,
    known: Known,
    hidden: frozenset[int],
    told: Callable[[int], None] = lambda _: None,
) -> Reading:
    """Judge every row of a sheet; `told` hears of each."""
    one, rows = _Pass(of, heads, known), list[Row]()
    for number, cells in enumerate(sheet, start=1):
        rows.append(one.row(number, cells, is_hidden=number in hidden))
        told(1)
    return Reading(of, heads, tuple(_against(known, of, heads, _compared(of, sheet, heads, known, rows))))


class _Pass:
    """Reads rows from above to below; knows what stands above, and the month of the block."""

    def __init__(self, of: Import, heads: Heads, known: Known) -> None:
        self._of, self._heads, self._known = of, heads, known
        self._above: dict[str, list[Read[Value]]] = {}
        self._month: tuple[int, int] | None = None

    def row(self, number: int, cells: Cells, *, is_hidden: bool) -> Row:
        """What one row is worth by itself."""
        what = self._skipped(number, [bare(shown(cell)) for cell in cells])
        if what is not None:
            return Row(number, "skipped", (Problem(what),))
        above, newest = dict(self._above), self._known
        found = self._judged(number, cells, is_hidden=is_hidden)
        self._known = newest.on(day_in(self._of, found.values))
        if self._known is not newest:  # its words are those of the policy that was in force on its day
            self._above = above
            found = self._judged(number, cells, is_hidden=is_hidden)
        self._known = newest
        return found

    def _judged(self, number: int, cells: Cells, *, is_hidden: bool) -> Row:
        draft = Draft(self._heads, self._known, self._month)
        for field in FIELDS[self._of]:
            if field.name in self._heads.map.always:
                cells_here: list[Value] = [self._heads.map.always[field.name]]
            elif field.name in self._heads.columns:
                columns = self._heads.columns[field.name]
                cells_here = [cells[column] if column < len(cells) else None for column in columns]
            else:
                continue
            draft.values[field.name] = self._field(draft, field, cells_here)
        if draft.values.get("deleted"):
            return Row(number, "skipped", (Problem("deleted", self._heads.name_of("deleted")),))
        if is_hidden:
            draft.note("", ["hidden-row"])
        draft.add_years()
        values = FINISH[self._of](draft)
        return Row(number, weighed(frozenset(one.code for one in draft.problems)), tuple(draft.problems), values)

    def _skipped(self, number: int, texts: Sequence[str]) -> str | None:
        """Why a row holds no data, or None."""
        filled = list(dict.fromkeys(text for text in texts if text))
        if not filled:
            return "blank"
        if self._of == "roster" and len(filled) == 1 and (block := BLOCK.fullmatch(filled[0])):
            self._month = int(block[1]), int(block[2])
            return "block"
        if number <= self._heads.row:
            return "header" if number > self._heads.row - len(self._heads.repeats) else "title"
        if self._heads.is_repeated(texts):
            return "header-repeated"
        return "total" if TOTAL.fullmatch(filled[0]) else "note" if NOTE.fullmatch(filled[0]) else None

    def _field(self, draft: Draft, field: Field, cells: Sequence[Value]) -> object:
        """The value of a field, from its columns; what is wrong goes into the draft."""
        made = [prepared(cell) for cell in cells]
        for read in made:
            draft.note(field.name, read.codes, read.readings)
        filled = [read.value for read in made if read.value is not None]
        if field.of_many:
            return [one for value in filled for one in self._names(draft, field, value)]
        is_empty = not filled and not any(read.codes for read in made)
        is_ditto = field.ditto if is_empty else bool(filled) and DITTO.issuperset(map(bare, map(shown, filled)))
        if is_ditto and field.name in self._above:
            made = self._above[field.name]
            for read in made:
                draft.note(field.name, [code for code in read.codes if code not in REPAIRED], read.readings)
            filled = [read.value for read in made if read.value is not None]
        self._above[field.name] = made
        if len(set(filled)) > 1:
            draft.note(field.name, ["columns-differ"], tuple(map(shown, filled)))
        if len(set(filled)) != 1:
            return None
        value = filled[0]
        if field.kind == "names":
            return self._names(draft, field, value)
        value = self._heads.map.codes.get(field.name, {}).get(shown(value), value)
        read_as = self._read(field, value)
        codes = ["ditto", *(code for code in read_as.codes if code not in REPAIRED)] if is_ditto else read_as.codes
        draft.note(field.name, codes, read_as.readings)
        return read_as.value

    def _read(self, field: Field, value: Value) -> Read[object]:
        if field.kind == "day":
            found = day_of(value, self._month[0] if self._month else None)
            return Read(found.value, found.codes, found.readings)
        return READERS[field.kind](value, self._known)

    def _names(self, draft: Draft, field: Field, value: Value) -> list[str]:
        read = names_of(value, self._known.by_name.__contains__)
        draft.note(field.name, read.codes, read.readings)
        return list(read.value or ())


# ---------------------------------------------------------------------- rows about the same thing


def _compared(of: Import, sheet: Sequence[Cells], heads: Heads, known: Known, rows: Sequence[Row]) -> list[Row]:
    """The rows after those that say the same twice, or differ about the same thing, are told."""
    found = list(rows)
    unread = {column: head for column, head in heads.unread.items() if head.casefold() not in COUNTERS}
    same: dict[object, int] = {}
    seen: dict[tuple[object, ...], int] = {}
    for at, row in enumerate(rows):
        if row.verdict == "skipped":
            continue
        whole, others = _whole(row), _others(unread, sheet[at])
        if (first := same.setdefault((whole, *others.items()), at)) != at:
            found[at] = replace(row, verdict="duplicate", problems=(Problem("duplicate", row=rows[first].row),))
            continue
        if (first := same.setdefault(whole, at)) != at:
            before = _others(unread, sheet[first])
            more = tuple(unread[column] for column in unread if others.get(column) != before.get(column))
            found[at] = _with(row, [Problem("duplicate-unread", "", more, rows[first].row)])
            continue
        for names, key, code in keys_of(of, row.values):
            other = seen.setdefault((names, key), at)
            if other != at and row.values.get("code") not in known.words.may_repeat:
                for here, there in ((at, other), (other, at)):
                    found[here] = _contradicted(heads, found[here], rows[there], names, code)
                break
    return found


def _whole(row: Row) -> str:
    """All a row says: what was not taken is what was read there."""
    open_ = [(one.code, one.column, one.readings) for one in row.problems if one.code not in REPAIRED]
    return repr((sorted(row.values.items()), open_))


def _others(unread: Mapping[int, str], cells: Cells) -> dict[int, str]:
    """What stands in the columns that no field wants, where it is not empty."""
    return {column: text for column in unread if column < len(cells) and (text := bare(shown(cells[column])))}


def _with(row: Row, more: Iterable[Problem]) -> Row:
    problems = (*row.problems, *more)
    return replace(row, verdict=weighed(frozenset(one.code for one in problems)), problems=problems)


def _contradicted(heads: Heads, row: Row, other: Row, names: Sequence[str], code: str) -> Row:
    """A row with what it says otherwise than another of the same number."""
    differing = names if code == "number-repeated" else _differing(row.values, other.values)
    more = [
        Problem(code, heads.name_of(name), tuple(_said(one.values.get(name)) for one in (row, other)), other.row)
        for name in differing
    ]
    told = {(old.code, old.column) for old in row.problems}
    return _with(row, [one for one in more if (one.code, one.column) not in told])


def _against(known: Known, of: Import, heads: Heads, rows: Iterable[Row]) -> Iterable[Row]:
    """The rows that could be taken, against what the catalog holds of them."""
    found = list(rows)
    keys = {
        at: known_by(of, row.values, known.words.may_repeat) for at, row in enumerate(found) if row.verdict == "new"
    }
    held = {at: _held(known, surely) for at, (surely, _) in keys.items()}
    taken = {subject for every in held.values() for subject in every}
    for at, (_, perhaps) in keys.items():
        if not held[at]:
            held[at] = {subject: one for subject, one in _held(known, perhaps).items() if subject not in taken}
            taken |= held[at].keys()
    return [_compared_with(heads, row, held.get(at, {})) for at, row in enumerate(found)]


def _held(known: Known, keys: Iterable[object]) -> dict[str, Standing]:
    return {one.subject: one for key in keys if (one := known.standing.get(key)) is not None}


def _compared_with(heads: Heads, row: Row, held: Mapping[str, Standing]) -> Row:
    """A row against what the catalog holds of it, which must be one thing."""
    if len(held) != 1:
        return _with(row, [Problem("several-known", "", tuple(held))]) if held else row
    (one,) = held.values()
    told = {name: comparable(value) for name, value in row.values.items() if value not in NOTHING}
    there = {name: comparable(one.values.get(name)) for name in told if one.is_whole or name in one.values}
    was = {name: there[name] for name in _differing({name: told[name] for name in there}, there)}
    more = [Problem("differs", heads.name_of(name), (_said(told[name]), _said(was[name]))) for name in was]
    verdict: Verdict = "changed" if was else "same"
    return replace(row, verdict=verdict, problems=(*row.problems, *more), subject=one.subject, was=was)


def _differing(here: Mapping[str, object], there: Mapping[str, object]) -> list[str]:
    return [name for name in {**here, **there} if here.get(name) != there.get(name)]


def _said(value: object) -> str:
    if isinstance(value, list) and len(value) > 2 and isinstance(value[1], int):
        mark, year, *numbers = value
        return f"{mark}〔{year}〕第{'-'.join(map(str, numbers))}号"
    return "" if value is None else "、".join(map(str, value)) if isinstance(value, list) else str(value)
