"""What the catalog says of clips that are disposed of, on each database: what may go, and what work is needless."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.acts import dispatch
from catalog.clips import second_opinions
from catalog.clips.chores import ATTEMPTS_MAX, SECOND_OPINION, VIEWING_COPY, CatalogChores, Chore
from catalog.database import Database
from catalog.errors import AlreadyDisposed
from catalog.keeping import disposals
from catalog.rules.callers import LOGIN, Caller
from ingest.filing import CatalogFiler
from media.errors import NothingRecovered
from tests.fakes import clips

NOW = clips.SEALED + timedelta(days=200)
ONE, SAME, OTHER = (clips.clip(number).id for number in (1, 2, 3))


@pytest.fixture
def filed(database: Database) -> Database:
    """Three clips; the first and the second are the same bytes. Each has an opinion, and work waits for it."""
    first, third = clips.clip(1), clips.clip(3)
    second = replace(clips.clip(2), spooled=replace(clips.clip(2).spooled, digest=first.spooled.digest))
    for one in (first, second, third):
        CatalogFiler(database).file(clips.sealed(one))
        second_opinions.note(database, one.id, NOW, "Tool 1", {"disagreements": []})
        CatalogChores(database).submit(Chore(VIEWING_COPY, one.id), NOW)
    return database


def dispose(database: Database, clip: str) -> None:
    asked = disposals.asking(clip, reason="over", at=NOW, by=Caller("a", "a", LOGIN))
    for act in (asked, replace(asked, action="clip.disposed", actor="b")):
        with database.transaction() as session:
            dispatch.apply(session, act)


def forget(database: Database, clip: str) -> bool:
    with database.transaction() as session:
        return disposals.forget(session, clip, NOW)


def test_only_what_is_disposed_of_may_go_and_shared_bytes_only_with_the_last(filed: Database) -> None:
    assert list(disposals.gone(filed)) == list(disposals.gone(filed, ONE)) == []
    disposals.demand_kept(filed, ONE)
    dispose(filed, ONE)
    with pytest.raises(AlreadyDisposed):
        disposals.demand_kept(filed, ONE)
    (one,) = disposals.gone(filed)
    assert (one.clip, one.kept, one.left) == (ONE, True, True)
    dispose(filed, SAME)
    assert [(each.clip, each.kept) for each in disposals.gone(filed)] == [(ONE, False), (SAME, False)]
    assert [each.clip for each in disposals.gone(filed, SAME)] == [SAME]
    assert list(disposals.gone(filed, OTHER)) == []


def test_opinions_and_open_work_go_once_and_nobody_elses(filed: Database) -> None:
    dispose(filed, ONE)
    chores = CatalogChores(filed)
    assert (forget(filed, ONE), forget(filed, ONE)) == (True, False)
    assert [second_opinions.get(filed, clip) is None for clip in (ONE, SAME, OTHER)] == [True, False, False]
    states = {row["subject"]: row["state"] for row in chores.every()}
    assert states == {ONE: "cancelled", SAME: "waiting", OTHER: "waiting"}
    assert [each.left for each in disposals.gone(filed)] == [False]
    assert {chore.subject for chore in chores.unsubmitted(SECOND_OPINION, ("video",))} == {SAME, OTHER}


def test_a_running_worker_loses_what_is_disposed_of(filed: Database) -> None:
    chores = CatalogChores(filed)
    claims = [chores.claim("w", (VIEWING_COPY,), NOW) for _ in range(3)]
    dispose(filed, ONE)
    assert forget(filed, ONE)
    lost = [claim for claim in claims if claim is not None and chores.get(claim.chore.id)["state"] == "cancelled"]
    assert [claim.chore.subject for claim in lost] == [ONE]


@pytest.mark.parametrize(("recorder", "playable", "state"), [
    ("TA00001", True, "waiting"), ("TA00001", False, "held"), ("TA00001", None, "held"), ("TA00002", True, "held"),
])  # fmt: skip
def test_a_cut_off_clip_is_hoped_for_again_when_its_recorder_gives_a_whole_one(
    filed: Database, recorder: str, playable: bool | None, state: str
) -> None:
    chores, held_at = CatalogChores(filed), clips.SEALED + timedelta(days=1)
    for number in range(ATTEMPTS_MAX * 3):
        claim = chores.claim("w", (VIEWING_COPY,), NOW + timedelta(hours=number))
        if claim is not None:
            chores.fail(claim, NothingRecovered(why="no"), held_at, NOW if claim.attempt < ATTEMPTS_MAX else None)
    ours = Chore(VIEWING_COPY, ONE).id
    assert chores.get(ours)["state"] == "held"
    chores.hope_again(VIEWING_COPY, NothingRecovered.code, NOW)
    assert chores.get(ours)["state"] == "held", "nothing is new"
    made = clips.clip(9, recorder=recorder)
    made = replace(made, media=replace(made.media, playable=playable))
    sealed = clips.sealed(made, clips.SEALED + timedelta(days=2))
    CatalogFiler(filed).file(sealed)
    chores.hope_again(VIEWING_COPY, "media.tool-failed", NOW)
    assert chores.get(ours)["state"] == "held", "another error is another matter"
    chores.hope_again(VIEWING_COPY, NothingRecovered.code, NOW)
    assert chores.get(ours)["state"] == state
    if state == "waiting":
        claim = chores.claim("w", (VIEWING_COPY,), NOW)
        assert claim is not None
        assert claim.attempt == ATTEMPTS_MAX, "once"
