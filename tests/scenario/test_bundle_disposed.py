"""A bundle of a case of which a part is disposed of: the rest comes, and what is gone is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from docking_station.services.dispose import dispose_clip
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years
from tests.scenario.truth import make_small_card

HALF_A_YEAR = 190


def test_what_is_gone_holds_up_nothing_and_is_told(dock: Dock, tmp_path: Path) -> None:
    make_small_card(tmp_path / "card")
    dock.ingest(tmp_path / "card")
    dock.run("cases", "add", "C1", "--title", "x")
    logs = [str(one["id"]) for one in dock.every_clip() if one["path"].startswith("LOG/")]
    gone, kept = logs
    for actor, reason in (("first", "over"), ("second", None)):
        with Years(dock).at(HALF_A_YEAR, actor) as station:
            dispose_clip(station, station.caller, gone, reason)
    dock.run("clips", "link", gone, "--case", "C1")
    refused = dock.run("export", "--case", "C1", "--to", tmp_path / "out", "--json", status=55)
    assert refused.error == "catalog.already-disposed"
    dock.run("export", "--clip", gone, "--to", tmp_path / "out", status=55)
    assert "clip.exported" not in dock.run("trail", "show").stdout, "what was refused was not handed out"
    dock.run("clips", "link", kept, "--case", "C1")
    told = dock.run("export", "--case", "C1", "--to", tmp_path / "out", "--json").document
    assert told["clips"] == 1
    bundle = Path(told["path"])
    run = subprocess.run([sys.executable, bundle / "verify.py"], capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode()
    page = (bundle / "report.zh.html").read_text()
    assert "已处置，不在本证据包中" in page
    assert gone in page
    assert "原因: over" in page
    lines = (bundle / "data/trail/lines.jsonl").read_text()
    assert gone in lines, "and proven"
    assert "已处置，不在本证据包中" not in (bundle / "report.en.html").read_text()
