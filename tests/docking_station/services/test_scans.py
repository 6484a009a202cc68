"""Scans of written records, as a page would call them: sealed, named by an act, drawn, handed out, kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from catalog.cases import cases
from catalog.cases.errors import NoScan, NoSuchPaper
from catalog.clips.chores import PAPER_PAGES, CatalogChores
from catalog.rules.retention import Retention, Retentions, months_later
from catalog.trail import trail
from docking_station.derived.pages import draw_pages
from docking_station.services.cases import open_case
from docking_station.services.papers import add_paper, show_paper
from docking_station.services.scans import pull_scan, scan_paper
from docking_station.services.vault_check import check_vault, scrub_vault
from docking_station.services.verify import record_check
from docking_station.station.errors import CannotPull, FileThere, NoPage
from docking_station.station.station import Station
from ingest.custody.record_locks import RecordLocks
from ingest.sealing import scan_key, scan_manifest_key, signature_key
from media.errors import ScanUnfit
from tests.catalog.schema import faults
from tests.fakes import people
from tests.fakes.callers import ME
from tests.footage.papers import ofd, pdf
from tests.house.tree import ROOT
from tests.scenario.dock import Dock
from vault.contract import read_document

SCHEMA = json.loads((ROOT / "docs/schema/evidock.paper-1.json").read_text())


@pytest.fixture
def paper(dock: Dock) -> str:
    with dock.opened() as station:
        open_case(station, ME, [cases.number("A1")], {"title": "x", "unit": "A"})
        return add_paper(station, ME, "A1", {"code": "site-record", "number": "7"}).id


def lines(station: Station) -> list[tuple[str, str]]:
    return [(line.entry.action, line.entry.subject) for line in trail.lines(station.database, limit=999)]


def test_a_scan_is_sealed_and_named_drawn_and_handed_out(dock: Dock, paper: str, tmp_path: Path) -> None:
    file, to = tmp_path / "现场 笔录.pdf", tmp_path / "out"
    file.write_bytes(pdf("first", "second"))
    with dock.opened() as station:
        with pytest.raises(NoScan):
            pull_scan(station, ME, paper, to)
        scan = scan_paper(station, ME, "7", file).scan
        assert scan is not None
        assert (scan.name, scan.format, scan.pages) == ("现场 笔录.pdf", "pdf", 2)
        assert scan.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        body = read_document(station.vault, scan_manifest_key(scan.id))
        assert list(faults(json.loads(body), SCHEMA)) == []
        before = lines(station)
        assert before[-1] == ("paper.scanned", paper)
        assert scan_paper(station, ME, paper, file).scan == scan
        assert lines(station) == before, "the same bytes again are nothing new"
        assert list(record_check(station).findings()) == []
        chores = CatalogChores(station.database)
        assert [one.subject for one in chores.unsubmitted(PAPER_PAGES, ())] == [scan.id]
        with pytest.raises(NoPage, match="not drawn yet"):
            pull_scan(station, ME, paper, to, 2)
        draw_pages(station, scan.id, lambda _: None, count(step=1000).__next__)
        assert show_paper(station, ME, paper).drawn == 0, "a scan that takes for ever is left"
        draw_pages(station, scan.id, lambda _: None)
        assert show_paper(station, ME, paper).drawn == 2
        kept = station.database.query("SELECT page, text FROM paper_text ORDER BY page", {})
        assert [(row["page"], row["text"].strip()) for row in kept] == [(1, "first"), (2, "second")]
        note = json.loads((station.settings.derived_of(scan.id) / "page-2.json").read_text())
        assert (note["page"], note["text"], note["derived"]) == (2, "second", True)
        picture = pull_scan(station, ME, paper, to, 2)
        assert picture.path.read_bytes().startswith(b"\xff\xd8\xff")
        assert (picture.path.name, picture.manifest) == ("现场 笔录-2.jpg", None)
        with pytest.raises(FileThere):
            pull_scan(station, ME, paper, to, 2)
        with pytest.raises(NoPage, match="no such page"):
            pull_scan(station, ME, paper, to, 3)
        pulled = pull_scan(station, ME, paper, to)
        assert pulled.manifest is not None
        assert (pulled.path.read_bytes(), pulled.manifest.read_bytes()) == (file.read_bytes(), body)
        assert lines(station)[len(before) :] == [("paper.pulled", paper)] * 2
        with pytest.raises(CannotPull):
            pull_scan(station, ME, paper, tmp_path / "not/there")
        assert len(lines(station)) == len(before) + 3, "the look is on the trail before the first byte"


def test_another_scan_follows_and_the_first_stays_sealed(dock: Dock, paper: str, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf())
    (tmp_path / "a.ofd").write_bytes(ofd())
    with dock.opened() as station:
        first, other = (scan_paper(station, ME, paper, tmp_path / name).scan for name in ("a.pdf", "a.ofd"))
        assert first is not None
        assert other is not None
        assert show_paper(station, ME, paper).scan == other
        draw_pages(station, other.id, lambda _: None)
        assert show_paper(station, ME, paper).drawn == 0
        keys = [scan_key(scan.sha256) for scan in (first, other)]
        assert all(station.vault.find(key) is not None for key in keys)
        # Equal bytes are one object, whichever records they are of.
        second = add_paper(station, ME, "A1", {"code": "site-record"}).id
        again = scan_paper(station, ME, second, tmp_path / "a.ofd").scan
        assert again is not None
        assert (again.sha256, again.id == other.id) == (other.sha256, False)
        assert len([key for key in station.vault.keys("papers") if not key.endswith(".json")]) == 2
        assert (scrub_vault(station, 60.0, everything=True).read, lines(station)[-1][0]) == (2, "paper.scanned")
        (dock.home / "vault/objects" / keys[0]).unlink()
        damaged = scrub_vault(station, 60.0, everything=True).damaged
        assert [name for name, _ in damaged] == [keys[0]]
        assert lines(station)[-1] == ("original.damaged", paper), "the scrub reads scans too"
        (dock.home / "vault/objects" / keys[1]).unlink()
        for level in ("metadata", "lock"):
            found = check_vault(station, ME, level).findings
            assert {one.path for one in found if one.what == "scan"} == set(keys), "the newest, and the one before"


@contextmanager
def growing(name: str, total: int, *, in_bytes: bool = True) -> Iterator[Callable[[int], None]]:
    def more(_: int) -> None:
        with Path("grows.pdf").open("ab") as file:
            file.write(b"more")

    yield more


def test_what_cannot_be_a_scan_is_refused_and_nothing_is_sealed(
    dock: Dock, paper: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.pdf").touch()
    Path("grows.pdf").write_bytes(pdf())
    Path("folder.pdf").mkdir()
    with dock.opened() as station:
        before = lines(station)
        for name, why in (
            ("empty.pdf", "empty"),
            ("grows.pdf", "changed"),
            ("folder.pdf", "no PDF"),
            ("none.pdf", "No such file"),
        ):
            with pytest.raises(ScanUnfit, match=why):
                scan_paper(station, ME, paper, Path(name), growing)
        assert list(station.vault.keys("papers")) == []
        assert lines(station) == before
        assert list(station.settings.derived.iterdir()) == []


def test_who_may_not_read_the_case_is_answered_as_if_there_were_no_record(
    dock: Dock, paper: str, tmp_path: Path
) -> None:
    (tmp_path / "a.ofd").write_bytes(ofd())
    with dock.opened() as station:
        scan_paper(station, ME, paper, tmp_path / "a.ofd")
        people.enter(station.database, station.act_writer.carry_out, station.now(), ME.person)
        before, other = lines(station), people.caller("0102")  # of a unit below that of the case
        for ask in (
            lambda: show_paper(station, other, paper),
            lambda: scan_paper(station, other, paper, tmp_path / "a.ofd"),
            lambda: pull_scan(station, other, paper, tmp_path),
        ):
            with pytest.raises(NoSuchPaper):
                ask()
        assert lines(station) == before


def test_a_scan_is_locked_as_long_as_the_file_of_its_case(dock: Dock, paper: str, tmp_path: Path) -> None:
    (tmp_path / "a.ofd").write_bytes(ofd())
    with dock.opened() as station:
        scan = scan_paper(station, ME, paper, tmp_path / "a.ofd").scan
        assert scan is not None
        keys = scan_key(scan.sha256), scan_manifest_key(scan.id), signature_key(scan.id)
        tables = Retentions()

        def until(later: int) -> set[int]:
            locks = RecordLocks(station.own_vault, station.database, station.settings.lock_months, lambda: tables)
            locks.roll_on(months_later(scan.at, later), lambda: False)
            stored = [station.vault.find(key) for key in keys]
            return {round((one.retain_until - scan.at).days / 30.4) for one in stored if one is not None}

        first = station.settings.lock_months
        assert until(0) == {first}
        assert until(first - 1) == {2 * first - 1}, "it rolls on while the file is kept"
        tables = Retentions(((scan.at, Retention(24, 36)),))
        assert until(first) == {36}, "a period that the policy names in months"
