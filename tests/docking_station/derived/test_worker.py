"""Workers in this process and in others: one that is killed loses nothing, one that is told to end gives back."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clips.chores import VIEWING_COPY, CatalogChores, Chore
from catalog.evidence import Clip
from catalog.station_error import StationError
from docking_station.derived import copies
from docking_station.derived import worker as working
from docking_station.derived.worker import PAUSE_MAX_S, ChoreQueue, ProgressShare, Worker, pause_s, viewing_copy_wanted
from docking_station.station.errors import DerivedUnwritable, unwritable
from docking_station.station.station import Station
from media.errors import NothingRecovered, ToolFailed, ToolMissing
from tests.fakes.clips import clip
from tests.fakes.waiting import until
from tests.footage.clips import wav
from tests.scenario.dock import Dock
from vault.errors import VaultDenied, VaultUnreachable

COPY = Chore(VIEWING_COPY, "C1")
SLEEPER = """
import sys, threading, time
from docking_station.derived import worker
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from catalog.clips.chores import CatalogChores
from pathlib import Path

def sleep(station, subject, told):
    for _ in range(600):
        told(0.5)
        time.sleep(0.1)

worker.KINDS = {"viewing-copy": sleep}
station = Station(read_settings(Home(Path(sys.argv[1]))))
worker.Worker(station, CatalogChores(station.database, lease_s=2), ["viewing-copy"], threading.Event()).run(once=False)
"""


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    with dock.opened() as opened:
        yield opened


@pytest.fixture
def left(station: Station) -> CatalogChores:
    return CatalogChores(station.database, lease_s=2)


def does(monkeypatch: pytest.MonkeyPatch, what: working.Do) -> None:
    monkeypatch.setattr(working, "KINDS", {VIEWING_COPY: what})


def work(station: Station, left: CatalogChores) -> int:
    return Worker(station, left, [VIEWING_COPY], threading.Event()).run(once=True)


def state(left: CatalogChores) -> tuple[str, int, str | None]:
    row = left.get(COPY.id)
    return row["state"], row["attempts"], row["code"]


def test_work_is_done_once(station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    does(monkeypatch, lambda _, subject, told: done.append(subject))
    left.submit(COPY, station.now())
    assert [work(station, left), work(station, left)] == [1, 0]
    assert done == ["C1"]
    assert state(left) == ("done", 1, None)


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (ToolFailed(tool="ffmpeg", why="no"), ("held", 1, "media.tool-failed")),
        (NothingRecovered(why="no"), ("waiting", 1, "media.nothing-recovered")),
    ],
    ids=["for ever", "for now"],
)
def test_work_that_fails(
    station: Station,
    left: CatalogChores,
    monkeypatch: pytest.MonkeyPatch,
    error: StationError,
    wanted: tuple[str, int, str],
) -> None:
    def fails(_: Station, subject: str, told: ProgressShare) -> None:
        raise error

    does(monkeypatch, fails)
    left.submit(COPY, station.now())
    assert work(station, left) == 0
    assert state(left) == wanted
    assert work(station, left) == 0, "it is not due yet, or never"
    assert state(left) == wanted


@pytest.mark.parametrize(
    "error",
    [ToolMissing(tool="ffmpeg"), VaultUnreachable(reason="no answer"), VaultDenied(what="read", reason="403")],
    ids=lambda error: error.code,
)
def test_a_fault_that_is_not_the_clips_costs_no_attempt(
    station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch, error: StationError
) -> None:
    def fails(_: Station, subject: str, told: ProgressShare) -> None:
        raise error

    does(monkeypatch, fails)
    left.submit(COPY, station.now())
    with pytest.raises(type(error)):
        work(station, left)
    assert state(left) == ("waiting", 0, None)


def test_a_fault_that_is_not_the_clips_lets_others_have_their_turn(
    station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no room for one clip, and there is for the next."""
    ending, done = threading.Event(), list[str]()

    def fails_for_one(_: Station, subject: str, told: ProgressShare) -> None:
        if subject == "C1":
            full = OSError(errno.ENOSPC, "no room for so large a clip")
            raise DerivedUnwritable(path="derived", **unwritable(full))
        done.append(subject)
        ending.set()

    does(monkeypatch, fails_for_one)
    monkeypatch.setattr(working, "AWAY_S", 0.1)
    left.submit(COPY, station.now() - timedelta(minutes=1))
    left.submit(Chore(VIEWING_COPY, "C2"), station.now())
    assert Worker(station, left, [VIEWING_COPY], ending).run(once=False) == 1
    assert done == ["C2"]
    assert state(left) == ("waiting", 0, None)


