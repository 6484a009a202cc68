"""What the scrub and disposals remember, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.acts import dispatch
from catalog.database import Database
from catalog.errors import DisposalNeedsAnother, DisposalNotAsked
from catalog.keeping import disposals, fixity
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.manifest import read_manifest
from catalog.trail import trail
from ingest.filing import CatalogFiler
from tests.fakes import clips

NOW = clips.SEALED + timedelta(days=100)
DAY = timedelta(days=1)


@pytest.fixture
def filed(database: Database) -> Database:
    """Three clips; the second and the third are the same bytes."""
    first, second = clips.clip(1), clips.clip(2)
    third = replace(clips.clip(3), spooled=replace(clips.clip(3).spooled, digest=second.spooled.digest))
    for one in (first, second, third):
        CatalogFiler(database).file(clips.sealed(one))
    return database


def test_readings_are_remembered_and_damage_is_told_once_for_every_clip(filed: Database) -> None:
    one, two = fixity.overdue(filed, NOW, 10)
    assert {one.sha256, two.sha256} == {clips.clip(1).spooled.digest.sha256, clips.clip(2).spooled.digest.sha256}
    assert fixity.late(filed, NOW) == 2
    shared = clips.clip(2).spooled.digest.sha256
    for fault in (None, "gone", "gone", None):
        with filed.transaction() as session:
            fixity.note(session, shared, NOW, fault)
        assert [clip for clip, _ in fixity.damaged(filed, 10)] == (
            [clips.clip(2).id, clips.clip(3).id] if fault else []
        )
    assert [each.sha256 for each in fixity.overdue(filed, NOW - DAY, 10)] == [clips.clip(1).spooled.digest.sha256]
    lines = [line.entry.action for line in trail.lines(filed, subject=clips.clip(3).id)]
    assert lines == ["clip.filed", "original.damaged", "original.whole"]


def test_a_disposal_needs_two_people_on_each_database(filed: Database) -> None:
    clip = clips.clip(1).id
    ask = disposals.asking(clip, reason="over", at=NOW, by=Caller("a", "root", LOGIN))
    with pytest.raises(DisposalNotAsked), filed.transaction() as session:
        dispatch.apply(session, replace(ask, action="clip.disposed"))
    for _ in range(2):
        with filed.transaction() as session:
            dispatch.apply(session, ask)
    found = disposals.of(filed, clip)
    assert found is not None
    assert (found.asked_by, found.done_at) == ("a as root", None)
    gone = read_manifest(clips.sealed(clips.clip(1)).signed.manifest.encode(), clip)
    with pytest.raises(DisposalNeedsAnother), filed.transaction() as session:
        dispatch.apply(session, disposals.disposing(found, gone, "m", NOW, at=NOW, by=Caller("a", "a", LOGIN)))
    with filed.transaction() as session:
        dispatch.apply(session, disposals.disposing(found, gone, "m", NOW, at=NOW, by=Caller("b", "b", LOGIN)))
    assert disposals.is_done(filed, clip)
    assert fixity.late(filed, NOW) == 1
