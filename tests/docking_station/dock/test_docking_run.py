"""One docking: what is waited for, counted and said, also when others work at the same card or the same copies."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.evidence import Docking, SourceFile, SpooledFile
from catalog.trail import trail
from devices.errors import NotAFile
from devices.junk import Junk
from docking_station.dock.docking_run import DockingRun
from docking_station.faces.board import BayView
from ingest import inventory
from ingest.card_clock import with_clocks
from ingest.errors import Stopped
from ingest.examine import Examiner
from ingest.inventory import take_inventory
from tests.docking_station.running import NAME, Docked, Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

MB = 1 << 20


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with running(dock, monkeypatch) as made:
        yield made


def visiting(here: Running, bay: str = "1") -> DockingRun:
    around = here.dock.bay_desk.around
    here.dock.board.show(BayView(bay, bay, "waiting", around.desk.now()))
    docking = Docking("TA00001", None, None, None, around.desk.now(), "dock", bay)
    return DockingRun(around, bay, docking, threading.Event())


def view(here: Running, bay: str = "1") -> BayView:
    return next(one for one in here.dock.board.bays() if one.bay == bay)


def test_what_another_bay_lists_while_one_copies_is_not_forgotten(here: Running, dock: Dock, card: Path) -> None:
    fill(card, {NAME.format(1, 1): MB})
    visit = visiting(here)

    def listed_elsewhere(_: bytes) -> None:
        other = Docked(card, "TA00001")
        take_inventory(other, visit.docking, Junk(()), visit.around.desk)
        other.close()

    mine = Docked(card, "TA00001", before_reading=listed_elsewhere)
    visit.list(mine)
    visit.take_all(mine)
    mine.close()
    here.settled()
    assert len(dock.clips()) == 1
    assert here.dock.board.station.held == 0
    dock.verify()


def test_what_ends_while_the_card_is_listed_is_not_waited_for(here: Running, card: Path) -> None:
    fill(card, {NAME.format(1, 1): 100})
    visit = visiting(here)
    mine = Docked(card, "TA00001")
    finisher = here.dock.finisher

    class Ends:
        """A finisher that has a copy when it is asked, and settles it before the answer is used."""

        def has(self, key: str) -> bool:
            visit.settled(key, held=True)
            return True

    ends = replace(visit.around, finisher=Ends())  # type: ignore[arg-type]  # no more is asked
    visit.around = ends
    visit.list(mine)
    assert visit.finished()
    assert visit.held == 1
    assert finisher.open() == ()
    mine.close()


def test_what_is_held_at_once_counts_though_the_finisher_knows_it_no_more(here: Running, card: Path) -> None:
    fill(card, {NAME.format(1, 1): 100})
    visit = visiting(here)
    mine = Docked(card, "TA00001")
    told: list[str] = []

    class Quick:
        """A finisher that is done with a copy when it is asked again, and has not told of it yet."""

        def has(self, key: str) -> bool:
            return False

        def submit(self, source: SourceFile, first: str | None) -> None:
            told.append(source.key)

    visit.around = replace(visit.around, finisher=Quick())  # type: ignore[arg-type]  # no more is asked
    visit.list(mine)
    visit.take_all(mine)
    mine.close()
    assert not visit.finished()
    visit.settled(told[0], held=True)
    assert (visit.finished(), visit.held) == (True, 1)


def test_what_is_held_or_no_clip_of_its_own_is_not_counted_as_filed(here: Running, card: Path) -> None:
    fill(card, {NAME.format(number, number): 100 + number for number in range(3)})
    visit = visiting(here)
    mine = Docked(card, "TA00001")
    visit.list(mine)
    mine.close()
    visit.pending.update(("clip", "copy", "bad", "open"))
    visit.settled("clip", held=False)
    visit.settled("copy", held=False, is_clip=False)
    visit.settled("bad", held=True, is_clip=False)
    here.dock.bay_desk.records.write(visit, "generic-dcim", "storage")
    (line,) = [one for one in trail.every_line(here.station.database) if one.entry.action == "recorder.docked"]
    told = json.loads(line.details)
    assert (told["filed"], told["held"]) == (1, 1)


def test_what_the_finisher_holds_before_the_whole_card_is_listed_stays_held(here: Running, card: Path) -> None:
    fill(card, {NAME.format(1, 1): 100, NAME.format(2, 2): 200})
    visit = visiting(here)
    finisher = here.dock.finisher
    real: Any = finisher._desk.examiner

    class Broken:
        """An examiner that understands nothing of the first file."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def examine(self, spooled: SpooledFile, *more: Any) -> Any:
            if spooled.source.size_bytes == 100:
                raise NotAFile(path=spooled.source.shown, what="thing", what_zh="异物")
            return real.examine(spooled, *more)

    finisher._desk = replace(finisher._desk, examiner=cast("Examiner", Broken()))
    mine = Docked(card, "TA00001")
    visit.list(mine)
    visit.take_all(mine)
    here.settled()
    held = here.station.journal.held()
    assert [one.path for one in held.values()] == [NAME.format(1, 1)]
    visit.list(mine)
    mine.close()
    assert here.station.journal.held() == held


