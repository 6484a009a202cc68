"""The vault on object storage: nothing the server says is believed before it was read back.

Source: the promises of `vault.contract.Vault`; S3 Object Lock.
Shapes: a key may have several versions, and marks of deletion; which of them is the object, `vault.s3.versions` tells.
Other versions, whoever made them, are seen through and told as oddities. Every put ends with the digest of the object
read over the wire and with its lock asked for (`vault.s3.read_back`); what the server dropped is set again.
"""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote
from zlib import crc32

from vault.contract import KEY, IsValid, Oddity, OneVault, PlainDigest, Stored, valid_key
from vault.errors import (
    BucketUnfit,
    DisposalDenied,
    KeyTaken,
    LockRefused,
    LockTooShort,
    NotInVault,
    VaultDenied,
    VaultUnreachable,
)
from vault.s3.bucket import Bucket, Head
from vault.s3.read_back import Proving, demand_free
from vault.s3.reading import ObjectReader
from vault.s3.responses import Lock, Version
from vault.s3.uploading import Copy, Uploader
from vault.s3.versions import BUFFER_BYTES, VersionChoice
from vault.s3.wire import Refused, Wire

LANES = 64
ENCRYPTED = frozenset({"AES256", "aws:kms", "aws:kms:dsse"})
"""What a server that encrypts says of an object; a bucket may have a stronger rule of its own."""
HINTS_MAX = 200_000
HINT_S = 120.0
"""How many objects a listing may leave behind for the next look at each, and for how long."""
NEVER = datetime.min.replace(tzinfo=UTC)
"""What counts as the lock of an object without one."""


