"""Another vault with some originals encrypted (分级加密保全): `encrypted:ADDRESS`, in front of any other kind.

Shapes: what is to be encrypted has a wrapped key beside it (`vault.wrapping`) before its bytes come; whatever
has one is sealed in segments (`vault.segments`), everything else is as it was. Digests and sizes told here are of the
plain original. The wrapped key has the lock and the hold of its original, and goes first when that may go.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from vault import durable
from vault.contract import (
    IsValid,
    Oddity,
    OneVault,
    Options,
    Stored,
    Vault,
    VersionsByDigest,
    VersionsBySignature,
    read_document,
)
from vault.errors import (
    BadAddress,
    CopyDiffers,
    KeyTaken,
    LockHolds,
    NotInVault,
    SealedHarmed,
    VaultUnreachable,
)
from vault.segments import Cipher, SegmentReader, cipher, digest_of, plain_size, sealed
from vault.wrapped_key_log import WrappedKeyLog
from vault.wrapping import CREDENTIAL, WRAPPED, WRAPPED_KEY_BYTES_MAX, new_document, unwrapped, wrapped_key, wrapping

ENCRYPTED = ("originals/", "papers/")
"""The folders of what may be encrypted: originals, and scans of written records."""
DRAFT_ENDING = ".sealed"


class EncryptedVault:
    """Another vault, some originals encrypted; what `vault.contract.Vault` promises is kept for the plain bytes."""

    def __init__(
        self,
        inner: Vault,
        secret: Callable[[str], str],
        keys: Vault | None = None,
        key_log: WrappedKeyLog | None = None,
    ) -> None:
        self._inner, self._secret, self._key_log = inner, secret, key_log
        self._keys = keys or inner
        self.takes_files = inner.takes_files
        if keys is None and isinstance(inner, VersionsByDigest):
            inner.tell_by(self._plain_digest)

    def judge_by(self, is_valid: IsValid) -> None:
        """Hand the judge to the vault behind."""
        if isinstance(self._inner, VersionsBySignature):
            self._inner.judge_by(is_valid)

    def reserve_key(self, key: str, until: datetime) -> str | None:
        """Lock a wrapped key for what is to be put under this key; return the id of the wrapping key.

        None where the object stands there plain already: a locked object is not altered.
        A reservation that broke off is made again with the same wrapped key, in every vault behind.
        """
        name = _digest(key)
        with _disk(key), self._key_log.alone(name) if self._key_log else nullcontext():
            where = wrapped_key(key)
            found = self._inner.find(where)
            if found is None and self._inner.find(key) is not None:
                return None
            body = self._document(key) if found is not None else self._new_document(name)
            with nullcontext() if self._key_log else suppress(KeyTaken):  # another's key counts, and is read below
                self._inner.put_document(where, body, until)
            if self._key_log:
                self._key_log.strike(name)
            return self._key(key)[1]

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Put the sealed segments where a key was reserved, after they were opened again and compared."""
        if not self._is_sealed(key):
            return self._inner.put(key, path, sha256, retain_until)
        # The wrapped key's lock first: an original that outlives its key can be opened by nobody.
        self._lengthen(wrapped_key(key), retain_until)
        draft = path.with_name(path.name + DRAFT_ENDING)
        with _disk(key):
            if not path.exists():
                return self._again(key, sha256, retain_until)
            try:
                of_sealed = self._write(key, path, sha256, draft)
                stored = self._inner.put(key, draft, of_sealed, retain_until)
            finally:
                draft.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return self._of_plain(stored)

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Store a document as it is: documents are never encrypted."""
        return self._inner.put_document(key, body, retain_until)

    def find(self, key: str) -> Stored | None:
        """What stands there, with the size of the plain bytes."""
        stored = self._inner.find(key)
        return self._of_plain(stored) if stored is not None and self._is_sealed(key) else stored

    def open(self, key: str) -> BinaryIO:
        """The plain bytes. Raises `SecretMissing` without the wrapping key; what was harmed raises OSError."""
        if not self._is_sealed(key):
            return self._inner.open(key)
        stored = self._inner.find(key)
        if stored is None:
            raise NotInVault(key=key)
        made = self._cipher(key)
        return io.BufferedReader(SegmentReader(self._inner.open(key), stored.size_bytes, made))

    def extend(self, key: str, until: datetime) -> Stored:
        """The wrapped key first: an original is never kept longer than what opens it."""
        if self._is_sealed(key):
            self._lengthen(wrapped_key(key), until)
            return self._of_plain(self._inner.extend(key, until))
        return self._inner.extend(key, until)

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Set the hold of an original and its wrapped key: the key's is set first and ended last."""
        if not self._is_sealed(key):
            return self._inner.set_legal_hold(key, on)
        if on:
            self._inner.set_legal_hold(wrapped_key(key), on)
        stored = self._inner.set_legal_hold(key, on)
        if not on:
            self._inner.set_legal_hold(wrapped_key(key), on)
        return self._of_plain(stored)

    def discard(self, key: str, at: datetime) -> None:
        """The wrapped key first: from then on no copy of the original, wherever it was left, opens (密钥销毁)."""
        stored = self._inner.find(key)
        if stored is not None and self._is_sealed(key):
            if stored.on_legal_hold:
                raise LockHolds(key=key, held="somebody ends the legal hold")
            if at < stored.retain_until:
                raise LockHolds(key=key, held=stored.retain_until)
        if key.startswith(ENCRYPTED):
            self._inner.discard(wrapped_key(key), at)
        self._inner.discard(key, at)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below the folder `prefix`, as the vault behind has them."""
        return self._inner.keys(prefix)

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """What below the folder `prefix` the vault behind finds odd."""
        return self._inner.oddities(prefix)

    def sweep(self, before: datetime) -> int:
        """Clear away what the vault behind left unfinished."""
        return self._inner.sweep(before)

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """The copies behind it, each read as this one is; the wrapped keys are those of all."""
        return tuple((at, EncryptedCopy(one, self._secret, self._inner)) for at, one in self._inner.copies())

    # ------------------------------------------------------------------ inside

    def _is_sealed(self, key: str) -> bool:
        return key.startswith(ENCRYPTED) and self._keys.find(wrapped_key(key)) is not None

    def _of_plain(self, stored: Stored) -> Stored:
        return replace(stored, size_bytes=plain_size(stored.size_bytes))

    def _plain_digest(self, key: str, file: BinaryIO, size_bytes: int) -> str:
        """The digest of what an object opens as; a wrapped key opens as what its original is."""
        name = _digest(key)
        try:
            if key.startswith(f"{WRAPPED}/"):
                unwrapped(file.read(WRAPPED_KEY_BYTES_MAX), name, self._secret)
                return name
            if not self._is_sealed(key):
                return digest_of(file)
            with SegmentReader(file, size_bytes, self._cipher(key)) as reader:
                return digest_of(io.BufferedReader(reader))
        except OSError as error:
            if error.errno != errno.EBADMSG:
                raise
            return ""

    def _lengthen(self, key: str, until: datetime) -> None:
        stored = self._inner.find(key)
        if stored is not None and stored.retain_until < until:
            self._inner.extend(key, until)

    def _new_document(self, name: str) -> bytes:
        by = wrapping(self._secret(CREDENTIAL))
        new = partial(new_document, name, by)
        return self._key_log.document(name, new) if self._key_log else new()

    def _document(self, key: str) -> bytes:
        """The wrapped key as a vault has it that opens; raises what the first said where none does."""
        try:
            return self._opening(self._keys, key)
        except (OSError, VaultUnreachable):  # harmed in one of several vaults: another may have it whole
            for _, one in self._keys.copies():
                with suppress(OSError, NotInVault, VaultUnreachable):
                    return self._opening(one, key)
            raise

    def _opening(self, vault: Vault, key: str) -> bytes:
        body = read_document(vault, wrapped_key(key), WRAPPED_KEY_BYTES_MAX)
        unwrapped(body, _digest(key), self._secret)
        return body

    def _key(self, key: str) -> tuple[bytes, str]:
        return unwrapped(self._document(key), _digest(key), self._secret)

    def _cipher(self, key: str) -> Cipher:
        data_key, by = self._key(key)
        return cipher(data_key, by, _digest(key))

    def _write(self, key: str, path: Path, sha256: str, draft: Path) -> str:
        """The sealed file, synced; its digest. Raises `CopyDiffers` unless it opens as what is to be stored."""
        made, whole, size_bytes = self._cipher(key), hashlib.sha256(), path.stat().st_size
        draft.unlink(missing_ok=True)
        with path.open("rb") as source, draft.open("xb") as target:
            for piece in sealed(source, size_bytes, made):
                whole.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
            os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with SegmentReader(draft.open("rb"), draft.stat().st_size, made) as reader:
            # Opened again before anything is put: what is locked and does not open is lost for its whole period.
            found = digest_of(io.BufferedReader(reader))
        if found != sha256:
            raise CopyDiffers(path=path, expected=sha256, found=found)
        return whole.hexdigest()

    def _again(self, key: str, sha256: str, retain_until: datetime) -> Stored:
        """A second put whose file the first one took: what stands there is read."""
        with self.open(key) as file:
            found = digest_of(file)
        if found != sha256:
            raise KeyTaken(key=key, expected=sha256, found=found)
        stored = self._inner.find(key)
        if stored is None:
            raise NotInVault(key=key)
        return self._of_plain(self._inner.extend(key, max(stored.retain_until, retain_until)))


class EncryptedCopy(EncryptedVault):
    """One of several vaults behind an encrypted one, read with the wrapped key that it holds itself.

    Equal bytes under one key give equal segments, so a copy is repaired by sealing the plain original again: what is
    put is opened and compared before, and is what the other vaults hold.
    """

    def __init__(self, inner: OneVault, secret: Callable[[str], str], keys: Vault) -> None:
        super().__init__(inner, secret, keys)
        self._one = inner

    def server_time(self) -> datetime | None:
        """The time by the clock of the vault behind."""
        return self._one.server_time()

    def repair(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Put the right bytes in a damaged object's place; the wrapped key first, as another vault has it whole."""
        if not self._is_sealed(key):
            return self._one.repair(key, path, sha256, retain_until)
        draft = path.with_name(path.name + DRAFT_ENDING)
        with _disk(key):
            try:
                # The key first: without it the repaired segments could not be opened, and would count as damaged again.
                self._repair_wrapped(key, draft, retain_until)
                of_sealed = self._write(key, path, sha256, draft)
                stored = self._one.repair(key, draft, of_sealed, retain_until)
            finally:
                draft.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return self._of_plain(stored)

    def _document(self, key: str) -> bytes:
        return self._opening(self._one, key)

    def _repair_wrapped(self, key: str, draft: Path, retain_until: datetime) -> None:
        where = wrapped_key(key)
        body, held = super()._document(key), self._keys.find(where)
        durable.replace_file(draft, body, 0o600)
        stored = self._one.repair(where, draft, hashlib.sha256(body).hexdigest(), retain_until)
        if held is not None and held.on_legal_hold and not stored.on_legal_hold:
            self._one.set_legal_hold(where, on=True)


def _digest(key: str) -> str:
    """The digest of the original a key names, or that of its wrapped key."""
    return key.rsplit("/", 1)[-1].removesuffix(".json")


@contextmanager
def _disk(key: str) -> Iterator[None]:
    """Turn what the station's own disk, or what was sealed, says into what a person can act on."""
    with durable.on_disk(key):
        try:
            yield
        except OSError as error:
            if error.errno != errno.EBADMSG:
                raise
            raise SealedHarmed(key=key, reason=error.strerror) from error


class EncryptedBackend:
    """Opens `encrypted:ADDRESS`."""

    scheme = "encrypted"

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """The vault behind it; raises `BadAddress`, and `SecretMissing` without a wrapping key."""
        if not rest or rest.startswith("encrypted:"):
            raise BadAddress(address=f"encrypted:{rest}")
        wrapping(options.secret(CREDENTIAL))
        return EncryptedVault(options.other(rest), options.secret, key_log=WrappedKeyLog(home / "promised"))


BACKEND = EncryptedBackend()
