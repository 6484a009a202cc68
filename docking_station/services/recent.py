"""Answers that are believed for a while (近期结果): of questions that cost seconds, asked by pages again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from catalog.station_error import StationError
from docking_station.services.case_register import next_limits, wanting_cases
from docking_station.services.completeness import Checked, Running, check_cases
from docking_station.services.dispose import due_clips
from docking_station.services.health import Facts
from docking_station.services.health_facts import HealthProbes, gather
from docking_station.station.station import Station

Answer = TypeVar("Answer")
FACTS_S, LIMITS_S, LONG_S, DUE_MAX = 60.0, 60.0, 300.0, 100
SHARE, LATE, QUICK_S = 20, 4, 0.5
"""At most a part in so many of the time is spent on one question; so many times what it holds an answer may be late."""


class Recent(Generic[Answer]):
    """An answer that is believed for `for_s`, or `SHARE` times as long as it took to find.

    Who asks while one is looked for waits for it. One that took long is looked for again behind the page that asked,
    which is told the one before, up to `LATE` times as late: no page waits twice for what takes a minute.
    """

    def __init__(self, ask: Callable[[], Answer], for_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._least_s, self._clock, self._lock = ask, for_s, clock, threading.Lock()
        self._found: _Found[Answer] | None = None

    def __call__(self) -> Answer:
        """Return it; raises what the question raises, where there is no answer yet, or none that is young enough."""
        found = self._found
        if found is not None:
            late_s = self._clock() - found.until_s
            if late_s <= 0:
                return found.answer
            if found.took_s > QUICK_S and late_s <= LATE * found.for_s:
                if self._lock.acquire(blocking=False):
                    threading.Thread(target=self._look_behind, name="recent", daemon=True).start()
                return found.answer
        with self._lock:
            return self._look_up().answer if self._found is found or self._found is None else self._found.answer

    def _look_behind(self) -> None:
        try:
            with suppress(StationError):  # who asks once the old one is too old is told
                self._look_up()
        finally:
            self._lock.release()

    def _look_up(self) -> _Found[Answer]:
        began_s = self._clock()
        answer, now_s = self._ask(), self._clock()
        for_s = max(self._least_s, SHARE * (now_s - began_s))
        self._found = found = _Found(answer, now_s - began_s, for_s, now_s + for_s)
        return found


@dataclass(frozen=True, slots=True)
class _Found(Generic[Answer]):
    answer: Answer
    took_s: float
    for_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Answers:
    """What pages ask of a station: health, limits of running cases, what is found of cases, how many clips are due.

    `due` ends at `DUE_MAX`, which then means: so many or more.
    """

    facts: Recent[Facts]
    limits: Recent[Mapping[str, Running]]
    checked: Recent[tuple[Checked, ...]]
    wanting: Recent[frozenset[str]]
    due: Recent[int]

    @classmethod
    def of(cls, station: Station) -> Answers:
        """Nothing is asked yet."""
        return cls(
            Recent(lambda: gather(station, HealthProbes(signs=False)), FACTS_S),
            Recent(lambda: next_limits(station), LIMITS_S),
            Recent(lambda: check_cases(station), LONG_S),
            Recent(lambda: wanting_cases(station), LONG_S),
            Recent(lambda: len(due_clips(station, DUE_MAX)[0]), LONG_S),
        )
