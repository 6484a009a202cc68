"""Copies are finished however long it takes: each once, in order, whatever fails meanwhile.

Real spool, journal, vault and catalog; the vault and the catalog are really away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import search
from catalog.evidence import Clip, Docking, Duplicate, Receipt, SourceFile, SpooledFile
from catalog.station_error import StationError
from devices.junk import Junk
from ingest import finishing, priority
from ingest.errors import ClockWrong, CopyLost, SourceChanged
from ingest.finishing import Ended, Finisher
from ingest.inventory import firsts, phases, take_inventory
from ingest.walk import WalkDesk, take
from tests.fakes.waiting import until
from tests.ingest.house import NOW, House
from vault.errors import VaultUnreachable

CLIP = "TA00001_JX0001_20260305090000.MP4"
MOVIE = b"\x00\x00\x00\x18ftypmp42"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses."""
    monkeypatch.setattr(priority, "BACK_OFF_FIRST_S", 0.03)
    monkeypatch.setattr(priority, "BACK_OFF_MAX_S", 0.1)
    monkeypatch.setattr(finishing, "BLOCKED_S", 0.02)


@dataclass
class Told:
    """What the finisher tells."""

    ends: list[Ended] = field(default_factory=list)

    def __call__(self, end: Ended) -> None:
        self.ends.append(end)

    def codes(self) -> list[str]:
        return [end.error.code for end in tuple(self.ends) if end.error is not None]

    def filed(self) -> list[str]:
        return [end.source.shown for end in tuple(self.ends) if isinstance(end.outcome, Receipt)]


class Broken:
    """An examiner that fails where a test says so."""

    def __init__(self, real: Any, error: Callable[[str], BaseException | None]) -> None:
        self._real, self._error = real, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def examine(self, spooled: SpooledFile, *rest: Any) -> Clip:
        error = self._error(spooled.source.shown)
        if error is not None:
            raise error
        clip: Clip = self._real.examine(spooled, *rest)
        return clip


def fails(house: House, error: Callable[[str], BaseException | None]) -> WalkDesk:
    """The desk, where looking into a copy fails."""
    broken: Any = Broken(house.desk.examiner, error)
    return replace(house.desk, examiner=broken)


def taken(house: House, files: dict[str, bytes]) -> list[SourceFile]:
    """Files on the card, copied into the spool as a bay does it; in the order in which they are to end."""
    for name, body in files.items():
        (house.root / "card" / name).write_bytes(body)
    found = take_inventory(house.card, house.at_hand.docking, Junk(()), house.desk)
    ordered = [source for phase in phases(found.new, house.desk) for source in phase]
    for source in ordered:
        house.desk.journal.once(source.key, SourceFile, lambda source=source: source)  # type: ignore[misc]  # bound now
        house.desk.journal.once(source.key, Docking, lambda: house.at_hand.docking)
        take(source, house.card, house.desk)
    return ordered


def submit(finisher: Finisher, sources: Sequence[SourceFile], desk: WalkDesk) -> None:
    first = firsts(sources, desk)
    for source in sources:
        finisher.submit(source, first.get(source.key))


@contextmanager
def running(
    desk: WalkDesk,
    told: Told,
    sources: Sequence[SourceFile] = (),
    *,
    workers: int = 3,
    gate: Callable[[], None] = lambda: None,
) -> Iterator[Finisher]:
    """A finisher that has `sources` before its threads start: what it finds itself may have ended by the next line."""
    finisher = Finisher(replace(desk, gate=gate), workers, told)
    submit(finisher, sources, desk)
    finisher.start()
    try:
        yield finisher
    finally:
        assert finisher.alive()
        finisher.stop(10)
        assert not any(thread.is_alive() for thread in finisher._threads)


def done(finisher: Finisher) -> None:
    until(lambda: not finisher.open(), "the last end")


def assert_filed_once(house: House, count: int) -> None:
    assert len(search.search(house.database, search.Search(limit=search.LIMIT_MAX))) == count
    assert len(list(house.vault.keys("originals"))) == len(list(house.vault.keys("manifests"))) == count
    assert list((house.root / "spool").iterdir()) == []
    assert house.desk.journal.unfinished() == []


