"""A watched folder as a bay that is always occupied (固定点位): fixed cameras, network shares, 4G uploads.

The same docking as a recorder's, again and again: whenever a file holds still, what holds still is copied. A docking
ends, and is recorded, when all of it has its receipts and, if the policy allows it and only against proofs, it was
cleared from the folder; or when more has come meanwhile. So a vault that is away never keeps the folder waiting.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Any

from catalog.rules.recognition import Witness
from catalog.station_error import StationError
from devices.drops import DropWatch
from docking_station.dock.bay import SOME_HELD, UNFORESEEN, BayDesk
from docking_station.dock.docking_run import DockingRun
from docking_station.dock.second_look import known_files, read_again
from docking_station.faces.board import BayView, State, Why
from docking_station.station.settings import Drop
from ingest.errors import Stopped

WAIT_S = 2.0
AGAIN_S = 10.0
MODEL, TRANSPORT = "folder", "folder"


def drop_bays(drops: Iterable[Drop], desk: BayDesk, ending: threading.Event) -> list[DropBay]:
    """A bay for each folder, called by its recorder; another folder of the same recorder is `GATE-01@2`."""
    counted: Counter[str] = Counter()
    made = []
    for drop in drops:
        counted[drop.recorder] += 1
        number = counted[drop.recorder]
        label = drop.recorder if number == 1 else f"{drop.recorder}@{number}"
        made.append(DropBay(label, drop, desk, ending))
    return made


class DropBay:
    """One watched folder, shown and read like a bay that is always occupied."""

    def __init__(self, label: str, drop: Drop, desk: BayDesk, ending: threading.Event) -> None:
        self.label = label
        self.docking_run: DockingRun | None = None
        self._drop, self._desk, self._ending = drop, desk, ending
        self._is_open = self._is_undone = self._is_troubled = False
        self._thread = threading.Thread(target=self._run, name=f"drop-{label}", daemon=True)

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
                self._safely(lambda: self._look(watch))
            self._safely(self._end)

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            pass
        except StationError as error:
            self._hold(error)
        except Exception:  # a bay's outermost loop: one folder must not end the others
            self._desk.log.exception("drop failed", bay=self.label)
            self._trouble(UNFORESEEN)

    def _look(self, watch: DropWatch) -> None:
        if watch.wait(WAIT_S) or self._is_undone:
            self._dock(watch)
        elif not self._ending.is_set():
            if self._is_troubled:
                self._rest()
            self._follow(watch)

    def _dock(self, watch: DropWatch) -> None:
        """List and copy; what is cut off by a fault is undone, and begun anew whether something new comes or not."""
        self._end()
        self._is_undone = True
        self._desk.demand_apart(self._drop.path)
        around, bay, recorder = self._desk.around, self.label, self._drop.recorder
        docking = self._desk.docking(recorder, bay)
        run = self.docking_run = DockingRun(around, bay, docking, self._ending, (Witness("folder", recorder),))
        self._is_open = True
        self._show("waiting", recorder=recorder)
        try:
            run.list(watch)
            run.take_all(watch)
        finally:
            around.read_queue.left(bay)
        self._is_undone = False
        self._rest()

    def _follow(self, watch: DropWatch) -> None:
        """Nothing new: clear what has its receipts by now, end the docking; then look again at what was known."""
        run, clearing = self.docking_run, self._desk.clearing
        if run is None or not run.finished():
            return
        if not self._is_open:
            read_again(run, watch, known_files(run, never_read=True)[:1])
            self._is_open = not run.finished()
            return
        if clearing.may_clear(run):
            clearing.clear(run, watch)
        self._end()

    def _end(self) -> None:
        """The docking is over; one that came to nothing leaves no record: a folder is looked through all day."""
        run, is_open, self._is_open = self.docking_run, self._is_open, False
        if run is not None and is_open and (run.taken or run.held or run.measured.erased):
            self._desk.records.write(run, MODEL, TRANSPORT)

    # ------------------------------------------------------------------ the board

    def _rest(self) -> None:
        self._is_troubled = False
        run = self.docking_run
        if run is not None and run.held:
            self._show("held", recorder=self._drop.recorder, held=run.held, why=SOME_HELD)
        else:
            self._show("empty", unsealed=0 if run is None else len(run.pending))

    def _hold(self, error: StationError) -> None:
        self._desk.log.warning("drop held", bay=self.label, code=error.code, error=error)
        self._trouble(Why.of(error))

    def _trouble(self, why: Why) -> None:
        self._is_troubled = True
        self._show("held", why=why)
        self._ending.wait(AGAIN_S)

    def _show(self, state: State, **more: Any) -> None:
        now = self._desk.around.desk.now()
        view = BayView(bay=self.label, port=str(self._drop.path), state=state, since=now, device=str(self._drop.path))
        self._desk.show(replace(view, **more))
