"""Lines of many people written together (留痕合并提交): who waits for the disk waits once, not once for each before.

Shapes: whoever comes while nobody writes, writes in one transaction what waits by then; who comes meanwhile waits, and
is written with the next, by the one of them who waits longest. Each returns when its own lines are durable, or raises
why they are not. There is no thread of its own, so nothing is to be started or ended.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.trail.trail import Entry, append_all

if TYPE_CHECKING:
    from catalog.database import Database

CALLERS_MAX = 500
"""Of one transaction: another process that writes must not wait for long."""

Dated = Callable[[datetime], Sequence[Entry]]
"""The lines of one caller, once it is known when they are written."""


@dataclass(slots=True)
class _Waiting:
    """One caller: woken once the lines are written, or once it is for this one to write what waits."""

    lines: Dated
    woken: threading.Event = field(default_factory=threading.Event)
    is_done: bool = False
    error: Exception | None = None


class Together:
    """Writes lines for every thread of a process.

    `demand` raises where the clock is not believed, which may take long and so is asked before a transaction begins;
    `now` is asked within it, so that times go on.
    """

    def __init__(
        self, database: Callable[[], Database], demand: Callable[[], object], now: Callable[[], datetime]
    ) -> None:
        self._database, self._demand, self._now = database, demand, now
        self._lock, self._is_busy = threading.Lock(), False
        self._waiting = deque[_Waiting]()

    def write(self, lines: Dated) -> None:
        """Return when these lines are durable, all of them.

        Raises `CatalogUnreachable`, `TrailUnreadable`, and what `demand` raises.
        """
        mine = _Waiting(lines)
        with self._lock:
            self._waiting.append(mine)
            is_to_write, self._is_busy = not self._is_busy, True
        if not is_to_write:
            mine.woken.wait()
        if not mine.is_done:
            try:
                self._write_waiting()
            finally:
                self._let_go_on()
        if mine.error is not None:
            raise mine.error

    def _write_waiting(self) -> None:
        """Write what waits, of which the first is this caller's own."""
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), CALLERS_MAX))]
        try:
            self._write(taken)
        except BaseException:  # this thread is to end: the others go on by themselves
            with self._lock:
                self._waiting.extendleft(reversed([one for one in taken[1:] if not one.is_done]))
            raise

    def _write(self, some: Sequence[_Waiting]) -> None:
        """Write what these have, and wake them; where what one has can be no line, each writes alone."""
        try:
            self._demand()
            with self._database().transaction() as session:
                at = self._now()
                append_all(session, [entry for one in some for entry in one.lines(at)])
        except Exception as error:  # noqa: BLE001 - whatever it is, each who waited is told
            if len(some) > 1 and isinstance(error, (TypeError, ValueError)):
                for one in some:
                    self._write([one])
                return
            for one in some:
                one.error = error
        for one in some:
            one.is_done = True
            one.woken.set()

    def _let_go_on(self) -> None:
        """Have whoever waits longest write what waits."""
        with self._lock:
            self._is_busy = bool(self._waiting)
            if self._is_busy:
                self._waiting[0].woken.set()
