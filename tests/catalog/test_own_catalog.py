"""A catalog that lacks what was written to it is not answered for, on each database the house supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from catalog.database import Database
from catalog.errors import CatalogLost
from catalog.own_catalog import BEGUN, REBUILT, WRITTEN, OwnCatalog, TrailLine, newest_line
from catalog.trail import trail

AT = datetime(2026, 3, 5, tzinfo=UTC)


@dataclass
class Memory:
    """A witness that keeps what it is told in memory."""

    lines: dict[str, TrailLine] = field(default_factory=dict)
    filed: set[str] = field(default_factory=set)

    def known(self) -> Mapping[str, TrailLine]:
        return self.lines

    def clips(self) -> set[str]:
        return self.filed

    def wrote(self, line: TrailLine) -> None:
        self.lines[WRITTEN] = line

    def use(self, line: TrailLine) -> None:
        self.lines = {WRITTEN: line}


def write(database: Database, *subjects: str) -> None:
    for subject in subjects:
        with database.transaction() as session:
            trail.append(session, trail.Entry(AT, "a", "b", subject, {}))


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def own(database: Database, memory: Memory) -> OwnCatalog:
    """A catalog with two lines."""
    made = OwnCatalog(database.url, memory, lambda: False)
    write(database, "one")
    write(made, "two")
    return made


def demand_lost(own: OwnCatalog) -> None:
    """Neither read, nor written to, nor demanded; and nothing is made of it."""
    for ask in (own.demand, lambda: own.query("SELECT 1 AS one", {}), lambda: write(own, "three")):
        with pytest.raises(CatalogLost):
            ask()


def test_the_newest_line_is_remembered_and_found_again(own: OwnCatalog, memory: Memory) -> None:
    assert memory.lines == {WRITTEN: newest_line(own.bare)}
    own.demand()
    write(own, "three")
    assert memory.lines[WRITTEN].line == 3
    own.close()


def test_an_emptied_catalog_is_lost_and_stays_so(own: OwnCatalog) -> None:
    own.bare.set_aside("aside-1")
    with pytest.raises(CatalogLost):
        own.demand()
    demand_lost(own)
    assert not own.exists()
    own.bare.migrate()  # as an earlier version did
    demand_lost(own)
    own.close()


def test_an_older_or_another_catalog_is_lost_also_while_it_is_in_use(own: OwnCatalog) -> None:
    own.demand()
    own.bare.set_aside("aside-1")
    own.bare.migrate()
    write(own.bare, "one")
    with pytest.raises(CatalogLost, match="line 2"):
        write(own, "three")
    demand_lost(own)
    write(own.bare, "another two")
    demand_lost(own)
    own.close()


def test_the_same_lines_again_are_the_same_catalog(own: OwnCatalog) -> None:
    own.bare.set_aside("aside-1")
    own.bare.migrate()
    write(own.bare, "one", "two")
    own.demand()
    own.close()


def test_half_a_rebuilt_catalog_is_none(own: OwnCatalog, memory: Memory) -> None:
    memory.use(BEGUN)
    demand_lost(own)
    own.close()


def test_a_catalog_rebuilt_elsewhere_may_be_taken_into_use(own: OwnCatalog, memory: Memory) -> None:
    own.bare.set_aside("aside-1")
    own.bare.migrate()
    write(own.bare, "two alone")
    newest = newest_line(own.bare)
    assert newest is not None
    memory.lines[REBUILT] = newest
    own.demand()
    assert memory.lines == {WRITTEN: newest}
    own.close()


def test_with_nothing_remembered_receipts_and_vault_are_asked(database: Database, memory: Memory) -> None:
    full = OwnCatalog(database.url, memory, lambda: False)
    with pytest.raises(CatalogLost, match="the vault is not"):
        full.demand()
    empty = OwnCatalog(database.url, memory, lambda: True)
    empty.demand()
    memory.filed = {"c1"}
    with pytest.raises(CatalogLost, match="receipts"):
        empty.demand()
    full.close()
    empty.close()


def test_what_another_thread_files_while_the_vault_is_asked_is_no_loss(database: Database, memory: Memory) -> None:
    def filed_meanwhile() -> bool:
        write(database, "the first clip")
        return False

    own = OwnCatalog(database.url, memory, filed_meanwhile)
    own.demand()
    own.close()
