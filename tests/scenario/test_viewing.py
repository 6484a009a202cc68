"""From card to screen: every clip can be viewed, copies say what they are, and the originals stay what they were."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.clips.chores import ATTEMPTS_MAX, CatalogChores
from docking_station.derived.copies import SCHEMA
from docking_station.station.settings import Home, read_settings
from media.beside import PARTS
from media.errors import NothingRecovered
from media.ffmpeg import Tools, frames
from tests.footage.clips import jpeg
from tests.footage.coded import AAC, AVC, HEVC, coded, cut_off, pictures, top
from tests.scenario.dock import Dock

CARD = {
    "AA0001_000001_20260305090000.mp4": coded("mp4", 3),
    "AA0001_000001_20260305091000.mp4": coded("mp4", 2, *HEVC, *AAC),
    "AA0001_000001_20260305092000.ts": coded("ts", 2),
    "AA0001_000001_20260305093000.mp4": cut_off(coded("mp4", 4), 0.6),
    "AA0001_000001_20260305094000.jpg": jpeg(),
}
PLAYABLE, MODERN, STREAM, DAMAGED, STILL = CARD


@pytest.fixture(scope="module")
def viewed(new_dock: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dock, dict[str, dict[str, Any]]]:
    """A station that filed the card and made its viewing copies; its clips by path."""
    folder = tmp_path_factory.mktemp("viewing")
    dock = new_dock(folder / "home")
    card = folder / "card"
    card.mkdir()
    for name, content in CARD.items():
        (card / name).write_bytes(content)
    filed = dock.ingest(card, "--recorder", "AA0001").filed
    answer = dock.run("work", "--once", "--kinds", "viewing-copy")
    assert "4 chores done" in answer.stderr
    return dock, filed


def notes(dock: Dock, clip: dict[str, Any]) -> dict[str, dict[str, Any]]:
    folder = dock.home / "derived" / clip["sha256"][:2] / clip["sha256"]
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def view(dock: Dock, clip: dict[str, Any], to: Path) -> dict[str, Any]:
    told: dict[str, Any] = dock.run("clips", "view", clip["id"], "--to", to, "--json").document
    return told


def test_every_chore_is_done_and_listed(viewed: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, filed = viewed
    listed = dock.run("chores", "list", "--json").document
    assert {row["subject"] for row in listed} == {clip["id"] for path, clip in filed.items() if path != STILL}
    assert {(row["kind"], row["state"], row["progress"]) for row in listed} == {("viewing-copy", "done", 1.0)}
    assert dock.run("chores", "list", "--state", "held", "--json").document == []
    assert "done" in dock.run("chores", "list", "--limit", "1").stdout


@pytest.mark.parametrize(
    ("path", "way"), [(PLAYABLE, "as-is"), (MODERN, "encode"), (STREAM, "remux"), (DAMAGED, "recover")]
)
def test_what_is_derived_says_so(viewed: tuple[Dock, dict[str, dict[str, Any]]], path: str, way: str) -> None:
    dock, filed = viewed
    clip = filed[path]
    told = notes(dock, clip)
    assert set(told) == set(PARTS)
    assert told["view"]["even"]
    assert told["view"]["frame_rate"] == "25/1"
    assert told["view"]["way"] == way
    folder = dock.home / "derived" / clip["sha256"][:2] / clip["sha256"]
    for note in told.values():
        assert (note["schema"], note["derived"]) == (SCHEMA, True)
        assert note["original"] == {"clip": clip["id"], "sha256": clip["sha256"]}
        assert note["tool"].startswith("ffmpeg version")
        assert note["file"] is not None or note["why"]
        if note["file"] is not None:
            assert hashlib.sha256((folder / note["file"]).read_bytes()).hexdigest() == note["sha256"]
            assert note["command"][0] == "ffmpeg"
            assert str(dock.home) not in " ".join(note["command"])


def test_a_playable_original_is_given_as_it_is(viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path) -> None:
    dock, filed = viewed
    told = view(dock, filed[PLAYABLE], tmp_path / "a.mp4")
    assert (told["derived"], told["way"]) == (False, "as-is")
    assert told["sha256"] == told["original_sha256"] == filed[PLAYABLE]["sha256"]
    assert (tmp_path / "a.mp4").read_bytes() == CARD[PLAYABLE]


@pytest.mark.parametrize(("path", "count"), [(MODERN, 50), (STREAM, 50), (DAMAGED, None)])
def test_a_copy_plays_whole(
    viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path, path: str, count: int | None
) -> None:
    dock, filed = viewed
    told = view(dock, filed[path], tmp_path / "a.mp4")
    assert told["derived"] is True
    assert told["sha256"] != told["original_sha256"] == filed[path]["sha256"]
    wanted = len(pictures(coded("mp4", 4), len(CARD[DAMAGED]))) if count is None else count
    assert frames(tmp_path / "a.mp4", Tools()) == wanted


def test_a_look_is_on_the_trail_before_anything_is_given(
    viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    dock, filed = viewed
    view(dock, filed[MODERN], tmp_path / "a.mp4")
    lines = dock.run("trail", "show", "--subject", filed[MODERN]["id"], "--json").document
    assert lines[-1]["action"] == "clip.viewed"
    assert lines[-1]["details"] == {"derived": True}


def test_no_file_is_overwritten(viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path) -> None:
    dock, filed = viewed
    (tmp_path / "a.mp4").write_text("mine")
    answer = dock.run("clips", "view", filed[PLAYABLE]["id"], "--to", tmp_path / "a.mp4", "--json", status=14)
    assert answer.error == "station.file-there"
    assert (tmp_path / "a.mp4").read_text() == "mine"


def test_whether_a_clip_can_be_viewed_is_shown(viewed: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, filed = viewed
    told = {path: dock.show(clip["id"])["view"] for path, clip in filed.items()}
    assert {path: (one["state"], one["reason"], one["way"]) for path, one in told.items()} == {
        PLAYABLE: ("now", "original", "as-is"),
        MODERN: ("now", "copy", "encode"),
        STREAM: ("now", "copy", "remux"),
        DAMAGED: ("now", "copy", "recover"),
        STILL: ("now", "original", "as-is"),
    }
    assert "yes, by a viewing copy" in dock.run("clips", "show", filed[MODERN]["id"]).stdout


def test_a_photograph_has_no_viewing_copy(viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path) -> None:
    dock, filed = viewed
    answer = dock.run("clips", "view", filed[STILL]["id"], "--to", tmp_path / "a.jpg", "--json", status=19)
    assert answer.error == "station.nothing-to-view"


def test_a_pipe_gets_the_index_first(viewed: tuple[Dock, dict[str, dict[str, Any]]]) -> None:
    dock, filed = viewed
    line = dock.line("clips", "view", filed[PLAYABLE]["id"], "--to", "-")
    shown = subprocess.run(line, env=dock.surroundings(), capture_output=True, check=True, timeout=60).stdout
    assert [box.kind for box in top(shown)] == [b"ftyp", b"moov", b"free", b"mdat"]
    assert len(shown) == len(CARD[PLAYABLE])


def test_the_derived_folder_can_be_deleted_and_made_again(
    viewed: tuple[Dock, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    dock, filed = viewed
    shutil.rmtree(dock.home / "derived")
    assert view(dock, filed[STREAM], tmp_path / "a.mp4")["way"] == "remux"
    assert view(dock, filed[PLAYABLE], tmp_path / "b.mp4")["derived"] is False
    for row in dock.run("chores", "list", "--json").document:
        dock.run("chores", "retry", row["id"])
    assert "4 chores done" in dock.run("work", "--once", "--kinds", "viewing-copy").stderr
    assert {path: notes(dock, filed[path])["view"]["way"] for path in (MODERN, DAMAGED)} == {
        MODERN: "encode",
        DAMAGED: "recover",
    }
    dock.verify()


def test_damage_without_a_whole_clip_is_tried_again_and_then_found(new_dock: Any, tmp_path: Path) -> None:
    dock = new_dock(tmp_path / "home")
    for name, content in (("one", {DAMAGED: CARD[DAMAGED]}), ("two", {PLAYABLE: coded("mp4", 3, *AVC, *AAC)})):
        (tmp_path / name).mkdir()
        for path, data in content.items():
            (tmp_path / name / path).write_bytes(data)
    clip = dock.ingest(tmp_path / "one", "--recorder", "AA0001").filed[DAMAGED]
    assert "0 chores done" in dock.run("work", "--once", "--kinds", "viewing-copy").stderr
    (row,) = dock.run("chores", "list", "--json").document
    assert (row["state"], row["code"]) == ("waiting", "media.nothing-recovered")
    dock.ingest(tmp_path / "two", "--recorder", "AA0001")
    dock.run("chores", "cancel", row["id"])
    assert "1 chores done" in dock.run("work", "--once", "--kinds", "viewing-copy").stderr
    dock.run("chores", "retry", row["id"])
    assert "1 chores done" in dock.run("work", "--once", "--kinds", "viewing-copy").stderr
    assert notes(dock, clip)["view"]["frames"] == len(pictures(coded("mp4", 4), len(CARD[DAMAGED])))


def test_a_clip_that_was_given_up_is_taken_up_when_its_recorder_brings_a_whole_one(
    new_dock: Any, tmp_path: Path
) -> None:
    dock = new_dock(tmp_path / "home")
    for name, path, data in (
        ("one", DAMAGED, CARD[DAMAGED]),
        ("other", "AA0002_000001_20260305090000.mp4", coded("mp4", 2, *AVC, *AAC)),
        ("two", PLAYABLE, coded("mp4", 3, *AVC, *AAC)),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / path).write_bytes(data)
    clip = dock.ingest(tmp_path / "one", "--recorder", "AA0001").filed[DAMAGED]
    dock.run("work", "--once", "--kinds", "viewing-copy")
    with dock.opened() as station:
        chores = CatalogChores(station.database)
        for _ in range(ATTEMPTS_MAX - 1):
            claim = chores.claim("test", ["viewing-copy"], station.now() + timedelta(hours=9))
            assert claim is not None
            chores.fail(claim, NothingRecovered(why="none"), station.now(), station.now())
        (row,) = chores.every()
        assert row["state"] == "held"
        dock.ingest(tmp_path / "other", "--recorder", "AA0002")
        dock.run("work", "--once", "--kinds", "viewing-copy")
        assert chores.get(row["id"])["state"] == "held", "another recorder's clip is no help"
        dock.ingest(tmp_path / "two", "--recorder", "AA0001")
        dock.run("work", "--once", "--kinds", "viewing-copy")
        assert chores.get(row["id"])["state"] == "done"
    assert notes(dock, clip)["view"]["way"] == "recover"


def test_fragments_without_a_head_are_recovered_with_another_clips(new_dock: Any, tmp_path: Path) -> None:
    fragmented = (*AVC, *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof")
    whole = coded("mp4", 4, *fragmented)
    begins = next(box.start - 8 for box in top(whole) if box.kind == b"moof")
    damaged, dock = bytes(begins) + whole[begins:], new_dock(tmp_path / "home")
    (tmp_path / "card").mkdir()
    for name, content in ((DAMAGED, damaged), (PLAYABLE, coded("mp4", 3, *fragmented))):
        (tmp_path / "card" / name).write_bytes(content)
    filed = dock.ingest(tmp_path / "card", "--recorder", "AA0001").filed
    assert "2 chores done" in dock.run("work", "--once", "--kinds", "viewing-copy").stderr
    told = notes(dock, filed[DAMAGED])["view"]
    assert (told["way"], told["frames"], told["derived"]) == ("recover", 100, True)
    shown = view(dock, filed[DAMAGED], tmp_path / "out.mp4")
    assert shown["derived"] is True
    assert frames(tmp_path / "out.mp4", Tools()) == 100
    with (tmp_path / "out.mp4").open("rb") as file:
        assert filed[DAMAGED]["sha256"].encode() in file.read(), "a copy says whose it is"
    dock.verify()


def test_unknown_kinds_and_chores_are_said_in_words(dock: Dock) -> None:
    assert "viewing-copy" in dock.run("work", "--once", "--kinds", "nonsense", status=2).stderr
    assert "nothing" in dock.run("chores", "retry", "nothing", status=51).stderr


def test_derived_files_may_lie_elsewhere(dock: Dock, tmp_path: Path) -> None:
    dock.set('derived = "derived"', f'derived = "{tmp_path}/elsewhere"')
    assert read_settings(Home(dock.home)).derived == tmp_path / "elsewhere"
