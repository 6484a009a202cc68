"""Whether a clip is still what came out of the recorder (核验): bytes, manifest, signature, lock and catalog agree.

Nothing is believed: the original is read again from the vault and both digests are computed; the manifest in the
vault must be the one in the catalog, signed by a trusted key, and the catalog's row must follow from it; its case and
its disposal must follow from acts that were signed. A check of a lower level reads nothing back: it asks the vault what
it holds, of which size and until when.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from catalog.acts import comparison
from catalog.cases.scans import Scan
from catalog.clips import clips
from catalog.database import Database, Row
from catalog.errors import ManifestUnreadable, NoSuchClip, TrailUnreadable
from catalog.keeping import disposals
from catalog.rules.acts import TRAIL_REBUILT
from catalog.rules.canonical import parsed_time
from catalog.rules.case_numbers import stated
from catalog.rules.manifest import Manifest
from catalog.station_error import StationError
from ingest.copying import Buffer, Read, both_digests, forget_cached
from ingest.custody.signed_records import SignedRecords, Vouched, digest_in
from ingest.custody.timestamps import stamp_key
from ingest.errors import RecordsDisagree
from ingest.sealing import manifest_key, signature_body, signature_key
from vault.contract import Vault, read_document
from vault.errors import NotInVault, TimestampBad
from vault.signature import PublicKey, signature_is_valid

if TYPE_CHECKING:
    from vault.timestamp import Authority

LEVELS = METADATA, LOCK, BYTES = ("metadata", "lock", "bytes")
"""How much is checked: all is there and follows from what is signed; it is locked too; it reads as it was sealed."""
CHANGING = ("class_", "house_unit", "person", "retain_until")
"""What the catalog may show otherwise than the manifest: classes change, locks grow."""
UNREADABLE = (ManifestUnreadable, TrailUnreadable, ValueError, TypeError, KeyError, AttributeError, IndexError)
"""What comes of rows and documents that are no such thing."""
EPOCH = datetime.fromtimestamp(0, UTC)
"""Stands for a lock that is not compared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs.

    `what` is original, manifest, signature, timestamp, lock, catalog, disposal, trail, act, list or scan.
    """

    clip: str
    path: str
    what: str
    expected: str
    found: str


def seen_again(found: Sequence[Finding], look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What was `found` and is so still when it is looked for anew: others go on with their work meanwhile."""
    seen = {one.what for one in found}
    return [one for one in look() if one.what in seen] if seen else []


