"""What the house asks of a vault (保全库): put, find, open, extend, and nothing that alters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from vault.errors import BadAddress, SecretMissing

PlainDigest = Callable[[str, BinaryIO, int], str]
"""Of a key, what stands there, and its size in bytes: the digest of what that opens as; empty where it does not."""
DOCUMENT_BYTES_MAX = 64 << 20
"""The largest document that is read whole: a manifest, an act, a signature."""
KEYS = "keys"
"""The folder of a vault that holds the station's public keys."""
IsValid = Callable[[str, bytes], bool]
"""Of a signature's or time stamp's key, and bytes that stand there: whether they are one over what the key names."""
ILL_KEPT = {
    "lock": "a lock of this object",
    "linked": "a file of its own",
    "writable": "a file that nobody may write",
    "gone": "an object under its lock",
}
"""What is a fault of how a vault keeps an object, and what should be instead."""
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,7}")

NAMED = re.compile(
    r"(?:.*/)?(?:imports|originals|papers|manifests|recipes|released|wrapped)/../([0-9a-f]{64})(?:\.json)?"
)
"""Names that hold the SHA-256 of their bytes, or of what those open as."""


def is_key(name: str) -> bool:
    """Whether the house may have stored something under this name: `.DS_Store`, `@eaDir/…` and `.nfs…` are no keys."""
    return KEY.fullmatch(name) is not None


def valid_key(key: str) -> str:
    """The key, which must be one: no path that could lead elsewhere."""
    if not is_key(key):
        raise AssertionError(f"not a vault key: {key!r}")
    return key


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the vault tells of it (对象信息): no bytes were read for this. `on_legal_hold`: on legal hold too.

    `version` is what the storage calls these bytes where it keeps several under one key, else empty.
    """

    key: str
    size_bytes: int
    retain_until: datetime
    version: str = ""
    on_legal_hold: bool = False


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is odd about how an object is kept (异常), though its bytes were not read.

    `what` is `deleted` (a mark of deletion stands before it), `added` (another version stands beside it), `mended` (it
    was damaged: that version or file is kept), `missing` (one of several vaults lacks it; `version` is its address),
    `foreign` (a file of no key's name: a desktop, a network share or somebody left it there) or `modeless` (the file
    system keeps no modes, so that nothing in this folder is write-protected by one): no harm was done. Or it is one of
    `ILL_KEPT`, and `version` says what was found: `lock` (its lock is missing, or is no lock of it), `linked` (it is a
    link, or has another name), `writable`, or `gone` (only its lock is there).
    """

    key: str
    what: Literal["deleted", "added", "mended", "missing", "foreign", "modeless", "lock", "linked", "writable", "gone"]
    version: str


class Vault(Protocol):
    """Write-once storage. Keys are relative paths of ASCII letters, digits and `-_./`.

    Every member raises `VaultUnreachable` when the storage does not answer. `takes_files` says whether a put may make
    the very file it is given its own.
    """

    takes_files: bool

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Store the bytes at `path`, locked until `retain_until`.

        Returns only when they are durable, locked, and read back with `sha256`. May take over the file at
        `path`, which need not exist afterwards. The same bytes under the same key again is a success, with
        or without `path`; other bytes raise `KeyTaken`. A lock only grows.
        """

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Store a small document handed over in memory, with the promises of `put`."""

    def find(self, key: str) -> Stored | None:
        """What stands under `key`, or None."""

    def open(self, key: str) -> BinaryIO:
        """The bytes under `key`, for reading; raises `NotInVault`."""

    def extend(self, key: str, until: datetime) -> Stored:
        """Lengthen the lock; raises `LockTooShort` for an earlier day, `NotInVault`."""

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Put an object on legal hold (依法保留), or end that; held, it stays whatever its lock says.

        Raises `NotInVault`.
        """

    def discard(self, key: str, at: datetime) -> None:
        """Remove an object whose lock has ended at the trusted time `at`; raises `LockHolds` before, or on hold."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with the folder `prefix`, in order."""

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """Marks of deletion and of overwriting below the folder `prefix`; none where the storage has no such thing."""

    def sweep(self, before: datetime) -> int:
        """Clear away what uploads begun before that time left unfinished, bring what is owed; how many there were."""

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """The vaults this one is made of, with their addresses; one that is not made of others is its only copy."""


@runtime_checkable
class VersionsByDigest(Protocol):
    """A vault that may keep several locked versions under one key that names a digest, or is made of such."""

    def tell_by(self, digest: PlainDigest) -> None:
        """From now on the last version counts that opens as what its key names: by this digest, not that of its bytes.

        Where originals are encrypted, only who has their keys can tell a whole one from a damaged one.
        """


@runtime_checkable
class VersionsBySignature(Protocol):
    """A vault that keeps several versions under the key of a signature or time stamp, and is told how to judge them."""

    def judge_by(self, is_valid: IsValid) -> None:
        """From now on the last locked version counts that is valid."""


def read_document(vault: Vault, key: str, most_bytes: int = DOCUMENT_BYTES_MAX) -> bytes:
    """The bytes of a small document, at most so many; raises `NotInVault`, and what reading raises."""
    with vault.open(key) as file:
        return file.read(most_bytes)


class OneVault(Vault, Protocol):
    """A vault that keeps each object once."""

    def server_time(self) -> datetime | None:
        """What time it is by the storage's own clock; None where it has none but the station's."""

    def repair(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Put the right bytes in the place of a damaged or missing object; from now on they are the object.

        The damaged one is kept beside it and told as an oddity `mended`. Returns, and may be done twice, as `put`.
        Raises `CopyDiffers` where the file at `path` is not what it should be, `KeyTaken` where what stands there
        cannot be told from what should.
        """


class Backend(Protocol):
    """A kind of vault: opens an address `scheme:rest`."""

    scheme: str

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """The vault at that address; relative addresses start at `home`."""


def no_other(address: str) -> Vault:
    """Raise `BadAddress`: this vault is no part of another."""
    raise BadAddress(address=address)


def no_secret(name: str) -> str:
    """Raise `SecretMissing`: nothing hands out credentials."""
    raise SecretMissing(name=name, reason="nobody gave any")


@dataclass(frozen=True, slots=True)
class Options:
    """How a vault is opened.

    `immutable` asks a folder for the file system's own write protection where it has one. `lock_mode` is what object
    storage locks with: COMPLIANCE (nobody ends it) or GOVERNANCE. `secret` gives a credential by its name. Only
    with `make` is a vault made where there is none: a daemon must not begin a new one at an empty mount point. `other`
    opens a vault that is a part of this one, by its address.
    """

    immutable: bool
    lock_mode: str = "COMPLIANCE"
    secret: Callable[[str], str] = no_secret
    make: bool = False
    other: Callable[[str], Vault] = no_other
