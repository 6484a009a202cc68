"""A card of 10,000 files that are filed already: each is recognised, none is copied."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from catalog.evidence import Receipt, SourceFile
from devices.survey import Card
from ingest.contract import Silent
from ingest.examine import docking_of
from ingest.inventory import take_inventory
from tests.fakes.callers import ME
from tests.footage.card import make_bulk
from tests.scenario.dock import Dock

FILES = 10_000
GENEROUS_S = 30
"""Five seconds are asked for, and measured where nothing else runs (bench/); here the machine is shared."""


def recognised(dock: Dock, card: Path) -> None:
    """Ingest the card again: everything is known, and nothing is copied or written down."""
    objects, began = dock.objects(), time.monotonic()
    report = dock.ingest(card)
    seconds = time.monotonic() - began
    print(f"{FILES} known files recognised in {seconds:.1f} s")
    assert report.filed == report.held == {}
    assert len(report.skipped) == FILES
    assert {one["reason"] for one in report.skipped.values()} == {"filed already"}
    assert all(one["clip"] for one in report.skipped.values())
    assert dock.objects() == objects
    assert dock.leavings() == []
    assert seconds < GENEROUS_S


def note_all_filed(dock: Dock, card: Path) -> None:
    """Write down in the journal that every file of the card is filed, as an ingest would, but at once."""
    with dock.opened() as station:
        docking = docking_of(None, None, None, None, at=station.now(), by=ME.actor)
        opened = Card(card)
        files = take_inventory(opened, docking, station.junk, station.desk(Silent())).files
        opened.close()
    rows = []
    for number, source in enumerate(files):
        assert isinstance(source, SourceFile)
        receipt = {"clip_id": f"c{number:020d}", "trail_line": number + 1, "trail_hash": "0" * 64}
        rows.append((source.key, Receipt.__name__, json.dumps(receipt)))
    with closing(sqlite3.connect(dock.home / "journal.db")) as journal, journal:
        journal.executemany("INSERT INTO fact VALUES (?, ?, ?)", rows)


def test_ten_thousand_known_files_are_recognised(dock: Dock, card: Path) -> None:
    make_bulk(card, FILES)
    dock.run(
        "cases", "add", "C1", "--title", "a line the station knows its catalog by, before receipts of clips it lacks"
    )
    note_all_filed(dock, card)
    recognised(dock, card)
    (card / "one more.log").write_bytes(b"new")
    assert set(dock.ingest(card).filed) == {"one more.log"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_files_filed_and_recognised(dock: Dock, card: Path) -> None:
    make_bulk(card, FILES)
    with dock.start("ingest", card) as process:
        process.communicate()
    assert process.returncode == 0
    assert len(dock.objects("manifests")) == FILES
    recognised(dock, card)
    shutil.rmtree(dock.home)


def test_other_bytes_in_the_middle_are_found_by_reading_again(dock: Dock, card: Path) -> None:
    path = card / "DCIM" / "TA00001_JX0001_20260305090000.MP4"
    path.parent.mkdir()
    path.write_bytes(bytes(200_000))
    (card / "other.log").write_bytes(b"as it was")
    (first,) = (clip for clip in dock.ingest(card).filed.values() if clip["kind"] != "log")
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(100_000)
        file.write(b"recorded over")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {one["reason"] for one in dock.ingest(card).skipped.values()} == {"filed already"}
    report = dock.ingest(card, "--reread")
    (second,) = report.filed.values()
    assert second["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert second["id"] != first["id"]
    assert {path: one["reason"] for path, one in report.skipped.items()} == {
        "other.log": "filed already, read whole again"
    }
    again = dock.ingest(card, "--reread")
    assert again.filed == {}
    assert dock.ingest(card).filed == {}
    dock.verify()
