"""Chores on both databases: each is done once at a time, a dead worker's is taken over, a late worker is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from catalog.clips.chores import ATTEMPTS_MAX, VIEWING_COPY, CatalogChores, Chore, Claim
from catalog.database import Database
from catalog.errors import ChoreLost, NoSuchChore
from media.errors import NotMedia

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
COPY = Chore(VIEWING_COPY, "C1")
KINDS = (VIEWING_COPY,)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def chores(database: Database) -> CatalogChores:
    return CatalogChores(database, lease_s=60)


def claimed(chores: CatalogChores, at: datetime = NOON, worker: str = "w1") -> Claim:
    claim = chores.claim(worker, KINDS, at)
    assert claim is not None
    return claim


def test_the_same_chore_is_one_row(chores: CatalogChores) -> None:
    assert chores.submit(COPY, NOON) == chores.submit(COPY, after(5)) == COPY.id
    assert [(row["state"], row["attempts"]) for row in chores.every()] == [("waiting", 0)]
    assert chores.get(COPY.id)["submitted_at"] == NOON


def test_a_chore_is_done(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    claim = claimed(chores)
    assert (claim.chore, claim.attempt, claim.token) == (COPY, 1, 1)
    assert chores.claim("w2", KINDS, NOON) is None
    chores.beat(claim, 0.25, after(30))
    assert chores.get(COPY.id)["progress"] == 0.25
    chores.finish(claim, after(40))
    assert chores.get(COPY.id)["state"] == "done"
    chores.submit(COPY, after(50))
    assert chores.claim("w2", KINDS, after(1000)) is None


def test_a_worker_takes_only_its_kinds(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    assert chores.claim("w1", ("scrub",), NOON) is None


def test_many_workers_get_each_chore_once(chores: CatalogChores, many: Callable[[Callable[[int], None]], None]) -> None:
    for number in range(24):
        chores.submit(Chore(VIEWING_COPY, f"C{number}"), NOON)
    taken, lock = list[str](), threading.Lock()

    def work(number: int) -> None:
        claim = chores.claim(f"w{number}", KINDS, NOON)
        assert claim is not None
        with lock:
            taken.append(claim.chore.subject)

    many(work)
    assert sorted(taken) == sorted(f"C{number}" for number in range(24))


def test_many_submit_the_same(chores: CatalogChores, many: Callable[[Callable[[int], None]], None]) -> None:
    def submit(number: int) -> None:
        chores.submit(COPY, after(number))

    many(submit)
    assert len(chores.every()) == 1


def test_a_dead_workers_chore_is_taken_over_and_its_late_result_refused(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    late = claimed(chores)
    assert chores.claim("w2", KINDS, after(59)) is None
    heir = claimed(chores, after(61), "w2")
    assert (heir.attempt, heir.token) == (2, 2)
    with pytest.raises(ChoreLost):
        chores.finish(late, after(62))
    with pytest.raises(ChoreLost):
        chores.beat(late, 0.5, after(62))
    with pytest.raises(ChoreLost):
        chores.fail(late, NotMedia(why="late"), after(62), None)
    chores.finish(heir, after(70))
    assert chores.get(COPY.id)["worker"] == "w2"


def test_an_error_that_may_pass_comes_back_after_its_pause(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    chores.fail(claimed(chores), NotMedia(why="no moov"), NOON, after(20))
    row = chores.get(COPY.id)
    assert (row["state"], row["code"]) == ("waiting", "media.not-media")
    assert "no moov" in row["message"]
    assert "no moov" in row["message_zh"]
    assert chores.claim("w1", KINDS, after(19)) is None
    chores.finish(claimed(chores, after(21)), after(22))
    assert chores.get(COPY.id)["code"] is None


def test_a_chore_that_always_fails_is_held_and_can_be_tried_again(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    for _ in range(ATTEMPTS_MAX):
        assert chores.every("held") == []
        chores.fail(claimed(chores), NotMedia(why="no"), NOON, NOON)
    assert [row["code"] for row in chores.every("held")] == ["media.not-media"]
    assert chores.claim("w1", KINDS, after(1e6)) is None
    chores.retry(COPY.id, after(10))
    assert claimed(chores, after(10)).attempt == 1


def test_a_chore_that_kills_its_workers_is_held(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    for number in range(ATTEMPTS_MAX):
        claimed(chores, after(61 * number))
    assert chores.claim("w1", KINDS, after(61 * ATTEMPTS_MAX)) is None
    row = chores.get(COPY.id)
    assert (row["state"], row["code"]) == ("held", "catalog.chore-kills")


def test_a_cancelled_chore_stops_its_worker(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    claim = claimed(chores)
    chores.cancel(COPY.id, after(1))
    with pytest.raises(ChoreLost):
        chores.beat(claim, 0.5, after(2))
    assert chores.claim("w2", KINDS, after(1e6)) is None
    assert chores.get(COPY.id)["state"] == "cancelled"


def test_a_chore_given_back_loses_no_attempt(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    chores.give_back(claimed(chores))
    assert claimed(chores).attempt == 1


def test_what_is_done_is_not_cancelled_and_what_runs_not_tried_again(chores: CatalogChores) -> None:
    chores.submit(COPY, NOON)
    claim = claimed(chores)
    chores.retry(COPY.id, after(1))
    chores.finish(claim, after(2))
    chores.cancel(COPY.id, after(3))
    assert chores.get(COPY.id)["state"] == "done"


def test_an_unknown_chore_is_said_in_words(chores: CatalogChores) -> None:
    for act in (chores.get, lambda chore: chores.cancel(chore, NOON), lambda chore: chores.retry(chore, NOON)):
        with pytest.raises(NoSuchChore):
            act("nothing")
