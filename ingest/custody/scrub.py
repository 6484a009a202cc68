"""Reading every original again within a set period (巡检): not faster than allowed, the most overdue first.

The catalog remembers when each was read, so a scrub goes on where it was stopped. Of several vaults each copy is read.
What differs is read a second time before it is called damaged, and then repaired from a copy that is whole, if there is
one (`ingest/custody/repair.py`); a vault that does not answer is no damage, but one that answers and cannot read an
object is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.database import Database
from catalog.keeping import fixity
from catalog.keeping.fixity import OriginalToRead
from catalog.rules.clock import CLOCK_SLACK
from catalog.station_error import StationError
from ingest.copying import both_digests, forget_cached
from ingest.custody.repair import Bad, Repairer, key_of
from ingest.custody.repair_documents import DocumentRepairer
from ingest.custody.verification import vault_reader
from vault.contract import OneVault, Vault
from vault.errors import NotInVault

BATCH = 100
READS = 2


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What a round came to: originals read, bytes, those that stay damaged, and those that were repaired."""

    read: int
    size_bytes: int
    damaged: tuple[tuple[str, str], ...]
    repaired: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FixityResult:
    """What a look at one original came to: what was wrong, and whether that was repaired."""

    fault: str | None
    is_repaired: bool


@dataclass
class Scrubber:
    """Reads every original again.

    `every`: how old a reading may be; `bytes_per_s`: how fast it may read; `stop` ends a round.
    `scratch` is a folder with room for an original that is repaired.
    """

    vault: Vault
    database: Database
    every: timedelta
    bytes_per_s: float
    stop: threading.Event
    now: Callable[[], datetime]
    scratch: Path
    papers: DocumentRepairer | None = None
    """Looks after the manifests of what is read, their signatures and time stamps."""

    def round(self, seconds: float, before: datetime | None = None) -> Scrubbed:
        """Read what is overdue (or was last read before that time), until nothing is or so many seconds have gone.

        An original that was begun is ended.
        """
        until, read, size_bytes = time.monotonic() + seconds, 0, 0
        damaged, repaired = list[tuple[str, str]](), list[tuple[str, str]]()
        while time.monotonic() < until and not self.stop.is_set():
            ahead = self.now() + CLOCK_SLACK  # a reading later than that was noted by a clock that was ahead
            batch = fixity.overdue(self.database, before or self.now() - self.every, BATCH, ahead=ahead)
            if not batch:
                break
            for one in batch:
                looked = self.look(one)
                if self.stop.is_set():
                    break
                read, size_bytes = read + 1, size_bytes + one.size_bytes
                if looked.fault is not None:
                    (repaired if looked.is_repaired else damaged).append((one.name, looked.fault))
                if time.monotonic() >= until:
                    break
        return Scrubbed(read, size_bytes, tuple(damaged), tuple(repaired))

    def look(self, one: OriginalToRead) -> FixityResult:
        """Read every copy of an original and of its papers, repair what can be, note it; nothing once `stop` is set."""
        copies = self.vault.copies()
        looked = self._original(one, copies)
        if self.papers is None or self.stop.is_set():
            return looked
        papers = () if one.is_scan else tuple(self.papers.look(one.sha256, copies))
        faults = [fault for fault in (looked.fault, *(paper.fault for paper in papers)) if fault is not None]
        is_repaired = (looked.fault is None or looked.is_repaired) and all(paper.is_repaired for paper in papers)
        return FixityResult("; ".join(faults), is_repaired) if faults else looked

    def _original(self, one: OriginalToRead, copies: Sequence[tuple[str, OneVault]]) -> FixityResult:
        faults = {address: self._fault(copy, one) for address, copy in copies}
        found = {address: fault for address, fault in faults.items() if fault is not None}
        if self.stop.is_set():
            return FixityResult(None, is_repaired=False)
        if not found:
            self._note(one, None)
            return FixityResult(None, is_repaired=False)
        if not fixity.is_kept(self.database, one.name):  # disposed of since it was listed: not damaged, gone
            return FixityResult(None, is_repaired=False)
        summary = "; ".join(found.values() if len(copies) == 1 else (f"{fault} in {at}" for at, fault in found.items()))
        self._note(one, summary)
        # Noted as damaged before the repair is tried, so that a repair that breaks off leaves it standing as damaged.
        whole = next((copy for address, copy in copies if address not in found), None)
        if whole is None:
            return FixityResult(summary, is_repaired=False)
        repairer = Repairer(self.database, self.scratch, self.now)
        results = [repairer.repair(one, whole, Bad(at, copy, found[at])) for at, copy in copies if at in found]
        why = "; ".join(result for result in results if result is not None)
        self._note(one, f"{summary}; not repaired: {why}" if why else None)
        return FixityResult(f"{summary}; not repaired: {why}" if why else summary, is_repaired=not why)

    def _note(self, one: OriginalToRead, fault: str | None) -> None:
        with self.database.transaction() as session:
            fixity.note(session, one.name, self.now(), fault)

    def _fault(self, copy: Vault, one: OriginalToRead) -> str | None:
        """What is wrong with a copy: the same question twice, where the first answer is not good."""
        fault = None
        for _ in range(READS):
            fault = self._read(copy, one)
            if fault is None or self.stop.is_set():
                return None
        return fault

    def _read(self, copy: Vault, one: OriginalToRead) -> str | None:
        began, done = time.monotonic(), 0

        def pace(count: int) -> None:
            nonlocal done
            done += count
            self.stop.wait(max(0.0, began + done / self.bytes_per_s - time.monotonic()))

        try:
            with copy.open(key_of(one)) as file:
                with suppress(OSError, ValueError):
                    forget_cached(file.fileno())
                plain = vault_reader(file)
                digest, size_bytes = both_digests(
                    lambda buffer: 0 if self.stop.is_set() else plain(buffer), one.size_bytes, pace
                )
        except NotInVault:
            return "missing"
        except StationError as error:
            next(iter(copy.keys("keys")), None)  # raises where it is the vault that is away, or lets nobody in
            return f"cannot be read: {error.facts.get('reason') or error.message()}"
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        if size_bytes != one.size_bytes:
            return f"{size_bytes} bytes instead of {one.size_bytes}"
        if (digest.sha256, digest.sm3) != (one.sha256, one.sm3):
            return f"reads as SHA-256 {digest.sha256}"
        return None
