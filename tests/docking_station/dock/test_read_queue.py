"""Turns at the disk: never more than allowed, the most urgent first, then who was served least; one bandwidth for all.

Times are compared generously: only what would take many times as long, or no time at all, fails.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import time as hour

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.rules.policy import Caps, Hours, Policy
from docking_station.dock import read_queue
from docking_station.dock.read_queue import MEGA, ReadQueue
from ingest.errors import Stopped
from ingest.priority import Urgency
from tests.fakes.waiting import PATIENCE_S, until

PLAIN, IMPORTANT, OVERDUE = Urgency(True, True), Urgency(True, False), Urgency(False, True)


def yes() -> bool:
    return True


def reads() -> None:
    time.sleep(0.01)


class Queue:
    """Bays that wait for a turn behind one that has it; `order` is how they got it."""

    def __init__(self, made: ReadQueue) -> None:
        self.turns, self.order = made, list[str]()
        self.threads: list[threading.Thread] = []
        self._lock, self.most, self._now = threading.Lock(), 0, 0

    def join(
        self, bay: str, urgency: Urgency, wanted: Callable[[], bool] = yes, reading: Callable[[], object] = reads
    ) -> None:
        def run() -> None:
            try:
                with self.turns.turn(bay, urgency, wanted):
                    with self._lock:
                        self.order.append(bay)
                        self._now += 1
                        self.most = max(self.most, self._now)
                    reading()
                    with self._lock:
                        self._now -= 1
            except Stopped:
                with self._lock:
                    self.order.append(f"{bay} left")

        before = len(self.turns._waiting)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)
        if self.turns._reading:
            until(lambda: len(self.turns._waiting) > before or not thread.is_alive(), "the bay")

    def ended(self) -> list[str]:
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        return self.order


def test_the_most_urgent_goes_first_then_who_was_served_least() -> None:
    made = ReadQueue(lambda: Caps(1))
    made.spend("much", 1000, yes)
    made.spend("little", 10, yes)
    queue = Queue(made)
    with made.turn("first", PLAIN, yes):
        for bay, urgency in (("much", PLAIN), ("little", PLAIN), ("new", PLAIN), ("mark", IMPORTANT), ("old", OVERDUE)):
            queue.join(bay, urgency)
    assert queue.ended() == ["old", "mark", "new", "little", "much"]


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=6),
)
def test_never_more_than_the_cap_and_everybody_gets_on(copies: int, bays: list[tuple[bool, bool, int]]) -> None:
    made = ReadQueue(lambda: Caps(copies))
    for number, (_, _, served) in enumerate(bays):
        made.spend(f"{number}", served, yes)
    queue = Queue(made)
    hold = threading.Event()
    holders = [threading.Thread(target=_held, args=(made, f"h{n}", hold), daemon=True) for n in range(copies)]
    for holder in holders:
        holder.start()
    until(lambda: len(made._reading) == copies, "the holders")
    for number, (overdue, important, _) in enumerate(bays):
        queue.join(f"{number}", Urgency(not overdue, not important))
    hold.set()
    order = queue.ended()
    assert sorted(order) == sorted(f"{number}" for number in range(len(bays)))
    assert queue.most <= copies
    if copies == 1:
        rank = {f"{n}": (not overdue, not mark, served, f"{n}") for n, (overdue, mark, served) in enumerate(bays)}
        assert order == sorted(order, key=rank.__getitem__)


def _held(made: ReadQueue, bay: str, hold: threading.Event) -> None:
    with made.turn(bay, PLAIN, yes):
        hold.wait(PATIENCE_S)


def test_with_room_for_several_nobody_sleeps_until_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_queue, "LOOK_S", 60.0)
    caps, two = [Caps(1)], threading.Barrier(2, timeout=PATIENCE_S / 2)
    made = ReadQueue(lambda: caps[0])
    queue = Queue(made)
    with made.turn("first", PLAIN, yes):
        for number in range(6):
            queue.join(f"{number}", PLAIN, reading=two.wait)
        caps[0] = Caps(6)
    assert len(queue.ended()) == 6
    assert queue.most > 1


def test_hours_that_change_are_noticed_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_queue, "LOOK_S", 0.02)
    policy = Policy(caps=Caps(2), hours=(Hours(hour(22), hour(6), Caps(1)),))
    now, asked = [hour(23)], list[int]()

    def caps() -> Caps:
        asked.append(1)
        return policy.caps_at(now[0])

    made = ReadQueue(caps)
    queue = Queue(made)
    with made.turn("first", PLAIN, yes):
        queue.join("second", PLAIN)
        before = len(asked)
        until(lambda: len(asked) > before + 2, "some looks")
        assert queue.order == []
        now[0] = hour(6)
        assert queue.ended() == ["second"]


def test_a_bay_that_leaves_while_it_waits_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_queue, "LOOK_S", 0.05)
    made, gone = ReadQueue(lambda: Caps(1)), threading.Event()
    queue = Queue(made)
    with made.turn("first", PLAIN, yes):
        queue.join("leaves", OVERDUE, lambda: not gone.is_set())
        queue.join("stays", PLAIN)
        gone.set()
        until(lambda: queue.order == ["leaves left"], "the one that leaves")
    assert queue.ended() == ["leaves left", "stays"]
    assert (made._waiting, made._reading) == ({}, set())


def test_what_fails_within_a_turn_gives_it_back() -> None:
    made = ReadQueue(lambda: Caps(1))
    with pytest.raises(ZeroDivisionError), made.turn("1", PLAIN, yes):
        raise ZeroDivisionError
    with made.turn("2", PLAIN, yes):
        pass


def test_the_bandwidth_is_one_for_all_bays() -> None:
    made = ReadQueue(lambda: Caps(8, 10.0))
    begun = time.monotonic()

    def read(bay: str) -> None:
        for _ in range(10):
            made.spend(bay, MEGA // 2, yes)

    threads = [threading.Thread(target=read, args=(f"{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert 0.9 < time.monotonic() - begun < 10  # ten megabytes at ten a second, not five


def test_without_a_cap_nobody_waits() -> None:
    made, begun = ReadQueue(lambda: Caps()), time.monotonic()
    for _ in range(1000):
        made.spend("1", 1 << 30, yes)
    assert time.monotonic() - begun < 10


def test_a_bay_that_is_gone_does_not_wait_for_bandwidth() -> None:
    made, begun = ReadQueue(lambda: Caps(1, 0.001)), time.monotonic()
    with pytest.raises(Stopped):
        made.spend("1", MEGA, lambda: time.monotonic() < begun + 0.1)
    assert time.monotonic() - begun < 5


def test_an_empty_bay_is_served_anew() -> None:
    made = ReadQueue(lambda: Caps(1))
    made.spend("1", 1000, yes)
    made.left("1")
    made.left("1")
    assert dict(made._served) == {}
