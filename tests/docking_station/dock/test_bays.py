"""`evidock bays` as a person and as a program meet it: real processes, a real terminal, a dock that comes and goes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from docking_station.faces.board import BayView, Board, State, StationView
from docking_station.faces.stream import Stream
from tests.docking_station.shift import UNKNOWN, VAULT
from tests.house.tree import ROOT

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "station.toml").write_text('language = "en"\n')
    return home


@pytest.fixture
def board() -> Board:
    board = Board(StationView("s", clock="synchronised"))
    board.show(BayView("2", "usb-2", "unknown", NOW, device="stick\x1b[2J", why=UNKNOWN))
    board.show(BayView("1", "usb-1", "copying", NOW, recorder="R1", officer="O1", files=4, files_done=1, left_s=75))
    return board


def environment(home: Path) -> dict[str, str]:
    known = {"EVIDOCK_HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color"}
    return known | {"LANG": "C.UTF-8"}


def evidock(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "docking_station", *words]
    return subprocess.run(
        line, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def watching(home: Path, *words: str, terminal: bool) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`evidock bays watch` and the descriptor its output is read from."""
    if terminal:
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    else:
        outer, inner = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "docking_station", "bays", "watch", *words],
        cwd=ROOT,
        env=environment(home),
        stdin=inner if terminal else subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None) if terminal else None,
    )
    try:
        yield child, outer
    finally:
        child.kill()
        child.wait()
        os.close(inner)
        os.close(outer)


def read_until(descriptor: int, wanted: str, limit_s: float = 20) -> str:
    text, end = "", time.monotonic() + limit_s
    while wanted not in text:
        assert time.monotonic() < end, f"no {wanted!r} in {text[-3000:]!r}"
        if select.select([descriptor], [], [], 0.2)[0]:
            text += os.read(descriptor, 65536).decode(errors="replace")
    return text


def test_the_list_says_what_the_bays_show(home: Path, board: Board) -> None:
    board.note(vault=VAULT)
    with Stream(board, home / "dock.sock"):
        plain, document = evidock(home, "bays", "list"), evidock(home, "bays", "list", "--json")
    assert plain.returncode == document.returncode == 0
    heads, first, second = plain.stdout.splitlines()
    assert heads.split() == ["BAY", "STATE", "RECORDER", "OFFICER", "FILES", "LEFT", "WHY"]
    assert first.split() == ["1", "COPYING", "R1", "O1", "1/4", "1:15"]
    assert "NOT REGISTERED" in second
    assert "stick\\u001b[2J" in second
    assert "does not answer" in plain.stderr
    told = json.loads(document.stdout)
    assert [view["bay"] for view in told["bays"]] == ["1", "2"]
    assert told["bays"][1]["why"]["code"] == "devices.unregistered"
    assert told["station"]["vault"]["code"] == "vault.unreachable"


def test_what_is_overdue_is_in_the_list(home: Path, board: Board) -> None:
    (first, *_) = board.bays()
    board.show(replace(first, overdue=3))
    with Stream(board, home / "dock.sock"):
        plain, document = evidock(home, "bays", "list"), evidock(home, "bays", "list", "--json")
    assert "3 overdue" in plain.stdout.splitlines()[1]
    assert json.loads(document.stdout)["bays"][0]["overdue"] == 3


def test_without_a_dock_the_list_says_what_to_do(home: Path) -> None:
    plain, document = evidock(home, "bays", "list"), evidock(home, "bays", "list", "--json")
    assert plain.returncode == document.returncode == 16
    assert "not running" in plain.stderr
    assert "systemctl start" in plain.stderr
    assert json.loads(document.stdout)["error"]["code"] == "station.dock-not-running"


def test_the_screen_shows_the_bays_joins_again_and_leaves_the_terminal_as_it_was(home: Path, board: Board) -> None:
    with watching(home, terminal=True) as (child, screen):
        before = termios.tcgetattr(screen)
        read_until(screen, "THE DOCK IS NOT RUNNING")
        assert termios.tcgetattr(screen) != before
        with Stream(board, home / "dock.sock"):
            shown = read_until(screen, "O1")
            assert "C O P Y I N G" in shown
            assert "\x1b[2J\x1b" not in shown.split("stick")[1][:8]
            board.change("1", lambda view: replace(view, state="safe"))
            read_until(screen, "S A F E")
            fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 3, 9, 0, 0))
            read_until(screen, "\x1b")
            fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            read_until(screen, "S A F E")
        read_until(screen, "THE DOCK IS NOT RUNNING")
        with Stream(board, home / "dock.sock"):
            read_until(screen, "S A F E")
            os.write(screen, b"\x1b[A")  # an arrow key is no farewell
            board.change("1", lambda view: replace(view, state="copying"))
            read_until(screen, "C O P Y I N G")
            assert child.poll() is None
            os.write(screen, b"q")
            rest = read_until(screen, "\x1b[?1049l")
        assert child.wait(10) == 0
        assert "Traceback" not in rest
        assert termios.tcgetattr(screen) == before


@pytest.mark.parametrize("how", ["ctrl-c", "terminate"])
def test_it_leaves_quietly(home: Path, how: str) -> None:
    with watching(home, terminal=True) as (child, screen):
        before = termios.tcgetattr(screen)
        read_until(screen, "NOT RUNNING")
        if how == "ctrl-c":
            os.write(screen, b"\x03")
        else:
            child.terminate()
        read_until(screen, "\x1b[?1049l")
        assert child.wait(10) == 0
        assert termios.tcgetattr(screen) == before


def test_without_a_terminal_it_prints_a_line_a_change(home: Path, board: Board) -> None:
    with watching(home, terminal=False) as (_, lines):
        read_until(lines, "systemctl start")
        with Stream(board, home / "dock.sock"):
            shown = read_until(lines, "stick")
            assert "2026-03-05 10:00:00  1  COPYING  R1  O1" in shown
            assert "\x1b" not in shown
            board.change("1", lambda view: replace(view, files_done=2))
            board.change("1", lambda view: replace(view, state="safe", since=NOW))
            assert "COPYING" not in read_until(lines, "SAFE TO TAKE")
        read_until(lines, "not running")


def test_as_json_it_tells_the_docks_own_events(home: Path, board: Board) -> None:
    with watching(home, "--json", terminal=False) as (_, lines):
        read_until(lines, '{"event":"gone","code":"station.dock-not-running"}\n')
        with Stream(board, home / "dock.sock", heartbeat_s=0.2):
            shown = read_until(lines, '"event":"alive"')
        told = [json.loads(line) for line in shown.splitlines() if line.endswith("}")]
        assert [event["event"] for event in told[:4]] == ["station", "bay", "bay", "ready"]
        read_until(lines, '"event":"gone"')


def test_a_reader_that_goes_away_ends_it(home: Path, board: Board) -> None:
    line = [sys.executable, "-m", "docking_station", "bays", "watch"]
    with (
        Stream(board, home / "dock.sock"),
        subprocess.Popen(
            line, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stderr is not None
        assert b"COPYING" in child.stdout.readline()
        child.stdout.close()
        states: tuple[State, ...] = ("safe", "copying")
        for turn in range(100):
            board.change("1", partial(replace, state=states[turn % 2]))
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.2)
                break
        assert child.returncode == 0
        assert b"Traceback" not in child.stderr.read()
