"""Making an evidence bundle (导出证据包): the trail first, then copies checked against their seals, then its papers.

It is built in a folder whose name begins with a dot and ends in `.part`, and takes its own name in one step once every
byte is synced: what has its own name is whole. The same command again goes on with what is there, hashed anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.rules.callers import Caller
from docking_station.bundle import contents, index, report, report_html, shapes
from docking_station.bundle.encrypting import Recipient, encrypt_folder, recipients
from docking_station.bundle.errors import CannotExport, NoRoomToExport
from docking_station.bundle.facts import ORIGINALS, Facts, Item, Order
from docking_station.bundle.names import plain_name
from docking_station.bundle.originals import originals
from docking_station.derived.pdf import pdf_of
from docking_station.station.apart import demand_outside
from docking_station.station.errors import unwritten
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.errors import StationBusy
from vault import durable, sm2
from vault.signature import SM2, algorithm_of_key, public_pem

if TYPE_CHECKING:
    from catalog.station_error import Language

VERIFY = Path(__file__).with_name("verify.py")
PAPERS_BYTES = 4 << 20
PAPER_BYTES_A_CLIP = 64 << 10
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CASE_CHARS = 60
ID_CHARS = 12
NAMES_MAX = 1000
ENDINGS = ("", ".tar.age")
MARKS = ".*-[0-9]*T[0-9]*Z*.name"


@dataclass(frozen=True, slots=True)
class Exported:
    """The bundle that was made, as `--json` has it: `index_sha256` names it for ever, `pdf`: the report is PDF too."""

    path: Path
    bundle: str
    clips: int
    size_bytes: int
    key_id: str
    index_sha256: str
    pdf: bool


def export_bundle(
    station: Station,
    caller: Caller,
    order: Order,
    progress: Progress = silent,
    entered: Callable[[str, str, tuple[Item, ...]], None] = lambda *_: None,
) -> Exported:
    """Make the bundle of an order; `entered` is called with its name, digest and clips before it has its own name.

    Raises `NothingToExport`, `SealBroken`, `TrailUnproven`, `CopyDiffers`, `NoRoomToExport`, `CannotExport`, and what
    catalog and vault raise.
    """
    demand_outside(station.settings, order.folder)
    readers = recipients(order.recipients)
    items = contents.items_of(station, contents.chosen_clips(station, caller, order))
    station.demand_clock()
    at = station.now()
    with unwritten(CannotExport, path=order.folder):
        order.folder.mkdir(exist_ok=True)  # its last part at most: a disk that is not mounted is not made up for
        about = plain_name(order.request or order.case or "clips")[:CASE_CHARS]
        with _named(order.folder, f"{about}-{at:%Y%m%dT%H%M%S}Z") as name:
            final, made = _export(station, caller, order, name, items, readers, progress, entered)
    return Exported(final, name, len(items), sum(item.size_bytes for item in items), *made)


def _export(
    station: Station,
    caller: Caller,
    order: Order,
    name: str,
    items: tuple[Item, ...],
    readers: list[Recipient],
    progress: Progress,
    entered: Callable[[str, str, tuple[Item, ...]], None],
) -> tuple[Path, tuple[str, str, bool]]:
    place = order.folder if not readers else station.home.root / "exports"
    work = place / f".{_request(order, items)}.part"
    durable.make_folder(place)  # the station's own is for its user alone
    for folder in {order.folder, place}:
        _demand_room(folder, work, items)
    # Before the first byte: what was begun and broke off has left the house all the same.
    contents.announce(station, caller, order, name, items)
    with _held(work):
        made = _build(station, caller, order, name, items, work, progress)
        entered(name, made[1], items)
        final = order.folder / (f"{name}.tar.age" if readers else name)
        if readers:
            _encrypt(work, name, order.folder / f"{work.name}.age", final, readers)
        else:
            work.rename(final)  # refused where a bundle of that name came meanwhile
    durable.sync_folder(order.folder)
    return final, made


@contextmanager
def _named(folder: Path, name: str) -> Iterator[str]:
    """A bundle's name, with a number behind it where it is taken: two exports of one second are two bundles."""
    for left in folder.glob(MARKS):
        _sweep_mark(left)
    for one in (name, *(f"{name}-{number}" for number in range(2, NAMES_MAX))):
        mark = folder / f".{one}.name"
        fd = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _is_mine(fd):
                continue
            try:
                if not any((folder / f"{one}{end}").exists() for end in ENDINGS):
                    yield one
                    return
            finally:
                mark.unlink(missing_ok=True)
        finally:
            os.close(fd)
    raise StationBusy(path=folder)


