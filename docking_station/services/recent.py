"""Answers that are believed for a while (近期结果): of questions that cost seconds, asked by pages again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from docking_station.services.case_register import next_limits, wanting_cases
from docking_station.services.completeness import Checked, Running, check_cases
from docking_station.services.dispose import due_clips
from docking_station.services.health import Facts
from docking_station.services.health_facts import HealthProbes, gather
from docking_station.station.station import Station

Answer = TypeVar("Answer")
FACTS_S, LIMITS_S, LONG_S, DUE_MAX = 60.0, 60.0, 300.0, 100


class Recent(Generic[Answer]):
    """An answer that is `for_s` old at most; who asks while it is looked for waits for what is found."""

    def __init__(self, ask: Callable[[], Answer], for_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._for_s, self._clock, self._lock = ask, for_s, clock, threading.Lock()
        self._found: tuple[float, Answer] | None = None

    def __call__(self) -> Answer:
        """Return it."""
        with self._lock:
            if self._found is None or self._clock() > self._found[0] + self._for_s:
                found = self._ask()
                self._found = self._clock(), found
            return self._found[1]


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
        checked = Recent(lambda: check_cases(station), LONG_S)
        return cls(
            Recent(lambda: gather(station, HealthProbes(signs=False)), FACTS_S),
            Recent(lambda: next_limits(station), LIMITS_S),
            checked,
            Recent(lambda: wanting_cases(station, checked()), LONG_S),
            Recent(lambda: len(due_clips(station, DUE_MAX)[0]), LONG_S),
        )
