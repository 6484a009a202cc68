"""What follows the copying of a recorder (采集之后): its clock, the clearing, and the record of the docking.

The record is an act: written down on the station's disk at once, carried out in vault and catalog when they answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from catalog.errors import StationError
from catalog.evidence import Clip, ClockOffset
from catalog.failures import CatalogUnreachable
from catalog.recorders import dockings
from catalog.recorders.dockings import DockingRecord, Recorded
from catalog.rules.gaps import Gap
from devices import clock
from devices.contract import DockedRecorder
from docking_station.dock.clearing_findings import counts, troubles
from docking_station.dock.docking_run import Measured, Visiting
from docking_station.faces.metrics import Metrics
from docking_station.station.errors import CardDiffers
from docking_station.station.logs import Log
from ingest.clearing.erase import clear
from ingest.clearing.proof import ClearingDesk
from ingest.clearing.report import ClearingReport
from ingest.custody.acts import Registrar
from ingest.gaps import gaps_of
from ingest.inventory import CLEARING, Inventory

SECOND_S = 1.0
"""A name tells whole seconds."""
CLIPS_ASKED_MAX = 200
"""So many clips of a card are asked how far its clock is off."""


@dataclass
class Afterwards:
    """See `docking_station.dock.bay.After`."""

    clearing: ClearingDesk
    registrar: Registrar
    noting: Callable[[], AbstractContextManager[None]]
    """Holds the station's lock for writing acts down."""
    log: Log
    metrics: Metrics
    clock_state: Callable[[], str]
    """How the station's clock is: `synchronised`, `free` or `wrong`."""

    def measure(self, visit: Visiting, card: DockedRecorder) -> None:
        """Ask the recorder its time; set it where the policy, the station's clock and the recorder allow it."""
        measured, desk = visit.measured, visit.around.desk
        measured.asked_at = desk.now()
        measured.device_time = card.clock()
        if measured.device_time is None or not visit.around.policy().set_clock:
            return
        station = clock.station_clock()
        offset = clock.judge(station, self._candidates(visit, measured)).offset
        setting = clock.may_set(station, offset, can=True)
        if setting.sets:
            done = card.set_clock(desk.now())
            measured.set_at = desk.now() if done else None
            self.log.info("recorder clock", bay=visit.bay, **setting.record(done))

    def may_clear(self, visit: Visiting) -> bool:
        """Whether the policy lets anything be erased at all, and the station's clock can be relied on for it.

        A wrong clock says nothing true of any lock; days are counted only by one that is synchronised.
        """
        clearing = visit.around.policy().clearing
        if clearing == "never":
            return False
        clock = self.clock_state()
        if clock == "wrong" or (clearing == "after-days" and clock != "synchronised"):
            self.log.warning("card not cleared", bay=visit.bay, clearing=clearing, clock=clock)
            return False
        return True

    def clear(self, visit: Visiting, card: DockedRecorder) -> None:
        """Erase what is proven now; what stays, and why, goes into the log by its reasons."""
        assert visit.found is not None
        report = clear(card, visit.found.files, visit.docking, self._clearing_desk(visit))
        visit.measured.erased += len(report.erased)
        visit.measured.erased_paths |= {one.path for one in report.erased}
        self.metrics.cleared(len(report.erased))
        visit.measured.left = counts(report)
        reasons = sorted(visit.measured.left)
        self.log.info("card cleared", bay=visit.bay, erased=len(report.erased), left=len(report.left), reasons=reasons)
        for trouble in report.trouble:
            self.log.error("clearing troubled", bay=visit.bay, code=trouble.code, what=trouble.en)
        self._tell_troubles(visit, card, report)

    def _tell_troubles(self, visit: Visiting, card: DockedRecorder, report: ClearingReport) -> None:
        """Hold what a person must know of; take what the card holds otherwise than it was filed."""
        assert visit.found is not None
        files = {source.shown: source for source in visit.found.files}
        found = troubles(report, files, visit.found.card)
        visit.settle_clearing(tuple(files.values()))
        for source, error in found:
            self.metrics.error(error.code)
            self.log.error("not cleared", bay=visit.bay, file=source.key, code=error.code)
            visit.hold(f"{CLEARING}{source.key}", source.path, error)
            if isinstance(error, CardDiffers):
                visit.take_other_bytes(source, card)
        visit.measured.doubt = next((error for _, error in found), None)

    def record(self, visit: Visiting, model: str, transport: str) -> None:
        """Write the docking down; a catalog that is away gets it later."""
        if visit.found is None:
            return
        self.metrics.docked()
        measured = visit.measured
        station = clock.station_clock()
        offset = clock.judge(station, self._candidates(visit, measured)).offset
        found, desk = visit.found, visit.around.desk
        now = desk.now()
        record = DockingRecord(
            id=uuid.uuid4().hex,
            recorder=found.card,
            bay=visit.bay,
            begins_at=visit.docking.at,
            ends_at=now,
            model=model,
            transport=transport,
            files=len(found.files) + len(found.later),
            size_bytes=sum(source.size_bytes for source in (*found.files, *found.later)),
            filed=visit.filed,
            held=visit.held,
            clock=offset,
            clock_set_at=measured.set_at,
            station_clock=self.clock_state(),
            gaps=self._gaps(found, visit),
            cleared=measured.erased,
            left=tuple(measured.left.items()),
        )
        self.log.info(
            "docking over",
            bay=visit.bay,
            recorder=record.recorder,
            files=record.files,
            taken=len(visit.taken),
            unsealed=len(visit.pending),
            held=record.held,
            gaps=len(record.gaps),
            seconds=round((now - record.begins_at).total_seconds(), 1),
        )
        try:
            with self.noting():
                self.registrar.note(dockings.docked(record, at=now, actor=visit.docking.by))
        except StationError as error:  # also one of another act that waits: this one is written down before those
            self.log.error("docking not carried out yet", bay=visit.bay, error=error)

    # ------------------------------------------------------------------ inside

    def _clearing_desk(self, visit: Visiting) -> ClearingDesk:
        return replace(self.clearing, stop=visit.gone)

    def _candidates(self, visit: Visiting, measured: Measured) -> list[ClockOffset]:
        """Every way in which this docking tells how far the recorder's clock is off."""
        found: list[ClockOffset | None] = []
        if measured.device_time is not None and measured.asked_at is not None:
            at, uncertainty_s = measured.device_time
            found.append(clock.from_device(at, measured.asked_at, uncertainty_s))
        found.append(clock.from_gps(list(self._pairs(visit))))
        found.append(clock.from_newest_file(self._readings(visit), visit.docking.at))
        return [one for one in found if one is not None]

    def _pairs(self, visit: Visiting) -> Iterator[clock.GpsPair]:
        """Starts of clips that satellites and the recorder's clock both tell."""
        journal = visit.around.desk.journal
        for source in visit.taken[-CLIPS_ASKED_MAX:]:
            clip = journal.recall(source.key, Clip)
            claims = clip.claims if clip is not None else ()
            told = {one.source: one for one in claims if one.value is not None and one.refers_to == "start"}
            if "gps" in told and "name" in told:
                gps, name = told["gps"], told["name"]
                assert gps.value is not None
                assert name.value is not None
                yield clock.GpsPair(gps.value, name.value, gps.uncertainty_s + SECOND_S)

    def _readings(self, visit: Visiting) -> Iterator[clock.Reading]:
        """What the names on the card say of the recorder's clock."""
        for source in (*visit.found.files, *visit.found.later) if visit.found is not None else ():
            for claim in visit.around.desk.examiner.name(source).claims:
                if claim.value is not None:
                    yield clock.Reading(claim.value, SECOND_S)

    def _gaps(self, found: Inventory, visit: Visiting) -> tuple[Gap, ...]:
        """What is missing on the card; while the catalog is away, without what was filed before.

        Of a recorder that was taken out before its whole card was looked at, nothing can be said to be missing.
        """
        if found.later:
            return ()
        earlier: Sequence[Recorded] = ()
        with suppress(CatalogUnreachable):
            earlier = dockings.filed_before(self.registrar.database, found.card)
        desk = visit.around.desk
        return gaps_of(found.files, desk.examiner, desk.journal, earlier)
