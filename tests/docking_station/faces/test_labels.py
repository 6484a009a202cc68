"""Labels of bays follow the map, whenever it is written anew."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from devices.bays import Bays, write_bays
from docking_station.faces.board import BayView, Board, Dropped, StationView
from docking_station.faces.labels import Labels

NOW = datetime(2026, 3, 6, tzinfo=UTC)
ONE, TWO, FAR = "pci-0000:00:14.0-usb-0:1", "pci-0000:00:14.0-usb-0:2.4", "pci-0000:00:1d.0-usb-0:1"


def made(path: Path) -> tuple[Labels, Board]:
    board = Board(StationView("station-1"))
    return Labels(path, board, lambda: NOW), board


def write(path: Path, *learned: tuple[str, str]) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(write_bays(Bays(learned)))
    os.replace(draft, path)


def test_without_a_map_a_bay_is_called_by_its_port(tmp_path: Path) -> None:
    labels, board = made(tmp_path / "bays.json")
    assert (labels.of(ONE, "", ()), labels.of(TWO, "", ())) == ("1", "2.4")
    assert labels.of(FAR, "", ()) != "1"  # another controller's
    assert board.bays() == ()


def test_calibrated_bays_are_on_the_board_from_the_start(tmp_path: Path) -> None:
    write(tmp_path / "bays.json", (ONE, "A1"), (TWO, "A2"))
    labels, board = made(tmp_path / "bays.json")
    assert board.bays() == (BayView("A1", ONE, "empty", NOW), BayView("A2", TWO, "empty", NOW))
    assert (labels.of(ONE, "", ()), labels.of(TWO, "", ())) == ("A1", "A2")


def test_a_map_that_is_written_anew_holds_from_the_next_device_on(tmp_path: Path) -> None:
    labels, board = made(tmp_path / "bays.json")
    assert labels.of(ONE, "", ()) == "1"
    write(tmp_path / "bays.json", (ONE, "A1"))
    assert labels.of(ONE, "", ()) == "A1"
    board.show(BayView("A1", ONE, "copying", NOW))
    write(tmp_path / "bays.json", (ONE, "A1"), (TWO, "A2"))
    labels.refresh()
    assert [(view.bay, view.state) for view in board.bays()] == [("A1", "copying"), ("A2", "empty")]


def test_a_map_that_cannot_be_read_leaves_the_last_one(tmp_path: Path) -> None:
    write(tmp_path / "bays.json", (ONE, "A1"))
    labels, _ = made(tmp_path / "bays.json")
    for body in (b"nonsense", b"[]", b"\xff" * 100):
        (tmp_path / "bays.json").write_bytes(body)
        assert labels.of(ONE, "", ()) == "A1"
    (tmp_path / "bays.json").unlink()
    assert labels.of(ONE, "", ()) == "A1"
    write(tmp_path / "bays.json", (ONE, "B7"))
    assert labels.of(ONE, "", ()) == "B7"


def test_a_renamed_bay_leaves_the_board_once_it_is_empty(tmp_path: Path) -> None:
    labels, board = made(tmp_path / "bays.json")
    board.show(BayView(labels.of(ONE, "", ()), ONE, "copying", NOW))
    board.show(BayView(labels.of(TWO, "", ()), TWO, "empty", NOW))
    board.show(BayView("GATE", "/srv/drop/gate", "safe", NOW))
    with board.subscribed() as face:
        for _ in range(face.qsize()):
            face.get_nowait()
        write(tmp_path / "bays.json", (ONE, "A1"), (TWO, "A2"))
        labels.tidy()
        assert {view.bay for view in board.bays()} == {"1", "A1", "A2", "GATE"}, "what is being copied stays in sight"
        told = [face.get_nowait() for _ in range(face.qsize())]
        assert Dropped("2.4") in told
    board.show(BayView("1", ONE, "empty", NOW))
    labels.tidy()
    assert [view.bay for view in board.bays()] == ["A1", "A2", "GATE"]
