"""What the house asks of a vault (保全库): put, find, open, extend, and nothing that alters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the vault tells of it (对象信息): no bytes were read for this."""

    key: str
    size_bytes: int
    retain_until: datetime


class Vault(Protocol):
    """Write-once storage. Keys are relative paths of ASCII letters, digits and `-_./`.

    Every member raises `VaultUnreachable` when the storage does not answer.
    """

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Store the bytes at `path`, locked until `retain_until`.

        Returns only when they are durable, locked, and read back with `sha256`. May take over the file at
        `path`, which need not exist afterwards. The same bytes under the same key again is a success, with
        or without `path`; other bytes raise `KeyTaken`. A lock only grows.
        """

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """The same for a small document handed over in memory."""

    def find(self, key: str) -> Stored | None:
        """What stands under `key`, or None."""

    def open(self, key: str) -> BinaryIO:
        """The bytes under `key`, for reading; raises `NotInVault`."""

    def extend(self, key: str, until: datetime) -> Stored:
        """Lengthen the lock; raises `LockTooShort` for an earlier day, `NotInVault`."""

    def discard(self, key: str, at: datetime) -> None:
        """Remove an object whose lock has ended at the trusted time `at`; raises `LockHolds` before that."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with the folder `prefix`, in order."""


class Backend(Protocol):
    """A kind of vault: opens an address `scheme:rest`."""

    scheme: str

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """The vault at that address; relative addresses start at `home`."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a vault is opened: `immutable` asks for the file system's own write protection where it has one.

    Only with `create` is a vault made where there is none: a daemon must not begin a new one at an empty mount point.
    """

    immutable: bool
    create: bool = False
