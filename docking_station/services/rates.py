"""How often something may be asked (频率限制): a bucket of tokens for each who asks, in the memory of one process.

Source: the token bucket of RFC 2697, with one rate. Shapes: `Rate(per_s, burst)` lets `burst` pass at once and `per_s`
a second ever after, for each key: an address, a person, an account. Whoever asked longest ago is forgotten first.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from docking_station.services.errors import TooMany

KEYS_MAX = 10_000


class Rate:
    """So much is let pass, asked from any thread. Sign-ins and their steps are limited with it."""

    def __init__(self, per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._lock, self._left = threading.Lock(), dict[str, tuple[float, float]]()

    def take(self, key: str) -> None:
        """Let one pass; raises `TooMany`, which says in how many seconds there is another."""
        with self._lock:
            left = self._now(key)
            if left < 1:
                raise TooMany(seconds=math.ceil((1 - left) / self._per_s))
            self._left[key] = (left - 1, self._clock())
            if len(self._left) > KEYS_MAX:
                self._left.pop(next(iter(self._left)))

    def give_back(self, key: str) -> None:
        """What was taken last was not used."""
        with self._lock:
            self._left[key] = (min(self._burst, self._now(key) + 1), self._clock())

    def _now(self, key: str) -> float:
        """What is left; the key is then the one that was asked about last."""
        left, at_s = self._left.pop(key, (self._burst, self._clock()))
        left = min(self._burst, left + (self._clock() - at_s) * self._per_s)
        self._left[key] = (left, self._clock())
        return left
