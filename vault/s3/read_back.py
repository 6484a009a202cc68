"""Proving that an object is what was put, and locked as it should be (回读核对): nothing a server says is believed."""

from __future__ import annotations

from datetime import datetime

from vault.contract import Stored
from vault.errors import KeyTaken, LockHolds, LockRefused, VaultUnreachable
from vault.s3.bucket import Bucket, Head
from vault.s3.reading import digest_of
from vault.s3.responses import Lock, Version
from vault.s3.wire import Refused, Wire

READS = 4


class Proving:
    """Proves that an object is what was put, and locked as it should be; `mode` is what is locked with."""

    def __init__(self, wire: Wire, bucket: Bucket, mode: str) -> None:
        self._wire, self._bucket, self._mode = wire, bucket, mode

    def demand_bytes(self, key: str, version: Version, sha256: str) -> None:
        """Read the whole object; only two readings that agree are believed to say something else."""
        # One wrong reading may be the fault of the line: plain HTTP has no check sum. Two that agree are the object's.
        seen = set[str]()
        for tried in range(1, READS + 1):
            try:
                found = digest_of(self._wire, version.name, version.version, version.size_bytes)
            except VaultUnreachable:
                if tried == READS:
                    raise
                self._wire.pause(tried)
                continue
            if found == sha256:
                return
            if found in seen:
                raise KeyTaken(key=key, expected=sha256, found=found)
            seen.add(found)
        raise VaultUnreachable(reason=f"{key} reads otherwise every time")

    def locked(self, key: str, version: Version, head: Head, until: datetime) -> Stored:
        """Set the lock unless it is there, and read it back whatever the server said."""
        if not self._is_enough(head.lock, until):
            # Some servers drop the lock that came with the put and answer 200 all the same.
            reason: str | tuple[object, ...] = "none"
            try:
                self._bucket.lock(version.name, version.version, Lock(self._mode, until))
            except Refused as error:
                reason = str(error)
            head = self._bucket.head(version.name, version.version)
            if head.lock is not None and head.lock.until < until:
                reason = (head.lock.until, f"({reason})")
            if not self._is_enough(head.lock, until):
                raise LockRefused(key=key, expected=(self._mode, until), found=reason)
        assert head.lock is not None
        return Stored(key, version.size_bytes, head.lock.until, version.version, head.on_legal_hold)

    def _is_enough(self, lock: Lock | None, until: datetime) -> bool:
        """Whether a lock is as long and as strong as it should be."""
        return lock is not None and lock.until >= until and lock.mode in ("COMPLIANCE", self._mode)


def demand_free(key: str, head: Head, at: datetime, *, known: bool = True) -> None:
    """Raise `LockHolds` unless the lock has ended and nobody has put the object on hold."""
    if head.on_legal_hold:
        raise LockHolds(key=key, held="somebody ends the legal hold")
    if head.lock is None and known:
        raise LockHolds(key=key, held="an unknown day")
    if head.lock is not None and at < head.lock.until:
        raise LockHolds(key=key, held=head.lock.until)
