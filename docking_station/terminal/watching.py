"""Showing the bays for as long as somebody looks (状态屏): full screen on a terminal, lines elsewhere.

What is shown is never older than the dock's last word: see `docking_station/faces/follower.py`.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from catalog.station_error import StationError
from docking_station.faces.board import BayView
from docking_station.faces.follower import Follower, messages
from docking_station.faces.stream import bay_view
from docking_station.terminal.output import remark, say

KEYS_S = 0.1
TICK_S = 1.0
"""So often the screen is drawn for the clock on it; DRAW_S apart when the dock tells of changes."""
DRAW_S = 0.4
KEYS_MAX = 1024
LEAVE, ESC = b"qQ\x03\x04", b"\x1b"


def watch_screen(path: Path, drawn: Callable[[Follower, int, int], Any]) -> None:
    """Full screen until q, Esc or Ctrl-C; `drawn` makes what stands on so many columns and rows."""
    from rich.console import Console
    from rich.live import Live

    seen = Follower(path)
    seen.start()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese is no reason to end
    console = Console(highlight=False, markup=False, emoji=False)
    with _keys() as left, Live(console=console, screen=True, auto_refresh=False) as live:
        before, drawn_at = None, 0.0
        while not left(KEYS_S):
            size, waited_s = console.size, time.monotonic() - drawn_at
            known = (seen.changes, size)
            if waited_s >= (TICK_S if known == before else DRAW_S):
                before, drawn_at = known, time.monotonic()
                live.update(drawn(seen, max(1, size.width), max(1, size.height)), refresh=True)


@contextmanager
def _keys() -> Iterator[Callable[[float], bool]]:
    """A question "leave now?" that waits so long for an answer; the terminal is given back as it was."""
    ended = threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        ended.set()

    handlers = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        if not sys.stdin.isatty():
            yield ended.wait
            return
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)

        def left(timeout_s: float) -> bool:
            if select.select([descriptor], [], [], timeout_s)[0]:
                pressed = os.read(descriptor, KEYS_MAX)
                # An arrow key begins with Esc too: only Esc alone leaves.
                if not pressed or pressed == ESC or any(key in LEAVE for key in pressed):
                    ended.set()
            return ended.is_set()

        try:
            tty.setcbreak(descriptor)
            yield left
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def watch_lines(path: Path, line_of: Callable[[BayView], str], fault_of: Callable[[StationError], str]) -> None:
    """A line on stdout whenever a bay's state, recorder or reason changes; the dock is joined again when it is gone."""
    shown: dict[str, tuple[object, ...]] = {}

    def gone(fault: StationError) -> None:
        shown.clear()
        remark(fault_of(fault))

    for message in messages(path, gone):
        if message["event"] != "bay":
            continue
        view = bay_view(message)
        facts = (view.state, view.clearing, view.recorder, view.why and view.why.code)
        if shown.get(view.bay) != facts:
            shown[view.bay] = facts
            _out(line_of(view))


def watch_json(path: Path) -> None:
    """The dock's own events, a line each; `{"event":"gone","code":…}` while there is none."""

    def line(message: object) -> None:
        _out(json.dumps(message, separators=(",", ":")))

    for message in messages(path, lambda fault: line({"event": "gone", "code": fault.code})):
        line(message)


def _out(text: str) -> None:
    try:
        say(text)
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads any more: the end, and no fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def now() -> datetime:
    """The time to show."""
    return datetime.now(UTC)