def test_a_cancelled_chore_ends_the_work(
    station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_cancelled(_: Station, subject: str, told: ProgressShare) -> None:
        left.cancel(COPY.id, station.now())
        for _beat in range(100):
            told(0.1)
            time.sleep(0.05)
        raise AssertionError("nobody told it")

    does(monkeypatch, is_cancelled)
    left.submit(COPY, station.now())
    assert work(station, left) == 0
    assert state(left)[0] == "cancelled"


def test_a_worker_told_to_end_gives_back(
    station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = threading.Event()

    def ends(_: Station, subject: str, told: ProgressShare) -> None:
        ending.set()
        told(0.1)
        raise AssertionError("it was told to end")

    does(monkeypatch, ends)
    left.submit(COPY, station.now())
    assert Worker(station, left, [VIEWING_COPY], ending).run(once=False) == 0
    assert state(left) == ("waiting", 0, None)


def test_a_killed_workers_chore_is_taken_over(
    station: Station, left: CatalogChores, monkeypatch: pytest.MonkeyPatch
) -> None:
    left.submit(COPY, station.now())
    surroundings = dict(os.environ)
    with subprocess.Popen([sys.executable, "-c", SLEEPER, str(station.home.root)], env=surroundings) as worker:
        until(lambda: left.get(COPY.id)["progress"] == 0.5, "a sign of life")
        first = left.get(COPY.id)["lease_until"]
        after = first + timedelta(microseconds=1)
        until(lambda: left.get(COPY.id)["lease_until"] > after, "a longer lease")
        assert left.claim("another", [VIEWING_COPY], after) is None, "it lives, and so does its lease"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    killed_by = left.get(COPY.id)["worker"]
    does(monkeypatch, lambda _, subject, told: None)
    until(lambda: work(station, left), "the end of the lease")
    row = left.get(COPY.id)
    assert (row["state"], row["attempts"]) == ("done", 2)
    assert row["worker"] != killed_by


def test_pauses_grow() -> None:
    assert [pause_s(attempt) for attempt in (1, 2, 3, 4)] == [15.0, 60.0, 240.0, 960.0]
    assert pause_s(50) == PAUSE_MAX_S


def test_only_footage_is_made_viewable() -> None:
    assert viewing_copy_wanted(clip(1, kind="video")) == Chore(VIEWING_COPY, clip(1).id)
    assert viewing_copy_wanted(clip(1, kind="audio")) is not None
    assert viewing_copy_wanted(clip(1, kind="image")) is None
    assert viewing_copy_wanted(clip(1, kind="log")) is None


def filed_clip(station: Station) -> tuple[Clip, str]:
    """A clip in the journal, and its key there."""
    filed = clip(1, kind="video")
    key = filed.spooled.source.key
    for noun in (filed.spooled.source, filed.spooled, filed):
        station.journal.note(key, noun)
    return filed, key


def test_a_filed_clip_gets_its_chore_and_filing_does_not_wait(station: Station, left: CatalogChores) -> None:
    filed, key = filed_clip(station)
    chore_queue = ChoreQueue(station.journal, left, station.now)
    began = time.monotonic()
    for _ in range(20_000):
        chore_queue.filed("nobody's")
    assert time.monotonic() < began + 2
    with ChoreQueue(station.journal, left, station.now) as chore_queue:
        chore_queue.filed("nobody's")
        chore_queue.filed(key)
    assert [row["subject"] for row in left.every()] == [filed.id]


def test_a_catalog_that_is_away_loses_only_the_hint(station: Station, tmp_path: Path) -> None:
    from catalog.database import Database

    filed, key = filed_clip(station)
    away = CatalogChores(Database(f"sqlite:///{tmp_path}/no/such/folder.db"))
    with ChoreQueue(station.journal, away, station.now) as chore_queue:
        chore_queue.filed(key)
    assert station.journal.recall(key, Clip) == filed


def test_a_worker_with_nothing_to_do_makes_what_is_missing(dock: Dock, card: Path) -> None:
    """What an earlier version did not make, or somebody deleted; once, and behind what is due."""
    for number in range(3):
        (card / f"{number}.wav").write_bytes(wav(1 + number))
    dock.ingest(card)
    with dock.opened() as station:
        chores = CatalogChores(station.database)
        assert work(station, chores) == 3
        found = sorted(station.settings.derived.glob("*/*/peaks.json"))
        kept = {path: path.stat().st_mtime_ns for path in found[1:]}
        found[0].unlink()
        (found[1].parent / "waveform.json").unlink()
        assert work(station, chores) == 2
        assert work(station, chores) == 0
        assert sorted(station.settings.derived.glob("*/*/peaks.json")) == found
        assert {path: path.stat().st_mtime_ns for path in found[1:]} == kept
        assert {row["state"] for row in chores.every()} == {"done"}
        shutil.rmtree(station.settings.derived)
        assert work(station, chores) == 3


def test_what_cannot_be_made_is_not_tried_for_ever(dock: Dock, card: Path) -> None:
    (card / "junk.avi").write_bytes(b"junk" * 5000)
    dock.ingest(card)
    with dock.opened() as station:
        chores = CatalogChores(station.database)
        assert work(station, chores) == 1
        assert work(station, chores) == 0


def test_missing_parts_are_looked_for_once_a_day(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (card / "a.wav").write_bytes(wav())
    dock.ingest(card)
    asked = list[str]()

    def nothing(_: Station, sha256: str) -> tuple[str, ...]:
        asked.append(sha256)
        return ()

    monkeypatch.setattr(copies, "missing", nothing)
    with dock.opened() as station:
        chores = CatalogChores(station.database)
        worker = Worker(station, chores, [VIEWING_COPY], threading.Event())
        worker.run(once=True)
        asked.clear()
        worker.run(once=True)
        assert asked == []
        work(station, chores)
        assert len(asked) == 1
