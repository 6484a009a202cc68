"""Time stamps that are owed, and catching up with them (时间戳补办): manifests, opinions, checkpoints, keys.

Nothing is written down of what is owed: it is what the catalog and the vault know and the vault holds no stamp over. A
stamp lies under `timestamps/`, beside its document by name, and is locked as long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from catalog.database import Database
from catalog.rules.legal_review import OPINION
from catalog.station_error import StationError
from ingest.custody.checkpoints import CHECKPOINTS
from ingest.sealing import manifest_key, scan_manifest_key
from vault.contract import Vault, read_document
from vault.durable import on_disk
from vault.errors import ClocksDisagree, KeyTaken, NotInVault, TimestampBad, VaultUnreachable

if TYPE_CHECKING:
    from vault.timestamp import Authority, Stamp

TIMESTAMPS = "timestamps"
HISTORY = "keys/history"
OPINIONS = "SELECT its.id FROM paper_scan AS its JOIN paper ON paper.id = its.paper WHERE paper.code = :code"
"""Opinions of legal reviews (法制审核意见书), by the manifests of their PDF."""
FAILURES_MAX = 3
"""So many documents in a row that get no stamp, and the authority is left alone for now."""
APART_MAX = timedelta(minutes=5)
"""Clocks further apart than this are told of; a stamp may take a while on its way, and no more."""


def stamp_key(sha256: str) -> str:
    """Where the vault keeps the time stamp over a document of that digest."""
    return f"{TIMESTAMPS}/{sha256[:2]}/{sha256}.tsr"


@dataclass
class Timestamper:
    """Knows which documents have their stamp; asks the vault once and then remembers."""

    vault: Vault
    database: Database
    authority: Authority
    now: Callable[[], datetime]
    _stamped: set[str] | None = field(default=None, init=False)
    _others: dict[str, str] = field(default_factory=dict, init=False)
    _refused: str = field(default="", init=False)

    def owed(self) -> list[str]:
        """The keys of the documents without a stamp."""
        stamped = self._known()
        manifests = (str(row["sha256"]) for row in self.database.query("SELECT sha256 FROM manifest", {}))
        owed = [manifest_key(sha256) for sha256 in manifests if sha256 not in stamped]
        opinions = (str(row["id"]) for row in self.database.query(OPINIONS, {"code": OPINION}))
        owed += [scan_manifest_key(sha256) for sha256 in opinions if sha256 not in stamped]
        return owed + [key for key in chain(*map(self.vault.keys, (CHECKPOINTS, HISTORY))) if self._lacks(key, stamped)]

    def catch_up(self, most: int, stopped: Callable[[], bool]) -> int:
        """Stamp at most so many of what is owed; how many were. Raises what kept the last of them from it.

        Raises `ClocksDisagree` once all is done, where a stamp states another time than the station's clock.
        """
        done = failures = 0
        last: StationError | None = None
        apart: ClocksDisagree | None = None
        for key in self._in_turn(self.owed())[:most]:
            if stopped():
                break
            try:
                apart = self._stamp(key) or apart
            except NotInVault:
                continue  # a manifest on its way, or a fault `clips verify` tells
            except StationError as error:
                failures, last, self._refused = failures + 1, error, key
                if failures == FAILURES_MAX or not isinstance(error, TimestampBad):
                    break
            else:
                done, failures = done + 1, 0
        last = last or apart
        if last is not None:
            raise last
        return done

    def _in_turn(self, owed: list[str]) -> list[str]:
        """Behind the one that was refused last, and round: three that are always refused starve no others."""
        at = owed.index(self._refused) + 1 if self._refused in owed else 0
        return owed[at:] + owed[:at]

    def _stamp(self, key: str) -> ClocksDisagree | None:
        """What is to be told of the clocks. Raises `NotInVault` for what is missing, or is not what its name says."""
        apart = None
        stored = self.vault.find(key)
        if stored is None:
            raise NotInVault(key=key)
        body = self._read(key)
        sha256 = hashlib.sha256(body).hexdigest()
        if key.startswith("manifests/") and key != manifest_key(sha256):
            raise NotInVault(key=key)
        where = stamp_key(sha256)
        if self.vault.find(where) is None:
            stamp = self.authority.stamp(body)
            apart = self._apart(stamp)
            try:
                self.vault.put_document(where, stamp.body, stored.retain_until)
            except KeyTaken:  # another program of this station stamped it meanwhile
                self.authority.check(self._read(where), body)
        self._known().add(sha256)
        return apart

    def _apart(self, stamp: Stamp) -> ClocksDisagree | None:
        ours = self.now()
        if abs(ours - stamp.at) <= APART_MAX:
            return None
        return ClocksDisagree(ours=ours.isoformat(timespec="seconds"), theirs=stamp.at.isoformat(timespec="seconds"))

    def _known(self) -> set[str]:
        if self._stamped is None:
            self._stamped = {key.rsplit("/", 1)[-1].removesuffix(".tsr") for key in self.vault.keys(TIMESTAMPS)}
        return self._stamped

    def _lacks(self, key: str, stamped: Set[str]) -> bool:
        """Whether a document has no stamp; one that cannot be read counts as owed, and fails in its turn alone."""
        try:
            return self._digest(key) not in stamped
        except VaultUnreachable:
            return True

    def _digest(self, key: str) -> str:
        """The SHA-256 of a document that is not named by it; each is read once."""
        if key not in self._others:
            self._others[key] = hashlib.sha256(self._read(key)).hexdigest()
        return self._others[key]

    def _read(self, key: str) -> bytes:
        with on_disk(key):
            return read_document(self.vault, key)
