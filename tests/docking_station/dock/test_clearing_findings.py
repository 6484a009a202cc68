"""What a clearing had to leave is told to whoever must act: at the bay, among what is held, in the docking's record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import search
from catalog.evidence import SourceFile
from catalog.trail import trail
from docking_station.dock.clearing_findings import counts, troubles
from docking_station.station.errors import CardDiffers, NotCleared, VaultDoubted
from ingest.clearing.report import ClearingReport, Stays, doubt
from tests.docking_station.running import NAME, Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

FIRST, SECOND = NAME.format(1, 1), NAME.format(2, 2)
CLEARED = '[clearing]\nwhen = "after-receipt"\n'
SIZE_BYTES = 300_000


@pytest.fixture
def here(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A dock with one recorder, docked and filed; nothing is erased yet."""
    fill(card, {FIRST: SIZE_BYTES, SECOND: SIZE_BYTES})
    with running(dock, monkeypatch) as dock_runs:
        dock_runs.cards["BWC1"] = card
        dock_runs.register("BWC1")
        dock_runs.plug("1", "BWC1")
        dock_runs.shows("1", "safe")
        dock_runs.settled()
        dock_runs.pull("1")
        until(lambda: len(dockings(dock_runs)) == 1, "the record of the first docking")
        dock_runs.adopt(CLEARED)
        yield dock_runs


def docked_again(here: Running) -> None:
    """Dock it in another bay and wait until the docking is written down."""
    before = dockings(here)
    here.plug("2", "BWC1")
    until(lambda: len(dockings(here)) > len(before), "the docking's record")


def dockings(here: Running) -> list[dict[str, Any]]:
    lines = [line for line in trail.every_line(here.station.database) if line.entry.action == "recorder.docked"]
    return [json.loads(line.details) for line in lines]


def flip(path: Path, at: int = SIZE_BYTES // 2) -> None:
    """Change one bit; a sealed file is read-only."""
    seen, mode = path.stat(), path.stat().st_mode
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    path.chmod(mode)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def held(here: Running) -> dict[str, str]:
    return {one.path: one.code for one in here.station.journal.held().values()}


def test_an_original_that_was_lost_is_shouted_about(here: Running, dock: Dock, card: Path) -> None:
    original = next(path for path in dock.objects() if path.read_bytes() == (card / FIRST).read_bytes())
    flip(original)
    docked_again(here)
    view = here.shows("2", "held")
    assert view.why is not None
    assert view.why.code == VaultDoubted.code
    assert (card / FIRST).exists()
    assert not (card / SECOND).exists()
    assert held(here) == {FIRST: VaultDoubted.code}
    assert dockings(here)[-1]["left"] == {"clearing.not-as-sealed": 1}
    here.pull("2")
    flip(original)
    docked_again(here)
    until(lambda: not (card / FIRST).exists(), "the clearing")
    assert held(here) == {}


def test_other_bytes_under_a_filed_name_are_taken_as_a_clip_of_their_own(here: Running, card: Path) -> None:
    flip(card / FIRST)
    docked_again(here)
    here.settled()
    view = here.shows("2", "held")
    assert view.why is not None
    assert view.why.code == CardDiffers.code
    assert (card / FIRST).exists()
    clips = [clip for clip in search.search(here.station.database, search.Search()) if clip.path == FIRST]
    assert len({clip.sha256 for clip in clips}) == 2
    assert held(here) == {FIRST: CardDiffers.code}
    here.pull("2")
    docked_again(here)
    here.settled()
    assert len(search.search(here.station.database, search.Search())) == 3, "it is met only once"
    assert (card / FIRST).exists()


def test_what_nobody_has_to_act_on_is_no_trouble() -> None:
    source = SourceFile("BWC1", b"a.MP4", 1, 1, "edges")
    expected = [doubt("policy-never"), doubt("not-yet", at="-"), doubt("no-receipt"), doubt("stopped")]
    grave = doubt("still-there")
    report = ClearingReport((), tuple(Stays("a.MP4", 1, why) for why in (*expected, grave)))
    ((found, error),) = troubles(report, {"a.MP4": source}, "BWC1")
    assert found == source
    assert isinstance(error, NotCleared)
    assert grave.en in error.message("en")
    assert grave.zh in error.message("zh")
    assert counts(report)["clearing.still-there"] == 1


def test_a_receipt_that_fits_no_more_is_not_said_to_be_tried_again() -> None:
    source = SourceFile("BWC1", b"a.MP4", 1, 1, "edges")
    report = ClearingReport((), (Stays("a.MP4", 1, doubt("stale-receipt", line=7)),))
    ((_, error),) = troubles(report, {"a.MP4": source}, "BWC1")
    assert (error.code, error.retry) == ("station.receipt-stale", False)
    assert "again" not in error.hint()
    assert "erase them on the recorder" in error.hint()
