"""Reading every original again within a set period (巡检): not faster than allowed, the most overdue first.

The catalog remembers when each was read, so a scrub goes on where it was stopped. What differs is read a second time
before it is called damaged; a vault that does not answer is no damage.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import readings
from catalog.database import Database
from catalog.readings import Unread
from ingest.copying import both_digests
from ingest.proof import forget_cached, vault_reader
from ingest.sealing import original_key
from vault.contract import Vault
from vault.errors import NotInVault

BATCH = 100
READS = 2


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What a round came to: originals read, bytes, and those found damaged."""

    read: int
    size_bytes: int
    damaged: tuple[tuple[str, str], ...]


@dataclass
class Scrubber:
    """See the module. `every`: how old a reading may be; `bytes_per_s`: how fast it may read; `stop` ends a round."""

    vault: Vault
    database: Database
    every: timedelta
    bytes_per_s: float
    stop: threading.Event
    now: Callable[[], datetime]

    def round(self, seconds: float, before: datetime | None = None) -> Scrubbed:
        """Read what is overdue (or was last read before that time), until nothing is or so many seconds have gone.

        An original that was begun is ended.
        """
        until, read, size_bytes, damaged = time.monotonic() + seconds, 0, 0, list[tuple[str, str]]()
        while time.monotonic() < until and not self.stop.is_set():
            batch = readings.overdue(self.database, before or self.now() - self.every, BATCH)
            if not batch:
                break
            for one in batch:
                fault = self._fault(one)
                if self.stop.is_set():
                    break
                self._note(one, fault)
                read, size_bytes = read + 1, size_bytes + one.size_bytes
                if fault is not None:
                    damaged.append((one.sha256, fault))
                if time.monotonic() >= until:
                    break
        return Scrubbed(read, size_bytes, tuple(damaged))

    def _note(self, one: Unread, fault: str | None) -> None:
        with self.database.transaction() as session:
            readings.note(session, one.sha256, self.now(), fault)

    def _fault(self, one: Unread) -> str | None:
        """What is wrong with an original: the same question twice, where the first answer is not good."""
        fault = None
        for _ in range(READS):
            fault = self._read(one)
            if fault is None or self.stop.is_set():
                return None
        return fault

    def _read(self, one: Unread) -> str | None:
        began, done = time.monotonic(), 0

        def pace(count: int) -> None:
            nonlocal done
            done += count
            self.stop.wait(max(0.0, began + done / self.bytes_per_s - time.monotonic()))

        try:
            with self.vault.open(original_key(one.sha256)) as file:
                with suppress(OSError, ValueError):
                    forget_cached(file.fileno())
                plain = vault_reader(file)
                digest, size_bytes = both_digests(
                    lambda buffer: 0 if self.stop.is_set() else plain(buffer), one.size_bytes, pace
                )
        except NotInVault:
            return "missing"
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        if size_bytes != one.size_bytes:
            return f"{size_bytes} bytes instead of {one.size_bytes}"
        if (digest.sha256, digest.sm3) != (one.sha256, one.sm3):
            return f"reads as SHA-256 {digest.sha256}"
        return None
