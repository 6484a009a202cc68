"""A clip's track, as a person asks for it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.footage.card import make_card
from tests.scenario.dock import Dock


def test_a_track_is_written_once_and_stands_on_the_trail(dock: Dock, card: Path, tmp_path: Path) -> None:
    make_card(card)
    dock.ingest(card)
    clips = dock.run("clips", "list", "--json").document
    clip = max(clips, key=lambda one: one["fixes"])
    assert clip["fixes"] > 1
    path = tmp_path / "track.geojson"
    told = dock.run("clips", "track", clip["id"], "--to", path, "--json").document
    counts = {"fixes": clip["fixes"], "written": clip["fixes"]}
    assert told == {"clip": clip["id"], "path": str(path), "source": "manifest", "sealed": True} | counts
    line = json.loads(path.read_text())["geometry"]["coordinates"]
    assert line[0] == [clip["first_fix"]["lon"], clip["first_fix"]["lat"]]
    again = dock.run("clips", "track", clip["id"], "--to", path, "--json", status=14)
    assert again.error == "station.file-there"
    assert dock.run("clips", "track", clip["id"]).stdout.startswith("<?xml")
    none = next(one for one in clips if not one["fixes"])
    nothing = dock.run("clips", "track", none["id"], "--to", tmp_path / "x.gpx", "--json", status=18)
    assert nothing.error == "station.no-track"
    dock.run("clips", "track", clip["id"], "--gcj02", status=2)
    lines = dock.run("trail", "show", "--json").document
    assert [one["subject"] for one in lines if one["action"] == "clip.track-written"] == [clip["id"]] * 3
