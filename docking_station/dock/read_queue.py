"""Taking turns at the station's disk and bus (排队): how many recorders are read at once, and how fast over all.

A bay asks for a turn for each file; where more ask than may, the most urgent gets it, then the one that was served
least. Shapes: safe to use from many threads. Units: bytes, seconds.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from catalog.rules.policy import Caps
from ingest.errors import Stopped
from ingest.priority import Urgency

LOOK_S = 0.5
"""A bay that waits looks this often whether it is still wanted, and whether the caps changed."""
MEGA = 1_000_000


class ReadQueue:
    """The one queue of a station; `caps` is asked every time, because the hour decides."""

    def __init__(self, caps: Callable[[], Caps]) -> None:
        self._caps = caps
        self._changed = threading.Condition()
        self._waiting: dict[int, tuple[Urgency, int, str]] = {}
        self._numbers = count()
        self._reading: set[str] = set()
        self._served: dict[str, int] = defaultdict(int)
        self._free_at = 0.0

    @contextmanager
    def turn(self, bay: str, urgency: Urgency, wanted: Callable[[], bool]) -> Iterator[None]:
        """Wait until this bay may read a file; raises `Stopped` once it is not `wanted` any more."""
        with self._changed:
            number = next(self._numbers)
            self._waiting[number] = (urgency, self._served[bay], bay)
            try:
                while not self._may(number):
                    if not wanted():
                        raise Stopped(path=bay)
                    self._changed.wait(LOOK_S)
                self._reading.add(bay)
            finally:
                del self._waiting[number]
                self._changed.notify_all()  # there may be room for the next one, too
        try:
            yield
        finally:
            with self._changed:
                self._reading.discard(bay)
                self._changed.notify_all()

    def spend(self, bay: str, size_bytes: int, wanted: Callable[[], bool]) -> None:
        """Count bytes that were read, and wait as long as the bandwidth over all bays asks for; raises `Stopped`."""
        with self._changed:
            self._served[bay] += size_bytes
            rate = self._caps().megabytes_per_s
            if rate is None or size_bytes <= 0:
                return
            now = time.monotonic()
            # Never in the past: an hour without reading gives no right to a burst.
            self._free_at = until = max(now, self._free_at) + size_bytes / (rate * MEGA)
        # Outside the lock: the others may count, ask and begin while this one waits.
        while (left := until - time.monotonic()) > 0:
            if not wanted():
                raise Stopped(path=bay)
            time.sleep(min(left, LOOK_S))

    def idle(self) -> bool:
        """Whether no bay reads, and none waits."""
        with self._changed:
            return not self._reading and not self._waiting

    def left(self, bay: str) -> None:
        """The bay is empty: what it was served counts no more."""
        with self._changed:
            self._served.pop(bay, None)

    def _may(self, number: int) -> bool:
        if len(self._reading) >= self._caps().copies:
            return False
        # The most urgent, then who was served least, then who came first.
        return number == min(self._waiting, key=lambda one: (*self._waiting[one], one))