def test_many_files_are_each_filed_once_by_several_threads(house: House) -> None:
    sources, told = taken(house, {f"{n}.log": b"2026 %d" % n for n in range(60)}), Told()
    with running(house.desk, told, sources, workers=4) as finisher:
        submit(finisher, sources, house.desk)  # the same again is no error
        done(finisher)
    assert set(told.filed()) == {source.shown for source in sources}  # one that had ended may tell of it again
    assert_filed_once(house, 60)


def test_a_sidecar_is_understood_before_its_clip(house: House) -> None:
    order: list[str] = []

    def error(name: str) -> StationError | None:
        order.append(name)
        if name.endswith(".NMEA") and order.count(name) < 3:
            return VaultUnreachable(reason="not yet")
        return None

    desk = fails(house, error)
    sources, told = taken(house, {CLIP: MOVIE + bytes(99), CLIP.replace("MP4", "NMEA"): b"$GPRMC"}), Told()
    with running(desk, told, list(reversed(sources))) as finisher:
        done(finisher)
    assert order[-1] == CLIP
    assert order.count(CLIP) == 1
    assert_filed_once(house, 2)


def test_a_sidecar_that_is_held_does_not_keep_its_clip(house: House) -> None:
    desk = fails(house, _held)
    sources, told = taken(house, {CLIP: MOVIE + bytes(99), CLIP.replace("MP4", "NMEA"): b"$GPRMC"}), Told()
    with running(desk, told, sources) as finisher:
        done(finisher)
    assert told.filed() == [CLIP]
    assert [one.code for one in house.desk.journal.held().values()] == ["ingest.copy-lost"]


def test_a_sidecar_that_is_tried_for_ever_does_not_keep_its_clip(house: House) -> None:
    desk = fails(house, lambda name: SourceChanged(path=name, what="x") if name.endswith(".NMEA") else None)
    sources, told = taken(house, {CLIP: MOVIE + bytes(99), CLIP.replace("MP4", "NMEA"): b"$GPRMC"}), Told()
    with running(desk, told, sources) as finisher:
        until(told.filed, "the receipt of the clip")
        assert told.filed() == [CLIP]
        assert len(told.codes()) >= finishing.PATIENCE, "the sidecar had its time"
        assert [job.source.shown for job in finisher.open()] == [CLIP.replace("MP4", "NMEA")]


def _held(name: str) -> StationError | None:
    return CopyLost(path=name) if name.endswith(".NMEA") else None


@pytest.mark.parametrize("slow", [CLIP, "COPY.MP4"])
def test_of_two_equal_files_the_recorders_own_name_becomes_the_clip(house: House, slow: str) -> None:
    def error(name: str) -> None:
        time.sleep(0.1 if name == slow else 0)

    desk = fails(house, error)
    sources, told = taken(house, {CLIP: MOVIE + bytes(99), "COPY.MP4": MOVIE + bytes(99)}), Told()
    with running(desk, told, sources) as finisher:
        done(finisher)
    assert told.filed() == [CLIP]
    assert [end.source.shown for end in told.ends if isinstance(end.outcome, Duplicate)] == ["COPY.MP4"]
    assert told.codes() == []
    assert_filed_once(house, 1)


def vault_away(root: Path) -> Callable[[], None]:
    """A vault that cannot be reached: a file stands where its folder was."""
    (root / "vault").rename(root / "elsewhere")
    (root / "vault").write_bytes(b"")

    def back() -> None:
        (root / "vault").unlink()
        (root / "elsewhere").rename(root / "vault")

    return back


def catalog_away(root: Path) -> Callable[[], None]:
    for end in ("", "-wal", "-shm"):
        if (root / f"catalog.db{end}").exists():
            (root / f"catalog.db{end}").rename(root / f"away.db{end}")
    (root / "catalog.db").mkdir()

    def back() -> None:
        (root / "catalog.db").rmdir()
        for end in ("", "-wal", "-shm"):
            if (root / f"away.db{end}").exists():
                (root / f"away.db{end}").rename(root / f"catalog.db{end}")

    return back


