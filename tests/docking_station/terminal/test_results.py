"""What an ingest came to is told so that a person can act on it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.station_error import StationError
from docking_station.services.ingest_card import Report
from docking_station.services.verify import Verdict
from docking_station.terminal.results import LINES_MAX, show_ingest, show_verdict
from ingest.card import Outcome
from ingest.custody.verification import Finding
from ingest.errors import ClockWrong, SourceChanged, SpoolFull
from ingest.journal import Held


def held(error: StationError, path: str) -> Held:
    texts = (error.message("en"), error.hint("en"), error.message("zh"), error.hint("zh"))
    return Held(path, error.code, error.retry, *texts, since="2026-03-06T00:00:00Z")


@pytest.fixture(autouse=True)
def _in_china(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docking_station.terminal.results.zone", lambda: ZoneInfo("Asia/Shanghai"))


def test_times_are_the_stations_for_people_and_utc_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    late, early = "until 2026-09-05T16:30:00+00:00", "until 2026-03-05T16:30:00+00:00"
    verdict = Verdict(1, 0, (Finding("c1", "A.MP4", "lock", late, early),))
    show_verdict(verdict, as_json=False)
    said = capsys.readouterr().out
    assert "2026-09-06 00:30" in said
    assert "2026-03-06 00:30" in said
    assert "+00:00" not in said
    show_verdict(verdict, as_json=True)
    assert late in capsys.readouterr().out
    error = ClockWrong(now=datetime(2026, 1, 1, 16, tzinfo=UTC), known=datetime(2026, 3, 5, 16, 30, tzinfo=UTC))
    show_ingest(Report((), Outcome((), (held(error, "A.MP4"),), ()), 1.0))
    assert "2026-03-06 00:30" in capsys.readouterr().out


def test_a_full_disk_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    full = [held(SpoolFull(path=f"{n}.MP4", size_bytes=9, free_bytes=0), f"{n}.MP4") for n in range(100)]
    other = held(SourceChanged(path="x.MP4", what="its modify time moved"), "x.MP4")
    show_ingest(Report((), Outcome((), (*full[:50], other, *full[50:]), ()), 1.0))
    said = capsys.readouterr().out
    assert said.count("[ingest.spool-full]") == said.count("[ingest.source-changed]") == 1
    assert said.count("→") == 2
    assert said.count(".MP4") == 2 + LINES_MAX
    assert f"… {100 - 1 - LINES_MAX}" in said
