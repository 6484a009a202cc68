"""What the dock does when nobody asks (日常维护): checkpoints, time stamps, locks that roll on, scrub, backup.

One thread, one job after the other, each at its own pace; whatever is away is asked again at the next turn. `round` is
the one function to call; `start` calls it until `stop`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from catalog.keeping import storage_refusals
from catalog.keeping.fixity import STATION_ACTOR
from catalog.rules.retention import Retentions
from catalog.station_error import StationError
from docking_station.derived.removal import forget_all
from docking_station.derived.scratch import sweep
from docking_station.faces.metrics import Metrics
from docking_station.services.backup import back_up, disk_here, last_backup
from docking_station.services.backup_errors import NoBackupDisk
from docking_station.services.checkpoints import checkpoint_due, write_checkpoint
from docking_station.services.search import bring_due
from docking_station.services.vault_check import scrubber
from docking_station.station.identity import caller_of_process
from docking_station.station.logs import get_log
from docking_station.station.station import Station
from ingest.custody.disposal import Disposer
from ingest.custody.record_locks import RecordLocks
from ingest.custody.retention import OriginalLocks
from ingest.custody.signed_records import SignedRecords
from vault.contract import Vault

TURN_S = 15.0
SCRUB_S = 60.0
INDEX_S = 10.0
STAMPS_MAX = 500
END_S = 5.0
MINUTE, HOUR = 60.0, 3600.0
BACKUP_EVERY = timedelta(hours=20)


@dataclass
class Job:
    """One thing to do every so many seconds; `failing` is the code of what it last ended with."""

    name: str
    every_s: float
    work: Callable[[], object]
    next_at: float = 0.0
    failing: str | None = field(default=None)


class Upkeep:
    """One thread that does what is due: checkpoints, time stamps, locks that roll on, the scrub."""

    def __init__(
        self, station: Station, vault: Vault, retentions: Callable[[], Retentions], metrics: Metrics | None = None
    ) -> None:
        self._station, settings, self._metrics = station, station.settings, metrics
        self._stop = threading.Event()
        database, months = station.database, settings.lock_months
        signed = SignedRecords(vault, database, lambda: station.trusted)
        self._locks = OriginalLocks(vault, database, months, retentions, signed)
        self._record_locks = RecordLocks(vault, database, months, signed.retentions)
        disposer = Disposer(vault, database, retentions, signed, self._locks)
        self._scrubber = scrubber(station, vault, self._stop)
        self._jobs = (
            Job("checkpoint", 5 * MINUTE, self._checkpoint),
            Job("time stamps", MINUTE, self._stamps),
            Job("disposals", HOUR, lambda: disposer.finish(station.now())),
            Job("derived files", HOUR, self._derived),
            Job("retention", HOUR, self._keep_originals),
            Job("records", 24 * HOUR, self._keep_records),
            Job("backup", HOUR, self._back_up),
            Job("search index", TURN_S, lambda: bring_due(station, INDEX_S)),
            Job("scrub", TURN_S, self._scrub),
        )
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._backing_up: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a reading in hand is given up and made anew another time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(END_S)

    def round(self) -> None:
        """Do every job whose time has come; what fails is logged once and tried again at its next turn."""
        for job in self._jobs:
            if self._stop.is_set() or time.monotonic() < job.next_at:
                continue
            try:
                self._station.demand_clock()
                job.work()
            except StationError as error:
                if job.failing != error.code:
                    get_log().warning("upkeep failed", job=job.name, error=error)
                job.failing = error.code
            except Exception:  # noqa: BLE001 - a job's outermost guard: one that breaks must not starve those after it
                get_log().exception("upkeep failed", job=job.name)
            else:
                job.failing = None
            job.next_at = time.monotonic() + job.every_s

    def _run(self) -> None:
        while not self._stop.wait(TURN_S):
            try:
                self.round()
            except Exception:  # noqa: BLE001 - this thread's outermost loop: it must not end while the dock lives
                get_log().exception("upkeep failed")

    def _checkpoint(self) -> None:
        if checkpoint_due(self._station):
            kept = write_checkpoint(self._station)
            if kept is not None:
                get_log().info("checkpoint signed", key=kept.key)

    def _keep_originals(self) -> None:
        self._locks.keep_all(self._station.now(), self._stop.is_set)
        self._tell("vault refused", self._locks.requests.refused)
        self._tell("catalog not believed", self._locks.disagreeing)
        self._count_refusals()

    def _keep_records(self) -> None:
        self._record_locks.roll_on(self._station.now(), self._stop.is_set)
        self._tell("vault refused", self._record_locks.requests.refused)
        self._count_refusals()

    def _tell(self, event: str, errors: Sequence[StationError]) -> None:
        """What a pass met is told in the log, once a pass, and counted."""
        for error in errors:
            get_log().error(event, error=error, hint=error.hint())
            if self._metrics is not None:
                self._metrics.error(error.code)

    def _count_refusals(self) -> None:
        if self._metrics is not None:
            self._metrics.refused({one.what: one.count for one in storage_refusals.refused(self._station.database)})

    def _stamps(self) -> None:
        timestamper = self._station.timestamper
        if timestamper is not None:
            done = timestamper.catch_up(STAMPS_MAX, self._stop.is_set)
            if done:
                get_log().info("time stamps added", count=done)

    def _derived(self) -> None:
        """What was derived from originals that are gone, and what workers that died left half made."""
        sweep(self._station.settings.derived)
        forget_all(self._station, STATION_ACTOR, self._stop.is_set)

    def _back_up(self) -> None:
        """Once a day, onto a disk that is meant for it where one is here; the first one may take hours."""
        last, at = last_backup(self._station.home), self._station.now()
        if (last is not None and at - last < BACKUP_EVERY) or (self._backing_up and self._backing_up.is_alive()):
            return
        with suppress(NoBackupDisk):
            self._backing_up = threading.Thread(
                target=self._write_backup, args=(disk_here(),), name="backup", daemon=True
            )
            self._backing_up.start()

    def _write_backup(self, disk: Path) -> None:
        try:
            done = back_up(self._station, caller_of_process(), disk)
        except StationError as error:
            get_log().error("backup failed", error=error, hint=error.hint())
        except Exception:  # noqa: BLE001 - this thread's outermost guard
            get_log().exception("backup failed")
        else:
            get_log().info("backed up", set=str(done.set), objects=done.objects, damaged=len(done.damaged))

    def _scrub(self) -> None:
        done = self._scrubber.round(SCRUB_S)
        for sha256, fault in done.damaged:
            get_log().error("original damaged", sha256=sha256, fault=fault)
        for sha256, fault in done.repaired:
            get_log().error("original repaired", sha256=sha256, fault=fault)
