"""A new catalog from the vault alone (重建编目): every manifest and every act that a trusted key signed.

Clips come first, in the order they were sealed, then the acts in theirs; the new trail holds a line for each,
with its old time and actor, and none of the looks. What cannot be trusted is reported and left out.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TypeVar

from catalog.acts import dispatch
from catalog.acts.clock import disowned
from catalog.clips import clips
from catalog.database import Database
from catalog.keeping import disposals
from catalog.rules.acts import ACT_WITHDRAWN, Act, read_act
from catalog.rules.manifest import read_manifest
from catalog.station_error import StationError
from ingest.sealing import signature_key
from vault.contract import Vault, read_document
from vault.errors import NotInVault, VaultUnreachable
from vault.signature import PublicKey, signature_is_valid

BATCH = 500
READERS = 8
"""So many documents are read at a time."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Fault:
    """A document of the vault that was left out, and why."""

    key: str
    what: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it: the numbers of clips and acts entered, and what was left out."""

    clips: int
    acts: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A clip to be entered in its turn; all of them wait at once, so the manifest does packed."""

    at: datetime
    sha256: str
    packed: bytes
    signature: str
    key_id: str
    retain_until: datetime

    @property
    def document(self) -> clips.Document:
        """The manifest with its signature."""
        return clips.Document(zlib.decompress(self.packed), self.signature, self.key_id)


class Rebuilder:
    """Reads a vault with the keys the station trusts."""

    def __init__(self, vault: Vault, trusted: Mapping[str, PublicKey], progress: Callable[[int], None]) -> None:
        self._vault, self._trusted, self._progress = vault, trusted, progress
        self._faults: list[Fault] = []
        self._missing: dict[str, str] = {}
        self._leave_out: Collection[str] = ()

    def into(self, database: Database, *, leave_out: Collection[str] = ()) -> Rebuilt:
        """Fill an empty, migrated catalog; documents of the digests in `leave_out` are passed over."""
        self._leave_out = leave_out
        sealed = sorted(self._sealed(), key=lambda one: (one.at, one.sha256))
        entered = iter(sealed)
        clip_count = act_count = 0
        while batch := list(islice(entered, BATCH)):
            with database.transaction() as session:
                for one in batch:
                    try:
                        clips.file(session, one.document, one.retain_until)
                        clip_count += 1
                    except StationError as error:
                        self._left_out(one.sha256, error.message())
        for act in self._in_force():
            try:
                dispatch.carry_out(database, act)
                act_count += 1
            except StationError as error:
                self._left_out(f"{act.action} {act.subject}", error.message())
        for clip, key in self._missing.items():
            if not disposals.is_done(database, clip):
                self._left_out(key, f"the original of clip {clip} is missing")
        return Rebuilt(clip_count, act_count, tuple(sorted(self._faults, key=lambda fault: fault.key)))

    def _sealed(self) -> Iterator[_Sealed]:
        for folder in ("signatures", "originals"):  # a listing spares a vault a question about each of them
            for _ in self._vault.keys(folder):
                pass
        yield from self._several(self._sealed_as, self._vault.keys("manifests"))

    def _several(self, work: Callable[[str], Found | None], keys: Iterator[str]) -> Iterator[Found]:
        """Do it for some keys at a time, in their order."""
        with ThreadPoolExecutor(READERS) as pool:
            while batch := list(islice(keys, BATCH)):
                yield from (found for found in pool.map(work, batch) if found is not None)

    def _sealed_as(self, key: str) -> _Sealed | None:
        document = self._document(key, key.rsplit("/", 1)[-1].removesuffix(".json"))
        if document is None:
            return None
        try:
            manifest = read_manifest(document.body, key)
        except StationError as error:
            self._left_out(key, error.message())
            return None
        original = self._vault.find(manifest.original_key)
        if original is None:
            self._missing[manifest.clip] = manifest.original_key
        planned = manifest.retain_until
        until = original.retain_until if original else planned
        at, packed = manifest.sealed_at, zlib.compress(document.body, 1)
        return _Sealed(at, document.sha256, packed, document.signature, document.key_id, until)

    def _in_force(self) -> list[Act]:
        """The acts in the order of their times; one that was withdrawn was never carried out, and is not now."""
        every = list(self._several(self._act_as, self._vault.keys("acts")))
        withdrawn = {act.subject for _, act in every if act.action == ACT_WITHDRAWN}
        # What a wrong clock wrote has a wrong time: two people's act says where such documents stand in the order.
        placed = disowned(act for _, act in every).documents
        kept = [(placed.get(sha256, act.at), act.at, act) for sha256, act in every if sha256 not in withdrawn]
        return [act for _, _, act in sorted(kept, key=lambda one: one[:2])]

    def _act_as(self, key: str) -> tuple[str, Act] | None:
        document = self._document(key, key.rsplit("-", 1)[-1].removesuffix(".json"))
        if document is None:
            return None
        try:
            return document.sha256, read_act(document.body)
        except (ValueError, KeyError, TypeError) as error:
            self._left_out(key, f"not an act this version knows: {error}")
            return None

    def _document(self, key: str, sha256: str) -> clips.Document | None:
        """A document that is what its name says and that a trusted key signed, or None and a fault."""
        self._progress(1)
        if sha256 in self._leave_out:
            return None
        why = "it went away"
        for body, unread in self._found(key):
            if hashlib.sha256(body).hexdigest() == sha256:
                return self._signed(key, sha256, body)
            why = unread or "its bytes are not what its name says"
        self._left_out(key, why)
        return None

    def _signed(self, key: str, sha256: str, body: bytes) -> clips.Document | None:
        why = "it has no signature"
        for read, unread in self._found(signature_key(sha256)):
            try:
                text = json.loads(read)
                document = clips.Document(body, str(text["signature"]), str(text["key_id"]))
            except (ValueError, KeyError, TypeError):
                why = unread or "its signature cannot be read"
                continue
            if signature_is_valid(body, document.signature, document.key_id, self._trusted):
                return document
            why = f"no trusted key signed it (it names {document.key_id})"
        self._left_out(key, why)
        return None

    def _found(self, key: str) -> Iterator[tuple[bytes, str]]:
        """What stands under a key, as the vault gives it and then in each vault it is made of, or why it is unread.

        Raises `VaultUnreachable` where it is the vault that is away.
        """
        for place in (self._vault, *self._copies):
            try:
                found = read_document(place, key), ""
            except NotInVault:
                continue
            except (VaultUnreachable, OSError) as error:
                next(iter(place.keys("keys")), None)
                found = b"", f"it cannot be read: {error}"
            yield found

    @cached_property
    def _copies(self) -> tuple[Vault, ...]:
        """The vaults it is made of, if several are and all answer."""
        with suppress(StationError):
            copies = self._vault.copies()
            return tuple(one for _, one in copies) if len(copies) > 1 else ()
        return ()

    def _left_out(self, key: str, what: str) -> None:
        self._faults.append(Fault(key, what))
