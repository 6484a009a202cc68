"""What is being made for somebody who waits (制作中): one after the other, in a thread of this process, with its share.

Shapes: a making is known by the thing it is for; a second one of the same is refused while the first goes on. What this
process forgets when it ends is begun again by whoever wanted it: nothing counts before it is in the register.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from catalog.station_error import StationError
from docking_station.station.logs import get_log

KNOWN_MAX = 100
Work = Callable[[Callable[[float], None]], object]


@dataclass
class Making:
    """How far one is; `error`: why it ended without a result."""

    share: float = 0.0
    is_over: bool = False
    error: StationError | None = None


class Makings:
    """The makings of a process."""

    def __init__(self) -> None:
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._known = dict[str, Making]()

    def start(self, about: str, work: Work) -> bool:
        """Begin; False where one for the same thing goes on."""
        with self._lock:
            found = self._known.get(about)
            if found is not None and not found.is_over:
                return False
            making = self._known[about] = Making()
            over = [name for name, one in self._known.items() if one.is_over]
            for name in over[: max(0, len(self._known) - KNOWN_MAX)]:
                del self._known[name]
        threading.Thread(target=self._run, args=(making, work), name="making", daemon=True).start()
        return True

    def of(self, about: str) -> Making | None:
        """The making for a thing, while it goes on, or where it failed."""
        with self._lock:
            found = self._known.get(about)
        return None if found is None or (found.is_over and found.error is None) else found

    def _run(self, making: Making, work: Work) -> None:
        def progress(share: float) -> None:
            making.share = share

        try:
            with self._turn:
                work(progress)
        except StationError as error:
            making.error = error
        except Exception:  # noqa: BLE001 - this thread's outermost loop: the next one must be made
            get_log().exception("making failed")
        finally:
            making.is_over = True
