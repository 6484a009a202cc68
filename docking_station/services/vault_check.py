"""`evidock vault check` and `scrub` (检查与巡检): whether the vault still holds what the catalog knows."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.clips import clips, search
from catalog.keeping import fixity
from catalog.rules.callers import Caller
from catalog.rules.canonical import parsed_time
from catalog.rules.manifest import read_manifest
from docking_station.services.verify import WORKERS, Verdict, oddities, record_check, verify_clips
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody.repair_documents import DocumentRepairer
from ingest.custody.scrub import Scrubbed, Scrubber
from ingest.custody.signed_records import SignedRecords
from ingest.custody.verification import UNREADABLE, Finding, seen_again
from ingest.errors import RecordsDisagree
from ingest.sealing import manifest_key, original_key, signature_key
from vault.contract import Oddity, Vault

LEVELS = ("metadata", "lock", "bytes")
SQL = """SELECT clip.id, clip.path, clip.sha256, clip.size_bytes, clip.retain_until, manifest.sha256 AS manifest,
 manifest.body, disposal.done_at FROM clip JOIN manifest ON manifest.clip_id = clip.id
 LEFT JOIN disposal ON disposal.clip_id = clip.id"""


def check_vault(station: Station, caller: Caller, level: str, progress: Progress = silent) -> Verdict:
    """Everything that is missing, is of another size, is not locked long enough, or (`bytes`) reads otherwise."""
    if level == "bytes":
        if len(station.vault.copies()) > 1:  # what the first of them holds is not all there is
            left = repair_vault(station, None)
            shown = [Finding("-", original_key(sha256), "original", sha256, fault) for sha256, fault in left.damaged]
            return _with(verify_clips(station, caller, None, progress), shown)
        return verify_clips(station, caller, None, progress)
    database = station.database
    rows = database.query(f"{SQL} ORDER BY clip.id", {})
    signed = SignedRecords(station.vault, station.database, lambda: station.trusted)
    with_lock = level == "lock"

    def look(row: Mapping[str, Any]) -> list[Finding]:
        """What is wrong, seen twice: the clip may have been disposed of since the rows were read."""

        def again() -> Iterator[Finding]:
            for now in station.database.query(f"{SQL} WHERE clip.id = :id", {"id": row["id"]}):
                yield from _found(station, signed, now, with_lock=with_lock)

        return seen_again(list(_found(station, signed, row, with_lock=with_lock)), again)

    with ThreadPoolExecutor(WORKERS) as pool:
        found = pool.map(look, rows)
        findings = [finding for some in found for finding in some]
    whole = "row, manifest and line of a clip"
    findings += (Finding(clip, "-", "catalog", whole, lacks) for clip, lacks in clips.lost(database))
    check, odd = record_check(station), list[Oddity]()
    findings += check.receipts()
    if with_lock:
        faults, odd = oddities(station)
        findings += (*check.locks(), *check.keys(), *faults)
    text = "vault_locked" if level == "lock" else "vault_whole"
    size_bytes = clips.size_bytes(database, None)
    return Verdict(len(rows), size_bytes, tuple(dict.fromkeys(findings)), tuple(odd), text=text)


def _with(verdict: Verdict, findings: Sequence[Finding]) -> Verdict:
    return replace(verdict, findings=(*verdict.findings, *findings))


def _found(station: Station, signed: SignedRecords, row: Mapping[str, Any], *, with_lock: bool) -> Iterator[Finding]:
    """What is wrong with a clip; one that is disposed of by a row alone is looked at like any other."""
    try:
        yield from _differences(station, signed, row, with_lock=with_lock)
    except UNREADABLE as error:  # somebody made another thing of it
        yield Finding(
            row["id"], str(row["path"]), "catalog", "a row that can be read", f"{type(error).__name__}: {error}"
        )


def _differences(
    station: Station, signed: SignedRecords, row: Mapping[str, Any], *, with_lock: bool
) -> Iterator[Finding]:
    if hashlib.sha256(row["body"]).hexdigest() != row["manifest"]:
        yield Finding(row["id"], row["path"], "catalog", f"manifest {row['manifest']}", "another")
        return
    manifest = read_manifest(bytes(row["body"]), row["manifest"])
    sealed = (manifest.clip, manifest.sha256, manifest.size_bytes)
    if sealed != (row["id"], row["sha256"], row["size_bytes"]):
        yield Finding(row["id"], row["path"], "catalog", "clip {}, SHA-256 {}, {} bytes".format(*sealed), "another row")
    if row["done_at"] is not None:
        try:
            if signed.of_clip(row["id"], with_strays=False).disposed is not None:
                return
            yield Finding(row["id"], row["path"], "disposal", "signed by two people", "a row of the catalog alone")
        except RecordsDisagree as error:
            yield Finding(row["id"], row["path"], "disposal", "signed by two people", str(error.facts["what"]))
    yield from _findings(station, row, manifest.retain_until, with_lock=with_lock)


def _findings(station: Station, row: Mapping[str, Any], planned: datetime, *, with_lock: bool) -> Iterator[Finding]:
    keys = {
        "original": original_key(row["sha256"]),
        "manifest": manifest_key(row["manifest"]),
        "signature": signature_key(row["manifest"]),
    }
    held = parsed_time(row["retain_until"])  # of an original that clips of equal bytes share: the longest
    for what, key in keys.items():
        stored = station.vault.find(key)
        if stored is None:
            yield Finding(row["id"], row["path"], what, key, "missing")
            continue
        if what == "original" and stored.size_bytes != row["size_bytes"]:
            wanted, found = f"{row['size_bytes']} bytes", f"{stored.size_bytes} bytes"
            yield Finding(row["id"], row["path"], what, wanted, found)
        until = held if what == "original" else planned
        if with_lock and stored.retain_until < until:
            wanted, found = f"{what} until {until.isoformat()}", f"until {stored.retain_until.isoformat()}"
            yield Finding(row["id"], row["path"], "lock", wanted, found)


def scrub_vault(station: Station, seconds: float, *, everything: bool) -> Scrubbed:
    """Read what is overdue, or with `everything` whatever was not read since now."""
    station.demand_clock()
    return scrubber(station).round(seconds, station.now() if everything else None)


def repair_vault(station: Station, wanted: Sequence[str] | None) -> Scrubbed:
    """Read every copy of these clips' originals, or of all, and repair what is damaged from a copy that is whole."""
    station.demand_clock()
    made = scrubber(station)
    if wanted is None:
        return made.round(float("inf"), station.now())
    numbers = dict.fromkeys(search.full_id(station.database, clip) for clip in wanted)
    originals = dict.fromkeys(fixity.of_clip(station.database, number) for number in numbers)
    looked = [(one, made.look(one)) for one in originals]
    faults = [(one.sha256, found.fault, found.is_repaired) for one, found in looked if found.fault is not None]
    return Scrubbed(
        len(originals),
        sum(one.size_bytes for one in originals),
        tuple((sha256, fault) for sha256, fault, is_repaired in faults if not is_repaired),
        tuple((sha256, fault) for sha256, fault, is_repaired in faults if is_repaired),
    )


def scrubber(station: Station, vault: Vault | None = None, stop: threading.Event | None = None) -> Scrubber:
    """What reads originals again, as the settings say; in the station's own vault, or as the dock reaches it."""
    every, rate = station.settings.reread_every, station.settings.reread_bytes_per_s
    scratch = station.home.root / "mending"
    stop = stop if stop is not None else threading.Event()
    docs = DocumentRepairer(station.database, lambda: station.trusted, scratch, station.now, station.believed_authority)
    return Scrubber(vault or station.own_vault, station.database, every, rate, stop, station.now, scratch, docs)
