"""Pictures of the pages of scanned records (文书页面图像), each with its text: derived, and no evidence.

Shapes: they lie in the folder of derived files under the number of the scan, `page-N.json` beside `page-N-….jpg`, N
from 1. A note's `text` is the page's text layer, for search, `words-N.json` what was read in the picture of a page that
has none, both with its `lines` and their places; `why` says why it has no picture, or no words. A page that was drawn
is not drawn again; the folder may be deleted at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.cases import scans
from catalog.cases.scans import Scan
from docking_station.derived.copies import notes, original, publish
from docking_station.derived.scratch import draft_in
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, NoPage, unwritten
from ingest.sealing import scan_key
from media.beside import MadeFile
from media.errors import ScanUnfit
from media.scans import PAGE_S, READER, page, unfit, words

if TYPE_CHECKING:
    from docking_station.station.station import Station

USUAL_S = 3.0
"""A page takes ten times less, of a usual scan on a slow machine too."""


def draw_pages(
    station: Station, number: str, progress: Callable[[float], None], clock: Callable[[], float] = time.monotonic
) -> None:
    """Draw every page of a scan that has no picture yet; one that cannot be drawn keeps no other from it.

    A scan made to be slow must not keep the copies of footage waiting for days: it has its time, then it is left.

    Raises `CopyDiffers` where the vault did not give the sealed bytes, `DerivedUnwritable`, what the vault raises.
    """
    scan = scans.get(station.database, number)
    if scan is None or scan.pages is None:
        return
    derived, until_s = station.settings.derived, clock() + PAGE_S + USUAL_S * scan.pages
    about = {"original": {"paper": scan.paper, "sha256": scan.sha256}, "tool": "PDFium, Pillow"}
    with (
        unwritten(DerivedUnwritable, path=derived),
        draft_in(derived) as draft,
        original(station, scan_key(scan.sha256), draft, progress) as path,
    ):
        with path.open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
        if found != scan.sha256:
            raise CopyDiffers(clip=scan.paper, path=scan.name, expected=scan.sha256, found=found)
        for at in range(1, scan.pages + 1):
            if _note(station, scan, at).get("file") is None:
                publish(station, scan.id, _drawn(path, scan, at, draft / "page.jpg", clock() > until_s), about)
            scans.keep_text(station.database, scan.id, at, str(_note(station, scan, at).get("text") or ""))
            progress(at / scan.pages)


def read_pages(station: Station, number: str, progress: Callable[[float], None]) -> None:
    """Read the words in the pictures of a scan's pages that have no text layer, for search (文字识别).

    Raises `NoPage` while a page is not drawn yet, `DerivedUnwritable`, `ToolFailed`.
    """
    scan = scans.get(station.database, number)
    for at in range(1, (0 if scan is None else scan.pages or 0) + 1):
        assert scan is not None
        note = _note(station, scan, at)
        if str(note.get("text") or "").strip() or "why" in note:
            continue
        part = f"words-{at}"
        read = notes(station, scan.id, (part,)).get(part)
        if read is None:
            read = {"page": at} | _words(page_of(station, scan, at)[0], scan)
            about = {"original": {"paper": scan.paper, "sha256": scan.sha256}, "tool": READER}
            with unwritten(DerivedUnwritable, path=station.settings.derived):
                publish(station, scan.id, MadeFile(part, None, (), read), about)
        scans.keep_text(station.database, scan.id, at, str(read.get("text") or ""))
        progress(at / (scan.pages or 1))


def _words(picture: Path, scan: Scan) -> dict[str, object]:
    try:
        return dict(words(picture, scan.name))
    except ScanUnfit as error:
        return {"why": error.message()}


def _drawn(path: Path, scan: Scan, number: int, target: Path, is_late: bool) -> MadeFile:
    try:
        if is_late:
            raise unfit(scan.name, "slow")
        made = page(path, scan.name, number)
    except ScanUnfit as error:
        return MadeFile(f"page-{number}", None, (), {"page": number, "why": error.message()})
    target.write_bytes(made.jpeg)
    facts = {name: getattr(made, name) for name in ("width", "height", "text", "lines")} | {"page": number}
    return MadeFile(f"page-{number}", target, (), facts)


def words_of(station: Station, scan: Scan, number: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What is noted of the picture of a page, and of its words; who calls this writes a look down."""
    drawn = _note(station, scan, number)
    is_told = bool(str(drawn.get("text") or "").strip())
    return drawn, drawn if is_told else notes(station, scan.id, (f"words-{number}",)).get(f"words-{number}", {})


def page_of(station: Station, scan: Scan, number: int) -> tuple[Path, str]:
    """Where the picture of a page lies, and its SHA-256; raises `NoPage`. Who calls this writes a look down."""
    note = _note(station, scan, number)
    if note.get("file") is None:
        is_one = scan.pages is not None and 1 <= number <= scan.pages
        why, why_zh = ("it is not drawn yet", "尚未生成") if is_one else ("there is no such page", "没有这一页")
        said = note.get("why")
        raise NoPage(page=number, name=scan.name, why=said or why, why_zh=said or why_zh)
    return station.settings.derived_of(scan.id) / str(note["file"]), str(note["sha256"])


def _note(station: Station, scan: Scan, number: int) -> dict[str, object]:
    part = f"page-{number}"
    return notes(station, scan.id, (part,)).get(part, {})
