"""Everything the daemon tells about its bays while a test goes on, read from its socket in the guest.

Shapes: events as the daemon writes them, each with `t`, the guest's monotonic clock in seconds when it came.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.lab.guest import until
from tests.lab.lab import Lab

FORWARD = """
import socket, sys, time
wire = socket.socket(socket.AF_UNIX)
wire.connect(sys.argv[1])
for line in wire.makefile("r"):
    print(f"{time.monotonic():.3f}", line, end="", flush=True)
"""
JOINED_S_MAX = 60
ENDED_S_MAX = 20
QUIET = ("safe", "held")
"""What a bay shows when nothing more is done to its card."""


class Watch:
    """The newest view of each bay, and all there ever were."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.station: dict[str, Any] = {}
        self._bays: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def take(self, line: bytes) -> None:
        """Note one line of the stream."""
        stamp, _, told = line.decode().partition(" ")
        event = json.loads(told) | {"t": float(stamp)}
        with self._lock:
            self.events.append(event)
            if event["event"] == "bay":
                self._bays[event["bay"]] = event
            elif event["event"] == "station":
                self.station = event

    def bay(self, label: str) -> dict[str, Any]:
        """The newest view of a bay; {} where it was never shown."""
        with self._lock:
            return self._bays.get(label, {})

    def of_bay(self, label: str) -> list[dict[str, Any]]:
        """Every view of a bay, oldest first."""
        with self._lock:
            return [event for event in self.events if event.get("bay") == label]

    def states(self) -> dict[str, str]:
        """What each bay shows."""
        with self._lock:
            return {label: view["state"] for label, view in self._bays.items()}

    def unsealed(self) -> int:
        """How many copies wait for the vault, by what the station and its bays show."""
        with self._lock:
            return int(max(self.station.get("unsealed", 0), *(view["unsealed"] for view in self._bays.values()), 0))

    def wait(self, label: str, *states: str, limit_s: float) -> dict[str, Any]:
        """Wait until a bay shows one of the states; its view."""

        return self.wait_for(label, lambda view: view["state"] in states, limit_s)

    def wait_for(self, label: str, holds: Callable[[dict[str, Any]], bool], limit_s: float) -> dict[str, Any]:
        """Wait until the view of a bay is as wanted; that view."""

        def there() -> dict[str, Any] | None:
            view = self.bay(label)
            return view if view and holds(view) else None

        try:
            return until(f"bay {label} as wanted", there, limit_s, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {self.bay(label)}") from error


@contextmanager
def watching(lab: Lab, socket: str) -> Iterator[Watch]:
    """Listen until the end of the block."""
    watch = Watch()
    child = lab.start(shlex.join(["python3", "-c", FORWARD, socket]))
    assert child.stdout is not None
    lines = child.stdout

    def read() -> None:
        for line in lines:
            watch.take(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        until("the daemon tells what it shows", lambda: watch.station, JOINED_S_MAX, 0.1)
        yield watch
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(ENDED_S_MAX)
        thread.join(ENDED_S_MAX)
