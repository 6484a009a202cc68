"""A watched folder as a bay that is always occupied (固定点位): fixed cameras, network shares, 4G uploads.

The same docking as a recorder's, again and again: whenever a file holds still, what holds still is copied and followed
to its receipts; if the policy allows it, and only against proofs, it is cleared from the folder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

from catalog.errors import StationError
from catalog.evidence import Docking
from devices.drops import DropWatch
from docking_station.bay import SOME_HELD, UNFORESEEN, House
from docking_station.board import BayView, State, Why
from docking_station.settings import Drop
from docking_station.visiting import Visiting
from ingest.errors import Stopped

WAIT_S = 2.0
AGAIN_S = 10.0
MODEL, TRANSPORT = "folder", "folder"


class DropBay:
    """See the module. Its label on the board is the recorder's name in the settings."""

    def __init__(self, drop: Drop, house: House, ending: threading.Event) -> None:
        self.visits: list[Visiting] = []
        self._drop, self._house, self._ending = drop, house, ending
        self._thread = threading.Thread(target=self._run, name=f"drop-{drop.recorder}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._show("empty")
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until the copy in hand has ended; `ending` is set by then."""
        self._thread.join(timeout_s)

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        with closing(DropWatch(self._drop.path, self._drop.still_s)) as watch:
            while not self._ending.is_set():
                try:
                    if watch.wait(WAIT_S):
                        self._dock(watch)
                    self._record(lambda visit: visit.finished())
                except Stopped:
                    break
                except StationError as error:
                    self._hold(error)
                except Exception:  # a bay's outermost loop: one folder must not end the others
                    self._house.log.exception("drop failed", bay=self._drop.recorder)
                    self._show("held", why=UNFORESEEN)
                    self._ending.wait(AGAIN_S)
        self._record(lambda _: True)

    def _dock(self, watch: DropWatch) -> None:
        self._house.demand_clock()
        around, bay = self._house.around, self._drop.recorder
        docking = Docking(bay, None, None, None, around.desk.now(), "dock", bay)
        visit = Visiting(around, bay, docking, self._ending)
        self.visits.append(visit)
        after = self._house.after
        self._show("waiting", recorder=bay)
        try:
            visit.list(watch)
            visit.take_all(watch)
            self._rest(visit)
            if after.may_clear(visit):
                while not visit.finished() and visit.wanted():
                    self._ending.wait(1.0)
                after.clear(visit, watch)
        finally:
            around.turns.left(bay)
            if not visit.copied and not visit.held:
                self.visits.remove(visit)

    def _record(self, over: Callable[[Visiting], bool]) -> None:
        """Write down the dockings that are over: their copies are filed, or the station ends."""
        for visit in [visit for visit in self.visits if over(visit)]:
            self._house.after.record(visit, MODEL, TRANSPORT)
            self.visits.remove(visit)

    # ------------------------------------------------------------------ the board

    def _rest(self, visit: Visiting) -> None:
        if visit.held:
            self._show("held", recorder=self._drop.recorder, held=visit.held, why=SOME_HELD)
        else:
            self._show("empty")

    def _hold(self, error: StationError) -> None:
        self._house.log.warning("drop held", bay=self._drop.recorder, code=error.code, error=error)
        self._show("held", why=Why.of(error))
        self._ending.wait(AGAIN_S)

    def _show(self, state: State, **more: Any) -> None:
        now, bay = self._house.around.desk.now(), self._drop.recorder
        view = BayView(bay=bay, port=str(self._drop.path), state=state, since=now, device=str(self._drop.path))
        self._house.show(replace(view, **more))