def test_what_is_held_elsewhere_does_not_count_here(here: Running) -> None:
    visit = visiting(here)
    visit.settled("another file", held=True)
    assert visit.held == 0
    visit.pending.add("mine")
    visit.settled("mine", held=True)
    visit.settled("mine", held=True)
    assert (visit.held, visit.finished()) == (1, True)


def test_many_ends_at_once_are_all_counted(here: Running) -> None:
    visit = visiting(here)
    keys = [f"{number}" for number in range(800)]
    visit.pending.update(keys)

    def settle(some: list[str]) -> None:
        for key in some:
            visit.settled(key, held=True)

    threads = [threading.Thread(target=settle, args=(keys[number::8],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert visit.held == 800
    until(lambda: (view(here).held, view(here).unsealed) == (800, 0), "the board")


def test_a_copy_that_goes_on_costs_no_bandwidth_again(here: Running) -> None:
    read: list[int] = []
    visit = visiting(here)
    visit.around = replace(visit.around, read=lambda _, size_bytes: read.append(size_bytes))
    source = SourceFile("TA00001", b"A.MP4", 64 * MB, 0, "")
    visit.reading(source)
    visit.read(source, 40 * MB)
    visit.read(source, MB)
    assert read == [MB]
    assert visit._bytes == 41 * MB
    visit.read(source, -41 * MB)
    assert visit._bytes == 0


def test_a_journal_that_fails_in_the_middle_costs_nothing(here: Running, dock: Dock, card: Path) -> None:
    here.register("TA00001")
    here.cards["TA00001"] = fill(card, {NAME.format(n, n): 50 + n for n in range(4)})
    journal = here.station.journal
    real, broken = journal._base, threading.Event()

    def fails(path: bytes) -> None:
        if path.endswith(b"0002.MP4") and not broken.is_set():
            broken.set()
            journal._base = sqlite3.connect(":memory:", check_same_thread=False)

    here.make = lambda serial, root: Docked(root, serial, before_reading=fails)
    here.plug("1", "TA00001")
    held = here.shows("1", "held")
    assert held.why is not None
    assert held.why.code == "ingest.journal-failed"
    journal._base = real
    assert here.shows("1", "safe").held == 0
    here.settled()
    assert len(dock.clips()) == 4
    assert dock.held() == {}
    dock.verify()


SLOW_S = 0.1
FULL_CARD = 24


def full_card(card: Path, first: int = 1) -> list[str]:
    """A card whose edges take longer to read than a head start may last; no two files have one size."""
    names = [NAME.format(number % 60, number) for number in range(first, FULL_CARD + 1)]
    fill(card, {name: 1000 + number for number, name in enumerate(names, first)})
    for number, name in enumerate(names, first):
        os.utime(card / name, (1_700_000_000 + 60 * number,) * 2)
    return names


def read_first(visit: DockingRun, card: Docked) -> tuple[float, list[str]]:
    """Seconds until the first byte, and what was read, in order."""
    began, reads = time.monotonic(), []
    firsts: list[float] = []

    def noted(path: bytes) -> None:
        firsts.append(time.monotonic() - began)
        reads.append(path.decode())

    card.before_reading = noted
    visit.copy(card)
    card.close()
    return firsts[0], reads


def test_the_first_file_of_a_full_card_is_copied_before_all_of_it_is_looked_at(
    here: Running, dock: Dock, card: Path
) -> None:
    names = full_card(card)
    visit = visiting(here)
    first_s, reads = read_first(visit, Docked(card, "TA00001", edges_s=SLOW_S))
    assert reads == names, "oldest first, each once"
    assert first_s < FULL_CARD * SLOW_S
    here.settled()
    assert len(dock.clips()) == FULL_CARD
    shown = view(here)
    assert (shown.files, shown.files_done, shown.done_bytes) == (FULL_CARD, FULL_CARD, shown.size_bytes)
    dock.verify()


def test_what_is_new_on_a_full_card_that_was_docked_before_is_found_by_halving(here: Running, card: Path) -> None:
    names = full_card(card)
    new = {name: (card / name).read_bytes() for name in names[-3:]}
    for name in new:
        (card / name).unlink()
    before = Docked(card, "TA00001")
    visiting(here).copy(before)
    before.close()
    here.settled()
    fill(card, {name: len(body) for name, body in new.items()})
    for number, name in enumerate(new):
        os.utime(card / name, (1_800_000_000 + number,) * 2)
    first_s, reads = read_first(visiting(here), Docked(card, "TA00001", edges_s=SLOW_S))
    assert reads == list(new)
    assert first_s < FULL_CARD * SLOW_S


def test_a_file_that_is_held_early_is_tried_once_and_counted_once(here: Running, card: Path) -> None:
    names = full_card(card)
    visit = visiting(here)
    mine = Docked(card, "TA00001", edges_s=SLOW_S, bad=frozenset({names[0].encode()}))
    visit.copy(mine)
    assert [path for path, _ in mine.reads].count(names[0].encode()) == 1
    assert visit.held == 1
    assert view(here).files_done == FULL_CARD
    mine.close()


def test_a_recorder_taken_out_early_lacks_nothing(here: Running, card: Path) -> None:
    names = full_card(card)
    visit = visiting(here)
    mine = Docked(card, "TA00001", edges_s=SLOW_S, before_reading=lambda _: visit.gone.set())
    with pytest.raises(Stopped):
        visit.copy(mine)
    mine.close()
    assert visit.found is not None
    assert visit.found.later
    assert len(visit.found.files) + len(visit.found.later) == len(names)
    here.dock.bay_desk.records.write(visit, "generic-dcim", "storage")
    (line,) = [one for one in trail.every_line(here.station.database) if one.entry.action == "recorder.docked"]
    told = json.loads(line.details)
    assert told["files"] == len(names)
    assert told["gaps"] == []


@pytest.mark.parametrize("edges_s", [0.0, SLOW_S], ids=["quick", "slow"])
def test_the_clock_is_asked_once_of_a_card_with_something_new_and_never_of_another(
    here: Running, card: Path, monkeypatch: pytest.MonkeyPatch, edges_s: float
) -> None:
    asked: list[int] = []

    def counted(files: Sequence[SourceFile], *more: Any) -> tuple[SourceFile, ...]:
        asked.append(len(files))
        return with_clocks(files, *more)

    monkeypatch.setattr(inventory, "with_clocks", counted)
    names = full_card(card)
    first = Docked(card, "TA00001", one_clock=True)
    visiting(here).copy(first)
    first.close()
    assert asked == [len(names)]
    here.settled()
    again = Docked(card, "TA00001", one_clock=True, edges_s=edges_s)
    visiting(here).copy(again)
    again.close()
    assert asked == [len(names)]
    assert again.reads == []
