"""Clearing a docked recorder (清空执法记录仪): what is proven is erased, what stays is said with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.contract import DockedRecorder
from docking_station.dock.clearing_findings import counts, troubles
from docking_station.dock.docking_run import DockingRun
from docking_station.faces.metrics import Metrics
from docking_station.station.errors import CardDiffers
from docking_station.station.logs import Log
from ingest.clearing.erase import clear
from ingest.clearing.proof import ClearingDesk
from ingest.clearing.report import ClearingReport
from ingest.inventory import CLEARING


@dataclass
class Clearing:
    """Clears the card of a docked recorder, where the policy allows it."""

    desk: ClearingDesk
    log: Log
    metrics: Metrics
    clock_state: Callable[[], str]
    """How the station's clock is: `synchronised`, `free` or `wrong`."""

    def may_clear(self, run: DockingRun) -> bool:
        """Whether the policy lets anything be erased at all, and the station's clock can be relied on for it.

        A wrong clock says nothing true of any lock; days are counted only by one that is synchronised.
        """
        clearing = run.around.policy().clearing
        if clearing == "never":
            return False
        clock = self.clock_state()
        if clock == "wrong" or (clearing == "after-days" and clock != "synchronised"):
            self.log.warning("card not cleared", bay=run.bay, clearing=clearing, clock=clock)
            return False
        return True

    def clear(self, run: DockingRun, card: DockedRecorder) -> None:
        """Erase what is proven now; what stays, and why, goes into the log by its reasons."""
        assert run.found is not None
        report = clear(card, run.found.files, run.docking, replace(self.desk, stop=run.gone))
        run.measured.erased += len(report.erased)
        run.measured.erased_paths |= {one.path for one in report.erased}
        self.metrics.cleared(len(report.erased))
        run.measured.left = counts(report)
        reasons = sorted(run.measured.left)
        self.log.info("card cleared", bay=run.bay, erased=len(report.erased), left=len(report.left), reasons=reasons)
        for trouble in report.trouble:
            self.log.error("clearing troubled", bay=run.bay, code=trouble.code, what=trouble.en)
        self._tell_troubles(run, card, report)

    def _tell_troubles(self, run: DockingRun, card: DockedRecorder, report: ClearingReport) -> None:
        """Hold what a person must know of; take what the card holds otherwise than it was filed."""
        assert run.found is not None
        files = {source.shown: source for source in run.found.files}
        found = troubles(report, files, run.found.card)
        run.settle_clearing(tuple(files.values()))
        for source, error in found:
            self.metrics.error(error.code)
            self.log.error("not cleared", bay=run.bay, file=source.key, code=error.code)
            run.hold(f"{CLEARING}{source.key}", source.path, error)
            if isinstance(error, CardDiffers):
                run.take_other_bytes(source, card)
        run.measured.doubt = next((error for _, error in found), None)
