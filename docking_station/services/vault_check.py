"""`evidock vault check` and `scrub` (检查与巡检): whether the vault still holds what the catalog knows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from catalog.clips import clips, search
from catalog.keeping import fixity
from catalog.rules.callers import Caller
from docking_station.services.verify import Verdict, checked, oddities, record_check, verify_clips
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody.repair_documents import DocumentRepairer
from ingest.custody.scrub import Scrubbed, Scrubber
from ingest.custody.verification import BYTES, LOCK, Finding, Verifier
from ingest.sealing import original_key
from vault.contract import Oddity, Vault


def check_vault(station: Station, caller: Caller, level: str, progress: Progress = silent) -> Verdict:
    """Everything that is missing, is of another size, is not locked long enough, or (`bytes`) reads otherwise."""
    if level == BYTES:
        # What the first of several vaults holds is not all there is.
        left = repair_vault(station, None).damaged if len(station.vault.copies()) > 1 else ()
        keys = ((name if "/" in name else original_key(name), name, fault) for name, fault in left)
        shown = (Finding("-", key, "original", name, fault) for key, name, fault in keys)
        verdict = verify_clips(station, caller, None, progress)
        return replace(verdict, findings=(*verdict.findings, *shown))
    numbers, check, odd = clips.every_number(station.database), record_check(station), list[Oddity]()
    verifier = Verifier(station.database, station.vault, station.trusted, lambda _: None, level=level)
    findings = [*checked(verifier, numbers), *check.receipts(), *check.scans(level)]
    if level == LOCK:
        faults, odd = oddities(station)
        findings += (*check.locks(), *check.keys(), *faults)
    text, size_bytes = "vault_locked" if level == LOCK else "vault_whole", clips.size_bytes(station.database, None)
    return Verdict(len(numbers), size_bytes, tuple(dict.fromkeys(findings)), tuple(odd), text=text)


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
