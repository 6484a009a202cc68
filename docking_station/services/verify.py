"""`evidock clips verify` from its arguments to its verdict (核验命令)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from catalog.clips import clips
from catalog.rules.access import Action
from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.services.permits import STATION, permit_all
from docking_station.services.rights import find_clip
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody.records import RecordCheck, ill_kept
from ingest.custody.replay import Replay
from ingest.custody.verification import Finding, Verifier
from ingest.sealing import FOLDERS
from vault.contract import Oddity

ODDITIES_MAX = 10_000
WORKERS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked and what differs."""

    count: int
    size_bytes: int
    findings: tuple[Finding, ...]
    oddities: tuple[Oddity, ...] = ()
    text: str = "verified"
    """The name of what is said where nothing differs."""


def verify_clips(
    station: Station, caller: Caller, wanted: Sequence[str] | None, progress: Progress = silent
) -> Verdict:
    """Check these clips, or with None all of them and that the vault holds no clip the catalog lacks."""
    database = station.database
    if wanted is None:
        numbers = clips.every_number(database)
    else:
        numbers = list(dict.fromkeys(find_clip(station, caller, clip) for clip in wanted))
    size_bytes = clips.size_bytes(database, numbers if wanted is not None else None)
    subjects = numbers if wanted is not None else [STATION]
    permit_all(station, caller, Action.VERIFY, subjects, {"clips": len(numbers)})
    with progress("checking", size_bytes) as counter:
        verifier = Verifier(database, station.vault, station.trusted, counter, station.authority)
        findings = checked(verifier, numbers)
    if wanted is not None:
        return Verdict(len(numbers), size_bytes, tuple(findings))
    beside = [*verifier.strangers(station.journal.on_their_way), *_acts(verifier, progress)]
    beside += (*_rows(station, progress), *record_check(station).findings())
    faults, odd = oddities(station)
    found = tuple(dict.fromkeys((*findings, *beside, *faults)))
    return Verdict(len(numbers) + len(beside), size_bytes, found, tuple(odd))


def checked(verifier: Verifier, clips: Sequence[str]) -> list[Finding]:
    """Check these clips, several at once."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return [finding for found in pool.map(verifier.check, clips) for finding in found]


def oddities(station: Station) -> tuple[list[Finding], list[Oddity]]:
    """What is odd about how the vault keeps its objects: what is a fault, and what is not."""
    return ill_kept((one for folder in FOLDERS for one in station.vault.oddities(folder)), ODDITIES_MAX)


def record_check(station: Station) -> RecordCheck:
    """What checks locks of records, public keys and receipts; no private key is needed."""
    own = None
    with suppress(StationError):
        own = station.signer.key_id
    parts = station.database, station.vault, station.journal
    return RecordCheck(*parts, station.anchors, station.trusted, own, station.settings.lock_months)


def _rows(station: Station, progress: Progress) -> list[Finding]:
    """Every row that does not follow from what is signed in the vault."""
    with progress("comparing", 0, in_bytes=False) as counter:
        pending = station.journal.on_their_way
        return Replay(station.database, station.vault, station.trusted, pending, counter).findings()


def _acts(verifier: Verifier, progress: Progress) -> Iterator[Finding]:
    """What is wrong with the acts in the vault."""
    keys = verifier.signed.every_key()
    with progress("checking", len(keys), in_bytes=False) as counter, ThreadPoolExecutor(WORKERS) as pool:
        for found in pool.map(verifier.act, keys):
            counter(1)
            yield from found
