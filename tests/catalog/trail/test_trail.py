"""The trail refuses change, and a change made behind its back is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from catalog.database import Database, Row
from catalog.errors import CatalogUnreachable
from catalog.trail import trail

START = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
LINES = 11


@pytest.fixture(autouse=True)
def _some_lines(database: Database) -> None:
    write(database, LINES)


def write(database: Database, count: int) -> None:
    with database.transaction() as session:
        for number in range(count):
            at = START + timedelta(seconds=number)
            entry = trail.Entry(at, "custodian", "clip.shown", f"c{number % 3}", {"n": number}, is_look=True)
            trail.append(session, entry)


def test_an_untouched_trail_holds(database: Database) -> None:
    verdict = trail.verify(database)
    assert (verdict.lines, verdict.fault) == (LINES, None)
    assert [line.line for line in trail.lines(database, subject="c1")] == [2, 5, 8, 11]


@pytest.mark.parametrize(("table", "column"), [("trail", "actor"), ("trail_node", "hash")])
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_update_and_delete(database: Database, table: str, column: str, sql: str) -> None:
    from sqlalchemy import text

    with pytest.raises(CatalogUnreachable, match="append-only"), database.transaction() as session:
        session.connection().execute(text(sql.format(table, column, column)))
    assert trail.verify(database).fault is None


def forge(database: Database, *statements: str) -> None:
    """Change the tables as the database's owner can: without the triggers."""
    from sqlalchemy import text

    sqlite = database.sqlite_path is not None
    catalog = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT 1 AS name WHERE false"
    with database.transaction() as session:
        for row in database.query(catalog, {}):
            session.connection().execute(text(f"DROP TRIGGER {row['name']}"))
        if not sqlite:
            session.connection().execute(text("SET session_replication_role = replica"))
        for statement in statements:
            session.connection().execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "fault", "line"),
    [
        (("UPDATE trail SET actor = 'nobody' WHERE line = 4",), "altered", 4),
        (("UPDATE trail SET details = '{}' WHERE line = 5",), "altered", 5),
        (("UPDATE trail SET is_look = false WHERE line = 5",), "altered", 5),
        (("DELETE FROM trail WHERE line = 6",), "missing", 6),
        (("UPDATE trail SET chain_hash = leaf_hash WHERE line = 7",), "chain", 7),
        (("UPDATE trail_node SET hash = '00' WHERE level = 1 AND position = 1",), "tree", 4),
        (("DELETE FROM trail WHERE line > 7",), "cut", 8),
        (("DELETE FROM trail",), "cut", 1),
        (("DELETE FROM trail_node WHERE level = 2 AND position = 1",), "tree", 8),
        (("INSERT INTO trail_node VALUES (3, 1, '00')",), "cut", 12),
        (("INSERT INTO trail_node VALUES (2000000000, 1, '00')",), "cut", 12),
    ],
)
@pytest.mark.parametrize("page", [2, trail.PAGE_LINES])
def test_a_forged_trail_is_found_out(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    statements: tuple[str, ...],
    fault: str,
    line: int,
    page: int,
) -> None:
    forge(database, *statements)
    monkeypatch.setattr(trail, "PAGE_LINES", page)
    verdict = trail.verify(database)
    assert (verdict.fault, verdict.fault_line) == (fault, line)


def test_a_line_rewritten_with_matching_hashes_breaks_the_chain(database: Database) -> None:
    from catalog.rules import merkle

    line = trail.lines(database)[3]
    entry = trail.Entry(line.entry.at, "nobody", line.entry.action, line.entry.subject, {}, is_look=True)
    leaf = merkle.leaf_hash(trail.line_bytes(4, entry, line.details)).hex()
    forge(database, f"UPDATE trail SET actor = 'nobody', leaf_hash = '{leaf}' WHERE line = 4")
    assert (trail.verify(database).fault, trail.verify(database).fault_line) == ("chain", 4)


def test_many_writers_leave_one_unbroken_chain(
    database: Database, many: Callable[[Callable[[int], None]], None]
) -> None:
    def write(number: int) -> None:
        with database.transaction() as session:
            trail.append(session, trail.Entry(START, f"writer {number}", "clip.shown", "c1", {}, is_look=True))

    many(write)
    verdict = trail.verify(database)
    assert (verdict.fault, verdict.lines) == (None, LINES + 24)


@pytest.mark.parametrize("kept_back", range(8))
def test_a_trail_that_grows_while_it_is_verified_is_no_forged_one(
    database: Database, monkeypatch: pytest.MonkeyPatch, kept_back: int
) -> None:
    """Other bays write on; whichever read they come behind, what was written since is no fault."""
    monkeypatch.setattr(trail, "PAGE_LINES", 4)
    real, reads = database.query, list[str]()

    def query(sql: str, values: Mapping[str, object]) -> list[Row]:
        rows = real(sql, values)
        reads.append(sql)
        if kept_back < len(reads) <= kept_back + 3:
            write(database, 5)
        return rows

    monkeypatch.setattr(database, "query", query)
    verdict = trail.verify(database)
    assert len(reads) > kept_back
    assert (verdict.fault, verdict.lines >= LINES) == (None, True)


def test_a_node_taken_away_is_missed_however_the_trail_grows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(database, "DELETE FROM trail_node WHERE level = 1 AND position = 4")
    real = database.query

    def query(sql: str, values: Mapping[str, object]) -> list[Row]:
        rows = real(sql, values)
        if "FROM trail_node" in sql:
            write(database, 5)
        return rows

    monkeypatch.setattr(database, "query", query)
    verdict = trail.verify(database)
    assert (verdict.fault, verdict.fault_line) == ("tree", 10)
