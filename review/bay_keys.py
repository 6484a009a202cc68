"""Who stands at a bay (仓位办理人): a key for a few minutes, in the forms of the page that was answered, nowhere else.

Shapes: 32 random bytes in base64url, known to this process alone. It is no session: the next page of the browser knows
nobody, and one key is good for one bay.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from catalog.rules.callers import Caller

KEPT_S, KEYS_MAX = 180.0, 64


class BayKeys:
    """The keys that were given out and are still good."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._known = dict[str, tuple[float, str, Caller]]()

    def give(self, bay: str, caller: Caller) -> str:
        """A new key for who is at a bay; the oldest goes where there are many."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._known[key] = (self._clock() + KEPT_S, bay, caller)
            while len(self._known) > KEYS_MAX:
                del self._known[next(iter(self._known))]
        return key

    def caller(self, key: str, bay: str) -> Caller | None:
        """Who it was given to, at that bay; None once it is too old. Whoever uses it has as long again."""
        with self._lock:
            until_s, its_bay, caller = self._known.get(key, (0.0, "", None))
            if caller is None or its_bay != bay or self._clock() >= until_s:
                return None
            self._known[key] = (self._clock() + KEPT_S, bay, caller)
            return caller
