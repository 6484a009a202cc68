"""Bays are learned in order, a port once, and kept only when a person says so."""

from __future__ import annotations

import os
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from devices.bays import Bays, read_bays
from devices.errors import BaysBad
from docking_station.station.errors import HomeUnwritable
from docking_station.terminal import calibrate
from docking_station.terminal.calibrate import Calibration, Keyboard, bays_before, calibrating, labels_from
from docking_station.terminal.words import word
from tests.fakes.bed import Bed, run
from tests.fakes.waiting import PATIENCE_S

PORT = "pci-0000:00:14.0-usb-0:"


def test_bays_are_learned_in_order_and_a_port_once() -> None:
    calibration = Calibration(Bays(), labels_from(None, 7))
    assert [calibration.plug(port) for port in ("a", "b", "a", "c")] == ["7", "8", None, "9"]
    assert calibration.bays.learned == (("a", "7"), ("b", "8"), ("c", "9"))
    assert (calibration.learned, calibration.next) == (3, "10")


def test_what_is_undone_comes_next_again() -> None:
    calibration = Calibration(Bays((("old", "0"),)), labels_from("A1, A2,A3,", 1))
    assert calibration.undo() is None
    calibration.plug("a")
    calibration.plug("b")
    assert [calibration.undo(), calibration.undo(), calibration.undo()] == ["A2", "A1", None]
    assert [calibration.plug(port) for port in ("b", "a", "c", "d")] == ["A1", "A2", "A3", None]
    assert calibration.next is None
    assert calibration.undo() == "A3"
    assert calibration.plug("e") == "A3"


def test_a_bay_may_get_a_second_port() -> None:
    calibration = Calibration(Bays((("usb2", "A1"),)), labels_from("A1", 1))
    assert calibration.plug("usb2") is None
    assert calibration.plug("usb3") == "A1"
    assert calibration.bays.labels() == ("A1",)


def test_a_label_that_is_none_is_refused_before_anything_is_learned() -> None:
    with pytest.raises(BaysBad):
        labels_from("A1,a b", 1)


def test_the_keyboard_says_undo_and_done_and_nothing_after_its_end() -> None:
    reading, writing = os.pipe()
    keyboard = Keyboard(reading)
    assert keyboard() is None
    os.write(writing, b"u\nx\nU")
    assert [keyboard(), keyboard(), keyboard()] == ["undo", None, None]
    os.write(writing, b"\n\n")
    assert [keyboard(), keyboard(), keyboard()] == ["undo", "done", None]
    os.close(writing)
    assert [keyboard(), keyboard()] == [None, None]
    os.close(reading)


def test_a_map_that_cannot_be_read_or_written_is_said_so(tmp_path: Path) -> None:
    assert bays_before(tmp_path / "none") == Bays()
    (tmp_path / "bays.json").write_text("?")
    with pytest.raises(BaysBad):
        bays_before(tmp_path / "bays.json")
    with pytest.raises(HomeUnwritable):
        bays_before(tmp_path)


# ------------------------------------------------------------------ the whole command, under umockdev


class Hands:
    """What a person hears and types."""

    def __init__(self, writing: int) -> None:
        self._writing, self._heard = writing, queue.Queue[str]()
        self.hears = self._heard.put

    def type(self, text: str) -> None:
        os.write(self._writing, text.encode())

    def heard(self) -> str:
        return self._heard.get(timeout=PATIENCE_S)

    def hear(self, name: str, **facts: object) -> None:
        """Wait until the command says it."""
        while self.heard() != word(name, **facts):
            pass


