"""Two devices on one port by its number, or in the two ports of one bay: neither takes the other's place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from docking_station.dock import daemon
from docking_station.faces.board import BayView
from tests.docking_station.running import NAME, POWER, Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

MB = 1 << 20


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A dock that knows two recorders."""
    with running(dock, monkeypatch) as made:
        for serial in ("TA00001", "TA00002"):
            made.register(serial)
        yield made


def test_two_sockets_that_are_numbered_alike_are_two_bays(
    here: Running, dock: Dock, card: Path, tmp_path: Path
) -> None:
    """The USB 2 and the USB 3 line of a root hub are numbered apart: `usb1/1-3` and `usb2/2-3` have one ID_PATH."""
    here.cards["TA00001"] = fill(card, {NAME.format(1, 1): 8 * MB})
    here.cards["TA00002"] = fill(tmp_path / "other", {"DCIM/OTHER.MP4": 500})
    here.adopt("[dock]\nmegabytes_per_s = 2\n")
    here.plug("3", "TA00001")
    until(lambda: bays(here)["3"].done_bytes > 0, "the first of it")
    here.plug("3", "TA00002", bus=2)
    until(lambda: bays(here)["3"].state == bays(here)["3@2-3"].state == "safe", "both")
    assert (bays(here)["3"].recorder, bays(here)["3@2-3"].recorder) == ("TA00001", "TA00002")
    here.settled()
    assert {clip["recorder"] for clip in dock.clips().values()} == {"TA00001", "TA00002"}
    assert len(here.opened) == 2
    here.pull("3", bus=2)
    assert set(bays(here)) == {"3"}
    assert bays(here)["3"].state == "safe"
    here.plug("3", "TA00002", bus=2)
    until(lambda: bays(here)["3@2-3"].state == "safe", "the second once more")
    here.pull("3")
    assert bays(here)["3"].state == "empty"
    assert bays(here)["3@2-3"].state == "safe"
    here.plug("3", "TA00002", bus=2, label="OTHER")  # told anew, alone in its port by now
    until(lambda: bays(here)["3"].recorder == "TA00002" and bays(here)["3"].state == "safe", "its own label")
    assert set(bays(here)) == {"3"}


def test_two_ports_of_one_bay_are_two_bays_while_both_are_in_use(here: Running, card: Path, tmp_path: Path) -> None:
    ports = [f"pci-0000:00:14.0-usb-0:{port}" for port in ("3", "9")]
    here.station.home.bays.write_text(json.dumps({"bays": [{"bay": "A1", "ports": ports}]}))
    here.cards["TA00001"], here.cards["TA00002"] = (
        fill(card, {NAME.format(1, 1): 10}),
        fill(tmp_path / "other", {"OTHER.MP4": 5}),
    )
    here.plug("3", "TA00001")
    here.plug("9", "TA00002")
    until(lambda: bays(here)["A1"].state == bays(here)["A1@1-9"].state == "safe", "both")
    assert (bays(here)["A1"].recorder, bays(here)["A1@1-9"].recorder) == ("TA00001", "TA00002")
    here.pull("9")
    assert (set(bays(here)), bays(here)["A1"].state) == ({"A1"}, "safe")


def test_ports_nothing_is_in_any_more_make_room_for_others(here: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "BAYS_MAX", 4)
    for number in range(12):
        here.plug(f"{number}", None, POWER)
        here.shows(f"{number}", "charging")
        here.pull(f"{number}")
        until(lambda: all(bay.is_over() for bay in here.dock.bays.values()), "the bay let go of")
    assert len(here.dock.bays) <= 4
    for number in range(5):
        here.plug(f"2{number}", None, POWER)
    for number in range(4):
        here.shows(f"2{number}", "charging")
    assert "24" not in [view.port[-2:] for view in here.dock.board.bays()]


def bays(here: Running) -> dict[str, BayView]:
    """Every bay on the board, by its label."""
    return {view.bay: view for view in here.dock.board.bays()}
