"""A damaged copy of an original is repaired from a whole one (修复): beside the damaged, never in its stead.

The trail has a line before (`original.mending`) and one after (`original.mended`). The whole copy is read into a file,
which must have the digest of the seal; the vault it is put into keeps the damaged one, reads the new one back, and the
lock is that of the longer of both. What a crash cut off is found damaged or missing again and done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.database import Database
from catalog.keeping import fixity
from catalog.keeping.fixity import OriginalToRead
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from ingest.sealing import original_key
from vault import durable
from vault.contract import OneVault


@dataclass(frozen=True, slots=True)
class Bad:
    """A copy that does not read as sealed: the vault it is in, where that is, what was found."""

    address: str
    vault: OneVault
    fault: str


def key_of(one: OriginalToRead) -> str:
    """Where the vault keeps an original, or a scan."""
    return one.name if one.is_scan else original_key(one.sha256)


@contextmanager
def alone(scratch: Path) -> Iterator[None]:
    """Let nobody else repair by this folder: the dock and a command may meet here. Raises `VaultUnreachable`."""
    path = scratch.with_name(f"{scratch.name}.lock")
    with ExitStack() as stack:
        with durable.on_disk(path):
            durable.make_folder(scratch)
            stack.enter_context(durable.locked(path))
        yield


@dataclass(frozen=True)
class Repairer:
    """Repairs damaged copies of originals from whole ones; `scratch` is a folder of the station."""

    database: Database
    scratch: Path
    now: Callable[[], datetime]

    def repair(self, one: OriginalToRead, whole: OneVault, bad: Bad) -> str | None:
        """Repair one copy; return what kept it from being repaired, or None. Raises what the catalog raises."""
        # On the trail before anything is touched: killed on the way, the trail still says why there are two versions.
        self._tell(one, fixity.ORIGINAL_REPAIRING, copy=bad.address, fault=bad.fault)
        key = key_of(one)
        try:
            held, there = whole.find(key), bad.vault.find(key)
            if held is None:
                return f"{bad.address}: the whole copy went away"
            until = max(held.retain_until, there.retain_until) if there is not None else held.retain_until
            with alone(self.scratch), self._fetched(whole, one) as file:
                stored = bad.vault.repair(key, file, one.sha256, until)
            if held.on_legal_hold and not stored.on_legal_hold:
                stored = bad.vault.set_legal_hold(key, on=True)
        except StationError as error:
            return f"{bad.address}: {error.message()}"
        details = {"version": stored.version, "until": time_text(stored.retain_until)}
        self._tell(one, fixity.ORIGINAL_REPAIRED, copy=bad.address, fault=bad.fault, **details)
        return None

    def _tell(self, one: OriginalToRead, action: str, **details: object) -> None:
        with self.database.transaction() as session:
            fixity.tell(session, one.name, self.now(), action, **details)

    @contextmanager
    def _fetched(self, whole: OneVault, one: OriginalToRead) -> Iterator[Path]:
        """The whole copy in a file, synced; the vault that gets it compares its digest."""
        path = self.scratch / one.sha256
        try:
            with durable.on_disk(path, one.size_bytes):
                durable.make_folder(self.scratch)
                path.unlink(missing_ok=True)
                with whole.open(key_of(one)) as source:
                    durable.write_copy(path, source)
            yield path
        finally:
            path.unlink(missing_ok=True)
