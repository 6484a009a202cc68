"""A second opinion, from a filed clip to what is shown of it; and a station that has none."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from docking_station.station.settings import OWN_EXIFTOOL
from media.errors import NoSecondOpinion
from media.exiftool import found
from tests.fakes.exiftool import false_exiftool
from tests.footage.clips import exif, jpeg
from tests.footage.fit import fit
from tests.footage.movies import freegps, with_blocks
from tests.scenario.dock import Dock

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
FILM, STILL, LATE, JUNK = "AA0001_1.MP4", "AA0001_2.JPG", "AA0001_20260305120000.JPG", "AA0001_4.BIN"
WALK = "AA0001_5.fit"
PLACES = [(AT + timedelta(seconds=second), 30.25 + second / 1e4, 120.5) for second in range(6)]
SAYS = """#!/usr/bin/env perl
if ($ARGV[2] eq '-ver') { print "13.59\\n"; exit }
$| = 1;
while (<STDIN>) {
    next unless /^-execute(\\d+)/;
    print '[{"SourceFile":"clip","Composite:GPSLatitude":30.3,"Composite:GPSLongitude":120.5}]', "\\n{ready$1}\\n";
}
"""


def card(folder: Path, content: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return folder


def with_tool(dock: Dock, path: str) -> Dock:
    settings = dock.home / "station.toml"
    settings.write_text(settings.read_text().replace('exiftool = ""', f"exiftool = {json.dumps(path)}"))
    return dock


def ask(dock: Dock) -> str:
    return dock.run("work", "--once", "--kinds", "second-opinion").stderr


@pytest.fixture(scope="module")
def asked(new_dock: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dock, dict[str, dict[str, Any]]]:
    try:
        found((str(OWN_EXIFTOOL), "exiftool"))
    except NoSecondOpinion as error:
        pytest.skip(f"no ExifTool here: {error.message()}")
    folder = tmp_path_factory.mktemp("opinion")
    dock = new_dock(folder / "home")
    blocks = [freegps(AT + timedelta(seconds=second), 30.25, 120.5) for second in range(5)]
    content = {
        FILM: with_blocks(blocks),
        STILL: jpeg(exif("2026:03:05 09:00:00")),
        LATE: jpeg(exif("2026:03:04 09:00:00")),
        JUNK: b"\x05" * 1000,
        WALK: fit(PLACES),
    }
    filed = dock.ingest(card(folder / "card", content), "--recorder", "AA0001").filed
    assert "5 chores done" in ask(dock)
    return dock, filed


def test_it_is_shown_beside_what_was_sealed(asked: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, filed = asked
    film = dock.show(filed[FILM]["id"])
    opinion = film["opinion"]
    assert (opinion["fault"], opinion["disagreements"], opinion["fixes"]) == (None, [], 5)
    assert opinion["tool"].startswith("ExifTool 13.")
    assert opinion["track"] == [], "we found it ourselves"
    assert {one["source"] for one in opinion["times"]} == {"exiftool"}
    assert {one["source"] for one in film["times"]}.isdisjoint({"exiftool"}), "what was signed stays what it was"
    assert "contradicts nothing" in dock.run("clips", "show", filed[FILM]["id"]).stdout
    assert dock.show(filed[JUNK]["id"])["opinion"]["times"] == []
    dock.verify()


def test_it_says_what_contradicts(asked: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, filed = asked
    shown = dock.show(filed[LATE]["id"])
    own = {one["source"]: one["note"] for one in shown["times"]}
    assert set(own) >= {"exif", "name"}
    assert [one["what"] for one in shown["opinion"]["disagreements"]] == ["start"]
    told = dock.run("clips", "show", filed[LATE]["id"]).stdout
    assert "disagrees" in told
    assert "exiftool" in told


def test_a_new_catalog_is_asked_for_again(asked: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path) -> None:
    dock, filed = asked
    (dock.home / "catalog.db").rename(tmp_path / "old.db")
    dock.run("rebuild", "--into", f"sqlite:///{dock.home}/catalog.db")
    assert dock.show(filed[FILM]["id"])["opinion"] is None
    assert "5 chores done" in ask(dock)
    assert dock.show(filed[FILM]["id"])["opinion"]["fixes"] == 5


def test_positions_only_it_finds_are_handed_out_under_its_name(
    asked: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    dock, filed = asked
    walk = filed[WALK]["id"]
    shown = dock.show(walk)
    assert (shown["fixes"], shown["track"], shown["opinion"]["fixes"]) == (0, [], 6)
    tool = shown["opinion"]["tool"]
    path = tmp_path / "walk.geojson"
    said = dock.run("clips", "track", walk, "--to", path, "--json")
    assert said.document == {
        "clip": walk, "path": str(path), "fixes": 6, "written": 6, "source": tool, "sealed": False,
    }  # fmt: skip
    assert tool in said.stderr
    drawn = json.loads(path.read_text())
    assert (drawn["properties"]["source"], drawn["properties"]["sealed"]) == (tool, False)
    for there, (_, latitude_deg, longitude_deg) in zip(drawn["geometry"]["coordinates"], PLACES, strict=True):
        assert there == pytest.approx([longitude_deg, latitude_deg], abs=1e-6)
    assert f"<src>{tool}; second opinion, not sealed</src>" in dock.run("clips", "track", walk).stdout
    line = dock.show(walk)["trail"][-2]
    assert (line["action"], line["details"]["source"]) == ("clip.track-written", tool)
    nothing = dock.run("clips", "track", walk, "--sealed", "--to", tmp_path / "x.gpx", "--json", status=18)
    assert nothing.error == "station.no-track"
    own = json.loads(dock.run("clips", "track", filed[FILM]["id"], "--format", "geojson").stdout)
    assert (own["properties"]["source"], own["properties"]["sealed"]) == ("manifest", True)
    assert "<src>" not in dock.run("clips", "track", filed[FILM]["id"]).stdout


def test_health_says_whether_there_is_one(asked: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, _ = asked
    told = dock.run("health", "--json", status=None).document
    assert told["second_opinion"].startswith("ExifTool 13.")
    assert told["second_opinion_bounds"][-1] == "limits"
    assert re.search(r"bounds\W+.*limits", ask(dock)), "the worker says it, too"
    assert "Second opinions on time and place: ExifTool" in dock.run("health", status=None).stdout


def test_a_station_without_one_misses_nothing(new_dock: Any, tmp_path: Path) -> None:
    dock = with_tool(new_dock(tmp_path / "home"), "/nonexistent/exiftool")
    clip = dock.ingest(card(tmp_path / "card", {STILL: jpeg()}), "--recorder", "AA0001").filed[STILL]
    assert "0 chores done" in dock.run("work", "--once").stderr
    assert dock.run("chores", "list", "--json").document == []
    assert dock.show(clip["id"])["opinion"] is None
    assert "media.no-second-opinion" in dock.run("work", "--once", "--kinds", "second-opinion", status=66).stderr
    with_one = dock.run("health", "--json", status=None)
    assert with_one.document["second_opinion"] is None
    assert "No second opinions" in dock.run("health", status=None).stdout


def test_a_clip_it_chokes_on_is_an_answer(new_dock: Any, tmp_path: Path) -> None:
    dock = with_tool(new_dock(tmp_path / "home"), false_exiftool(tmp_path))
    content = {"AA0001_1.BIN": b"die\n", "AA0001_2.BIN": b"flood\n", "AA0001_3.BIN": b"tell\n"}
    filed = dock.ingest(card(tmp_path / "card", content), "--recorder", "AA0001").filed
    assert "3 chores done" in ask(dock)
    faults = {path: dock.show(clip["id"])["opinion"]["fault"] for path, clip in filed.items()}
    assert "in the middle" in faults["AA0001_1.BIN"]
    assert "printed more than" in faults["AA0001_2.BIN"]
    assert faults["AA0001_3.BIN"] is None
    assert "could not read it" in dock.run("clips", "show", filed["AA0001_1.BIN"]["id"]).stdout


def test_places_that_differ_are_not_hidden(new_dock: Any, tmp_path: Path) -> None:
    if subprocess.run(["perl", "-v"], capture_output=True, check=False).returncode:
        pytest.skip("no perl here")
    tool = tmp_path / "exiftool"
    tool.write_text(SAYS)
    tool.chmod(0o700)
    dock = with_tool(new_dock(tmp_path / "home"), str(tool))
    content = {STILL: jpeg(exif("2026:03:05 09:00:00", place=(30.25, 120.5)))}
    clip = dock.ingest(card(tmp_path / "card", content), "--recorder", "AA0001").filed[STILL]
    assert "1 chores done" in ask(dock)
    shown = dock.show(clip["id"])
    assert [one["what"] for one in shown["opinion"]["disagreements"]] == ["first position", "last position"]
    assert shown["fixes"] == 1
    assert "30.300000, 120.500000" in dock.run("clips", "show", clip["id"]).stdout
