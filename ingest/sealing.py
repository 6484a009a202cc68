"""Clip → SignedClip → SealedClip (签章与封存): the manifest is signed and written down before anything is locked,
so that a second try seals the very same bytes. Scans of written records are sealed here too, and are no clips.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from catalog.evidence import IMPORTANT, Clip, Seal, SealedClip, SignedClip, SpooledFile
from catalog.rules.manifest import Sealing, manifest_body
from catalog.rules.paper_manifest import ScanFile, paper_body
from catalog.rules.retention import months_later
from vault.contract import Vault
from vault.segments import FORMAT
from vault.signature import Signer, algorithm_of

FOLDERS = (
    *("originals", "wrapped", "manifests", "signatures", "acts", "imports", "papers", "recipes", "released", "keys"),
    *("checkpoints", "timestamps"),
)
"""Every folder of a station's vault."""
ACT_TIME = "%Y%m%dT%H%M%S%fZ"
Encrypted = Literal["none", "important", "all"]
"""Which clips the vault keeps encrypted (加密范围): 不加密, 重要标记, 全部."""


def original_key(sha256: str) -> str:
    """Where the vault keeps the bytes of an original."""
    return f"originals/{sha256[:2]}/{sha256}"


def manifest_key(sha256: str) -> str:
    """Where the vault keeps a manifest, under its own digest."""
    return f"manifests/{sha256[:2]}/{sha256}.json"


def signature_key(sha256: str) -> str:
    """Where the vault keeps the signature over a manifest or act of that digest."""
    return f"signatures/{sha256[:2]}/{sha256}.json"


def act_key(at: datetime, sha256: str) -> str:
    """Where the vault keeps an act; the names sort by time."""
    return f"acts/{at:{ACT_TIME}}-{sha256}.json"


def import_key(sha256: str) -> str:
    """Where the vault keeps the file of a list that was imported, under its own digest."""
    return f"imports/{sha256[:2]}/{sha256}"


def scan_key(sha256: str) -> str:
    """Where the vault keeps the scan of a written record, under the digest of its bytes."""
    return f"papers/{sha256[:2]}/{sha256}"


def scan_manifest_key(sha256: str) -> str:
    """Where the vault keeps the manifest of a scan, under its own digest."""
    return f"{scan_key(sha256)}.json"


def recipe_key(sha256: str) -> str:
    """Where the vault keeps the recipe of a copy for release, under its own digest."""
    return f"recipes/{sha256[:2]}/{sha256}.json"


def released_key(sha256: str) -> str:
    """Where the vault keeps the film that was approved for release, under its own digest."""
    return f"released/{sha256[:2]}/{sha256}"


def time_in(key: str) -> datetime | None:
    """The time in the key of an act or a checkpoint, or None for what is not named like one."""
    try:
        return datetime.strptime(key.partition("/")[2].partition("-")[0], ACT_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def signature_body(sha256: str, signature: str, key_id: str) -> bytes:
    """The document a signature is kept as."""
    text = {"algorithm": algorithm_of(signature), "key_id": key_id, "sha256": sha256, "signature": signature}
    return json.dumps(text, sort_keys=True).encode() + b"\n"


@dataclass(frozen=True)
class Sealer:
    """The station's name, key, vault and first lock, as the walk uses them."""

    station: str
    signer: Signer
    vault: Vault
    lock_months: int
    encrypt: Encrypted = "none"
    reserve_key: Callable[[str, datetime], str | None] | None = None
    """Has the vault encrypt what will be put under a key; the wrapping key's id, None where it stands there plain."""

    def has(self, spooled: SpooledFile) -> bool:
        """Whether the vault holds these bytes already."""
        return self.vault.find(original_key(spooled.digest.sha256)) is not None

    def sign(self, clip: Clip, now: datetime) -> SignedClip:
        """Write and sign the manifest; nothing is stored yet but the wrapped key of a clip that is to be encrypted."""
        original = original_key(clip.spooled.digest.sha256)
        until = months_later(now, self.lock_months)
        body = manifest_body(
            clip,
            self._sealing(now, until, original, is_important=IMPORTANT in clip.marks),
        )
        sha256 = hashlib.sha256(body).hexdigest()
        seal = Seal(original, manifest_key(sha256), signature_key(sha256), sha256, self.signer.key_id, now, until)
        return SignedClip(clip, body.decode(), self.signer.sign(body), seal)

    def _sealing(self, now: datetime, until: datetime, original: str, *, is_important: bool) -> Sealing:
        is_secret = self.encrypt == "all" or (self.encrypt == "important" and is_important)
        wrapping_key = self.reserve_key(original, until) if is_secret and self.reserve_key is not None else None
        encryption = None if wrapping_key is None else (FORMAT, wrapping_key)
        return Sealing(self.station, now, until, self.signer.key_id, original, encryption)

    def seal(self, signed: SignedClip, copy: Path) -> SealedClip:
        """Lock the original, the manifest and the signature in the vault; returns when all are read back."""
        seal, until = signed.seal, signed.seal.retain_until
        stored = self.vault.put(seal.original_key, copy, signed.clip.spooled.digest.sha256, until)
        signature = signature_body(seal.manifest_sha256, signed.signature, seal.key_id)
        self.vault.put_document(seal.signature_key, signature, until)
        # The manifest last: a catalog is rebuilt from the manifests there are, so one that stands must have the rest.
        self.vault.put_document(seal.manifest_key, signed.manifest.encode(), until)
        return SealedClip(signed, stored.retain_until)

    def seal_scan(self, file: ScanFile, about: Mapping[str, str], copy: Path, now: datetime) -> str:
        """Lock a scan, its manifest and the signature in the vault, which may take the copy; the manifest's SHA-256.

        Returns when all are read back. `about` is what `paper_body` wants; the act that names the manifest comes after.
        """
        key, until = scan_key(file.digest.sha256), months_later(now, self.lock_months)
        body = paper_body(file, about, self._sealing(now, until, key, is_important=False))
        sha256 = hashlib.sha256(body).hexdigest()
        self.vault.put(key, copy, file.digest.sha256, until)
        signature = signature_body(sha256, self.signer.sign(body), self.signer.key_id)
        self.vault.put_document(signature_key(sha256), signature, until)
        self.vault.put_document(scan_manifest_key(sha256), body, until)
        return sha256
