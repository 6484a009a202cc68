"""A home that has something of everything, of a landed version, is brought to this one: each row is what it was.

The home is a real one, left by commit 3dcb780 (`tests/fixtures/landed_home.py`), opened at the time it was left.
"""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.database import HEAD
from tests.fixtures.landed_home import FIXTURE
from tests.scenario.comparing import INDEX
from tests.scenario.test_old_home import schema
from tests.scenario.then import DockThen, answer

Rows = list[tuple[Any, ...]]
OWN = {"alembic_version", "trail", "trail_node"}
"""Compared otherwise; the index of words is made anew."""


@pytest.fixture
def landed(tmp_path: Path) -> DockThen:
    """The home as it was left."""
    with tarfile.open(FIXTURE) as tar:
        tar.extractall(tmp_path, filter="tar")
    at = datetime.fromisoformat((tmp_path / "at").read_text()) + timedelta(minutes=1)
    assert schema(tmp_path / "home") == "0021"
    return DockThen(tmp_path / "home", at=at.isoformat())


def rows(home: Path, of: dict[str, list[str]] | None = None) -> dict[str, tuple[list[str], Rows]]:
    """Every table's columns and sorted rows, or of these tables those columns."""
    with closing(sqlite3.connect(home / "catalog.db")) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if not name.startswith("sqlite_") and name not in INDEX]
        found = dict[str, tuple[list[str], Rows]]()
        for name in tables if of is None else of:
            columns = (of or {}).get(name) or [row[1] for row in base.execute(f"PRAGMA table_info({name})")]
            asked = ", ".join(f'"{one}"' for one in columns)
            every = base.execute(f"SELECT {asked} FROM {name}").fetchall()
            found[name] = (columns, sorted(every, key=repr))
        return found


def test_each_row_of_a_landed_home_is_what_it_was(landed: DockThen) -> None:
    before = rows(landed.home)
    assert [name for name, (_, every) in before.items() if not every] == []
    assert answer(landed, "trail", "verify")["fault"] is None
    assert schema(landed.home) == HEAD
    now = rows(landed.home, {name: columns for name, (columns, _) in before.items()})
    for name in before.keys() - OWN:
        assert now[name] == before[name], name
    for name in ("trail", "trail_node"):
        assert set(now[name][1]) >= set(before[name][1]), name


def test_a_landed_home_is_whole(landed: DockThen) -> None:
    found = answer(landed, "clips", "verify", "--all")
    assert (found["failed"], found["oddities"]) == ([], [])
    assert answer(landed, "vault", "check")["failed"] == []
    trail = answer(landed, "trail", "verify")
    assert (trail["fault"], trail["catalog"], trail["checkpoints"]["faults"], trail["backwards"]) == (
        None,
        None,
        [],
        [],
    )
    assert answer(landed, "clips", "index", "--check")["faults"] == []
