"""While the clock is not believed, or the catalog is another: recorders are copied, and nothing is sealed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.recorders import dockings
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.clock import Reading
from docking_station.dock.dropping import DropBay
from docking_station.faces.stream import snapshot
from docking_station.services.clock import confirm
from docking_station.station.settings import Drop
from docking_station.station.station import Station
from tests.docking_station.running import NAME, Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

TEN_YEARS = timedelta(days=3650)
TO_CLEAR = '[clearing]\nwhen = "after-receipt"\n'


@dataclass
class Clock:
    """The station's clock: `ahead` of the true one, since this start of the system."""

    ahead: timedelta = timedelta(0)
    boot: str = "boot-1"
    up_s: float = 0.0

    def now(self) -> datetime:
        """What it says."""
        return datetime.now(UTC) + self.ahead

    def reading(self) -> Reading:
        """What it says, beside the seconds since the start."""
        true = datetime.now(UTC).timestamp()
        return Reading(self.now(), self.boot, true - self.up_s, synchronised=False)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(Station, "now", lambda _: made.now())
    monkeypatch.setattr(Station, "reading", lambda _: made.reading())
    monkeypatch.setattr(Station, "other_clocks", lambda _: iter(()))
    return made


@pytest.fixture
def here(dock: Dock, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with running(dock, monkeypatch) as made:
        made.register("TA00001")
        yield made


def docked_in_doubt(here: Running, clock: Clock, card: Path) -> datetime:
    """A recorder with two files comes in while the clock is ten years ahead; the true time then."""
    here.adopt(TO_CLEAR)
    here.cards["TA00001"] = fill(card, {NAME.format(n, n): 1000 + n for n in range(2)})
    clock.ahead = TEN_YEARS
    until(lambda: here.dock.board.station.clock == "wrong", "the doubt")
    at = datetime.now(UTC)
    here.plug("1", "TA00001")
    view = here.shows("1", "safe")
    assert (view.unsealed, view.overdue, view.why) == (2, 0, None)
    return at


def nothing_sealed(here: Running, dock: Dock, card: Path) -> None:
    assert dock.objects() == []
    assert dock.objects("manifests") == []
    assert len(list(card.glob("DCIM/*"))) == 2
    assert len(here.dock.finisher.open()) == 2
    assert len([path for path in (dock.home / "spool").iterdir() if path.suffix != ".at"]) == 2


def manifests(dock: Dock) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes())["docking"] for path in dock.objects("manifests")]


def test_a_doubted_clock_copies_and_seals_nothing_until_it_is_right(
    here: Running, dock: Dock, clock: Clock, card: Path
) -> None:
    at = docked_in_doubt(here, clock, card)
    nothing_sealed(here, dock, card)
    told = snapshot(dock.home / "dock.sock")[0].clock_why
    assert told is not None
    assert told.code == "ingest.clock-doubted"
    assert "nothing is sealed" in told.en[0]
    assert "暂不入库" in told.zh[0]
    here.pull("1")
    until(lambda: here.station.journal.owed_dockings(), "the record that waits")
    assert dockings.every(here.station.database, "TA00001", 9) == []

    clock.ahead = timedelta(0)
    here.settled()
    assert here.dock.board.station.clock_why is None
    assert len(dock.clips()) == 2
    for told_at in manifests(dock):
        assert set(told_at) == {"at", "by"}
        assert abs(datetime.fromisoformat(str(told_at["at"])) - at) < timedelta(minutes=1)
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    (record,) = dockings.every(here.station.database, "TA00001", 9)
    assert record["station_clock"] == "wrong"
    assert record["clock"] is None
    for name in ("begins_at", "ends_at"):
        assert abs(datetime.fromisoformat(record[name]) - at) < timedelta(minutes=1)
    assert here.station.journal.owed_dockings() == []
    dock.verify()

    here.plug("1", "TA00001")
    until(lambda: not list(card.glob("DCIM/*")), "the clearing")


def test_a_recorder_that_stays_is_filed_and_cleared_once_two_people_say_the_clock_is_right(
    here: Running, dock: Dock, clock: Clock, card: Path
) -> None:
    docked_in_doubt(here, clock, card)
    nothing_sealed(here, dock, card)
    for person, reason in (("lead", "in store for ten years"), ("second", None)):
        confirm(here.station, reason, Caller(person, person, LOGIN))
    until(lambda: not list(card.glob("DCIM/*")), "the clearing")
    here.shows("1", "safe")
    assert len(dock.clips()) == 2
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    (record,) = dockings.every(here.station.database, "TA00001", 9)
    assert (record["filed"], record["cleared"]) == (2, 2)
    assert datetime.fromisoformat(record["begins_at"]) > datetime.now(UTC) + TEN_YEARS - timedelta(hours=1)
    dock.verify()


def test_a_docking_before_a_restart_is_dated_at_the_latest(
    dock: Dock, clock: Clock, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(dock, monkeypatch) as here:
        here.register("TA00001")
        docked_in_doubt(here, clock, card)
        here.pull("1")
        until(lambda: here.station.journal.owed_dockings(), "the record that waits")
    clock.ahead, clock.boot = timedelta(0), "boot-2"
    right_from = datetime.now(UTC)
    with running(dock, monkeypatch) as here:
        here.settled()
        until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    assert len(manifests(dock)) == 2
    assert {str(one["at"]) for one in manifests(dock)} == {str(manifests(dock)[0]["at"])}
    for told in manifests(dock):
        assert told["at_latest"] is True
        assert datetime.fromisoformat(str(told["at"])) >= right_from
    dock.verify()


def test_a_watched_folder_is_copied_in_doubt_as_well(here: Running, dock: Dock, clock: Clock, card: Path) -> None:
    (card / "0.log").write_bytes(b"2026-03-05")
    clock.ahead = TEN_YEARS
    until(lambda: here.dock.board.station.clock == "wrong", "the doubt")
    gate = DropBay("GATE-01", Drop(card, "GATE-01", 1), here.dock.bay_desk, here.dock.ending)
    here.dock.drops.append(gate)
    gate.start()
    until(lambda: len(here.dock.finisher.open()) == 1, "the copy")
    assert dock.objects("manifests") == []
    clock.ahead = timedelta(0)
    here.settled()
    assert len(dock.clips()) == 1


def test_a_lost_catalog_copies_and_files_nothing_until_the_right_one_is_back(
    here: Running, dock: Dock, card: Path
) -> None:
    here.adopt(TO_CLEAR)
    here.cards["TA00001"] = fill(card, {NAME.format(n, n): 1000 + n for n in range(2)})
    here.station.database.close()
    for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
        if (dock.home / name).exists():
            (dock.home / name).rename(dock.home / f"{name}.away")
    until(lambda: here.dock.board.station.catalog is not None, "the loss")
    assert here.dock.board.station.catalog is not None
    assert here.dock.board.station.catalog.code == "catalog.lost"
    here.plug("1", "TA00001")
    assert here.shows("1", "safe").unsealed == 2
    nothing_sealed(here, dock, card)
    here.pull("1")
    until(lambda: here.station.journal.owed_dockings(), "the record that waits")
    dock.run("rebuild")
    here.settled()
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    assert len(dock.clips()) == 2
    here.plug("1", "TA00001")
    until(lambda: not list(card.glob("DCIM/*")), "the clearing")
    dock.verify()
