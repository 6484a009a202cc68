"""Whether what proves the evidence is itself kept as it must be (凭证核验): keys, acts, lists, scans, receipts.

Each thing has a second witness that another person would have to change as well: a lock is not shorter than the
shortest first lock that a signed manifest tells; a public key is one that the station trusts, and its name is its own
digest; what the station's journal has a receipt for is in the catalog and in the vault.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

from catalog.cases import scans
from catalog.cases.scans import Scan
from catalog.clips import clips
from catalog.database import Database
from catalog.rules.acts import IMPORT_APPLIED, KEY_ROTATED, RELEASE_APPROVED, RELEASE_DRAFTED
from catalog.rules.canonical import parsed_time
from catalog.rules.retention import months_later
from catalog.trail import trail
from ingest.custody.checkpoints import CHECKPOINTS, time_of_checkpoint
from ingest.custody.signed_records import digest_in
from ingest.custody.verification import BYTES, Finding, Verifier, seen_again
from ingest.journal import Filed, Journal
from ingest.sealing import (
    import_key,
    manifest_key,
    recipe_key,
    released_key,
    scan_key,
    scan_manifest_key,
    signature_key,
    time_in,
)
from vault.contract import ILL_KEPT, KEYS, Oddity, Vault, is_key, read_document
from vault.errors import NotInVault
from vault.history import HISTORY, read_history
from vault.signature import PublicKey, key_id, raw_key, read_public_key, signature_is_valid

MONTH_ENDS = timedelta(days=3)
"""So much shorter than others a lock of some months may be: months end on the 28th too."""
PEM_BYTES_MAX = 4096
PAGE_ROWS = 500
PIECE_BYTES = 1 << 20
NAMED_FILES = {"imports": "list", "recipes": "recipe", "released": "film"}
"""What a file is called that an act names by its digest, by its folder."""
OF_A_FOLDER = ("linked", "writable")
"""Faults that a whole folder gets at once: by a backup of hard links, by a copy that kept no modes."""
ALIKE_MAX = 3
"""So many objects of a folder with the same fault are named one by one."""


@dataclass(frozen=True)
class RecordCheck:
    """Checks that what proves the evidence is kept as it must be.

    `anchors` are the public keys of the station's home, `trusted` those and what follows from them.
    `own` is the id of the key the station signs with, `first_months` how long it locks at first now.
    """

    database: Database
    vault: Vault
    journal: Journal
    anchors: Mapping[str, PublicKey]
    trusted: Mapping[str, PublicKey]
    own: str | None
    first_months: int

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong with locks of records, public keys and receipts."""
        yield from self.locks()
        yield from self.keys()
        yield from self.receipts()
        yield from self.lists()
        yield from self.scans(BYTES)

    def locks(self) -> Iterator[Finding]:
        """Records that are locked for less than any first lock of this station."""
        for key, at in self._dated():
            yield from self._lock(key, at)
        history = read_history(self.vault, self.anchors)
        for change in history.changes:
            for key in (change.key, _public(_id_in(change.key))):
                yield from self._lock(key, parsed_time(change.at))
        begun, published = trail.lines(self.database, limit=1), self.journal.published()
        for key in self.vault.keys(KEYS):
            if key in published:
                yield from self._lock(key, parsed_time(published[key]))
            elif begun and not key.startswith(f"{HISTORY}/"):  # of an earlier version: known to be short once it ended
                yield from self._until(key, begun[0].entry.at)

    def keys(self) -> Iterator[Finding]:
        """Public keys in the vault that nobody vouches for, or that are missing there."""
        history = read_history(self.vault, self.anchors)
        for key, why in history.refused:
            yield Finding("-", key, "key", "a change of keys that is believed", why)
        believed = {_id_in(one.key) for one in history.changes}
        for new in sorted(self._rotated() - believed):
            yield Finding("-", f"{HISTORY}/…-{new}.json", "key", "the change to a key, by the trail", "missing")
        here = set[str]()
        for key in self.vault.keys(KEYS):
            if key.startswith(f"{HISTORY}/"):
                continue
            here.add(key)
            public = self._public_key(key)
            name = None if public is None else key_id(public)
            if public is None or name is None or key != _public(name):
                yield Finding("-", key, "key", "the public key it is named after", name or "no public key")
            elif name not in self.trusted or raw_key(public) != raw_key(self.trusted[name]):  # its id may be met
                yield Finding("-", key, "key", "a public key the station trusts", f"{name}, which nobody vouches for")
        rows = self.database.query("SELECT DISTINCT key_id FROM manifest", {})
        used = {str(row["key_id"]) for row in rows} | believed
        for name in sorted((used | ({self.own} if self.own is not None else set())) & self.trusted.keys()):
            if _public(name) not in here:
                yield Finding("-", _public(name), "key", "the public key of what was signed", "missing")

    def receipts(self) -> Iterator[Finding]:
        """Clips the station has a receipt for, or erased on a card, that the catalog or the vault lacks."""
        for one in self.journal.filed():
            clip, manifest = one.clip, one.manifest
            (row,) = self.database.query(_FILED, {"clip": clip, "filed": clips.FILED})
            lacks = [name for name in ("row", "manifest", "line") if row[name] is None]
            if lacks:
                yield Finding(clip, "-", "receipt", "filed, by the station's journal", f"no {', no '.join(lacks)}")
            elif manifest is not None and manifest != row["manifest"]:
                yield Finding(clip, "-", "receipt", f"manifest {manifest}", f"manifest {row['manifest']}")
            if manifest is not None and self.vault.find(manifest_key(manifest)) is None:
                yield Finding(clip, "-", "receipt", manifest_key(manifest), "missing")

    def lists(self) -> Iterator[Finding]:
        """Files that a signed act names by their digest and that are gone or other bytes: lists, recipes, films."""
        for key, _ in named_files(self.database):
            sha256, folder = key.rpartition("/")[2].removesuffix(".json"), key.partition("/")[0]
            try:
                with self.vault.open(key) as file:
                    digest = hashlib.sha256()
                    while piece := file.read(PIECE_BYTES):
                        digest.update(piece)
                    found = digest.hexdigest()
            except NotInVault:
                found = "missing"
            if found != sha256:
                yield Finding("-", key, NAMED_FILES[folder], sha256, found)

    def scans(self, level: str) -> Iterator[Finding]:
        """Scans of written records that are gone, or are not what their acts and signed manifests say."""
        verifier = Verifier(self.database, self.vault, self.trusted, lambda _: None, level=level)
        for scan in scans.on_trail(self.database):
            yield from seen_again(list(_of_scan(verifier, scan)), partial(_of_scan, verifier, scan))

    # ------------------------------------------------------------------ inside

    def _dated(self) -> Iterator[tuple[str, datetime]]:
        """Acts with their signatures, checkpoints, lists and scans, each with when it was written."""
        for key in self.vault.keys("acts"):
            if (at := time_in(key)) is not None:
                yield from ((key, at), (signature_key(digest_in(key)), at))
        for key in self.vault.keys(CHECKPOINTS):
            if (at := time_of_checkpoint(key)) is not None:
                yield key, at
        yield from named_files(self.database)
        for scan in scans.on_trail(self.database):
            keys = scan_key(scan.sha256), scan_manifest_key(scan.id), signature_key(scan.id)
            yield from ((key, scan.at) for key in keys if is_key(key))

    def _lock(self, key: str, at: datetime) -> Iterator[Finding]:
        yield from self._until(key, at + self._shortest)

    def _until(self, key: str, until: datetime) -> Iterator[Finding]:
        stored = self.vault.find(key)
        if stored is not None and stored.retain_until < until:
            wanted, found = f"until {until.isoformat()} or later", f"until {stored.retain_until.isoformat()}"
            yield Finding("-", key, "lock", wanted, found)

    def _rotated(self) -> set[str]:
        """The keys that the trail says this station went over to."""
        found = set[str]()
        for line in trail.lines_of(self.database, [KEY_ROTATED]):
            with suppress(ValueError, TypeError, KeyError):  # a line that was changed is told elsewhere
                found.add(str(json.loads(line.details)["new"]))
        return found

    @cached_property
    def _shortest(self) -> timedelta:
        """The shortest time for which this station ever locked at first: the setting may have been another."""
        now = trail.now()
        shortest, seen = months_later(now, self.first_months) - now, 0
        sql = "SELECT body FROM manifest ORDER BY clip_id LIMIT :limit OFFSET :seen"  # a key may be no text any more
        while rows := self.database.query(sql, {"seen": seen, "limit": PAGE_ROWS}):
            for row in rows:
                shortest = min(shortest, _first_lock(row["body"]) or shortest)
            seen += len(rows)
        return shortest - MONTH_ENDS

    def _public_key(self, key: str) -> PublicKey | None:
        try:
            return read_public_key(read_document(self.vault, key, PEM_BYTES_MAX))
        except (NotInVault, ValueError):
            return None


