"""Manifests, their signatures and time stamps in every vault (清单、签名与时间戳修复): read, and repaired.

Shapes: what should stand there is known: the manifest in the catalog, whose name is its digest, and the signature over
it, which must be a trusted key's before anything is written. A catalog whose manifest is not proven repairs nothing.
A time stamp is taken from a vault whose stamp the authority's certificates bear out; one that none has is owed.
The trail has a line before (`manifest.mending`) and one after (`manifest.mended`), as for an original; what stays
damaged is written down (`catalog.keeping.damaged_documents`) until it is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.clips import clips, search
from catalog.database import Database
from catalog.keeping import damaged_documents, fixity
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.custody.repair import Bad, alone
from ingest.custody.timestamps import stamp_key
from ingest.sealing import manifest_key, scan_manifest_key, signature_body, signature_key
from vault import durable
from vault.contract import IsValid, OneVault, Vault, read_document
from vault.errors import NotInVault
from vault.signature import PublicKey, signature_is_valid

if TYPE_CHECKING:
    from vault.timestamp import Authority

MANIFEST_REPAIRING, MANIFEST_REPAIRED = "manifest.mending", "manifest.mended"
READS = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that should stand in every vault, and whose it is."""

    clip: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Repair:
    """What was wrong with a paper, and whether it was repaired."""

    key: str
    fault: str
    is_repaired: bool


@dataclass(frozen=True)
class DocumentRepairer:
    """Repairs manifests, signatures and time stamps; `trusted` gives the keys that are believed."""

    database: Database
    trusted: Callable[[], Mapping[str, PublicKey]]
    scratch: Path
    now: Callable[[], datetime]
    authority: Callable[[], Authority | None] = lambda: None
    """Whose time stamps are believed, if any."""

    def look(self, sha256: str, copies: Sequence[tuple[str, OneVault]]) -> Iterator[Repair]:
        """The papers of every clip of these bytes. Raises `VaultUnreachable` where a vault is away."""
        for row in self.database.query("SELECT id FROM clip WHERE sha256 = :sha256 ORDER BY id", {"sha256": sha256}):
            clip = str(row["id"])
            faults = [one for paper in self._papers(clip) for one in self._looked(paper, copies)]
            faults.extend(self._stamp(clip, copies))
            self._note(clip, faults)
            yield from faults

    def _looked(self, paper: Paper, copies: Sequence[tuple[str, OneVault]]) -> Iterator[Repair]:
        for address, one in copies:
            fault = _fault(one, paper)
            if fault is not None:
                yield self._repaired(paper, Bad(address, one, fault), copies)

    def _stamp(self, clip: str, copies: Sequence[tuple[str, OneVault]]) -> Iterator[Repair]:
        """The time stamp: which copies are whole is known by the authority's certificates, not by the catalog."""
        manifest = clips.document(self.database, clip)
        key = stamp_key(manifest.sha256)
        authority = self.authority()
        if authority is None:
            return
        found = [(address, one, _stamp(one, key, manifest.body, authority)) for address, one in copies]
        whole = next((stamp for _, _, stamp in found if isinstance(stamp, bytes)), None)
        if whole is not None:
            yield from self._looked(Paper(clip, key, whole), copies)
            return
        for address, _, stamp in found:
            if isinstance(stamp, str):
                yield Repair(key, f"{stamp} in {address}; not repaired: no vault has it whole", is_repaired=False)

    def _note(self, clip: str, faults: Sequence[Repair]) -> None:
        """What stays damaged of a clip's papers, and what does so no more."""
        left = dict[str, str]()
        for one in faults:
            if not one.is_repaired:
                left[one.key] = f"{left[one.key]}; {one.fault}" if one.key in left else one.fault
        for key in sorted({*left, *damaged_documents.standing(self.database, clip)}):
            with self.database.transaction() as session:
                damaged_documents.note(session, clip, key, self.now(), left.get(key))

    def _papers(self, clip: str) -> tuple[Paper, ...]:
        found = clips.document(self.database, clip)
        signature = signature_body(found.sha256, found.signature, found.key_id)
        return (
            Paper(clip, manifest_key(found.sha256), found.body),
            Paper(clip, signature_key(found.sha256), signature),
        )

    def _repaired(self, paper: Paper, bad: Bad, copies: Sequence[tuple[str, OneVault]]) -> Repair:
        fault = f"{bad.fault} in {bad.address}"
        found = clips.document(self.database, paper.clip)
        # The catalog is what repairs here, and whoever can write to it could have it "repair" a manifest into a lie.
        if not signature_is_valid(found.body, found.signature, found.key_id, self.trusted()):
            return Repair(paper.key, f"{fault}; not repaired: the catalog's manifest is not proven", is_repaired=False)
        held = [stored for _, one in copies if (stored := one.find(paper.key)) is not None]
        shown = search.get(self.database, paper.clip).retain_until  # where no vault has it
        until = max((one.retain_until for one in held), default=shown)
        on_legal_hold = any(one.on_legal_hold for one in held)
        self._tell(paper, MANIFEST_REPAIRING, copy=bad.address, fault=bad.fault)
        try:
            with alone(self.scratch), self._drafted(paper) as draft:
                stored = bad.vault.repair(paper.key, draft, hashlib.sha256(paper.body).hexdigest(), until)
                if on_legal_hold and not stored.on_legal_hold:
                    stored = bad.vault.set_legal_hold(paper.key, on=True)
        except StationError as error:
            return Repair(paper.key, f"{fault}; not repaired: {error.message()}", is_repaired=False)
        except OSError as error:
            return Repair(paper.key, f"{fault}; not repaired: {self.scratch}: {error.strerror}", is_repaired=False)
        details = {"version": stored.version, "until": time_text(stored.retain_until)}
        self._tell(paper, MANIFEST_REPAIRED, copy=bad.address, fault=bad.fault, **details)
        return Repair(paper.key, fault, is_repaired=True)

    @contextmanager
    def _drafted(self, paper: Paper) -> Iterator[Path]:
        draft = self.scratch / f"{hashlib.sha256(paper.key.encode()).hexdigest()}.paper"
        try:
            durable.replace_file(draft, paper.body, 0o600)
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _tell(self, paper: Paper, action: str, **details: object) -> None:
        with self.database.transaction() as session:
            entry = trail.Entry(self.now(), fixity.STATION_ACTOR, action, paper.clip, {"key": paper.key, **details})
            trail.append(session, entry)


