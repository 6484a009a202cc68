"""Which of the versions under a key is the object (对象判定): later ones, and damaged ones, are seen through.

Shapes: the first version that is locked (none locked: the first of all); where the key names a digest and several are
locked, the last of them that reads so, or opens as that where originals are encrypted: one that was repaired. Of a
signature or time stamp, the last that is valid, where somebody judges that.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import Literal

from vault.contract import NAMED, IsValid, PlainDigest
from vault.errors import VaultUnreachable
from vault.s3.bucket import Bucket, Head
from vault.s3.reading import ObjectReader, digest_of
from vault.s3.responses import Version
from vault.s3.wire import Refused, Wire

BUFFER_BYTES = 256 << 10
CHOSEN_MAX = 10_000

SIGNED = re.compile(r"(?:.*/)?(?:signatures|timestamps)/../[0-9a-f]{64}\.(?:json|tsr)")
"""Names that hold the SHA-256 of what their bytes are a signature or time stamp over."""
SIGNATURE_BYTES_MAX = 64 << 10


class VersionChoice:
    """Tells which version under a key is the object; what was read to tell them apart is remembered."""

    def __init__(self, wire: Wire, bucket: Bucket) -> None:
        self._wire, self._bucket = wire, bucket
        self._chosen = dict[tuple[Version, ...], Version]()
        self._digest: PlainDigest | None = None
        self._is_valid: IsValid | None = None

    def tell_by(self, digest: PlainDigest) -> None:
        """Let the last version count that opens as what its key names, by this digest."""
        self._digest = digest

    def judge_by(self, is_valid: IsValid) -> None:
        """Let the last locked version count that is valid, by this judge."""
        self._is_valid = is_valid

    def can_tell(self, name: str) -> bool:
        """Whether a whole version under this name can be told from a damaged one."""
        if self._is_valid is not None and SIGNED.fullmatch(name):
            return True
        return NAMED.fullmatch(name) is not None

    def forget(self) -> None:
        """Read anew: something is being repaired."""
        self._chosen.clear()

    def first(self, versions: tuple[Version, ...]) -> tuple[Version, Head]:
        """The object among its versions, of which there is one at least, and what stands in its head."""
        heads = {version: self._bucket.head(version.name, version.version) for version in versions[:1]}
        can_tell = self.can_tell(versions[0].name)
        for version in versions[1:]:
            if not can_tell and any(head.lock is not None for head in heads.values()):
                break
            heads[version] = self._bucket.head(version.name, version.version)
        locked = [version for version, head in heads.items() if head.lock is not None]
        # The first that is locked, not the newest: Object Lock lets anybody who may write put another version on top.
        first = locked[0] if locked else versions[0]
        if can_tell and len(locked) > 1:
            first = self._whole(tuple(locked)) or first
        return first, heads[first]

    def what(self, version: Version, before: tuple[Version, ...]) -> Literal["deleted", "added", "mended"]:
        """What a version is that is not the object; a locked one before it was damaged."""
        if version.is_marker:
            return "deleted"
        is_damaged = version in before and self._bucket.head(version.name, version.version).lock is not None
        return "mended" if is_damaged else "added"

    def right(self, versions: tuple[Version, ...], sha256: str) -> Version | None:
        """A version whose bytes have that digest."""
        return next((version for version in versions if self._reads(version, sha256)), None)

    # ------------------------------------------------------------------ inside

    def _whole(self, locked: tuple[Version, ...]) -> Version | None:
        """The last version that is what it should be: a damaged one may take long to be refused. It is read once."""
        if locked in self._chosen:
            return self._chosen[locked]
        for version in reversed(locked):
            if self._is_whole(version):
                if len(self._chosen) >= CHOSEN_MAX:
                    self._chosen.clear()
                self._chosen[locked] = version
                return version
        return None

    def _is_whole(self, version: Version) -> bool:
        named = NAMED.fullmatch(version.name)
        if named is not None:
            return self._opens(version) == named[1]
        with suppress(VaultUnreachable, Refused):
            reader = ObjectReader(self._wire, version.name, version.version, version.size_bytes)
            with io.BufferedReader(reader, BUFFER_BYTES) as file:
                body = file.read(SIGNATURE_BYTES_MAX)
            return self._is_valid is not None and self._is_valid(self._wire.address.key(version.name), body)
        return False

    def _opens(self, version: Version) -> str:
        """The digest of what a version opens as; empty where it cannot be read."""
        with suppress(VaultUnreachable, Refused):
            if self._digest is None:
                return digest_of(self._wire, version.name, version.version, version.size_bytes)
            reader = ObjectReader(self._wire, version.name, version.version, version.size_bytes)
            with io.BufferedReader(reader, BUFFER_BYTES) as file:
                return self._digest(self._wire.address.key(version.name), file, version.size_bytes)
        return ""

    def _reads(self, version: Version, sha256: str) -> bool:
        with suppress(VaultUnreachable, Refused):
            return digest_of(self._wire, version.name, version.version, version.size_bytes) == sha256
        return False