def first_broken_receipt(database: Database, journal: Journal, begun: datetime) -> Filed | None:
    """The receipt of the lowest line that is not on the trail as it was when it was given; None if all are.

    `begun` is when this trail was begun anew: lines of receipts before that have other numbers now.
    """
    every = (
        one for one in journal.filed() if one.line is not None and one.sealed_at and begun < parsed_time(one.sealed_at)
    )
    for one in sorted(every, key=lambda one: one.line or 0):
        rows = database.query("SELECT chain_hash FROM trail WHERE line = :line", {"line": one.line})
        if [row["chain_hash"] for row in rows] != [one.chain_hash]:
            return one
    return None


def named_files(database: Database) -> Iterator[tuple[str, datetime]]:
    """The key of each file that an act names by its digest, and when it did first: lists, recipes, released films."""
    found = dict[str, datetime]()
    for line in trail.lines_of(database, [IMPORT_APPLIED, RELEASE_DRAFTED, RELEASE_APPROVED]):
        with suppress(ValueError, TypeError, KeyError):  # a line that was changed is told elsewhere
            said, action = json.loads(line.details), line.entry.action
            key = import_key(line.entry.subject) if action == IMPORT_APPLIED else ""
            key = key or (recipe_key(said["recipe"]) if action == RELEASE_DRAFTED else released_key(said["film"]))
            if is_key(key):
                found.setdefault(key, line.entry.at)
    yield from found.items()


