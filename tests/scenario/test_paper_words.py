"""The words of a scanned page without a text layer are read, and clips of its case are found by them."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from catalog.cases import cases
from docking_station.derived.worker import kinds_here
from docking_station.services.cases import open_case
from docking_station.services.papers import add_paper
from docking_station.services.scans import scan_paper
from media.scans import can_read_words
from tests.fakes.apart import programs
from tests.fakes.callers import ME
from tests.house.tree import ROOT
from tests.scenario.dock import Dock

SAID = "SITE RECORD 2026-017"


def photographed() -> bytes:
    """A page as a camera has it: a picture, and no text."""
    page = Image.new("RGB", (1240, 800), "white")
    ImageDraw.Draw(page).text((120, 200), SAID, fill=(20, 20, 20), font=ImageFont.load_default(size=60))
    file = io.BytesIO()
    page.rotate(0.7, fillcolor="white").save(file, "jpeg")
    return file.getvalue()


def scanned(dock: Dock, folder: Path) -> str:
    """A station with such a page; the number of its scan."""
    (folder / "page.jpg").write_bytes(photographed())
    with dock.opened() as station:
        open_case(station, ME, [cases.number("A1")], {"title": "x", "unit": "A"})
        add_paper(station, ME, "A1", {"code": "site-record", "number": "7"})
        scan = scan_paper(station, ME, "7", folder / "page.jpg").scan
        assert scan is not None
        return scan.id


def test_nobody_waits_for_words_where_nothing_reads_them(dock: Dock) -> None:
    with dock.opened() as station:
        assert ("paper-words" in kinds_here(station)) == can_read_words()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_words_in_a_picture_are_read_and_found(dock: Dock, tmp_path: Path) -> None:
    python = str(programs(tmp_path / "environment", "requirements-ocr.txt") / "python")
    scan = scanned(dock, tmp_path)
    argv = [python, "-m", "docking_station.cli", "work", "--once"]
    surroundings = {**dock.surroundings(), "PYTHONPATH": str(ROOT)}
    subprocess.run(argv, env=surroundings, check=True, timeout=300, cwd=tmp_path)
    subprocess.run(argv, env=surroundings, check=True, timeout=300, cwd=tmp_path)
    with dock.opened() as station:
        kept = station.database.query("SELECT text FROM paper_text WHERE scan = :scan", {"scan": scan})
        note = json.loads((station.settings.derived_of(scan) / "words-1.json").read_text())
    (text,) = (row["text"] for row in kept)
    assert text.replace(" ", "") == SAID.replace(" ", ""), "it may lose a space"
    assert (note["text"], note["tool"]) == (text, "rapidocr_onnxruntime")