def judge(
    vault: Vault, trusted: Callable[[], Mapping[str, PublicKey]], authority: Callable[[], Authority | None]
) -> IsValid:
    """Tells whether bytes under the key of a signature or time stamp are one over the manifest that key names."""

    def is_valid(key: str, body: bytes) -> bool:
        sha256 = key.rsplit("/", 1)[-1].partition(".")[0]
        manifest = _manifest(vault, sha256)
        if manifest is None or hashlib.sha256(manifest).hexdigest() != sha256:
            return False
        if key == stamp_key(sha256):
            believed = authority()
            return believed is not None and _stamp_fault(body, manifest, believed) is None
        try:
            text = json.loads(body)
            named, signature, key_id = str(text["sha256"]), str(text["signature"]), str(text["key_id"])
        except (ValueError, KeyError, TypeError):
            return False
        return named == sha256 and signature_is_valid(manifest, signature, key_id, trusted())

    return is_valid


def _manifest(vault: Vault, sha256: str) -> bytes | None:
    """The manifest of that digest, of a clip or of a scan; None where the vault has none."""
    for key in (manifest_key(sha256), scan_manifest_key(sha256)):
        with suppress(NotInVault):
            return read_document(vault, key)
    return None


def _stamp(vault: Vault, key: str, manifest: bytes, authority: Authority) -> bytes | str | None:
    """A time stamp that is whole, or what is wrong with it, or None where there is none."""
    found: bytes | str | None = None
    for _ in range(READS):
        found = _body(vault, key)
        if found is None:
            return None
        if isinstance(found, bytes):
            fault = _stamp_fault(found, manifest, authority)
            if fault is None:
                return found
            found = f"{key} is not valid: {fault}"
    return found


def _stamp_fault(body: bytes, manifest: bytes, authority: Authority) -> str | None:
    try:
        authority.check(body, manifest)
    except StationError as error:
        return str(error.facts.get("reason") or error.message())
    return None


def _fault(vault: Vault, paper: Paper) -> str | None:
    """What is wrong with a copy: the same question twice, where the first answer is not good."""
    fault = None
    for _ in range(READS):
        fault = _read(vault, paper)
        if fault is None:
            break
    return fault


def _read(vault: Vault, paper: Paper) -> str | None:
    found = _body(vault, paper.key)
    if found is None:
        return f"{paper.key} is missing"
    if isinstance(found, str):
        return found
    return None if found == paper.body else f"{paper.key} has other bytes"


def _body(vault: Vault, key: str) -> bytes | str | None:
    """The bytes under a key, or why they cannot be read, or None where nothing is there."""
    try:
        return read_document(vault, key)
    except NotInVault:
        return None
    except StationError as error:
        next(iter(vault.keys("keys")), None)  # raises where it is the vault that is away, or lets nobody in
        return f"{key} cannot be read: {error.facts.get('reason') or error.message()}"
    except OSError as error:
        return f"{key} cannot be read: {error.strerror}"
