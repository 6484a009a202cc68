"""Lamps of the bays (指示灯): the command from the settings is run when a bay's state changes.

The second door to other programs. At most one command a bay runs at a time; when it ends, the newest state follows and
those between are left out. A command gets a time limit, no shell, no input, nothing of our environment but a PATH, and
dies with its process group. Nothing here makes the dock wait; a lamp that does not work is logged, and that is all.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from docking_station.faces.board import BayView, Board
from docking_station.station.logs import Log, get_log

COMMAND_S_MAX = 5.0
COMMANDS_MAX = 8
"""So many run at the same time, over all bays."""
COMPLAINT_S = 60.0
LOOK_S = 0.05
IDLE_S = 0.5
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def command_for(view: BayView, commands: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The command of this state, else that of `any`, with {bay}, {state} and {recorder} put in; empty: none."""
    stated = commands.get(view.state, commands.get("any", ()))
    facts = {"{bay}": view.bay, "{state}": view.state, "{recorder}": view.recorder or ""}
    return tuple(_filled(argument, facts) for argument in stated)


def _filled(argument: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        argument = argument.replace(name, value.replace("\0", ""))
    return argument


@dataclass(frozen=True, slots=True)
class _Running:
    child: subprocess.Popen[bytes]
    argv: tuple[str, ...]
    until: float


class Leds:
    """Follows a board while it is open."""

    def __init__(
        self,
        board: Board,
        commands: Mapping[str, Sequence[str]],
        *,
        log: Log | None = None,
        limit_s: float = COMMAND_S_MAX,
    ) -> None:
        self._board, self._commands, self._limit_s = board, commands, limit_s
        self._log = log or get_log(part="leds")
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._shown: dict[str, str] = {}
        self._wanted: dict[str, BayView] = {}
        self._running: dict[str, _Running] = {}
        self._complained: dict[tuple[str, str], tuple[float, int]] = {}

    def open(self) -> Self:
        """Begin to follow; nothing is begun where the settings name no command."""
        if self._commands:
            self._thread = threading.Thread(target=self._follow, name="leds", daemon=True)
            self._thread.start()
        return self

    def close(self) -> None:
        """End; commands that run are given their time."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(self._limit_s + 1)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self) -> None:
        with self._board.subscribed() as face:
            while not self._ended.is_set():
                with suppress(queue.Empty):
                    view = face.get(timeout=LOOK_S if self._running else IDLE_S)
                    if isinstance(view, BayView):
                        self._wanted[view.bay] = view
                self._turn()
        while self._running:
            self._collect()
            time.sleep(LOOK_S)

    def _turn(self) -> None:
        self._collect()
        for bay, view in list(self._wanted.items()):
            if bay in self._running or len(self._running) >= COMMANDS_MAX:
                continue
            del self._wanted[bay]
            if self._shown.get(bay) != view.state:
                self._shown[bay] = view.state
                self._start(view)

    def _start(self, view: BayView) -> None:
        argv = command_for(view, self._commands)
        if not argv:
            return
        try:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": PATH},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._complain(argv, getattr(error, "strerror", None) or str(error))
            return
        self._running[view.bay] = _Running(child, argv, time.monotonic() + self._limit_s)

    def _collect(self) -> None:
        for bay, running in list(self._running.items()):
            # Looked at, not yet reaped: until then its process group's number is nobody else's.
            looked = os.waitid(os.P_PID, running.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if looked is None and time.monotonic() < running.until:
                continue
            with suppress(ProcessLookupError, PermissionError):  # also whatever it left behind
                os.killpg(running.child.pid, signal.SIGKILL)
            status = running.child.wait()
            del self._running[bay]
            if looked is None:
                self._complain(running.argv, f"killed after {self._limit_s:g} s")
            elif status:
                self._complain(running.argv, f"exit status {status}")

    def _complain(self, argv: Sequence[str], reason: str) -> None:
        """One line a minute for each program and reason, with the number of those left out."""
        about, now = (argv[0], reason), time.monotonic()
        said, left_out = self._complained.get(about, (now - COMPLAINT_S, 0))
        if now - said < COMPLAINT_S:
            self._complained[about] = said, left_out + 1
            return
        self._complained[about] = now, 0
        self._log.warning("lamp command failed", program=argv[0], reason=reason, left_out=left_out)