def _sweep_mark(mark: Path) -> None:
    """Remove the mark of an export that was killed: empty, and nobody's now."""
    try:
        fd = os.open(mark, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return  # gone meanwhile, or no mark of ours
    try:
        if _is_mine(fd) and os.fstat(fd).st_size == 0:
            mark.unlink(missing_ok=True)
    finally:
        os.close(fd)


def _is_mine(fd: int) -> bool:
    """Whether this process holds the file now; not one that was removed since it was opened."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(fd).st_nlink > 0


def _request(order: Order, items: tuple[Item, ...]) -> str:
    """The name of an unfinished folder: equal for the same order, the same clips and the same place."""
    text = "\n".join(
        [
            str(order.folder.absolute()),
            order.case or "",
            *filter(None, [order.request]),
            *order.recipients,
            *(f"{item.document.sha256} {item.name}" for item in items),
        ]
    )
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:ID_CHARS]


def _demand_room(folder: Path, work: Path, items: tuple[Item, ...]) -> None:
    there = sum(path.stat().st_size for path in work.rglob("*") if path.is_file()) if work.parent == folder else 0
    needed = sum(item.size_bytes + PAPER_BYTES_A_CLIP for item in items) + PAPERS_BYTES - there
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoomToExport(path=folder, needed=needed, free=free)


@contextmanager
def _held(work: Path) -> Iterator[None]:
    """The unfinished folder, held against a second export of the same."""
    work.mkdir(mode=0o755, exist_ok=True)
    try:
        with durable.locked(work, wait=False) as fd:
            if not (work.exists() and os.path.samestat(os.fstat(fd), work.stat())):
                raise StationBusy(path=work)  # another export of the same ended in between: what is held is its bundle
            yield
    except BlockingIOError as error:
        raise StationBusy(path=work) from error


def _build(
    station: Station, caller: Caller, order: Order, name: str, items: tuple[Item, ...], work: Path, progress: Progress
) -> tuple[str, str, bool]:
    """Fill the folder; key id, the index's SHA-256, whether there is a PDF."""
    with progress("exporting", sum(item.size_bytes for item in items)) as counter:
        media = originals(station, items, work / ORIGINALS, counter)
    with progress("exporting_papers", 0):  # a thousand clips take half a minute
        return _papers(station, caller, order, name, items, media, work)


def _papers(
    station: Station,
    caller: Caller,
    order: Order,
    name: str,
    items: tuple[Item, ...],
    media: list[shapes.Media],
    work: Path,
) -> tuple[str, str, bool]:
    facts = contents.facts_of(station, caller, order, name, items, station.now())
    papers = Papers(work, {f"{ORIGINALS}/{item.name}": (item.size_bytes, item.sha256) for item in items})
    has_pdf = _payload(facts, media, papers, station)
    history = contents.key_history(station)
    for path, document in history.items():
        papers.put(path, document)
    payload = {path: sha256 for path, (_, sha256) in papers.files.items() if path.startswith("data/")}
    size_bytes = sum(papers.files[path][0] for path in payload)
    about = facts.request or (facts.case.called if facts.case is not None else f"{len(items)} clips")
    papers.put("bagit.txt", shapes.BAGIT)
    info = shapes.BagInfo(facts.station, name, facts.at, size_bytes, len(payload), about)
    papers.put("bag-info.txt", shapes.bag_info(info))
    papers.put("manifest-sha256.txt", shapes.bag_manifest(payload))
    body = index.index(facts, _keys(station), history, papers.files)
    papers.put("index.json", body)
    papers.put("index.json.sig", b64decode(station.signer.sign(body)))
    tags = {path: sha256 for path, (_, sha256) in papers.files.items() if not path.startswith("data/")}
    papers.put("tagmanifest-sha256.txt", shapes.bag_manifest(tags))
    papers.sweep()
    return facts.key_id, hashlib.sha256(body).hexdigest(), has_pdf


def _payload(facts: Facts, media: list[shapes.Media], papers: Papers, station: Station) -> bool:
    """All papers the index lists but BagIt's; whether the report is PDF too."""
    for item in facts.items:
        papers.put(index.manifest_path(item), item.document.body)
        papers.put(f"{index.manifest_path(item)}.sig", b64decode(item.document.signature))
        if item.timestamp is not None:
            papers.put(index.stamp_path(item), item.timestamp)
    if station.authority is not None and any(item.timestamp is not None for item in facts.items):
        papers.put(index.AUTHORITY, station.authority.pem())
    list_name = f"0001_originals_{facts.at:%Y-%m-%d_%H%M%S}Z.mhl"
    body = shapes.media_hash_list(media, facts.at, facts.station)
    papers.put(f"{ORIGINALS}/ascmhl/{list_name}", body)
    papers.put(f"{ORIGINALS}/ascmhl/ascmhl_chain.xml", shapes.media_hash_chain(list_name, body))
    papers.put(index.LINES, index.trail_lines(facts))
    papers.put(index.PROOFS, index.proofs(facts))
    if facts.checkpoint is not None:
        papers.put(index.NOTE, facts.checkpoint[0].note)
    for key, path in _keys(station).items():
        papers.put(path, public_pem(station.trusted.get(key, station.signer.public)))
    papers.put("README.txt", index.readme(facts))
    papers.put("verify.py", VERIFY.read_bytes())
    if any(algorithm_of_key(public) == SM2 for public in (station.signer.public, *station.trusted.values())):
        papers.put("sm2.py", Path(sm2.__file__).read_bytes())
    has_pdf = True
    for language in LANGUAGES:
        text = report.report(facts, language)
        page = report_html.html(text)
        papers.put(f"report.{language}.html", page)
        printed = pdf_of(page)
        has_pdf = has_pdf and printed is not None
        if printed is not None:
            papers.put(f"report.{language}.pdf", printed)
    return has_pdf


class Papers:
    """Writes the small files of a bundle, each synced, and keeps what was written."""

    def __init__(self, work: Path, files: dict[str, tuple[int, str]]) -> None:
        self._work = work
        self.files = files

    def put(self, path: str, body: bytes) -> None:
        """Write a file, in place of what an interrupted export left."""
        target = self._work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        durable.replace_file(target, body, 0o644)
        self.files[path] = (len(body), hashlib.sha256(body).hexdigest())

    def sweep(self) -> None:
        """Remove what an interrupted export left and this one does not list; make the names durable."""
        for path in self._work.rglob("*"):
            if not path.is_dir() and path.relative_to(self._work).as_posix() not in self.files:
                path.unlink()
        for folder in (self._work, *(path for path in self._work.rglob("*") if path.is_dir())):
            durable.sync_folder(folder)


# ---------------------------------------------------------------------- keys and encryption


def _keys(station: Station) -> dict[str, str]:
    """Where each key the station trusts lies: an older one may have signed a manifest or a checkpoint."""
    return {key: f"keys/{key}.pub.pem" for key in sorted({station.signer.key_id, *station.trusted})}


def _encrypt(work: Path, name: str, draft: Path, final: Path, readers: list[Recipient]) -> None:
    """The folder as one encrypted file; the plain one, on the station's own disk, goes away.

    The draft is called as the order is, not as the bundle: what a kill left is written over by the next try.
    """
    try:
        encrypt_folder(work, name, draft, readers)
        draft.rename(final)
    finally:
        draft.unlink(missing_ok=True)
    shutil.rmtree(work)
