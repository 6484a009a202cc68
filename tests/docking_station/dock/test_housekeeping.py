"""What the dock looks after: it says what is away and when it is back, and no fault ends it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from docking_station.dock import housekeeping
from ingest.errors import SpoolBroken
from tests.docking_station.running import NAME, Running, fill, running
from tests.fakes.waiting import calls_of, until
from tests.scenario.dock import Dock
from vault.errors import KeyTaken, VaultUnreachable


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with running(dock, monkeypatch) as made:
        made.register("TA00001")
        yield made


def test_a_vault_that_is_away_is_on_the_board_until_it_is_back(here: Running, dock: Dock) -> None:
    assert here.dock.board.station.vault is None
    (dock.home / "vault").rename(dock.home / "elsewhere")
    until(lambda: (why := here.dock.board.station.vault) and why.code == "vault.unreachable", "the trouble")
    (dock.home / "elsewhere").rename(dock.home / "vault")
    until(lambda: here.dock.board.station.vault is None, "the vault")


def test_a_catalog_that_is_away_is_on_the_board_and_keeps_no_recorder_waiting(
    here: Running, dock: Dock, card: Path
) -> None:
    here.station.database.close()
    moved = list(dock.home.glob("catalog.db*"))
    (dock.home / "away").mkdir()
    for path in moved:
        path.rename(dock.home / "away" / path.name)
    (dock.home / "catalog.db").mkdir()
    until(lambda: (why := here.dock.board.station.catalog) and why.code == "catalog.unreachable", "the trouble")
    here.cards["TA00001"] = fill(card, {NAME.format(1, 1): 10})
    here.plug("1", "TA00001")
    assert here.shows("1", "safe").unsealed == 1
    here.pull("1")
    (dock.home / "catalog.db").rmdir()
    for path in (dock.home / "away").iterdir():
        shutil.move(path, dock.home / path.name)
    until(lambda: here.dock.board.station.catalog is None, "the catalog")
    here.settled()
    assert len(dock.clips()) == 1
    assert dock.held() == {}
    dock.verify()


def test_a_catalog_that_was_emptied_keeps_no_recorder_waiting_and_gets_nothing(
    here: Running, dock: Dock, card: Path
) -> None:
    here.station.database.close()
    (dock.home / "catalog.db").rename(dock.home / "kept.db")
    for end in ("-wal", "-shm"):
        (dock.home / f"catalog.db{end}").unlink(missing_ok=True)
    (dock.home / "catalog.db").write_bytes(b"")
    until(lambda: (why := here.dock.board.station.catalog) and why.code == "catalog.lost", "the trouble")
    here.cards["TA00001"] = fill(card, {NAME.format(1, 1): 10})
    here.plug("1", "TA00001")
    assert here.shows("1", "safe").unsealed == 1
    here.pull("1")
    assert dock.objects() == []
    assert (dock.home / "catalog.db").read_bytes() == b""
    assert here.station.journal.held() == {}
    dock.run("rebuild")
    until(lambda: here.dock.board.station.catalog is None, "the catalog")
    here.settled()
    assert len(dock.clips()) == 1
    assert len(dock.run("recorders", "list", "--json").document) == 1
    dock.verify()


def test_numbers_of_the_station_are_on_the_board(here: Running, dock: Dock, card: Path) -> None:
    assert here.dock.board.station.spool_free_bytes > 0
    (dock.home / "vault").rename(dock.home / "elsewhere")
    here.cards["TA00001"] = fill(card, {NAME.format(1, 1): 10, NAME.format(2, 2): 20})
    here.plug("1", "TA00001")
    until(lambda: here.dock.board.station.unsealed == 2, "the copies")
    station = here.dock.board.station
    assert station.spool_held_bytes == 30
    assert station.oldest_unsealed_at is not None
    assert abs((station.oldest_unsealed_at - datetime.now(UTC)).total_seconds()) < 60
    (dock.home / "elsewhere").rename(dock.home / "vault")
    until(lambda: here.dock.board.station.unsealed == 0, "the receipts")
    assert here.dock.board.station.oldest_unsealed_at is None


def test_a_fault_of_one_file_is_not_the_vaults(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "PROBE_S", 3600.0)
    keeping = here.dock.keeping
    pauses = calls_of(keeping._stopped, "wait", monkeypatch)
    until(lambda: (3600.0,) in pauses, "the end of the round in hand")
    keeping.failed(KeyTaken(key="k", expected="a", found="b"))
    keeping.failed(SpoolBroken(path="p", reason="r"))
    assert shown(here) is None
    keeping.failed(VaultUnreachable(reason="no answer"))
    before = shown(here)
    keeping.answered()
    assert (before, shown(here)) == ("vault.unreachable", None)


def shown(here: Running) -> str | None:
    why = here.dock.board.station.vault
    return None if why is None else why.code


def test_no_fault_ends_it(here: Running, dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def broken(*_: object) -> Any:
        asked.append(1)
        raise ZeroDivisionError("nobody thought of it")

    with monkeypatch.context() as broke:
        broke.setattr(here.dock.bay_desk.around.desk.spool.__class__, "free_bytes", broken)
        until(lambda: len(asked) > 2, "some rounds")
        assert here.dock.keeping.alive()
    (dock.home / "vault").rename(dock.home / "elsewhere")
    until(lambda: here.dock.board.station.vault, "the next round")
    (dock.home / "elsewhere").rename(dock.home / "vault")


def test_a_disk_that_fails_hides_nothing_else(here: Running, dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(here.dock.bay_desk.around.desk.spool.__class__, "free_bytes", broken)
    (dock.home / "vault").rename(dock.home / "elsewhere")
    until(lambda: here.dock.board.station.vault, "the vault's trouble")
    (dock.home / "elsewhere").rename(dock.home / "vault")
    here.register("TA00009")


def test_a_round_that_hangs_is_no_life(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert here.dock.keeping.alive()
    monkeypatch.setattr(housekeeping, "HUNG_S", -1.0)
    assert not here.dock.keeping.alive()


def test_a_vault_that_hangs_is_away_and_the_dock_lives(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "SILENT_S", 0.3)
    vault: Any = here.dock.keeping._vault
    answer = threading.Event()
    hangs = vault.demand
    monkeypatch.setattr(vault, "demand", lambda: answer.wait(20) and hangs())
    until(lambda: shown(here) == "vault.unreachable", "the silence")
    here.register("TA00007")
    assert here.dock.keeping.alive()
    answer.set()
    until(lambda: shown(here) is None, "the answer")
