"""Locks of the station's own records (记录的锁定): keys, acts, imported lists and checkpoints are kept for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.database import Database
from catalog.rules.retention import months_later
from catalog.station_error import StationError
from ingest.custody.lock_requests import LockRequests
from ingest.custody.timestamps import FAILURES_MAX, stamp_key
from ingest.sealing import signature_key
from vault.contract import Vault, read_document
from vault.durable import on_disk
from vault.errors import NotInVault, VaultUnreachable

RECORDS = ("keys", "acts", "imports", "checkpoints")
RECORD_LEFT = timedelta(days=60)


@dataclass
class RecordLocks:
    """Keeps keys, acts, imported lists and checkpoints for ever, by locks that grow."""

    vault: Vault
    database: Database
    first_months: int
    requests: LockRequests = field(init=False)
    _until: dict[str, datetime] = field(default_factory=dict, init=False)
    _stamps: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Refusals are remembered in the same catalog."""
        self.requests = LockRequests(self.database)

    def roll_on(self, now: datetime, stopped: Callable[[], bool]) -> int:
        """Lengthen the locks of records, and of what proves them, before they end; how many grew.

        One that cannot be read keeps no other from it; raises the last thing that kept one, after all of them.
        """
        grown = failures = 0
        last: StationError | None = None
        self.requests.begin()
        for folder in RECORDS:
            for key in self.vault.keys(folder):
                if stopped():
                    return grown
                try:
                    grown += self._roll(key, now)
                    grown += self._roll(self._beside(folder, key), now)
                    failures = 0
                except (VaultUnreachable, NotInVault) as error:
                    failures, last = failures + 1, error
                if last is not None and failures == FAILURES_MAX:
                    raise last
        if last is not None:
            raise last
        return grown

    def _beside(self, folder: str, key: str) -> str:
        """What proves a record: the signature over an act, the time stamp over anything else, if there is one."""
        if folder == "acts":
            return signature_key(key.rsplit("-", 1)[-1].removesuffix(".json"))
        if folder == "imports":
            return key
        if key not in self._stamps:
            with on_disk(key):
                self._stamps[key] = stamp_key(hashlib.sha256(read_document(self.vault, key)).hexdigest())
        return self._stamps[key]

    def _roll(self, key: str, now: datetime) -> bool:
        known = self._until.get(key)
        if known is not None and known - now > RECORD_LEFT:
            return False
        stored = self.vault.find(key)
        if stored is None:
            return False
        until = max(stored.retain_until, months_later(now, self.first_months))
        if stored.retain_until - now > RECORD_LEFT:
            until = stored.retain_until
            self.requests.settle(key, "record", now)
        elif not self.requests.granted(key, "record", now, lambda: self.vault.extend(key, until)):
            return False
        self._until[key] = until
        return until > stored.retain_until
