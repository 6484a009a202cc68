"""Carrying a list of another system out (导入入库): one signed act holds its rows, and each is carried out in turn.

A row becomes the same acts as a person's own entries (`catalog/imports/entries.py`), within the import. Some rows are
committed at a time, and each leaves a row of its own in the catalog: an import that was killed goes on behind the
newest of them. A row that its rules refuse is noted with the reason, and keeps no other from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from catalog.imports.entries import ENTERS, enter
from catalog.people import accounts
from catalog.readable import readable, value_in
from catalog.rules.acts import IMPORT_APPLIED, Act
from catalog.rules.case_numbers import opened_by
from catalog.rules.imports.taken import Taken, read_taken
from catalog.rules.typed_words import demand_act
from catalog.station_error import StationError

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

BATCH_ROWS = 100
PAGE_ROWS = 1000
TWO_PEOPLE = ("units", "people")
NOBODY: Mapping[str, Any] = MappingProxyType({})
ROWS_MAX = 10_000
Told = Callable[[int], None]
"""Is told of how many rows more were carried out."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """The file a list was read from (台账文件), and how: the map of its columns, the zone as `+0800`, how the bureau
    writes numbers: in braces mark, year and n."""

    name: str
    sha256: str
    size_bytes: int
    map: str
    zone: str
    form: str


def applying(
    kind: str, file: ListFile, rows: Sequence[Taken], *, at: datetime, actor: str, two: Mapping[str, Any] = NOBODY
) -> Act:
    """The act that takes rows of a list in (导入), in their order, each once.

    `two` says who confirmed it, as `catalog.people.accounts.seconded` does: units and people need another.
    """
    told = {"name": file.name, "sha256": file.sha256, "size_bytes": file.size_bytes}
    how = {"map": file.map, "zone": file.zone, "form": file.form, **two}
    details = {"import": kind, "file": told, "rows": [row.as_json() for row in rows], **how}
    return Act(at, actor, IMPORT_APPLIED, file.sha256, details)


# ---------------------------------------------------------------------- the changes


def carry_out_rows(database: Database, act: Act, told: Told) -> None:
    """Carry out the rows that were not yet, some at a time."""
    from catalog.columns import insert_rows
    from catalog.imports.tables import ImportedRow

    rows, number = _rows(act), opened_by(act)
    if database.query("SELECT 1 FROM imported_list WHERE id = :id", {"id": number}):
        return
    (done,) = database.query("SELECT COUNT(*) AS rows FROM imported_row WHERE import_id = :id", {"id": number})
    told(done["rows"])
    for first in range(done["rows"], len(rows), BATCH_ROWS):
        batch = rows[first : first + BATCH_ROWS]
        with database.transaction() as session:
            became = _entered(session, number, act, batch)
            insert_rows(session, ImportedRow, [_noted(number, act, *one) for one in zip(batch, became, strict=True)])
        told(len(batch))


def rehearse(database: Database, act: Act, told: Told = lambda _: None) -> Mapping[int, StationError]:
    """The rows that would be refused, and why; nothing of it stays in the catalog."""
    number, rows, refused = opened_by(act), _rows(act), dict[int, StationError]()
    with _undone(database) as session:
        for first in range(0, len(rows), BATCH_ROWS):
            batch = rows[first : first + BATCH_ROWS]
            became = _entered(session, number, act, batch, _demand_words)
            refused |= {row.row: one for row, one in zip(batch, became, strict=True) if isinstance(one, StationError)}
            told(len(batch))
    return refused


def _entered(
    session: Session, number: str, act: Act, rows: Sequence[Taken], checked: Callable[[Act], None] = lambda _: None
) -> list[str | StationError]:
    """Carry rows out together or, where one is refused, each by itself, whole or not at all.

    What each is in the catalog from then on, or why it was refused for good.
    """
    try:
        with session.begin_nested():
            return [*enter(session, number, act, rows, checked)]
    except StationError as error:
        if error.retry or error.reach != "one":  # not for these rows
            raise
        if len(rows) == 1:
            return [error]
    return [one for row in rows for one in _entered(session, number, act, (row,), checked)]


class _Undone(Exception):
    """Ends a transaction without its changes."""


@contextmanager
def _undone(database: Database) -> Iterator[Session]:
    try:
        with database.transaction() as session:
            yield session
            raise _Undone
    except _Undone:
        pass


def _demand_words(act: Act) -> None:
    demand_act(act, {})


def _noted(number: str, act: Act, row: Taken, became: str | StationError) -> dict[str, object]:
    """What is kept of a row that was carried out, or was refused."""
    return {
        "import_id": number,
        "row_number": row.row,
        "kind": act.details["import"],
        "subject": row.subject if isinstance(became, StationError) else became,
        "said": json.dumps(row.values, ensure_ascii=False, sort_keys=True),
        "refused": became.code if isinstance(became, StationError) else None,
    }


def _enter_list(session: Session, act: Act) -> None:
    """The list itself, once all its rows were carried out."""
    from catalog.imports.tables import ImportedListRow

    details = act.details
    session.add(
        ImportedListRow(
            id=opened_by(act),
            at=act.at,
            by=act.actor,
            kind=details["import"],
            file=details["file"]["name"],
            sha256=details["file"]["sha256"],
            size_bytes=details["file"]["size_bytes"],
            map=details["map"],
            row_count=len(details["rows"]),
        )
    )


def _rows(act: Act) -> list[Taken]:
    return [read_taken(told) for told in act.details["rows"]]


def _demand(database: Database, act: Act) -> None:
    """A list of a kind there is, of some rows, none twice; for units and people the second person."""
    numbers, kind = [row.row for row in _rows(act)], act.details["import"]
    if kind not in ENTERS or not 0 < len(numbers) <= ROWS_MAX or len(numbers) != len(set(numbers)):
        raise ValueError(f"{len(numbers)} rows of {kind}")
    if kind in TWO_PEOPLE:
        with database.transaction() as session:
            accounts.demand_two(session, act, act.actor, act.details["confirmed_by"])


APPLIES = {IMPORT_APPLIED: _enter_list}
DEMANDS = {IMPORT_APPLIED: _demand}
ROW_BY_ROW = {IMPORT_APPLIED: carry_out_rows}


# ---------------------------------------------------------------------- reading


def said_last(database: Database, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What lists said of each thing, the oldest first: what it is in the catalog, and the values."""
    sql = """SELECT imported_row.subject, imported_row.said FROM imported_row
 JOIN imported_list ON imported_list.id = imported_row.import_id
 WHERE imported_row.kind = :kind AND imported_row.refused IS NULL
 ORDER BY imported_list.at, imported_row.row_number LIMIT :limit OFFSET :seen"""
    seen = 0
    while rows := database.query(sql, {"kind": kind, "limit": PAGE_ROWS, "seen": seen}):
        yield from ((str(row["subject"]), json.loads(row["said"])) for row in rows)
        seen += len(rows)


