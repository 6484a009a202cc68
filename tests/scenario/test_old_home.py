"""A home of an earlier version goes on under today's program: nothing is lost, nothing is said otherwise.

The home is a real one, left by commit f7da86f in the middle of an ingest (`tests/fixtures/old_home.py`). It is opened
at the time it was left, so that what is due or overdue by now does not come into it.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.database import HEAD
from tests.fixtures.old_home import CARDS, FIXTURE
from tests.scenario.dock import Dock
from tests.scenario.test_lost_catalog import remove
from tests.scenario.test_rebuild import told
from tests.scenario.then import DockThen, answer

FILED = dict(zip(CARDS, (7, 4), strict=True))
"""Film, photo and sound of the second card are the first one's, byte for byte (docs/adr/0002)."""
NO_FAULT_OF_THE_HOME = {"station.dock-not-running", "health.not-docked", "health.clock-free"}
SCHEMA_THEN, SCHEMA_NOW = "0007", HEAD


@dataclass(frozen=True)
class Old:
    """The station, its cards, and what the old program's commands printed of it."""

    dock: DockThen
    cards: Path
    said: dict[str, Any]


pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def old(tmp_path: Path) -> Old:
    """The home as it was left."""
    return left_in(tmp_path)


def left_in(place: Path) -> Old:
    """Lay the home and its cards out in a folder."""
    with tarfile.open(FIXTURE) as tar:
        tar.extractall(place, filter="tar")
    document = json.loads((place / "said.json").read_text())
    at = datetime.fromisoformat(document["at"]) + timedelta(minutes=1)
    assert schema(place / "home") == SCHEMA_THEN
    return Old(DockThen(place / "home", at=at.isoformat()), place / "cards", document["said"])


def schema(home: Path) -> str:
    """The migration a catalog is at."""
    with closing(sqlite3.connect(home / "catalog.db")) as base:
        return str(base.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def assert_kept(before: Any, now: Any, where: str) -> None:
    """What was said is said; keys may have come to a document, lines to the trail."""
    if isinstance(before, dict):
        assert isinstance(now, dict), where
        for name, value in before.items():
            assert name in now, f"{where}.{name}"
            assert_kept(value, now[name], f"{where}.{name}")
    elif isinstance(before, list):
        assert isinstance(now, list), where
        assert len(now) == len(before), where
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            assert_kept(one, other, f"{where}[{number}]")
    else:
        assert now == before, where


def assert_whole(dock: Dock) -> None:
    """Every check of the program finds nothing."""
    for words in (("clips", "verify", "--all"), ("vault", "check")):
        assert answer(dock, *words)["failed"] == []
    trail = answer(dock, "trail", "verify")
    assert (trail["fault"], trail["catalog"], trail["checkpoints"]["faults"]) == (None, None, [])
    assert (trail["checkpoints"]["held"], trail["backwards"]) == (2, [])
    found = answer(dock, "health")["findings"]
    assert [one for one in found if one["code"] not in NO_FAULT_OF_THE_HOME] == []


def test_an_old_home_says_what_it_said_and_is_whole(old: Old) -> None:
    for words, before in old.said.items():
        assert before or words in ("held list", "recorders dockings", "vault due"), f"{words}: compares nothing"
        assert_kept(before, answer(old.dock, *words.split()), words)
    assert schema(old.dock.home) == SCHEMA_NOW
    assert_whole(old.dock)


def test_the_ingest_the_old_program_was_killed_in_goes_on(old: Old) -> None:
    filed = {path: clip["id"] for path, clip in old.dock.clips().items()}
    reports = [old.dock.ingest(old.cards / card) for card in CARDS]
    assert [report.held for report in reports] == [{}, {}]
    newly = [path for report in reports for path in report.filed]
    assert {path for path in newly if CARDS[0] in path} == set()
    assert filed
    every = answer(old.dock, "clips", "list")
    assert Counter(clip["recorder"] for clip in every) == FILED
    assert len({(clip["recorder"], clip["path"]) for clip in every}) == len(every)
    assert {clip["id"] for clip in every} >= set(filed.values())
    assert len(every) == len(filed) + len(newly)
    assert len(old.dock.objects("manifests")) == len(every)
    assert old.dock.leavings() == []
    assert [answer(old.dock, "ingest", str(old.cards / card))["filed"] for card in CARDS] == [[], []]
    assert_whole(old.dock)


def test_an_old_home_is_rebuilt_in_its_place(old: Old) -> None:
    old.dock.ingest(old.cards / CARDS[1])
    before = told(old.dock.home / "catalog.db")
    remove(old.dock.home)
    assert old.dock.run("rebuild", "--json").document["faults"] == []
    again = told(old.dock.home / "catalog.db")
    again["trail"] = [line for line in again["trail"] if json.loads(line)["action"] != "trail.rebuilt"]
    for table, rows in before.items():
        assert again[table] == rows, table
