"""Two homes on one catalog: a new one is refused; where there are two all the same, acts have one order."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.database import Database
from catalog.recorders import recorders
from catalog.trail import trail
from docking_station.station.station import Station
from tests.catalog.conftest import empty, postgres
from tests.scenario.dock import Dock

__all__ = ["empty", "postgres"]
NOW = datetime.now(UTC)


def pair(dock: Dock, place: Path, empty: Database) -> tuple[Dock, Dock]:
    """A home, and a copy of it on the same catalog and vault."""
    empty.migrate()
    dock.set('url = ""', f'url = "{empty.url}"')
    dock.set('"folder:vault"', f'"folder:{dock.home}/vault"')
    shutil.copytree(dock.home, place / "second")
    return dock, Dock(place / "second")


def register(station: Station, serial: str, at: datetime) -> None:
    with station.changing("acts", wait=True):
        none = {"usb_serial": None, "label": None, "model": None, "unit": None, "note": None}
        station.act_writer.carry_out(recorders.adding(serial, **none, at=at, actor="a"))


def test_acts_of_two_homes_stand_in_the_order_of_their_times(dock: Dock, tmp_path: Path, empty: Database) -> None:
    first, second = pair(dock, tmp_path, empty)
    with first.opened() as one, second.opened() as two:
        register(one, "R1", NOW + timedelta(minutes=5))  # its clock is ahead
        register(two, "R2", NOW)
        register(one, "R3", NOW + timedelta(minutes=1))
        lines = trail.lines(one.database)
        assert [line.entry.subject for line in lines] == ["R1", "R2", "R3"]
        assert [line.entry.at for line in lines] == sorted(line.entry.at for line in lines)


def test_while_one_home_changes_the_other_waits(dock: Dock, tmp_path: Path, empty: Database) -> None:
    first, second = pair(dock, tmp_path, empty)
    with first.opened() as one, second.opened() as two:
        thread = threading.Thread(target=lambda: register(two, "R2", NOW))
        with one.changing("acts", wait=True):
            thread.start()
            thread.join(2.0)
            assert thread.is_alive()
            assert trail.size(one.database) == 0
        thread.join(60)
        assert trail.size(one.database) == 1


@pytest.mark.parametrize("what", ["catalog", "vault", "both"])
def test_a_new_home_on_what_another_station_writes_to_is_refused(
    dock: Dock, tmp_path: Path, card: Path, what: str
) -> None:
    (card / "a.mp4").write_bytes(b"x" * 100)
    dock.ingest(card)
    new = Dock(tmp_path / "new")
    new.home.mkdir()
    shutil.copy(dock.home / "station.toml", new.home)
    if what != "vault":
        new.set('url = ""', f'url = "sqlite:///{dock.home}/catalog.db"')
    if what != "catalog":
        new.set('"folder:vault"', f'"folder:{dock.home}/vault"')
    before = len(dock.objects("keys"))
    answer = new.run("init", status=12)
    assert "[station.anothers]" in answer.stderr
    assert len(dock.objects("keys")) == before
    assert not (new.home / "spool/.made").exists()
    dock.verify()


def test_a_home_that_was_lost_is_made_again_with_its_keys(
    dock: Dock, tmp_path: Path, card: Path, new_dock: Callable[[Path], Dock]
) -> None:
    (card / "a.mp4").write_bytes(b"x" * 100)
    dock.ingest(card)
    again = Dock(tmp_path / "again")
    again.home.mkdir()
    shutil.copytree(dock.home / "keys", again.home / "keys")
    shutil.copy(dock.home / "station.toml", again.home)
    again.set('"folder:vault"', f'"folder:{dock.home}/vault"')
    assert "[catalog.lost]" in again.run("init", status=50).stderr
    again.run("rebuild")
    assert len(again.every_clip()) == 1
    again.run("init")