@dataclass(frozen=True)
class Verifier:
    """Checks clips against vault, catalog and the keys the station trusts; `progress` is told bytes read.

    `level` is one of `LEVELS`.
    """

    database: Database
    vault: Vault
    trusted: Mapping[str, PublicKey]
    progress: Callable[[int], None]
    authority: Authority | None = None
    level: str = BYTES

    def check(self, clip: str) -> list[Finding]:
        """Everything that differs for one clip, seen twice; an empty list is the proof.

        A clip is linked, or disposed of, while its bytes are being read: what was seen once alone is no difference.
        """
        return seen_again(self._look(clip, self.progress), lambda: self._look(clip, lambda _: None))

    def _look(self, clip: str, progress: Callable[[int], None]) -> list[Finding]:
        row = clips.row(self.database, clip)
        path = str(row.get("path", "-"))
        try:
            return [Finding(clip, path, *difference) for difference in self._differences(clip, row, progress)]
        except NoSuchClip:
            return [Finding(clip, path, "catalog", "the manifest of the clip", "none")]
        except UNREADABLE as error:  # somebody changed what this check reads: a finding like any other
            return [Finding(clip, path, "catalog", "rows that can be read", f"{type(error).__name__}: {error}")]

    def _differences(self, clip: str, row: Row, progress: Callable[[int], None]) -> tuple[tuple[str, str, str], ...]:
        document = clips.document(self.database, clip)
        try:
            manifest = document.read()
        except StationError as error:
            return (("manifest", "a manifest", error.message()),)
        is_gone = disposals.is_done(self.database, clip)
        vouched, unsigned = self._vouched(clip, document) if is_gone or self.level == BYTES else (None, ())
        if is_gone and vouched is not None and vouched.disposed is None:
            unsigned = (*unsigned, ("disposal", "signed by two people", "a row of the catalog alone"))
        is_gone = is_gone and vouched is not None and vouched.disposed is not None
        return (
            *self._manifest(document),
            *(() if is_gone else self.original(manifest.original_key, manifest, progress)),
            *(self._stamp(document) if self.level == BYTES else ()),
            *(() if is_gone else self._lock(row, manifest)),
            *self._papers(document, manifest),
            *self._row(row, manifest),
            *(self._links(clip, vouched) if vouched is not None else ()),
            *self._filed(clip, document),
            *unsigned,
        )

    def strangers(self, pending: Callable[[], Collection[str]] = tuple) -> Iterator[Finding]:
        """Manifests and signed acts in the vault that the catalog does not know; not those of the `pending` digests."""
        known = self._known()
        unknown = {key: sha256 for key in self.vault.keys("manifests") if (sha256 := _named(key)) not in known}
        waiting = pending() if unknown else ()
        filed = self._known() if unknown else ()  # what was on its way when it was listed is filed by now
        for key, sha256 in unknown.items():
            if sha256 not in waiting and sha256 not in filed:
                yield Finding("-", key, "catalog", "a clip with this manifest", "none")
        strays = [key for key, act in self.signed.strays() if act.action != TRAIL_REBUILT]
        waiting = pending() if strays else ()
        left = [key for key in strays if digest_in(key) not in waiting]
        if left:
            self.signed.begin()  # what was on its way when it was listed is on the trail by now
            for key, act in self.signed.strays():
                if key in left:
                    yield Finding("-", key, "trail", f"a line: {act.action} {act.subject} by {act.actor}", "none")

    def act(self, key: str) -> list[Finding]:
        """What is wrong with an act in the vault, seen twice: who rebuilds the catalog would lack it."""
        return seen_again(self._act(key), lambda: self._act(key))

    def _act(self, key: str) -> list[Finding]:
        fault = self.signed.fault_in(key)
        return [] if fault is None else [Finding("-", key, "act", f"SHA-256 {digest_in(key)}, signed", fault)]

    def _known(self) -> frozenset[str]:
        """The manifests the catalog has."""
        return frozenset(str(row["sha256"]) for row in self.database.query("SELECT sha256 FROM manifest", {}))

    @cached_property
    def signed(self) -> SignedRecords:
        """What the rows are compared with."""
        return SignedRecords(self.vault, self.database, lambda: self.trusted)

    # ------------------------------------------------------------------ one thing each

    def _vouched(self, clip: str, document: clips.Document) -> tuple[Vouched | None, tuple[tuple[str, str, str], ...]]:
        """What is signed of a clip, if it can be told, and what of that differs."""
        if not signature_is_valid(document.body, document.signature, document.key_id, self.trusted):
            return None, ()  # told with the manifest
        try:
            return self.signed.of_clip(clip, with_strays=False), ()
        except RecordsDisagree as error:
            return None, (("trail", "what a trusted key signed", str(error.facts["what"])),)
        except TrailUnreadable as error:
            return None, (("trail", "lines that can be read", error.message()),)

    def _manifest(self, document: clips.Document) -> Iterator[tuple[str, str, str]]:
        stored = self._held(manifest_key(document.sha256), document.body)
        if stored != document.body:
            yield "manifest", document.sha256, "missing" if stored is None else "other bytes in the vault"
        wanted = signature_body(document.sha256, document.signature, document.key_id)
        signature = self._held(signature_key(document.sha256), wanted)
        if signature != wanted:
            yield "signature", "the one in the catalog", "missing" if signature is None else "another in the vault"
        if not signature_is_valid(document.body, document.signature, document.key_id, self.trusted):
            yield "signature", "made by a trusted key", f"not valid (key {document.key_id})"

    def _stamp(self, document: clips.Document) -> Iterator[tuple[str, str, str]]:
        """A time stamp that is there must be valid; one that is owed is no difference."""
        stamp = self._read(stamp_key(document.sha256)) if self.authority is not None else None
        if self.authority is not None and stamp is not None:
            try:
                self.authority.check(stamp, document.body)
            except TimestampBad as error:
                yield "timestamp", f"over {document.sha256} by the authority", str(error.facts["reason"])

    def original(
        self, key: str, wanted: Manifest | Scan, progress: Callable[[int], None]
    ) -> Iterator[tuple[str, str, str]]:
        """What differs of the bytes under a key, as `Finding`s without clip and path."""
        size_bytes = wanted.size_bytes
        if self.level != BYTES:
            stored = self.vault.find(key)
            if stored is None or stored.size_bytes != size_bytes:
                yield "original", f"{size_bytes} bytes", "missing" if stored is None else f"{stored.size_bytes} bytes"
            return
        try:
            with self.vault.open(key) as file:
                with suppress(OSError, ValueError):
                    forget_cached(file.fileno())
                digest, read_bytes = both_digests(vault_reader(file), size_bytes, progress)
        except NotInVault:
            yield "original", wanted.sha256, "missing"
            return
        except OSError as error:
            yield "original", wanted.sha256, f"cannot be read: {error.strerror}"
            return
        if digest.sha256 != wanted.sha256:
            yield "original", f"SHA-256 {wanted.sha256}", f"SHA-256 {digest.sha256}"
        if digest.sm3 != wanted.sm3:
            yield "original", f"SM3 {wanted.sm3}", f"SM3 {digest.sm3}"
        if read_bytes != size_bytes:
            yield "original", f"{size_bytes} bytes", f"{read_bytes} bytes"

    def _lock(self, row: Row, manifest: Manifest) -> Iterator[tuple[str, str, str]]:
        """The original is locked as long as the manifest says, and as the catalog says, which may be longer."""
        planned, shown = manifest.retain_until, _time_or_none(row.get("retain_until"))
        if row and (shown is None or shown < planned):
            yield "catalog", f"retain_until {planned.isoformat()} or later", f"retain_until {row['retain_until']}"
        yield from self._locked(manifest.original_key, "", max(planned, shown or planned))

    def _papers(self, document: clips.Document, manifest: Manifest) -> Iterator[tuple[str, str, str]]:
        """Manifest and signature are locked as long as the manifest says."""
        for key in (manifest_key(document.sha256), signature_key(document.sha256)):
            yield from self._locked(key, f"{key} ", manifest.retain_until)

    def _locked(self, key: str, which: str, until: datetime) -> Iterator[tuple[str, str, str]]:
        stored = self.vault.find(key) if self.level != METADATA else None
        if stored is not None and stored.retain_until < until:
            yield "lock", f"{which}until {until.isoformat()}", f"until {stored.retain_until.isoformat()}"

    def _row(self, row: Row, manifest: Manifest) -> Iterator[tuple[str, str, str]]:
        """Every column follows from the manifest, but the class, which changes, and the lock."""
        if not row:
            yield "catalog", "a row of the clip", "none"
            return
        wanted = comparison.as_stored(clips.row_of(manifest, EPOCH), *CHANGING)
        for name, right, found in comparison.unlike(wanted, row):
            yield "catalog", f"{name} {right}", f"{name} {found}"

    def _links(self, clip: str, vouched: Vouched) -> Iterator[tuple[str, str, str]]:
        """The standing links are those that are signed, each to its case, or to what that went into."""
        sql = """SELECT link.id, case_id, merged.id AS was FROM link LEFT JOIN law_case AS merged
 ON merged.merged_into = link.case_id WHERE clip_id = :id AND ended_at IS NULL"""
        linked = dict[str, set[str]]()
        for one in self.database.query(sql, {"id": clip}):
            linked.setdefault(one["id"], set()).update((one["case_id"], one["was"]))
        for link in sorted(linked.keys() | vouched.links.keys()):
            said = vouched.links.get(link)
            if said is None or stated(said) not in linked.get(link, ()):
                found = ", ".join(sorted(filter(None, linked.get(link, ())))) or "none"
                yield "catalog", f"case {said or 'none'} by signed acts", f"case {found}"

    def _filed(self, clip: str, document: clips.Document) -> Iterator[tuple[str, str, str]]:
        lines = self._lines(clip)
        if [_manifest_in(one) for one in lines] != [document.sha256]:
            yield "trail", f"one line that files manifest {document.sha256}", f"{len(lines)} lines"

    def _lines(self, clip: str) -> list[str]:
        """What the lines say that file a clip."""
        sql = "SELECT details FROM trail WHERE subject = :id AND action = :action"
        return [row["details"] for row in self.database.query(sql, {"id": clip, "action": clips.FILED})]

    def _held(self, key: str, body: bytes) -> bytes | None:
        """What the vault holds in the place of `body`; a check that reads nothing back takes what is there for it."""
        return self._read(key) if self.level == BYTES or self.vault.find(key) is None else body

    def _read(self, key: str) -> bytes | None:
        return None if self.vault.find(key) is None else read_document(self.vault, key)


def _named(key: str) -> str:
    """The digest in the key of a manifest."""
    return key.rsplit("/", 1)[-1].removesuffix(".json")


def _time_or_none(value: object) -> datetime | None:
    """A time of a row; None where it is none."""
    try:
        return None if value is None else parsed_time(value)
    except ValueError:
        return None


def _manifest_in(details: str) -> object:
    """The manifest a line of a filed clip names; None where somebody made another thing of it."""
    try:
        return json.loads(details)["manifest"]
    except (ValueError, KeyError, TypeError):
        return None


def vault_reader(file: BinaryIO) -> Read:
    """A reader of buffers over an object of the vault, as `copying` wants it."""

    def read(buffer: Buffer) -> int:
        data = file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    return read
