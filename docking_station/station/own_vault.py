"""A vault that may be away (保全库暂不可用): opened when it answers, asked before every write whether it is still ours.

A folder that is not mounted looks like an empty folder. A daemon that lives for months must never begin a new vault in
silence there; so before anything is stored, the station's own public key has to be found where `init` put it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from vault.backends.encrypted import EncryptedVault
from vault.contract import Oddity, OneVault, Stored, Vault
from vault.errors import VaultUnreachable


class OwnVault:
    """A `vault.contract.Vault` over one that is opened at first use. `own_key` must stand in it."""

    takes_files = True
    """It may be one that does."""

    def __init__(self, opened: Callable[[], Vault], own_key: str) -> None:
        self._open, self._own_key = opened, own_key
        self._vault: Vault | None = None
        self._lock = threading.Lock()

    def demand(self) -> Vault:
        """The vault, surely ours; raises `VaultUnreachable`."""
        with self._lock:
            if self._vault is None:
                self._vault = self._open()
            vault = self._vault
        if vault.find(self._own_key) is None:
            raise VaultUnreachable(reason=f"{self._own_key}, which `init` put there, is not in it")
        return vault

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Store a file, locked and read back; other bytes under its key raise `KeyTaken`."""
        return self.demand().put(key, path, sha256, retain_until)

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Store a small document, locked and read back."""
        return self.demand().put_document(key, body, retain_until)

    def reserve_key(self, key: str, until: datetime) -> str | None:
        """Reserve a wrapped key for what will be put; None where the vault encrypts nothing."""
        vault = self.demand()
        return vault.reserve_key(key, until) if isinstance(vault, EncryptedVault) else None

    def find(self, key: str) -> Stored | None:
        """What stands under `key`, or None."""
        return self.demand().find(key)

    def open(self, key: str) -> BinaryIO:
        """The bytes under `key`, for reading; raises `NotInVault`."""
        return self.demand().open(key)

    def extend(self, key: str, until: datetime) -> Stored:
        """Lengthen a lock; raises `LockTooShort` for an earlier day."""
        return self.demand().extend(key, until)

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Put an object on legal hold, or end that."""
        return self.demand().set_legal_hold(key, on)

    def discard(self, key: str, at: datetime) -> None:
        """Remove an object whose lock has ended; raises `LockHolds` before."""
        self.demand().discard(key, at)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below the folder `prefix`, in order."""
        return self.demand().keys(prefix)

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """What below the folder `prefix` is not as the vault keeps it."""
        return self.demand().oddities(prefix)

    def sweep(self, before: datetime) -> int:
        """Clear away unfinished uploads, bring what is owed; return how many there were."""
        return self.demand().sweep(before)

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """The vaults this one is made of, with their addresses."""
        return self.demand().copies()
