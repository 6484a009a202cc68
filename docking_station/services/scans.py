"""Scans of written records (文书扫描件): a file is sealed and named by a signed act, and handed out, whole or by page.

A scan is visible as its case is. Handing one out is a look: `paper.pulled` is on the trail before its first byte.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from catalog.cases import papers, scans
from catalog.cases.errors import NoScan
from catalog.cases.papers import Paper
from catalog.cases.scans import Scan
from catalog.clips.clips import Document
from catalog.evidence import Digest
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.paper_manifest import ScanFile
from catalog.trail import trail
from docking_station.derived.pages import page_of, words_of
from docking_station.derived.scratch import draft_in
from docking_station.services.papers import PaperShown, demand_paper, show_paper
from docking_station.services.permits import note_looks
from docking_station.services.play import demand_new
from docking_station.services.pull import Sealed, hand_out, safe_name
from docking_station.station.apart import demand_outside
from docking_station.station.errors import CannotPull, CopyDiffers, DerivedUnwritable, unwritten
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.copying import Buffer, copy_hashing, sha256_of
from ingest.sealing import scan_key, scan_manifest_key, signature_key
from media.scans import look, unfit
from vault import durable
from vault.contract import read_document

PULLED = "paper.pulled"
SCAN_BYTES_MAX = 512 << 20
STEM_CHARS_MAX = 80
ENDING_CHARS_MAX = 10


SCREEN, READING, LINES = "screen", timedelta(minutes=15), 20
"""Where a page goes that somebody reads on a page, and for how long one line says it."""


@dataclass(frozen=True, slots=True)
class PageShown:
    """One page of a scan as a screen shows it: a JPEG, its size in pixels, its words and where each line stands."""

    jpeg: bytes
    width: int
    height: int
    text: str
    lines: tuple[tuple[float, float, float, float, str], ...]


@dataclass(frozen=True, slots=True)
class PulledScan:
    """Where the copy of a scan lies, or the picture of one `page`; its fields are keys of `--json`."""

    paper: str
    path: Path
    manifest: Path | None
    page: int | None
    sha256: str


def scan_paper(station: Station, caller: Caller, paper: str, path: Path, progress: Progress = silent) -> PaperShown:
    """Seal a file as the scan of a written record; the same bytes again are nothing new.

    Raises `NoSuchPaper`, `PaperAmbiguous`, `NotAllowed`, `ScanUnfit`, `DerivedUnwritable`, and as an act.
    """
    found, known_as = demand_paper(station, caller, paper, Right.PAPER_WRITE)
    seal_scan(station, found, path, known_as.actor, progress)
    return show_paper(station, caller, found.id)


def seal_scan(station: Station, paper: Paper, path: Path, actor: str, progress: Progress = silent) -> None:
    """Seal a file as the scan of a record, by whoever has the right to; raises as `scan_paper`."""
    with unwritten(DerivedUnwritable, path=station.settings.derived), draft_in(station.settings.derived) as draft:
        copy = draft / "scan"
        file = _copied(path, copy, progress)
        with station.changing("acts", wait=True):
            station.demand_clock()
            now, before = station.now(), scans.get(station.database, papers.get(station.database, paper.id).scan)
            if before is None or before.sha256 != file.digest.sha256:
                about = {"paper": paper.id, "case": paper.case, "by": actor}
                number = station.sealer.seal_scan(file, about, copy, now)
                facts = file.name, file.format, file.pages, file.size_bytes, file.digest.sha256, file.digest.sm3
                # Sealed first: what an act names is in the vault. Killed in between, the same is done again.
                station.act_writer.carry_out(scans.scanning(Scan(number, paper.id, *facts, now, actor)))


def pull_scan(
    station: Station, caller: Caller, paper: str, folder: Path, page: int | None = None, progress: Progress = silent
) -> PulledScan:
    """Copy a scan with its manifest and signature into a folder, or the picture of one page, which is no evidence.

    Raises `NoSuchPaper`, `PaperAmbiguous`, `NoScan`, `NoPage`, `NotApart`, and as pulling a clip.
    """
    demand_outside(station.settings, folder)
    found, known_as = demand_paper(station, caller, paper, Right.CASE_READ)
    scan = scans.get(station.database, found.scan)
    if scan is None:
        raise NoScan(paper=found.called)
    told: dict[str, object] = {"scan": scan.id, "to": str(folder)}
    if page is not None:
        picture, digest = page_of(station, scan, page)
        target = folder / f"{Path(safe_name(scan.name)).stem}-{page}{picture.suffix}"
        demand_new(station, target)
        note_looks(station, known_as, PULLED, (found.id,), {**told, "page": page})
        with unwritten(CannotPull, path=target):
            folder.mkdir(exist_ok=True)
            body = picture.read_bytes()
            if sha256(body).hexdigest() != digest:
                raise CopyDiffers(clip=found.id, path=target.name, expected=digest, found=sha256(body).hexdigest())
            durable.replace_file(target, body, 0o644)
        return PulledScan(found.id, target, None, page, digest)
    note_looks(station, known_as, PULLED, (found.id,), told)
    sealed = Sealed(scan.id, scan.name, scan_key(scan.sha256), scan, _document(station, scan))
    copy, manifest = hand_out(station, sealed, folder, progress)
    return PulledScan(found.id, copy, manifest, None, scan.sha256)


def look_at_page(station: Station, caller: Caller, paper: str, page: int) -> PageShown:
    """One page of a scan for reading; its line is on the trail first, one for as long as somebody reads there.

    Raises `NoSuchPaper`, `PaperAmbiguous`, `NoScan`, `NoPage`, `NotAllowed`, `CopyDiffers`, `DerivedUnwritable`.
    """
    found, known_as = demand_paper(station, caller, paper, Right.CASE_READ)
    scan = scans.get(station.database, found.scan)
    if scan is None:
        raise NoScan(paper=found.called)
    picture, digest = page_of(station, scan, page)
    told = {"scan": scan.id, "page": page, "to": SCREEN}
    since = station.now() - READING
    lines, _ = trail.newest_about(station.database, found.id, LINES)
    if not any(
        one.entry.action == PULLED and one.entry.actor == known_as.actor and one.entry.at > since
        and told.items() <= json.loads(one.details).items() for one in lines
    ):  # fmt: skip
        note_looks(station, known_as, PULLED, (found.id,), told)
    with unwritten(DerivedUnwritable, path=picture):
        jpeg = picture.read_bytes()
    if sha256(jpeg).hexdigest() != digest:
        raise CopyDiffers(clip=found.id, path=picture.name, expected=digest, found=sha256(jpeg).hexdigest())
    drawn, words = words_of(station, scan, page)
    size = int(drawn.get("width") or 1), int(drawn.get("height") or 1)
    return PageShown(jpeg, *size, str(words.get("text") or ""), tuple(words.get("lines") or ()))


def _document(station: Station, scan: Scan) -> Document:
    signature = json.loads(read_document(station.vault, signature_key(scan.id)))
    body = read_document(station.vault, scan_manifest_key(scan.id))
    return Document(body, str(signature["signature"]), str(signature["key_id"]))


def _copied(path: Path, copy: Path, progress: Progress) -> ScanFile:
    """Copy a file, synced and read back, and look into the copy; raises `ScanUnfit` for whatever is wrong with it."""
    stem, dot, ending = safe_name(path.name).rpartition(".")
    name = f"{stem[:STEM_CHARS_MAX].strip()}{dot}{ending[:ENDING_CHARS_MAX]}"
    if path.exists() and not path.is_file():
        raise unfit(name, "unknown")
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise unfit(name, "unread", error.strerror) from error
    with open(fd, "rb", buffering=0) as source, copy.open("x+b", buffering=0) as target:
        before = os.fstat(fd)
        if before.st_size > SCAN_BYTES_MAX:
            raise unfit(name, "large", SCAN_BYTES_MAX)
        if not before.st_size:
            raise unfit(name, "empty")

        left = before.st_size + 1  # one that grows and grows must not fill the disk

        def read(buffer: Buffer) -> int:
            nonlocal left
            try:
                size = os.readv(fd, [buffer[:left]])
            except OSError as error:
                raise unfit(name, "unread", error.strerror) from error
            left -= size
            return size

        with progress("reading", before.st_size) as counter:
            digest, size_bytes = copy_hashing(read, target.fileno(), before.st_size, counter)
        after = os.fstat(source.fileno())
        if (size_bytes, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
            raise unfit(name, "changed")
        os.fsync(target.fileno())
        found = sha256_of(target.fileno())
        if found != digest.sha256:
            raise CopyDiffers(clip=name, path=path, expected=digest.sha256, found=found)
    kind, pages = look(copy, name)
    return ScanFile(name, kind, pages, size_bytes, Digest(digest.sha256, digest.sm3))
