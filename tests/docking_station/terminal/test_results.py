"""What an ingest came to is told so that a person can act on it."""

from __future__ import annotations

import pytest

from catalog.station_error import StationError
from docking_station.services.ingest_card import Report
from docking_station.terminal.results import LINES_MAX, show_ingest
from ingest.card import Outcome
from ingest.errors import SourceChanged, SpoolFull
from ingest.journal import Held


def held(error: StationError, path: str) -> Held:
    texts = (error.message("en"), error.hint("en"), error.message("zh"), error.hint("zh"))
    return Held(path, error.code, error.retry, *texts, since="2026-03-06T00:00:00Z")


def test_a_full_disk_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    full = [held(SpoolFull(path=f"{n}.MP4", size_bytes=9, free_bytes=0), f"{n}.MP4") for n in range(100)]
    other = held(SourceChanged(path="x.MP4", what="its modify time moved"), "x.MP4")
    show_ingest(Report((), Outcome((), (*full[:50], other, *full[50:]), ()), 1.0))
    said = capsys.readouterr().out
    assert said.count("[ingest.spool-full]") == said.count("[ingest.source-changed]") == 1
    assert said.count("→") == 2
    assert said.count(".MP4") == 2 + LINES_MAX
    assert f"… {100 - 1 - LINES_MAX}" in said
