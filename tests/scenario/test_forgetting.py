"""What was derived from an original goes with it: by the command, by the dock, and whatever a worker is at."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.clips import second_opinions
from catalog.clips.chores import SECOND_OPINION, VIEWING_COPY, CatalogChores, Chore
from catalog.errors import AlreadyDisposed
from catalog.keeping import disposals
from catalog.trail import trail
from docking_station.derived import copies
from docking_station.derived.copies import choose_view, make_copies, notes
from docking_station.derived.removal import forget_all
from docking_station.derived.scratch import draft_in, sweep
from docking_station.derived.worker import Worker
from docking_station.dock.upkeep import Upkeep
from docking_station.services.dispose import dispose_clip
from docking_station.station.errors import DerivedUnwritable
from docking_station.station.station import Station
from tests.footage.clips import avi
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years

HALF_A_YEAR = 185
OPINION = {"disagreements": [], "track": [{"at": None, "lat": 30.0, "lon": 120.0}], "times": []}


@pytest.fixture(scope="module")
def viewed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station with two clips, their viewing copies, and an opinion about each."""
    place = tmp_path_factory.mktemp("forgetting")
    (place / "card").mkdir()
    for seconds, name in ((1, "one.avi"), (2, "two.avi")):
        (place / "card" / name).write_bytes(avi(seconds))
    dock = new_dock(place / "home")
    dock.ingest(place / "card", "--recorder", "AA0001")
    dock.run("work", "--once", "--kinds", VIEWING_COPY)
    with dock.opened() as station:
        for one in dock.clips().values():
            second_opinions.note(station.database, one["id"], station.now(), "Tool 1", OPINION)
    return dock


@pytest.fixture
def years(viewed: Dock, tmp_path: Path) -> Years:
    shutil.copytree(viewed.home, tmp_path / "home")
    return Years(Dock(tmp_path / "home"))


def pair(years: Years) -> tuple[dict[str, str], dict[str, str]]:
    """The clip that goes, and the one that stays."""
    found = years.dock.clips()
    return found["one.avi"], found["two.avi"]


def dispose(years: Years, clip: str) -> None:
    for person in ("first", "second"):
        with years.at(HALF_A_YEAR, person) as station:
            dispose_clip(station, station.caller, clip, "over")


def lines(station: Station, clip: str) -> list[dict[str, object]]:
    found = trail.lines(station.database, subject=clip)
    return [line.as_json() for line in found if line.entry.action == "clip.copies-removed"]


def test_copies_and_opinion_go_with_the_original_and_no_others(years: Years) -> None:
    one, other = pair(years)
    with years.at(0) as station:
        assert {"view", "poster", "strip"} <= set(notes(station, one["sha256"]))
        files = len(list(station.settings.derived_of(one["sha256"]).iterdir()))
    dispose(years, one["id"])
    with years.at(HALF_A_YEAR) as station:
        assert not station.settings.derived_of(one["sha256"]).exists()
        assert second_opinions.get(station.database, one["id"]) is None
        (line,) = lines(station, one["id"])
        assert (line["actor"], line["details"]) == ("second", {"files": files, "opinion": True})
        assert set(notes(station, other["sha256"])) >= {"view", "poster", "strip"}
        assert second_opinions.get(station.database, other["id"]) is not None
        assert lines(station, other["id"]) == []
        assert forget_all(station, "station") == 0
        assert len(lines(station, one["id"])) == 1
        with pytest.raises(AlreadyDisposed):
            choose_view(station, one["id"])
        chores = CatalogChores(station.database)
        for kind in (SECOND_OPINION, VIEWING_COPY):
            assert one["id"] not in {chore.subject for chore in chores.unsubmitted(kind, ("video",))}
    years.dock.verify()
    left = [path for path in (years.dock.home / "derived").rglob("*") if one["sha256"] in str(path)]
    assert left == []