class ObjectVault:
    """A bucket with Object Lock, with the promises of `vault.contract.Vault`."""

    takes_files = False

    def __init__(self, wire: Wire, lock_mode: str, disposer: Callable[[], Wire | None] = lambda: None) -> None:
        """`disposer` gives the wire of the key that may remove versions, where that is another."""
        self._disposer = disposer
        self._wire, self._address, self._mode = wire, wire.address, lock_mode
        self._bucket = Bucket(wire)
        self._uploader = Uploader(self._bucket)
        self._lanes = [threading.Lock() for _ in range(LANES)]
        self._checking = threading.Lock()
        self._is_fit = False
        self._choice = VersionChoice(wire, self._bucket)
        self._proving = Proving(wire, self._bucket, lock_mode)
        self._hints = dict[str, tuple[float, tuple[Version, ...]]]()

    def make(self) -> None:
        """Make the bucket if it is not there, and demand what it must be able to; raises `BucketUnfit`."""
        with self._door("bucket"):
            if not self._bucket.exists():
                self._bucket.make()
            self._demand_fit()

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Upload, unless the object is there; then read back. The file is removed at the end."""
        name = self._name(key)
        with self._door(key), self._lane(key):
            self._demand_fit()
            # Looked for first: a second version of the same bytes would be locked for years beside the first.
            if not self._versions(name):
                if not path.exists():
                    raise NotInVault(key=key)
                copy = Copy(path, path.stat().st_size, sha256)
                self._uploader.put_file(name, copy, Lock(self._mode, retain_until))
                self._demand_encrypted(name)
            stored = self._proven(key, sha256, retain_until)
            # Only now: until the object was read back, the file in the spool is the only copy that is known to be good.
            path.unlink(missing_ok=True)
            return stored

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Store a small document handed over in memory, with the promises of `put`."""
        name = self._name(key)
        with self._door(key), self._lane(key):
            self._demand_fit()
            if not self._versions(name):
                self._uploader.put_body(name, body, Lock(self._mode, retain_until))
                self._demand_encrypted(name)
            return self._proven(key, hashlib.sha256(body).hexdigest(), retain_until)

    def find(self, key: str) -> Stored | None:
        """Size and lock of the object; without a lock it counts as locked until year 1."""
        with self._door(key):
            versions = self._hinted(self._name(key))
            if not versions:
                return None
            version, head = self._choice.first(versions)
            until = head.lock.until if head.lock else NEVER
            return Stored(key, version.size_bytes, until, version.version, head.on_legal_hold)

    def open(self, key: str) -> BinaryIO:
        """The object as a file, every request naming its version."""
        with self._door(key):
            versions = self._hinted(self._name(key))
            if not versions:
                raise NotInVault(key=key)
            version = versions[0] if len(versions) == 1 else self._choice.first(versions)[0]
            reader = ObjectReader(self._wire, version.name, version.version, version.size_bytes)
            return io.BufferedReader(reader, BUFFER_BYTES)

    def extend(self, key: str, until: datetime) -> Stored:
        """Set a later lock."""
        with self._door(key), self._lane(key):
            version, head = self._object(key)
            if head.lock is not None and until < head.lock.until:
                raise LockTooShort(key=key, held=head.lock.until, asked=until)
            return self._proving.locked(key, version, head, until)

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Set or end the legal hold, and read it back."""
        with self._door(key), self._lane(key):
            version, head = self._object(key)
            if head.on_legal_hold != on:
                self._bucket.set_legal_hold(version.name, version.version, on)
                head = self._bucket.head(version.name, version.version)
                if head.on_legal_hold != on:
                    raise LockRefused(key=key, expected=f"legal hold {on}", found=f"legal hold {head.on_legal_hold}")
            until = head.lock.until if head.lock else NEVER
            return Stored(key, version.size_bytes, until, version.version, head.on_legal_hold)

    def discard(self, key: str, at: datetime) -> None:
        """Remove every version, the object itself last; one that nobody locked is not removed."""
        with self._door(key), self._lane(key):
            history = self._bucket.history(self._name(key))
            versions = tuple(version for version in history if not version.is_marker)
            if versions:
                first, head = self._choice.first(versions)
                demand_free(key, head, at)
                others = [version for version in versions if version != first]
                for version in others:
                    demand_free(key, self._bucket.head(version.name, version.version), at, known=False)
                # The object last: a removal that breaks off leaves the object, and the next one goes on with the rest.
                versions = (*others, first)
            bucket = self._bucket if (wire := self._disposer()) is None else Bucket(wire)
            for version in (*(one for one in history if one.is_marker), *versions):
                self._remove(bucket, key, version)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below the folder that has an object, deleted or not as the server sees it; no strangers' names."""
        for name, listed in groupby(self._listed(prefix), key=lambda version: version.name):
            versions = tuple(version for version in listed if not version.is_marker)
            if versions and KEY.fullmatch(self._address.key(name)):
                self._hints[name] = time.monotonic(), versions[::-1]
                if len(self._hints) > HINTS_MAX:
                    self._hints.pop(next(iter(self._hints)), None)
                yield self._address.key(name)

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """Marks of deletion, versions besides the object itself, and whatever stands under a name that is no key."""
        for name, listed in groupby(self._listed(prefix), key=lambda version: version.name):
            history, key = tuple(listed)[::-1], self._address.key(name)
            if not KEY.fullmatch(key):
                yield from (Oddity(quote(key), "added", version.version) for version in history)
                continue
            versions = tuple(version for version in history if not version.is_marker)
            with self._door(key):
                first = self._choice.first(versions)[0] if len(versions) > 1 else None
                before = versions[: versions.index(first)] if first is not None else ()
                found = [
                    Oddity(key, self._choice.what(version, before), version.version)
                    for version in history
                    if version.is_marker or first not in (None, version)
                ]
            yield from found

    def sweep(self, before: datetime) -> int:
        """Give up uploads that were begun before that time."""
        with self._door("uploads"):
            folder = f"{self._address.folder}/" if self._address.folder else ""
            old = [upload for upload in self._bucket.uploads(folder) if upload.begun_at < before]
            denied = list[VaultDenied]()
            for upload in old:
                try:
                    self._bucket.abort(upload.name, upload.upload)
                except VaultDenied as error:  # one keeps nothing from the others
                    denied.append(error)
            if denied:
                raise denied[0]
            return len(old)

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """Itself."""
        return ((f"s3:{self._address.netloc}/{self._address.bucket}", self),)

    def server_time(self) -> datetime | None:
        """The server's."""
        with self._door("bucket"), suppress(ValueError, KeyError):
            return parsedate_to_datetime(self._wire.ask("HEAD", None).headers["date"]).astimezone(UTC)
        return None

    def tell_by(self, digest: PlainDigest) -> None:
        """Let the last version count that opens as what its key names, by this digest."""
        self._choice.tell_by(digest)

    def judge_by(self, is_valid: IsValid) -> None:
        """Let the last locked version count that is valid, by this judge."""
        self._choice.judge_by(is_valid)

    def repair(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Put another version, locked as long, unless one that reads right is there; the damaged one stays."""
        name = self._name(key)
        with self._door(key), self._lane(key):
            self._demand_fit()
            self._choice.forget()
            versions = self._versions(name)
            if versions and not self._choice.can_tell(name):
                raise KeyTaken(key=key, expected=sha256, found="other bytes")
            right = self._choice.right(versions, sha256)
            if right is None:
                known = frozenset(version.version for version in versions)
                # A condition `If-None-Match` would refuse the new version: one stands there, and it cannot be removed.
                uploader = Uploader(Bucket(self._wire, is_conditional=not versions), known)
                uploader.put_file(name, Copy(path, path.stat().st_size, sha256), Lock(self._mode, retain_until))
                right = self._choice.right(
                    tuple(one for one in self._versions(name) if one.version not in known), sha256
                )
            if right is not None:  # only what is locked is the object, and servers drop locks
                head = self._bucket.head(right.name, right.version)
                self._proving.locked(
                    key, right, head, max(head.lock.until, retain_until) if head.lock else retain_until
                )
            stored = self._proven(key, sha256, retain_until)
            path.unlink(missing_ok=True)
            return stored

    # ------------------------------------------------------------------ inside

    def _name(self, key: str) -> str:
        return self._address.name(valid_key(key))

    def _lane(self, key: str) -> threading.Lock:
        """Let one thread at a time write under a key: equal files come at the same time."""
        self._hints.pop(self._name(key), None)
        return self._lanes[crc32(key.encode()) % LANES]

    def _demand_fit(self) -> None:
        """Refuse, before the first write, a bucket that says of itself that it keeps no locks."""
        with self._checking:
            if not self._is_fit:
                self._bucket.demand_lock()
                self._is_fit = True

    def _demand_encrypted(self, name: str) -> None:
        """What was just put must be encrypted where that was asked for; `init` puts the first object."""
        if not self._address.is_encrypting:
            return
        for version in self._versions(name)[:1]:
            said = self._bucket.head(version.name, version.version).encryption
            if said not in ENCRYPTED:
                raise BucketUnfit(
                    bucket=self._address.bucket,
                    what=f"sse=s3 was asked for and {name} is not encrypted ({said or 'the server says nothing'})",
                    what_zh=f"要求 sse=s3，但 {name} 未加密（{said or '服务器未作说明'}）",
                )

    def _versions(self, name: str) -> tuple[Version, ...]:
        return tuple(version for version in self._bucket.history(name) if not version.is_marker)

    def _object(self, key: str) -> tuple[Version, Head]:
        """What stands under a key, asked for now; raises `NotInVault`."""
        versions = self._versions(self._name(key))
        if not versions:
            raise NotInVault(key=key)
        return self._choice.first(versions)

    def _hinted(self, name: str) -> tuple[Version, ...]:
        """The versions as a listing has told just before, once; later ones are not the object. Else asked for."""
        at, versions = self._hints.pop(name, (0.0, ()))
        return versions if versions and time.monotonic() - at < HINT_S else self._versions(name)

    def _listed(self, prefix: str) -> Iterator[Version]:
        """Versions below a folder, page by page."""
        with self._door(prefix):
            yield from self._bucket.versions(f"{self._name(prefix)}/")

    def _proven(self, key: str, sha256: str, retain_until: datetime) -> Stored:
        """Read back what stands: its bytes, then its lock."""
        versions = self._versions(self._name(key))
        if not versions:
            raise VaultUnreachable(reason=f"{key} was put, the server said yes, and nothing stands there")
        version, head = self._choice.first(versions)
        if version.version in ("", "null"):
            raise BucketUnfit(
                bucket=self._address.bucket,
                what=f"{key} got no version: versioning was switched off",
                what_zh=f"{key} 没有版本号，版本控制已被关闭",
            )
        self._proving.demand_bytes(key, version, sha256)
        until = max(head.lock.until, retain_until) if head.lock else retain_until
        return self._proving.locked(key, version, head, until)

    def _remove(self, bucket: Bucket, key: str, version: Version) -> None:
        try:
            bucket.remove(version.name, version.version)
        except Refused as error:
            if error.status != 404:
                raise DisposalDenied(key=key, reason=str(error)) from error

    @contextmanager
    def _door(self, key: str) -> Iterator[None]:
        """A refusal nobody expected, and a spool that cannot be read."""
        try:
            yield
        except Refused as error:
            raise VaultDenied(what=key, reason=str(error)) from error
        except OSError as error:
            raise VaultUnreachable(reason=f"{key}: {error.strerror or error}") from error
