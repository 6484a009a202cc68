"""Following the dock (状态跟随): its board as it is now, for faces that draw at a pace of their own.

The listening thread joins the dock again whenever it is gone; what is known is never older than the dock's last word,
for a "safe to take" that is not true any more would be worse than nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from catalog.station_error import StationError
from docking_station.faces.board import BayView, StationView, label_order
from docking_station.faces.errors import DockNotRunning, DockSilent
from docking_station.faces.stream import SILENCE_S, Message, bay_view, listen, station_view

AGAIN_S = 1.0


def messages(path: Path, gone: Callable[[StationError], None]) -> Iterator[Message]:
    """What the dock tells, for ever; `gone` hears once why it cannot be heard, and it is joined again."""
    told_fault = ""
    while True:
        try:
            for message in listen(path):
                told_fault = ""
                yield message
            fault: StationError = DockNotRunning(path=path)
        except StationError as error:
            fault = error
        if told_fault != fault.code:
            told_fault = fault.code
            gone(fault)
        time.sleep(AGAIN_S)


class Follower:
    """What the dock told last; kept by a thread of its own. `labels` are the bays it ever told of."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._station: StationView | None = None
        self._bays: dict[str, BayView] = {}
        self._fault: StationError | None = None
        self._ready = False
        self._knows = threading.Event()
        self.labels: tuple[str, ...] = ()
        self.changes = 0

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, name="watch", daemon=True).start()

    def wait(self, most_s: float) -> None:
        """Return once the dock, or that it is not there, is known, or after so long."""
        self._knows.wait(most_s)

    def now(self) -> tuple[StationView | None, tuple[BayView, ...], StationError | None]:
        """Station, bays, and why there is nothing to show."""
        with self._lock:
            bays = tuple(self._bays[label] for label in sorted(self._bays, key=label_order))
            return (self._station, bays, None) if self._ready and self._fault is None else (None, (), self._fault)

    def _listen(self) -> None:
        for message in messages(self._path, self._gone):
            self._take(message)

    def _gone(self, fault: StationError) -> None:
        with self._lock:
            self._station, self._bays, self._ready, self._fault = None, {}, False, fault
            self.changes += 1
        self._knows.set()

    def _take(self, message: dict[str, Any]) -> None:
        with self._lock:
            if message["event"] == "station":
                self._station = station_view(message)
            elif message["event"] == "bay":
                self._bays[str(message["bay"])] = bay_view(message)
                self.labels = tuple(sorted({*self.labels, *self._bays}, key=label_order))
            elif message["event"] == "dropped":
                self._bays.pop(str(message["bay"]), None)
                self.labels = tuple(label for label in self.labels if label != str(message["bay"]))
            elif message["event"] == "ready":
                self._ready, self._fault = self._station is not None, None
                self._knows.set()
            elif message["event"] == "alive":
                late_s, known = message.get("beat_s") or 0.0, self._fault
                reason = f"no sign of life of its main loop for {late_s:.0f} s"
                self._fault = DockSilent(path=self._path, reason=reason) if late_s > SILENCE_S else None
                if (known is None) == (self._fault is None):
                    return
            else:
                return
            self.changes += 1