def test_leftovers_of_earlier_disposals_are_swept_by_the_dock(years: Years) -> None:
    one, _ = pair(years)
    with years.at(0) as station:
        folder = station.settings.derived_of(one["sha256"])
    shutil.copytree(folder, folder.with_name("kept"))
    dispose(years, one["id"])
    folder.with_name("kept").rename(folder)
    with years.at(HALF_A_YEAR) as station:
        second_opinions.note(station.database, one["id"], station.now(), "Tool 1", OPINION)
        upkeep = Upkeep(station, station.own_vault, lambda: station.locks.policy())
        upkeep.round()
        upkeep.stop()
        assert not folder.exists()
        assert second_opinions.get(station.database, one["id"]) is None
        assert [line["actor"] for line in lines(station, one["id"])] == ["second", "station"]


def test_one_that_cannot_be_removed_holds_up_no_other(years: Years) -> None:
    one, other = pair(years)
    for clip in (one, other):
        dispose(years, clip["id"])
    with years.at(HALF_A_YEAR) as station:
        first, second = sorted((one, other), key=lambda clip: clip["id"])
        station.settings.derived_of(first["sha256"]).write_text("no folder")
        station.settings.derived_of(second["sha256"]).mkdir(parents=True)
        (station.settings.derived_of(second["sha256"]) / "view-0.mp4").write_bytes(b"footage")
        with pytest.raises(DerivedUnwritable):
            forget_all(station, "station")
        assert not station.settings.derived_of(second["sha256"]).exists()


def test_a_copy_that_is_being_made_meanwhile_does_not_stay(years: Years, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = pair(years)
    published = copies.publish

    def publish(station: Station, *rest: object) -> Path | None:
        if not disposals.is_done(station.database, one["id"]):
            dispose(years, one["id"])
        return published(station, *rest)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(copies, "publish", publish)
    with years.at(HALF_A_YEAR) as station:
        shutil.rmtree(station.settings.derived_of(one["sha256"]))
        with pytest.raises(AlreadyDisposed):
            make_copies(station, one["id"], lambda _: None)
        assert not station.settings.derived_of(one["sha256"]).exists()
        assert len(lines(station, one["id"])) == 2


def test_a_chore_about_what_is_gone_is_off(years: Years) -> None:
    one, _ = pair(years)
    with years.at(HALF_A_YEAR) as station:
        chores = CatalogChores(station.database)
        left = Chore(SECOND_OPINION, one["id"]).id
        chores.submit(Chore(SECOND_OPINION, one["id"]), station.now())
    dispose(years, one["id"])
    with years.at(HALF_A_YEAR) as station:
        chores = CatalogChores(station.database)
        assert chores.get(left)["state"] == "cancelled"
        again = Chore(VIEWING_COPY, one["id"]).id
        chores.retry(again, station.now())
        assert Worker(station, chores, [VIEWING_COPY], threading.Event()).run(once=True) == 0
        assert chores.get(again)["state"] == "cancelled"


def test_what_cannot_be_removed_is_said_and_tried_again(years: Years) -> None:
    one, _ = pair(years)
    with years.at(0) as station:
        folder = station.settings.derived_of(one["sha256"])
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("no folder")
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, one["id"], "over")
    with years.at(HALF_A_YEAR, "second") as station:
        with pytest.raises(DerivedUnwritable):
            dispose_clip(station, station.caller, one["id"], None)
        assert lines(station, one["id"]) == []
    folder.unlink()
    away.rename(folder)
    with years.at(HALF_A_YEAR, "second") as station:
        assert dispose_clip(station, station.caller, one["id"], None)[0] == "disposed"
        assert not folder.exists()
        assert len(lines(station, one["id"])) == 1


def test_what_a_dead_worker_left_half_made_is_swept_and_a_live_ones_is_not(tmp_path: Path) -> None:
    with draft_in(tmp_path) as live:
        dead = live.with_name(live.name[:-2] + "__")
        (dead).mkdir()
        (dead / "original-x").write_bytes(b"footage")
        long_ago = time.time() - 3600
        foreign, old = tmp_path / ".making-elsewhere-1", tmp_path / ".making-elsewhere-2"
        for folder, at in ((live, long_ago), (foreign, long_ago), (old, time.time() - 90_000)):
            folder.mkdir(exist_ok=True)
            os.utime(folder, (at, at))
        sweep(tmp_path)
        assert dead.exists(), "it may not be locked yet"
        for path in (dead / "original-x", dead):
            os.utime(path, (long_ago, long_ago))
        sweep(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([live, foreign])
    assert list(tmp_path.iterdir()) == [foreign]
