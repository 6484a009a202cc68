"""A watched folder gives a file when it holds still, and not before."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.evidence import SourceFile
from devices.drops import DropWatch
from devices.errors import CardGone, DropMissing, EraseRefused, NotAFile
from devices.junk import Junk, rules_from
from devices.settled_files import Look, Stillness, being_written
from devices.survey import Card, Entry, Refused, Skipped
from tests.fakes.waiting import PATIENCE_S, calls_of, until

JUNK = Junk(rules_from(()))
STILL_S = 0.4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "uploads"
    made.mkdir()
    return made


@pytest.fixture
def drop(folder: Path) -> Iterator[DropWatch]:
    watch = DropWatch(folder, STILL_S, rescan_s=5)
    yield watch
    watch.close()


def taken(drop: DropWatch) -> list[bytes]:
    return [entry.path for entry in drop.survey(JUNK) if isinstance(entry, SourceFile)]


def test_a_file_is_taken_once_it_holds_still_and_then_is_no_longer_new(folder: Path, drop: DropWatch) -> None:
    (folder / "a.MP4").write_bytes(b"x" * 200_000)
    begun = time.monotonic()
    assert taken(drop) == []
    assert drop.unsettled == 1
    assert drop.wait(5)
    assert STILL_S <= time.monotonic() - begun < 4.5
    entries = list(drop.survey(JUNK))
    card = Card(folder)
    assert entries == list(card.survey(JUNK))
    card.close()
    assert not drop.wait(0.5)
    assert taken(drop) == [b"a.MP4"], "what failed may be taken again"


def test_what_is_left_there_by_a_rule_is_new_only_once(folder: Path, drop: DropWatch) -> None:
    (folder / "Thumbs.db").write_bytes(b"x")
    assert drop.wait(5)
    assert [type(entry) for entry in drop.survey(JUNK)] == [Skipped]
    assert not drop.wait(0.5)


def test_an_event_wakes_it_long_before_the_rescan(folder: Path) -> None:
    drop = DropWatch(folder, 0.2, rescan_s=60)
    assert not drop.wait(0.1)
    (folder / "gate").mkdir()
    timer = threading.Timer(0.3, lambda: (folder / "gate" / "b.MP4").write_bytes(b"x"))
    timer.start()
    begun = time.monotonic()
    assert drop.wait(20)
    assert time.monotonic() - begun < 10
    drop.close()


def test_without_events_the_rescan_finds_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DropWatch, "_watch", lambda self: None)
    drop = DropWatch(folder, 0.2, rescan_s=0.5)
    threading.Timer(0.3, lambda: (folder / "c.MP4").write_bytes(b"x")).start()
    assert drop.wait(10)
    assert taken(drop) == [b"c.MP4"]
    drop.close()


def test_a_file_that_grows_is_left_until_it_stops(folder: Path, drop: DropWatch) -> None:
    (folder / "done.MP4").write_bytes(b"x")
    grown = threading.Event()

    def grow() -> None:
        with (folder / "growing.MP4").open("wb", buffering=0) as file:
            for _ in range(12):
                file.write(b"x" * 1000)
                time.sleep(0.1)
        grown.set()

    thread = threading.Thread(target=grow)
    thread.start()
    assert drop.wait(5)
    assert not grown.is_set()
    assert taken(drop) == [b"done.MP4"]
    assert drop.wait(10)
    thread.join()
    assert taken(drop) == [b"done.MP4", b"growing.MP4"]


def test_a_file_somebody_has_open_for_writing_is_not_still(folder: Path, drop: DropWatch) -> None:
    path = folder / "paused.MP4"
    with path.open("wb") as file:
        file.write(b"first half")
        file.flush()
        root = os.open(folder, os.O_RDONLY)
        try:
            if not being_written(b"paused.MP4", root):
                pytest.skip("this file system grants no leases")
        finally:
            os.close(root)
        assert not drop.wait(1.2)
        assert drop.unsettled == 1
    assert drop.wait(10)
    assert taken(drop) == [b"paused.MP4"]


def test_who_opens_a_file_while_it_is_asked_about_is_not_hindered_and_hurts_nobody(folder: Path) -> None:
    path = folder / "a"
    path.write_bytes(b"x")
    root, stop = os.open(folder, os.O_RDONLY), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            being_written(b"a", root)

    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(500):
        with path.open("ab") as file:
            file.write(b"y")
    stop.set()
    thread.join()
    os.close(root)
    assert path.stat().st_size == 501


def test_a_half_done_upload_is_skipped_by_a_rule_until_it_is_renamed(folder: Path, drop: DropWatch) -> None:
    (folder / "d.MP4.filepart").write_bytes(b"x")
    (folder / "e.mp4.PART").write_bytes(b"x")
    (folder / "f.MP4~").write_bytes(b"x")
    assert not drop.wait(1)
    entries = list(drop.survey(JUNK))
    assert [entry.rule.pattern for entry in entries if isinstance(entry, Skipped)] == ["*.filepart", "*.part", "*~"]
    assert len(entries) == 3
    (folder / "d.MP4.filepart").rename(folder / "d.MP4")
    assert drop.wait(10)
    assert taken(drop) == [b"d.MP4"]


def test_a_file_replaced_under_its_name_is_new_again(folder: Path, drop: DropWatch) -> None:
    (folder / "a.MP4").write_bytes(b"one")
    assert drop.wait(5)
    assert taken(drop) == [b"a.MP4"]
    (folder / "a.MP4").write_bytes(b"two!")
    begun = time.monotonic()
    assert drop.wait(5)
    assert time.monotonic() - begun < 4.5, "before the rescan"


def test_a_missing_folder_is_an_error_and_recovers_alone(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    drop = DropWatch(folder, 0.1, rescan_s=0.2)
    with pytest.raises(DropMissing, match="No such file"):
        drop.wait(0.3)
    with pytest.raises(DropMissing):
        list(drop.survey(JUNK))
    folder.mkdir()
    (folder / "a.MP4").write_bytes(b"x")
    assert drop.wait(5)
    assert taken(drop) == [b"a.MP4"]
    drop.close()


def test_another_folder_in_its_place_is_watched_anew_and_proves_no_absence(folder: Path, drop: DropWatch) -> None:
    (folder / "a.MP4").write_bytes(b"x")
    assert drop.wait(5)
    assert taken(drop) == [b"a.MP4"]
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    with pytest.raises(CardGone):
        drop.absent(b"a.MP4")
    (folder / "b.MP4").write_bytes(b"x")
    assert drop.wait(5)
    assert taken(drop) == [b"b.MP4"]
    assert drop.absent(b"a.MP4")


def test_files_are_read_as_from_a_card(folder: Path, drop: DropWatch) -> None:
    (folder / "a.MP4").write_bytes(b"body")
    assert drop.wait(5)
    (source,) = (entry for entry in drop.survey(JUNK) if isinstance(entry, SourceFile))
    with drop.open(source) as descriptor:
        assert os.read(descriptor, 100) == b"body"
        assert drop.still(source, descriptor) is None
        (folder / "a.MP4").write_bytes(b"longer body")
        assert drop.still(source, descriptor) is not None


def test_erasing_takes_one_plain_file_and_leads_nowhere(folder: Path, drop: DropWatch, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x")
    (folder / "link").symlink_to(outside)
    (folder / "sub").mkdir()
    (folder / "sub" / "a").write_bytes(b"x")
    (folder / "b").write_bytes(b"x")
    drop.wait(0)
    with drop.writable() as eraser:
        eraser.erase(b"sub/a")
        eraser.erase(b"sub/a")
        for path in (b"link/kept", b"link", b"sub"):
            with pytest.raises(EraseRefused):
                eraser.erase(path)
    assert drop.absent(b"sub/a")
    assert not drop.absent(b"b")
    assert (outside / "kept").exists()
    assert (folder / "link").is_symlink()


def test_what_is_no_file_is_refused_and_shown(folder: Path, drop: DropWatch) -> None:
    os.mkfifo(folder / "pipe")
    entries: list[Entry] = list(drop.survey(JUNK))
    assert [type(entry.error) for entry in entries if isinstance(entry, Refused)] == [NotAFile]


def test_closing_ends_a_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = DropWatch(folder, 1)
    waits = calls_of(drop._stirred, "wait", monkeypatch)
    thread = threading.Thread(target=drop.wait, args=(60,))
    thread.start()
    until(lambda: waits, "the wait")
    drop.close()
    thread.join(PATIENCE_S / 2)
    assert not thread.is_alive()
    drop.close()


def test_stillness_counts_from_the_first_sight_whatever_the_files_times_say(folder: Path) -> None:
    (folder / "old").write_bytes(b"x")
    os.utime(folder / "old", (0, 0))
    stillness, root = Stillness(10), os.open(folder, os.O_RDONLY)
    try:
        assert stillness.look(root, 100.0) == {}
        assert stillness.next_s(100.0, 60) == 10
        assert list(stillness.look(root, 109.9)) == []
        still = stillness.look(root, 110.0)
        assert list(still) == [b"old"]
        assert stillness.any_new(still)
        stillness.take(b"old", still[b"old"])
        assert not stillness.any_new(stillness.look(root, 111.0))
        assert stillness.next_s(111.0, 60) == 60
    finally:
        os.close(root)
    assert Look(1, 2, 3, 4.0).same(Look(1, 2, 3, 9.0))