@pytest.mark.parametrize(("away", "code"), [(vault_away, "vault.unreachable"), (catalog_away, "catalog.unreachable")])
def test_all_wait_together_while_vault_or_catalog_is_away(
    house: House, away: Callable[[Path], Callable[[], None]], code: str
) -> None:
    sources, told = taken(house, {f"{n}.log": b"2026 %d" % n for n in range(20)}), Told()
    house.database.close()
    back = away(house.root)
    with running(house.desk, told, sources) as finisher:
        until(lambda: len(told.ends) > 3 * 3, "a few rounds of trying")
        begun, before = time.monotonic(), len(told.ends)
        until(lambda: len(told.ends) > before + 20, "more than 20 tries")
        rounds = (time.monotonic() - begun) / 0.1 + 1
        assert len(told.ends) - before <= 3 * rounds + 3  # a few a pause, not one for each file
        assert set(told.codes()) == {code}
        assert len(finisher.open()) == 20
        assert house.desk.journal.held() == {}
        back()
        done(finisher)
    assert len(told.filed()) == 20
    assert house.desk.journal.held() == {}
    assert_filed_once(house, 20)


def test_an_error_of_one_file_is_shown_after_a_while_and_released_when_it_passes(house: House) -> None:
    well = threading.Event()
    desk = fails(
        house, lambda name: SourceChanged(path=name, what="x") if name == "bad.log" and not well.is_set() else None
    )
    sources, told = taken(house, {"bad.log": b"1", "good.log": b"2"}), Told()
    with running(desk, told, sources) as finisher:
        until(lambda: len(told.codes()) >= finishing.PATIENCE - 1, "some tries")
        until(lambda: len({end.source.shown for end in told.ends}) == len(sources), "an end of both")
        until(lambda: "good.log" not in {one.source.shown for one in finisher.open()}, "the other file")
        assert told.filed() == ["good.log"], told.ends
        until(house.desk.journal.held, "the file among those that wait for a person")
        assert len(told.codes()) >= finishing.PATIENCE - 1
        assert all(end.again for end in told.ends if end.error is not None)
        well.set()
        done(finisher)
    assert house.desk.journal.held() == {}
    assert_filed_once(house, 2)


def test_a_fault_everybody_shares_is_not_counted_against_a_file(house: House) -> None:
    tries = 0

    def error(name: str) -> StationError | None:
        nonlocal tries
        tries += 1
        if tries <= finishing.PATIENCE + 2:
            return VaultUnreachable(reason="no answer")
        return SourceChanged(path=name, what="x") if tries == finishing.PATIENCE + 3 else None

    desk = fails(house, error)
    sources, told = taken(house, {"a.log": b"1"}), Told()
    before = house.desk.journal
    held: list[str] = []

    class Listening:
        def __getattr__(self, name: str) -> Any:
            if name == "hold":
                held.append(name)
            return getattr(before, name)

    listening: Any = Listening()
    desk = replace(desk, journal=listening)
    with running(desk, told, sources, workers=1) as finisher:
        done(finisher)
    assert held == []
    assert_filed_once(house, 1)


def test_any_other_error_holds_the_file_and_no_thread_ends(house: House) -> None:
    errors = {"a.log": CopyLost(path="a.log"), "b.log": ZeroDivisionError("nobody thought of it")}
    desk = fails(house, errors.get)
    sources, told = taken(house, {"a.log": b"1", "b.log": b"2", "c.log": b"3"}), Told()
    with running(desk, told, sources, workers=2) as finisher:
        done(finisher)
        assert finisher.alive()
    held = {one.path: one.code for one in house.desk.journal.held().values()}
    assert held == {"a.log": "ingest.copy-lost", "b.log": "ingest.unforeseen"}
    assert told.filed() == ["c.log"]
    assert "ZeroDivisionError" in next(one.message for one in house.desk.journal.held().values() if "b" in one.path)
    with running(house.desk, told) as finisher:  # the next start tries again
        done(finisher)
    assert sorted(told.filed()) == ["a.log", "b.log", "c.log"]


