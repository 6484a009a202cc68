"""Lines of many people written together: each is durable when its writer goes on; who is not written is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlmodel import Session

from catalog.database import Database
from catalog.errors import CatalogUnreachable
from catalog.trail import trail
from catalog.trail.together import Dated, Together
from tests.fakes.waiting import until

AT = datetime(2026, 3, 5, tzinfo=UTC)
COUNT = 20


class Gate:
    """A catalog of which each transaction waits until it is let go on, and is counted."""

    def __init__(self, database: Database) -> None:
        self._database, self.begun, self.opened = database, 0, threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.begun += 1
        assert self.opened.wait(60)
        with self._database.transaction() as session:
            yield session


def line(who: int) -> Dated:
    return lambda at: [trail.Entry(at, f"P:{who}", "clip.viewed", f"c{who}", {}, is_look=True)]


@contextmanager
def twenty(database: Database, clock: Callable[[], datetime]) -> Iterator[tuple[Gate, list[Future[None]]]]:
    """One who writes, held up, and the others who come meanwhile."""
    gate = Gate(database)
    together = Together(lambda: gate, lambda: None, clock)  # type: ignore[arg-type, return-value]  # it is asked for transactions alone
    with ThreadPoolExecutor(COUNT) as threads:
        first = threads.submit(together.write, line(0))
        until(lambda: gate.begun == 1, "the first")
        others = [threads.submit(together.write, line(number)) for number in range(1, COUNT)]
        until(lambda: len(together._waiting) == COUNT - 1, "the others")
        yield gate, [first, *others]
        gate.opened.set()


def test_who_comes_while_one_writes_is_written_at_once_with_the_others(database: Database) -> None:
    with twenty(database, lambda: AT) as (gate, written):
        gate.opened.set()
        assert not wait(written, 60).not_done
    assert [one.exception() for one in written] == [None] * COUNT
    assert gate.begun == 2
    lines = trail.lines(database)
    assert sorted(one.entry.subject for one in lines) == sorted(f"c{number}" for number in range(COUNT))
    assert trail.verify(database).fault is None


def then(*errors: BaseException) -> Callable[[], datetime]:
    """A clock that is believed once, then raises these, and is believed again."""
    answers = iter([None, *errors])

    def clock() -> datetime:
        if (error := next(answers, None)) is not None:
            raise error
        return AT

    return clock


def test_nobody_is_told_that_a_line_is_written_which_is_not(database: Database) -> None:
    with twenty(database, then(CatalogUnreachable(reason="away"))) as (gate, written):
        gate.opened.set()
        assert not wait(written, 60).not_done
    assert written[0].exception() is None
    assert all(isinstance(one.exception(), CatalogUnreachable) for one in written[1:])
    assert [one.entry.subject for one in trail.lines(database)] == ["c0"]


def test_who_is_interrupted_while_writing_for_others_leaves_them_to_write(database: Database) -> None:
    with twenty(database, then(KeyboardInterrupt())) as (gate, written):
        gate.opened.set()
        assert not wait(written, 60).not_done
    assert [type(one.exception()) for one in written].count(KeyboardInterrupt) == 1
    assert len(trail.lines(database)) == COUNT - 1 == [one.exception() for one in written].count(None)


def test_what_one_has_that_can_be_no_line_fails_nobody_else(database: Database) -> None:
    with twenty(database, then(ValueError(), ValueError())) as (gate, written):  # of all together, then of the first
        gate.opened.set()
        assert not wait(written, 60).not_done
    assert [type(one.exception()) for one in written].count(ValueError) == 1
    assert len(trail.lines(database)) == COUNT - 1


def test_lines_of_one_and_lines_of_many_make_the_same_trail(database: Database) -> None:
    entries = [trail.Entry(AT, "P:1", "clip.viewed", f"c{number}", {"n": number}) for number in range(13)]
    with database.transaction() as session:
        one_by_one = [trail.append(session, one) for one in entries[:6]]
        together = trail.append_all(session, entries[6:])
    assert [one.chain_hash for one in trail.lines(database)] == [one.chain_hash for one in (*one_by_one, *together)]
    assert [one.line for one in trail.lines(database)] == list(range(1, 14))
    assert trail.verify(database).fault is None
