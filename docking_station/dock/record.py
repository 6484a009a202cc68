"""The record of a docking (采集记录): what was taken, what is missing, how the clocks were, what was cleared.

It is kept on the station's disk at once; signed, as an act, when the clock is believed and the catalog has said so; and
carried out in vault and catalog when they answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from catalog.errors import CatalogUnreachable
from catalog.evidence import SinceStart
from catalog.recorders import dockings
from catalog.recorders.dockings import DockingRecord, Recorded
from catalog.rules.clock import Reading
from catalog.rules.gaps import Gap
from catalog.station_error import StationError
from devices import clock
from docking_station.dock.clock import candidates
from docking_station.dock.docking_run import DockingRun
from docking_station.faces.metrics import Metrics
from docking_station.station.logs import Log
from ingest.custody.acts import ActWriter
from ingest.gaps import gaps_of
from ingest.inventory import Inventory
from ingest.journal_memory import OwedDocking


@dataclass
class DockingRecords:
    """Writes down each docking, with what seemed to be missing."""

    act_writer: ActWriter
    noting: Callable[[], AbstractContextManager[None]]
    """Holds the station's lock for writing acts down."""
    log: Log
    metrics: Metrics
    clock_state: Callable[[], str]
    """How the station's clock is: `synchronised`, `free` or `wrong`."""
    reading: Callable[[], Reading]

    def write(self, run: DockingRun, model: str, transport: str) -> None:
        """Write the docking down; a catalog that is away gets it later."""
        if run.found is None:
            return
        self.metrics.docked()
        measured = run.measured
        station = clock.station_clock()
        offset = clock.judge(station, candidates(run)).offset
        found, desk = run.found, run.around.desk
        now = desk.now()
        record = DockingRecord(
            id=uuid.uuid4().hex,
            recorder=found.card,
            bay=run.bay,
            begins_at=run.docking.at,
            ends_at=now,
            model=model,
            transport=transport,
            files=len(found.files) + len(found.later),
            size_bytes=sum(source.size_bytes for source in (*found.files, *found.later)),
            filed=run.filed,
            held=run.held,
            clock=offset,
            clock_set_at=measured.set_at,
            station_clock=self.clock_state(),
            gaps=self._gaps(found, run),
            cleared=measured.erased,
            left=tuple(measured.left.items()),
        )
        self.log.info(
            "docking over",
            bay=run.bay,
            recorder=record.recorder,
            files=record.files,
            taken=len(run.taken),
            unsealed=len(run.pending),
            held=record.held,
            gaps=len(record.gaps),
            seconds=round((now - record.begins_at).total_seconds(), 1),
        )
        undated = None
        if run.docking.undated is not None:
            reading = self.reading()
            undated = (run.docking.undated, SinceStart(reading.boot, reading.uptime_s))
        try:
            desk.journal.owe_docking(OwedDocking(record, run.docking.by, undated))
            self.settle()
        except StationError as error:  # also one of another act that waits: this one is written down before those
            self.log.error("docking not carried out yet", bay=run.bay, error=error)

    def settle(self) -> None:
        """Sign the records that are owed: of dockings that ended while the clock was not believed, or nobody signed."""
        journal = self.act_writer.journal
        if not journal.owed_dockings():
            return
        with self.noting():
            for owed in journal.owed_dockings():
                now = self.reading()
                act = dockings.docked(owed.dated(now), at=now.at, actor=owed.by)
                self.act_writer.note(act, owed)

    def _gaps(self, found: Inventory, run: DockingRun) -> tuple[Gap, ...]:
        """What is missing on the card; while the catalog is away, without what was filed before.

        Of a recorder that was taken out before its whole card was looked at, nothing can be said to be missing.
        """
        if found.later:
            return ()
        earlier: Sequence[Recorded] = ()
        with suppress(CatalogUnreachable):
            earlier = dockings.filed_before(self.act_writer.database, found.card)
        desk = run.around.desk
        return gaps_of(found.files, desk.examiner, desk.journal, earlier)
