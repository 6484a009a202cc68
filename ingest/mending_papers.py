"""Manifests and their signatures in every vault of a mirror (清单与签名修复): read, and mended where one lacks them.

Shapes: what should stand there is known: the manifest in the catalog, whose name is its digest, and the signature over
it, which must hold by a trusted key before anything is written. A catalog whose manifest is not proven mends nothing.
The trail has a line before (`manifest.mending`) and one after (`manifest.mended`), as for an original.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog import clips, readings, trail
from catalog.database import Database
from catalog.errors import StationError
from catalog.rules.canonical import time_text
from ingest.mending import Bad
from ingest.sealing import manifest_key, signature_body, signature_key
from vault import durable
from vault.contract import Holds, OneVault, Vault
from vault.errors import NotInVault, VaultUnreachable
from vault.signature import PublicKey, signature_holds

MENDING, MENDED = "manifest.mending", "manifest.mended"
READS = 2
PAPER_BYTES_MAX = 64 << 20


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that should stand in every vault, and whose it is."""

    clip: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Mended:
    """What was wrong with a paper, and whether it was mended."""

    key: str
    fault: str
    is_mended: bool


@dataclass(frozen=True)
class PaperMender:
    """See the module; `trusted` gives the keys that are believed."""

    database: Database
    trusted: Callable[[], Mapping[str, PublicKey]]
    scratch: Path
    now: Callable[[], datetime]

    def look(self, sha256: str, copies: Sequence[tuple[str, OneVault]]) -> Iterator[Mended]:
        """The papers of every clip of these bytes. Raises `VaultUnreachable` where a vault is away."""
        for clip in self.database.query("SELECT id FROM clip WHERE sha256 = :sha256 ORDER BY id", {"sha256": sha256}):
            for paper in self._papers(str(clip["id"])):
                for address, one in copies:
                    fault = _fault(one, paper)
                    if fault is not None:
                        yield self._mended(paper, Bad(address, one, fault), copies)

    def _papers(self, clip: str) -> tuple[Paper, ...]:
        found = clips.document(self.database, clip)
        signature = signature_body(found.sha256, found.signature, found.key_id)
        return (
            Paper(clip, manifest_key(found.sha256), found.body),
            Paper(clip, signature_key(found.sha256), signature),
        )

    def _mended(self, paper: Paper, bad: Bad, copies: Sequence[tuple[str, OneVault]]) -> Mended:
        fault = f"{bad.fault} in {bad.address}"
        found = clips.document(self.database, paper.clip)
        if not signature_holds(found.body, found.signature, found.key_id, self.trusted()):
            return Mended(paper.key, f"{fault}; not mended: the catalog's manifest is not proven", is_mended=False)
        held = [stored for _, one in copies if (stored := one.find(paper.key)) is not None]
        if not held:
            return Mended(paper.key, f"{fault}; not mended: no vault has it", is_mended=False)
        until, is_held = max(one.retain_until for one in held), any(one.is_held for one in held)
        self._tell(paper, MENDING, copy=bad.address, fault=bad.fault)
        draft = self.scratch / f"{hashlib.sha256(paper.key.encode()).hexdigest()}.paper"
        try:
            durable.make_folder(self.scratch)
            durable.replace_file(draft, paper.body, 0o600)
            stored = bad.vault.mend(paper.key, draft, hashlib.sha256(paper.body).hexdigest(), until)
            if is_held and not stored.is_held:
                stored = bad.vault.hold(paper.key, on=True)
        except StationError as error:
            return Mended(paper.key, f"{fault}; not mended: {error.message()}", is_mended=False)
        except OSError as error:
            return Mended(paper.key, f"{fault}; not mended: {draft}: {error.strerror}", is_mended=False)
        finally:
            draft.unlink(missing_ok=True)
        told = {"version": stored.version, "until": time_text(stored.retain_until)}
        self._tell(paper, MENDED, copy=bad.address, fault=bad.fault, **told)
        return Mended(paper.key, fault, is_mended=True)

    def _tell(self, paper: Paper, action: str, **details: object) -> None:
        with self.database.transaction() as session:
            entry = trail.Entry(self.now(), readings.ACTOR, action, paper.clip, {"key": paper.key, **details})
            trail.append(session, entry)


def judge(vault: Vault, trusted: Callable[[], Mapping[str, PublicKey]]) -> Holds:
    """Tells whether bytes under a signature's key are a signature over the manifest that key names."""

    def holds(key: str, body: bytes) -> bool:
        sha256 = key.rsplit("/", 1)[-1].removesuffix(".json")
        try:
            text = json.loads(body)
            signature, key_id = str(text["signature"]), str(text["key_id"])
            with vault.open(manifest_key(sha256)) as file:
                manifest = file.read(PAPER_BYTES_MAX)
        except (ValueError, KeyError, TypeError, NotInVault):
            return False
        is_named = hashlib.sha256(manifest).hexdigest() == sha256 == text.get("sha256")
        return is_named and signature_holds(manifest, signature, key_id, trusted())

    return holds


def _fault(vault: Vault, paper: Paper) -> str | None:
    """What is wrong with a copy: the same question twice, where the first answer is not good."""
    fault = None
    for _ in range(READS):
        fault = _read(vault, paper)
        if fault is None:
            break
    return fault


def _read(vault: Vault, paper: Paper) -> str | None:
    try:
        with vault.open(paper.key) as file:
            found = file.read(PAPER_BYTES_MAX)
    except NotInVault:
        return f"{paper.key} is missing"
    except VaultUnreachable as error:
        next(iter(vault.keys("keys")), None)  # raises where it is the vault that is away
        return f"{paper.key} cannot be read: {error.message()}"
    except OSError as error:
        return f"{paper.key} cannot be read: {error.strerror}"
    return None if found == paper.body else f"{paper.key} has other bytes"