def outcome(database: Database, sha256: str) -> tuple[str, dict[int, str]]:
    """The id of the newest import of this file, and which of its rows were refused, with the code why."""
    sql = "SELECT id FROM imported_list WHERE sha256 = :sha256 ORDER BY at DESC LIMIT 1"
    (newest,) = database.query(sql, {"sha256": sha256})
    sql = "SELECT row_number, refused FROM imported_row WHERE import_id = :id AND refused IS NOT NULL"
    rows = database.query(sql, {"id": newest["id"]})
    return str(newest["id"]), {int(row["row_number"]): str(row["refused"]) for row in rows}


def source_of(database: Database, kind: str, subject: str) -> dict[str, object] | None:
    """The newest row of a list that a thing of the catalog came from, None where a person entered it."""
    sql = """SELECT imported_list.id, imported_list.file, imported_list.at, imported_row.row_number FROM imported_row
 JOIN imported_list ON imported_list.id = imported_row.import_id
 WHERE imported_row.kind = :kind AND imported_row.subject = :subject AND imported_row.refused IS NULL
 ORDER BY imported_list.at DESC, imported_row.row_number DESC LIMIT 1"""
    rows = database.query(sql, {"kind": kind, "subject": subject})
    return {"import": rows[0]["id"], "row": rows[0]["row_number"], "file": rows[0]["file"]} if rows else None


@dataclass(frozen=True, slots=True)
class ListTaken:
    """A list that was taken in (已导入台账); its fields are keys of the API."""

    id: str
    at: datetime
    by: str
    kind: str
    file: str
    sha256: str
    size_bytes: int
    map: str
    rows: int


@dataclass(frozen=True, slots=True)
class RowTaken:
    """A row of it: what it is in the catalog, what it said, and the code why it was refused, if it was."""

    row: int
    subject: str | None
    said: Mapping[str, Any]
    refused: str | None


@readable("imported_list")
def lists(
    database: Database, kind: str, *, number: str | None = None, after: str = "", most: int = 1
) -> list[ListTaken]:
    """Lists of a kind that were taken in, the newest first, from behind the one of id `after`; or the one of an id."""
    its = "" if number is None else " AND id = :id"
    behind = " AND (at, id) < (SELECT at, id FROM imported_list WHERE id = :after)" if after else ""
    sql = f"SELECT * FROM imported_list WHERE kind = :kind{its}{behind} ORDER BY at DESC, id DESC LIMIT :most"
    values = {"kind": kind, "id": number, "after": after, "most": most}
    return [value_in(ListTaken, row, rows=row["row_count"]) for row in database.query(sql, values)]


@readable("imported_row")
def rows_of(database: Database, number: str, *, after: int, most: int) -> list[RowTaken]:
    """Rows of a list behind one, in its order."""
    sql = """SELECT row_number AS row, subject, said, refused FROM imported_row
 WHERE import_id = :id AND row_number > :after ORDER BY row_number LIMIT :most"""
    rows = database.query(sql, {"id": number, "after": after, "most": most})
    return [value_in(RowTaken, row, said=json.loads(row["said"])) for row in rows]
