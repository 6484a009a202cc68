"""Lamps are run as told, one at a time, and can harm nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from docking_station.faces.board import BayView, Board, State, StationView
from docking_station.faces.leds import Leds, command_for
from tests.fakes.waiting import calls_of, until

NOW = datetime(2026, 3, 5, tzinfo=UTC)
WAIT = "while [ ! -e {} ]; do sleep 0.02; done"


class Notes:
    """A log that remembers."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **facts: Any) -> None:
        self.lines.append({"event": event} | facts)

    debug = info = error = exception = warning

    def bind(self, **_: Any) -> Notes:
        return self


def settled(leds: Leds, state: State) -> bool:
    return leds._shown.get("1") == state and not leds._running


def show(board: Board, bay: str, state: State, recorder: str | None = None) -> None:
    board.show(BayView(bay, f"usb-{bay}", state, NOW, recorder=recorder))


def is_wanted(leds: Leds, state: State) -> bool:
    return "1" in leds._wanted and leds._wanted["1"].state == state


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "XZ"
    except FileNotFoundError:
        return False


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_the_state_chooses_the_command_and_fills_it() -> None:
    view = BayView("3", "usb-3", "copying", NOW, recorder="{state}; rm -rf /\0")
    commands = {"copying": ("led", "{bay}", "--x={state},{recorder}", "{other}"), "any": ("all", "{state}")}
    assert command_for(view, commands) == ("led", "3", "--x=copying,{state}; rm -rf /", "{other}")
    assert command_for(replace(view, state="safe"), commands) == ("all", "safe")
    assert command_for(replace(view, state="safe"), {"safe": (), "any": ("all",)}) == ()
    assert command_for(view, {"safe": ("led",)}) == ()


def test_a_change_of_state_runs_it_once(tmp_path: Path) -> None:
    board, out = Board(StationView("s")), tmp_path / "out"
    show(board, "1", "empty")
    script = 'echo "$0 $1 $2 $HOME" >> ' + str(out)
    with Leds(board, {"any": ("/bin/sh", "-c", script, "{bay}", "{state}", "{recorder}")}, log=Notes()):
        until(lambda: len(lines(out)) == 1, "the first")
        show(board, "1", "copying", "R1")
        until(lambda: len(lines(out)) == 2, "the second")
        for done in range(50):
            board.change("1", partial(replace, done_bytes=done))
        show(board, "1", "safe", "R1")
        until(lambda: len(lines(out)) == 3, "the third")
    assert lines(out) == ["1 empty  ", "1 copying R1 ", "1 safe R1 "]


def test_a_slow_lamp_is_followed_by_the_newest_state_only(tmp_path: Path) -> None:
    board, out = Board(StationView("s")), tmp_path / "out"
    script = f'echo "$0" >> {out}; {WAIT.format(tmp_path / "go")}; echo end >> {out}'
    with Leds(board, {"any": ("/bin/sh", "-c", script, "{state}")}, log=Notes(), limit_s=60) as leds:
        show(board, "1", "waiting")
        until(lambda: lines(out), "the first")
        states: tuple[State, ...] = ("copying", "held", "safe")
        for state in states:
            show(board, "1", state)
            until(partial(is_wanted, leds, state), state)
        (tmp_path / "go").touch()
        until(lambda: len(lines(out)) == 4, "the last")
    assert lines(out) == ["waiting", "end", "safe", "end"]


def test_a_lamp_that_hangs_is_killed_with_all_it_began(tmp_path: Path) -> None:
    board, notes, begun = Board(StationView("s")), Notes(), tmp_path / "begun"
    show(board, "1", "empty")
    script = f"sleep 600 & echo $! > {begun}; sleep 600"
    with Leds(board, {"any": ("/bin/sh", "-c", script)}, log=notes, limit_s=0.3):
        until(lambda: notes.lines, "the complaint")
    assert notes.lines == [
        {"event": "lamp command failed", "program": "/bin/sh", "reason": "killed after 0.3 s", "left_out": 0}
    ]
    until(lambda: not runs(int(begun.read_text())), "the end of what it began")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("/nowhere/led",), "No such file or directory"),
        (("/bin/sh", "-c", "exit 7"), "exit status 7"),
        (("/dev/null",), "Permission denied"),
    ],
)
def test_a_lamp_that_fails_is_said_once_a_minute(argv: tuple[str, ...], reason: str) -> None:
    board, notes = Board(StationView("s")), Notes()
    with Leds(board, {"any": argv}, log=notes) as leds:
        states: tuple[State, ...] = ("empty", "waiting", "copying", "safe")
        for state in states:
            show(board, "1", state)
            until(partial(settled, leds, state), state)
    assert [line["reason"] for line in notes.lines] == [reason]


def test_slow_lamps_never_hold_up_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for a lamp would wait for ever: none ends before all is shown."""
    board = Board(StationView("s"))
    with Leds(board, {"any": ("/bin/sh", "-c", WAIT.format(tmp_path / "go"))}, log=Notes(), limit_s=60) as leds:
        for bay in range(32):
            show(board, str(bay), "copying")
        until(lambda: len(leds._running) + len(leds._wanted) == 32, "all of them")
        turns = calls_of(leds, "_turn", monkeypatch)
        until(lambda: len(turns) > 2, "some turns")
        assert len(leds._running) == 8
        (tmp_path / "go").touch()
        until(lambda: len(leds._shown) == 32 and not leds._running, "the others")