def _calibrate(act: Callable[[Hands], None], *, add: bool = False, labels: str | None = None, home: str = "") -> Path:
    """Run the command in this process while something is done to the bed; where the map is."""
    folder = Path(home or tempfile.mkdtemp())
    (folder / "station.toml").write_text("[dock]\nsettle_ms = 100\n")
    os.environ["EVIDOCK_HOME"] = str(folder)
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    sys.stdin = os.fdopen(0, closefd=False)
    hands = Hands(writing)
    confirm = typer.confirm

    def confirmed(question: str, **how: Any) -> bool:
        hands.hears("asked")
        return confirm(question, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "remark", hands.hears)
        patch.setattr(typer, "confirm", confirmed)
        doing = threading.Thread(target=act, args=(hands,), daemon=True)
        doing.start()
        calibrating(1, labels, add=add, as_json=False)
        doing.join(PATIENCE_S)
    return folder / "bays.json"


def learns_in_order_beside_what_was_in_before(bed: Bed) -> None:
    bed.stick("1-8", serial="STAYS", disk="sdz")

    def act(hands: Hands) -> None:
        hands.hear("calibrate_how")
        for port, name, bay in (
            ("5", "learned", "1"),
            ("9.2", "learned", "2"),
            ("5", "twice", "1"),
            ("6", "learned", "3"),
        ):
            stick = bed.stick(f"1-{port}")
            hands.hear(f"calibrate_{name}", bay=bay, port=f"{PORT}{port}")
            bed.pull(*stick.paths)
        hands.type("u\n")
        hands.hear("calibrate_undone", bay="3")
        bed.stick("1-7")
        hands.hear("calibrate_learned", bay="3", port=f"{PORT}7")
        hands.type("\n")

    path = _calibrate(act)
    assert read_bays(path.read_bytes()).learned == ((f"{PORT}5", "1"), (f"{PORT}9.2", "2"), (f"{PORT}7", "3"))
    assert path.stat().st_mode & 0o777 == 0o644


def ends_with_the_last_label_and_adds_to_what_is_known(bed: Bed) -> None:
    home = tempfile.mkdtemp()
    Path(home, "bays.json").write_text(f'{{"bays": [{{"bay": "A1", "ports": ["{PORT}1"]}}]}}')

    def act(hands: Hands) -> None:
        hands.hear("calibrate_how")
        bed.stick("1-1")
        hands.hear("calibrate_twice", bay="A1", port=f"{PORT}1")
        bed.stick("1-2", disk="sdc")

    path = _calibrate(act, add=True, labels="A2", home=home)
    assert read_bays(path.read_bytes()).learned == ((f"{PORT}1", "A1"), (f"{PORT}2", "A2"))


def _stopped(bed: Bed, answer: str) -> Callable[[Hands], None]:
    """One bay is learned, then Ctrl-C; what is asked is answered."""

    def act(hands: Hands) -> None:
        hands.hear("calibrate_how")
        bed.stick("1-1")
        hands.hear("calibrate_learned", bay="1", port=f"{PORT}1")
        os.kill(os.getpid(), signal.SIGINT)
        while hands.heard() != "asked":
            pass
        hands.type(f"{answer}\n")

    return act


def stopped_and_not_confirmed_keeps_nothing(bed: Bed) -> None:
    home = tempfile.mkdtemp()

    with pytest.raises(KeyboardInterrupt):
        _calibrate(_stopped(bed, "n"), home=home)
    assert not Path(home, "bays.json").exists()


def stopped_and_confirmed_keeps_what_was_learned(bed: Bed) -> None:
    assert read_bays(_calibrate(_stopped(bed, "y")).read_bytes()).learned == ((f"{PORT}1", "1"),)


@pytest.mark.parametrize(
    "scene",
    [
        learns_in_order_beside_what_was_in_before,
        ends_with_the_last_label_and_adds_to_what_is_known,
        stopped_and_not_confirmed_keeps_nothing,
        stopped_and_confirmed_keeps_what_was_learned,
    ],
    ids=lambda scene: scene.__name__,
)
def test_calibrating(scene: Callable[[Bed], None]) -> None:
    run("tests.docking_station.terminal.test_calibrate", scene.__name__)
