"""Where the table of a sheet begins, and which column is which field (表头): one row of heads, or two with merged ones.

Shapes: rows are counted from 1. A sheet is the rows of its cells; merged cells hold the same value everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.rules.imports.cells import Value, shown
from catalog.rules.imports.maps import FIELDS, MAPS, NEEDED, Import, Map, Maps
from catalog.rules.numbers import bare

Cells = Sequence[Value]
HEAD_WITHIN = 30
"""The heads are looked for in so many rows."""
UNIT_OF_MEASURE = re.compile(r"\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads that were found: the map, the row of the lowest, the columns of each field, texts of the columns."""

    map_name: str
    map: Map
    row: int
    columns: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]
    repeats: tuple[tuple[str, ...], ...]

    @property
    def unread(self) -> dict[int, str]:
        """The heads that no field wants, by their columns from 0."""
        read = {column for columns in self.columns.values() for column in columns}
        return {column: name for column, name in enumerate(self.names) if name and column not in read}

    def name_of(self, field: str) -> str:
        """The head of a field as the list has it."""
        columns = self.columns.get(field, ())
        return self.names[columns[0]] if columns else ""

    def is_repeated(self, texts: Sequence[str]) -> bool:
        """Whether a row says one of the rows of heads again, as at the top of a printed page."""
        filled = [(column, text) for column, text in enumerate(texts) if text]
        return len(filled) > 1 and any(
            all(column < len(row) and row[column] == text for column, text in filled) for row in self.repeats
        )


def find_heads(rows: Sequence[Cells], of: Import, map_name: str | None, maps: Maps = MAPS) -> Heads | None:
    """The heads of a sheet: those under which most columns are known; of equals the first, and one row before two."""
    wanted = {name: one[of] for name, one in maps.items() if of in one and map_name in (None, name)}
    best: tuple[int, Heads] | None = None
    for row in range(1, min(len(rows), HEAD_WITHIN) + 1):
        for depth in (1, 2):
            lines = rows[max(row - depth, 0) : row]
            repeats = tuple(tuple(bare(shown(cell)) for cell in line) for line in lines)
            names = _paths(repeats)
            for name, one in wanted.items():
                columns = _columns(names, of, one)
                count = sum(map(len, columns.values()))
                if count and (best is None or count > best[0]):
                    best = (count, Heads(name, one, row, columns, names, repeats))
    return best[1] if best else None


def missing(heads: Heads, of: Import) -> tuple[str, ...]:
    """The heads a list cannot be read without and does not have, as its map calls them."""
    return tuple(
        "/".join(heads.map.heads[name][0] for name in group if name in heads.map.heads)
        for group in NEEDED[of]
        if not any(name in heads.columns or name in heads.map.always for name in group)
    )


def _paths(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The text of each column's head: the upper head goes on to the right for as long as there are lower ones."""
    if len(rows) == 1 or len(rows[0]) == 0:
        return tuple(rows[-1])
    upper, lower = rows
    found, group = [], ""
    for column, low in enumerate(lower):
        high = upper[column] if column < len(upper) else ""
        group = high or (group if low else "")
        found.append(f"{group}/{low}" if group and low and group != low else group or low)
    return tuple(found)


def _columns(names: Sequence[str], of: Import, one: Map) -> dict[str, tuple[int, ...]]:
    """The columns of each field; one without a head belongs to a field of many on its left."""
    known = {bare(head): name for name, heads in one.heads.items() for head in heads}
    of_many = {field.name for field in FIELDS[of] if field.of_many}
    found: dict[str, tuple[int, ...]] = {}
    before = None
    for column, name in enumerate(names):
        field = next((known[text] for text in _forms(name) if text in known), None)
        if field is None and not name and before in of_many:
            field = before
        if field is not None:
            found[field] = (*found.get(field, ()), column)
        before = field
    return found


def _forms(name: str) -> tuple[str, ...]:
    """In which ways a head may be called: in full, without its unit of measure, without the head above it."""
    last = name.rsplit("/", 1)[-1]
    return tuple(text for one in (name, last) for text in (one, UNIT_OF_MEASURE.sub("", one)))
