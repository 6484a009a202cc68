"""A watched folder as a bay: files that hold still are copied, whatever the vault does; the folder may come and go."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from catalog.recorders import dockings
from docking_station.faces.board import BayView
from tests.docking_station.running import Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

BAY = "GATE-01"


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    folder = tmp_path / "gate"
    folder.mkdir()
    return folder


@pytest.fixture
def here(dock: Dock, gate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with started(dock, gate, monkeypatch) as made:
        yield made


def started(dock: Dock, gate: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Running]:
    settings = dock.home / "station.toml"
    settings.write_text(settings.read_text() + f'\n[[drop]]\npath = "{gate}"\nrecorder = "{BAY}"\nstill_s = 1\n')
    return running(dock, monkeypatch)


def view(here: Running) -> BayView:
    return next(view for view in here.dock.board.bays() if view.bay == BAY)


def clips(here: Running, dock: Dock, count: int) -> dict[str, dict[str, object]]:
    until(lambda: len(dock.clips()) >= count, f"{count} clips")
    here.settled()
    return dock.clips()


def records(here: Running) -> list[dict[str, object]]:
    return dockings.every(here.station.database, BAY, 99)


def test_a_file_that_grows_is_copied_once_it_holds_still(here: Running, dock: Dock, gate: Path) -> None:
    assert view(here).state == "empty"
    with (gate / "a.log").open("ab") as file:
        for number in range(8):
            file.write(b"2026-03-05 %04d\n" % number)
            file.flush()
            time.sleep(0.2)
            assert dock.clips() == {}
    clip = clips(here, dock, 1)["a.log"]
    assert clip["size_bytes"] == 8 * 16
    assert clip["recorder"] == BAY
    until(lambda: view(here).state == "empty", "the folder at rest")
    until(lambda: len(records(here)) == 1, "the record")
    (record,) = records(here)
    assert (record["files"], record["filed"], record["held"], record["transport"]) == (1, 1, 0, "folder")
    fill(gate, {"b.log": 100})
    clips(here, dock, 2)
    until(lambda: view(here).state == "empty", "the folder at rest again")
    until(lambda: len(records(here)) > 1, "the next record")
    assert len(records(here)) == 2  # a folder at rest leaves no further ones
    dock.verify()


def test_the_vault_away_keeps_no_folder_waiting(here: Running, dock: Dock, gate: Path) -> None:
    here.adopt('[clearing]\nwhen = "after-receipt"\n')
    (dock.home / "vault").rename(dock.home / "elsewhere")
    for number in range(2):
        fill(gate, {f"{number}.log": 100 + number})
        until(lambda number=number: here.dock.board.station.unsealed == number + 1, "the copy")  # type: ignore[misc]
    assert sorted(os.listdir(gate)) == ["0.log", "1.log"]
    (dock.home / "elsewhere").rename(dock.home / "vault")
    clips(here, dock, 2)
    until(lambda: os.listdir(gate) == [], "the clearing")
    until(lambda: sum(int(str(one["cleared"])) for one in records(here)) == 2, "the record of it")
    dock.verify()


def test_nothing_is_cleared_without_a_policy(here: Running, dock: Dock, gate: Path) -> None:
    fill(gate, {"a.log": 100})
    clips(here, dock, 1)
    until(lambda: len(records(here)) == 1, "the record")
    assert os.listdir(gate) == ["a.log"]


def test_two_folders_of_one_recorder_hide_nothing_of_each_other(
    dock: Dock, gate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dock.home / "station.toml"
    second = f'\n[[drop]]\npath = "{tmp_path / "missing"}"\nrecorder = "{BAY}"\nstill_s = 1\n'
    settings.write_text(settings.read_text() + second)
    with started(dock, gate, monkeypatch) as here:  # the second table of the settings
        until(lambda: view(here).state == "held", "the trouble of the first")
        fill(gate, {"a.log": 100})
        assert clips(here, dock, 1)["a.log"]["recorder"] == BAY
        states = {one.bay: one.state for one in here.dock.board.bays()}
        assert states == {BAY: "held", f"{BAY}@2": states[f"{BAY}@2"]}
        until(
            lambda: {one.bay: one.state for one in here.dock.board.bays()}[f"{BAY}@2"] == "empty", "the second at rest"
        )


def test_a_folder_that_vanishes_is_told_and_comes_back_by_itself(here: Running, dock: Dock, gate: Path) -> None:
    gate.rename(gate.with_name("elsewhere"))
    until(lambda: view(here).state == "held", "the trouble")
    why = view(here).why
    assert why is not None
    assert why.code == "devices.drop-missing"
    gate.with_name("elsewhere").rename(gate)
    until(lambda: view(here).state == "empty", "the folder at rest")
    fill(gate, {"a.log": 100})
    clips(here, dock, 1)


def test_a_folder_that_is_not_there_at_the_start_is_no_reason_not_to_start(
    dock: Dock, gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.rmdir()
    with started(dock, gate, monkeypatch) as here:
        until(lambda: view(here).state == "held", "the trouble")
        fill(gate, {"a.log": 100})
        clips(here, dock, 1)
        until(lambda: view(here).state == "empty", "the folder at rest")


def test_what_a_fault_cut_off_is_begun_anew(here: Running, dock: Dock, gate: Path) -> None:
    assert here.dock.drops
    house = here.dock.bay_desk
    asked: list[int] = []

    def demand_apart(_: Path) -> None:
        asked.append(1)
        if len(asked) < 3:
            raise ZeroDivisionError("nobody thought of it")

    object.__setattr__(house, "demand_apart", demand_apart)
    fill(gate, {"a.log": 100})
    clips(here, dock, 1)
    assert len(asked) == 3
    until(lambda: view(here).state == "empty", "the folder at rest")


def test_a_file_that_names_a_recorder_of_the_register_is_not_the_folders(here: Running, dock: Dock, gate: Path) -> None:
    here.register("TA00001")
    fill(gate, {"TA00001_JX0001_20260305090000.MP4": 1000, "gate0001.mp4": 1000})
    until(lambda: view(here).state == "held", "the foreign file")
    assert list(clips(here, dock, 1)) == ["gate0001.mp4"]
    (held,) = here.station.journal.held().values()
    assert held.code == "ingest.recorder-contradicted"
