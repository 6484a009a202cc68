"""What the dock looks after beside the bays (内务): do vault and catalog answer, is the clock right, is there room.

Two threads. Whatever they ask may be away for days; they say so on the board and ask again. The vault is asked in a
thread of its own: a network folder that hangs must not look like a dock that hangs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from catalog.errors import CatalogUnreachable
from catalog.station_error import StationError
from docking_station.dock.catalog_cache import CatalogCache
from docking_station.dock.record import DockingRecords
from docking_station.faces.board import Board, Why
from docking_station.station.logs import get_log
from docking_station.station.own_vault import OwnVault
from docking_station.station.station import Station, clock_word
from ingest.errors import ClockDoubted, ClockWrong
from ingest.finishing import Finisher
from ingest.spool import DiskSpool
from vault.errors import LockRefused, VaultFull, VaultUnreachable

ROUND_S = 2.0
PROBE_S = 15.0
SILENT_S = 30.0
"""A vault that has not answered after this is away."""
END_S = 5.0
SWEEP_S = 86_400.0
NOT_BELIEVED = (
    (
        "The clock is not believed: recorders are copied, nothing is sealed or cleared.",
        "Set it, or have two people confirm it: `evidock clock confirm`.",
    ),
    (
        "本站时钟不可信：记录仪照常采集，暂不入库、不清除。",
        "请校准时钟；如时钟无误，请由两人确认：`evidock clock confirm`。",
    ),
)
"""What a clock that is behind or doubted means at the dock, in both languages."""
HUNG_S = 300.0
"""A round that takes longer than this is no life any more."""


class Housekeeping:
    """Looks, round after round, at vault, catalog, clock and disk, and writes the station's view on the board."""

    def __init__(
        self,
        station: Station,
        board: Board,
        known: CatalogCache,
        vault: OwnVault,
        records: DockingRecords,
        finisher: Finisher,
        spool: DiskSpool,
    ) -> None:
        self._station, self._board, self._known, self._vault = station, board, known, vault
        self._records, self._finisher, self._spool = records, finisher, spool
        self._stopped, self._changed = threading.Event(), threading.Event()
        self._asked_at: float | None = None
        self._disk_fails = False
        self._sweeps_at = 0.0
        self._beat = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._asker = threading.Thread(target=self._ask, name="vault asked", daemon=True)

    def start(self) -> None:
        """Begin; the first round is done at once, so that a recorder that waits in its bay is known."""
        self._round()
        self._thread.start()
        self._asker.start()

    def stop(self) -> None:
        """End after the round in hand."""
        self._stopped.set()
        until = time.monotonic() + END_S
        for thread in (self._thread, self._asker):
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def alive(self) -> bool:
        """Whether rounds are still made."""
        return self._thread.is_alive() and time.monotonic() < self._beat + HUNG_S

    def take_changed(self) -> bool:
        """Whether register or policy changed since this was asked last."""
        if not self._changed.is_set():
            return False
        self._changed.clear()
        return True

    def failed(self, error: StationError) -> None:
        """A copy could not be finished; shown where the fault is the vault's or the catalog's."""
        if isinstance(error, CatalogUnreachable):
            self._note(catalog=Why.of(error))
        elif isinstance(error, VaultUnreachable | VaultFull | LockRefused):
            self._note(vault=Why.of(error))

    def answered(self) -> None:
        """A copy was finished: both answered."""
        self._note(vault=None, catalog=None)

    # ------------------------------------------------------------------ inside

    def _run(self) -> None:
        while not self._stopped.wait(ROUND_S):
            self._round()

    def _round(self) -> None:
        """Ask everything but the vault once."""
        self._safely(self._look_around)
        self._safely(lambda: self._try("catalog", self._catalog_answers))
        self._beat = time.monotonic()

    def _ask(self) -> None:
        while not self._stopped.is_set():
            self._safely(lambda: self._try("vault", self._vault_answers))
            self._stopped.wait(PROBE_S)

    def _safely(self, work: Callable[[], None]) -> None:
        """What does not answer is on the board; nothing here ends a thread."""
        try:
            work()
        except Exception:  # noqa: BLE001 - the threads' outermost loop: they must not end while the dock lives
            get_log().exception("housekeeping failed")

    def _try(self, what: str, ask: Callable[[], None]) -> None:
        before = getattr(self._board.station, what)
        try:
            ask()
        except StationError as error:
            why = Why.of(error)
            if before is None or before.code != why.code:
                get_log().warning(f"{what} away", error=error)
            self._note(**{what: why})
        else:
            if before is not None:
                get_log().info(f"{what} answers again")
            self._note(**{what: None})

    def _vault_answers(self) -> None:
        self._asked_at = time.monotonic()
        try:
            self._vault.demand()
        finally:
            self._asked_at = None
        with suppress(CatalogUnreachable, ClockWrong, ClockDoubted):  # each is asked for itself
            if self._station.journal.intended():
                with self._station.changing("acts", wait=True):
                    self._records.act_writer.catch_up()
            self._records.settle()
        if time.monotonic() >= self._sweeps_at:
            self._sweeps_at = time.monotonic() + SWEEP_S
            self._station.sweep()

    def _catalog_answers(self) -> None:
        self._station.database.demand()
        if self._known.refresh():
            self._changed.set()

    def _look_around(self) -> None:
        """What the station itself tells; a disk that fails is logged when it begins to."""
        asked_at = self._asked_at
        if asked_at is not None and time.monotonic() > asked_at + SILENT_S:
            self._note(vault=Why.of(VaultUnreachable(reason=f"no answer within {SILENT_S:g} s")))
        copies = self._finisher.open()
        doubt = self._station.clock_doubt()
        self._note(
            clock=clock_word(doubt),
            clock_why=None if doubt is None else Why(doubt.code, *NOT_BELIEVED),
            spool_held_bytes=sum(copy.source.size_bytes for copy in copies),
            unsealed=len(copies),
            oldest_unsealed_at=min((copy.since for copy in copies), default=None),
            policy_version=self._known.policy.version,
        )
        try:
            self._note(spool_free_bytes=self._spool.free_bytes(), held=len(self._station.journal.held()))
        except (StationError, OSError) as error:
            if not self._disk_fails:
                get_log().error("the station's disk fails", error=error)
            self._disk_fails = True
        else:
            self._disk_fails = False

    def _note(self, **changed: object) -> None:
        self._board.note(**changed)