def test_a_lost_copy_is_held_until_its_recorder_is_back(house: House) -> None:
    (source,), told = taken(house, {"a.log": b"1"}), Told()
    (house.root / "spool" / source.key).unlink()
    with running(house.desk, told) as finisher:
        until(told.codes, "the loss")
        assert told.codes() == ["ingest.copy-lost"]
        assert [one.code for one in house.desk.journal.held().values()] == ["ingest.copy-lost"]
        take(source, house.card, house.desk)
        finisher.submit(source)
        done(finisher)
    assert house.desk.journal.held() == {}
    assert_filed_once(house, 1)


def test_a_copy_of_which_nothing_is_said_is_not_taken_for_filed(house: House) -> None:
    told = Told()
    taken(house, {"a.log": b"1"})
    with house.desk.journal._door():
        house.desk.journal._base.execute("DELETE FROM fact WHERE noun = 'Docking'")
    with running(house.desk, told) as finisher:
        until(told.codes, "the loss")
        done(finisher)
    assert told.codes() == ["ingest.copy-lost"]
    assert len(house.desk.journal.held()) == 1


def test_while_the_clock_is_wrong_nothing_is_sealed(house: House) -> None:
    right, told = threading.Event(), Told()

    def gate() -> None:
        if not right.is_set():
            raise ClockWrong(now="1970-01-01", known="2026-01-01")

    sources = taken(house, {f"{n}.log": b"2026 %d" % n for n in range(5)})
    with running(house.desk, told, sources, gate=gate) as finisher:
        until(lambda: len(told.ends) > 5, "a few tries")
        assert set(told.codes()) == {"ingest.clock-wrong"}
        assert list(house.vault.keys("originals")) == []
        assert house.desk.journal.held() == {}
        right.set()
        done(finisher)
    assert_filed_once(house, 5)


def test_what_is_left_at_the_end_is_found_again_by_the_next_start(house: House) -> None:
    told = Told()
    slow = fails(house, lambda _: time.sleep(0.05))
    sources = taken(house, {f"{n}.log": b"2026 %d" % n for n in range(30)} | {CLIP: MOVIE, "COPY.MP4": MOVIE})
    with running(slow, told, sources, workers=2) as finisher:
        until(lambda: len(told.filed()) >= 5, "the first few")
    filed = len(told.filed())
    assert 5 <= filed < 31
    again = Told()
    with running(house.desk, again) as finisher:
        assert all(one.since == NOW for one in finisher.open())
        done(finisher)
    assert filed + len(again.filed()) == 31
    assert set(told.filed()).isdisjoint(again.filed())
    assert CLIP in told.filed() + again.filed()
    assert_filed_once(house, 31)


def test_the_queue_is_as_long_as_there_are_copies_and_empty_at_the_end(house: House) -> None:
    sources, told = taken(house, {f"{n}.log": b"2026 %d" % n for n in range(10)}), Told()
    back = vault_away(house.root)
    with running(house.desk, told) as finisher:
        for _ in range(50):
            submit(finisher, sources, house.desk)
        until(lambda: len(told.ends) > 20, "some tries")
        assert len(finisher._queue.due) <= 10
        back()
        done(finisher)
        assert (finisher._queue.due, finisher._queue.open, finisher._queue.understood) == ([], {}, set())


def test_a_broken_journal_is_everybodys_fault_and_holds_nothing(house: House) -> None:
    sources, told = taken(house, {"a.log": b"1", "b.log": b"2"}), Told()
    with running(house.desk, told, sources) as finisher:
        done(finisher)
        house.desk.journal.close()
        finisher.submit(sources[0])
        until(lambda: told.codes(), "the fault")
        assert set(told.codes()) == {"ingest.journal-failed"}
        assert finisher.has(sources[0].key)