def _of_scan(verifier: Verifier, scan: Scan) -> Iterator[Finding]:
    """What differs of a scan: its bytes by both digests, its manifest, the signature over that."""
    key, manifest = scan_key(scan.sha256), scan_manifest_key(scan.id)
    if not (is_key(key) and is_key(manifest)):
        return  # a line that was changed is told elsewhere
    for what, wanted, found in verifier.original(key, scan, verifier.progress):
        yield Finding("-", key, "scan" if what == "original" else what, wanted, found)
    is_read = verifier.level == BYTES
    for one in (manifest, signature_key(scan.id)):
        if verifier.vault.find(one) is None:
            yield Finding("-", one, "scan", "the manifest of a scan, signed", "missing")
            is_read = False
    if is_read:
        try:
            body = read_document(verifier.vault, manifest)
            text = json.loads(read_document(verifier.vault, signature_key(scan.id)))
            is_signed = signature_is_valid(body, str(text["signature"]), str(text["key_id"]), verifier.trusted)
        except (NotInVault, OSError, ValueError, KeyError, TypeError):
            body, is_signed = b"", False
        if hashlib.sha256(body).hexdigest() != scan.id or not is_signed:
            wanted, found = f"SHA-256 {scan.id}, signed", f"SHA-256 {hashlib.sha256(body).hexdigest()}"
            yield Finding("-", manifest, "scan", wanted, found if is_signed else "no trusted key's signature beside it")


_FILED = """SELECT (SELECT id FROM clip WHERE id = :clip) AS row,
 (SELECT sha256 FROM manifest WHERE clip_id = :clip) AS manifest,
 (SELECT MIN(line) FROM trail WHERE subject = :clip AND action = :filed) AS line"""


def ill_kept(oddities: Iterator[Oddity], most: int) -> tuple[list[Finding], list[Oddity]]:
    """Oddities that are faults, as findings, and the others; at most so many of each, so that none hides a fault.

    A folder in which many objects have the same fault, as after a backup by hard links, is one finding, with their
    number.
    """
    faults, others = list[Finding](), list[Oddity]()
    alike, counted = dict[tuple[str, str, str], list[Oddity]](), Counter[tuple[str, str, str]]()
    for one in oddities:
        if one.what in OF_A_FOLDER:
            same = (one.what, one.key.partition("/")[0], one.version)
            counted[same] += 1
            if counted[same] <= ALIKE_MAX:
                alike.setdefault(same, []).append(one)
        elif one.what in ILL_KEPT and len(faults) < most:
            what = "lock" if one.what == "lock" else "vault"
            faults.append(Finding("-", one.key, what, ILL_KEPT[one.what], one.version))
        elif one.what not in ILL_KEPT and len(others) < most:
            others.append(one)
    for (what, folder, version), some in alike.items():
        count = counted[what, folder, version]
        if count > ALIKE_MAX:
            found = f"{version}: {count} objects, the first {some[0].key}"
            faults.append(Finding("-", f"{folder}/", "vault", ILL_KEPT[what], found))
        else:
            faults += [Finding("-", one.key, "vault", ILL_KEPT[what], one.version) for one in some]
    return faults, others


def _first_lock(body: object) -> timedelta | None:
    """For how long a manifest says its clip was locked at first; None for what is no manifest (told elsewhere)."""
    try:
        sealing = json.loads(body)["sealing"]  # type: ignore[arg-type]
        return parsed_time(sealing["retain_until"]) - parsed_time(sealing["at"])
    except (ValueError, TypeError, KeyError):
        return None


def _public(name: str) -> str:
    return f"{KEYS}/{name}.pub.pem"


def _id_in(change: str) -> str:
    """The id of the new key in the key of a change."""
    return change.rpartition("-")[2].removesuffix(".json")
