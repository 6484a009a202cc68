"""Locks of the station's own records (记录的锁定): keys, acts, imported lists and checkpoints are kept for ever.

Scans of written records are kept as long as the files of their cases: equal bytes for the longest of them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from catalog.cases import files, scans
from catalog.database import Database
from catalog.rules.retention import Keep, Retentions, months_later
from catalog.station_error import StationError
from ingest.custody.lock_requests import LockRequests
from ingest.custody.timestamps import FAILURES_MAX, stamp_key
from ingest.sealing import scan_key, scan_manifest_key, signature_key
from vault.contract import Vault, read_document
from vault.durable import on_disk
from vault.errors import NotInVault, VaultUnreachable

RECORDS = ("keys", "acts", "imports", "recipes", "checkpoints")
RECORD_LEFT = timedelta(days=60)


@dataclass
class RecordLocks:
    """Keeps keys, acts, imported lists and checkpoints for ever, by locks that grow."""

    vault: Vault
    database: Database
    first_months: int
    policy: Callable[[], Retentions] = Retentions
    """Every table of retention that was adopted, as signed."""
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
        return grown + self._roll_scans(now, stopped)

    def _roll_scans(self, now: datetime, stopped: Callable[[], bool]) -> int:
        grown, keeps = 0, defaultdict[str, list[tuple[Keep, datetime]]](list)
        every = scans.every(self.database)
        tables = self.policy() if every else Retentions()
        for scan, case in every:
            of_case = files.of_links([files.Linked(case, None)], partial(files.acts_of, self.database))
            keep = tables.keep(scan.at, (scan.at,), is_important=False, files=of_case, today=now.date())
            for key in (scan_key(scan.sha256), scan_manifest_key(scan.id), signature_key(scan.id)):
                keeps[key].append((keep, scan.at))
        for key, demanded in keeps.items():
            if stopped():
                break
            months = [months_later(at, keep) for keep, at in demanded if isinstance(keep, int)]
            grown += self._roll(key, now, max(months) if len(months) == len(demanded) else None)
        return grown

    def _beside(self, folder: str, key: str) -> str:
        """What proves a record: the signature over an act, the time stamp over anything else, if there is one."""
        if folder == "acts":
            return signature_key(key.rsplit("-", 1)[-1].removesuffix(".json"))
        if folder in ("imports", "recipes"):
            return key
        if key not in self._stamps:
            with on_disk(key):
                self._stamps[key] = stamp_key(hashlib.sha256(read_document(self.vault, key)).hexdigest())
        return self._stamps[key]

    def _roll(self, key: str, now: datetime, end: datetime | None = None) -> bool:
        """Lengthen one lock to its end; without one it rolls on. Whether it grew."""
        enough = now + RECORD_LEFT if end is None else end
        known = self._until.get(key)
        if known is not None and known >= enough:
            return False
        stored = self.vault.find(key)
        if stored is None:
            return False
        until = max(stored.retain_until, end or months_later(now, self.first_months))
        if stored.retain_until >= enough:
            until = stored.retain_until
            self.requests.settle(key, "record", now)
        elif not self.requests.granted(key, "record", now, lambda: self.vault.extend(key, until)):
            return False
        self._until[key] = until
        return until > stored.retain_until
