"""A catalog that knew cases by their numbers, and one case a clip, becomes what a rebuild makes of the same acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from catalog import database as its
from catalog.acts import comparison, dispatch
from catalog.cases import cases, reading
from catalog.database import Database
from catalog.rules.acts import Act
from ingest.filing import CatalogFiler
from tests.fakes import old_acts
from tests.fakes.clips import SEALED, clip, sealed

BEFORE = "0012"
NUMBERS = ("示民罚立字〔2026〕第1号", "A7", "named only")


def acts() -> list[Act]:
    """What an earlier version signed: cases, a link that moved, one that ended, one that stands."""
    told: dict[str, Any] = {"subject": "a shop", "officers": ("JY0001",), "begins_at": SEALED, "ends_at": None}
    at = [SEALED + timedelta(minutes=minute) for minute in range(9)]
    made = [
        cases.adding(no, title=None if no == NUMBERS[2] else "x", **told, at=at[number], actor="clerk")
        for number, no in enumerate(NUMBERS)
    ]
    one, two = clip(1).id, clip(2).id
    made += [old_acts.linking(one, NUMBERS[0], reason="r", at=at[3], actor="clerk")]
    made += [old_acts.linking(one, NUMBERS[1], reason=None, at=at[4], actor="clerk")]
    made += [old_acts.linking(two, NUMBERS[0], reason=None, at=at[5], actor="clerk")]
    return [*made, old_acts.unlinking(two, reason="another day", at=at[6], actor="clerk")]


def as_it_was(base: Database) -> None:
    """Put the rows of an earlier version into its tables, for what the acts say."""
    one, two, three = (clip(number).id for number in (1, 2, 3))
    at = [base.moment(SEALED + timedelta(minutes=minute)) for minute in range(9)]
    case = "INSERT INTO law_case VALUES (:no, :title, 'a shop', '[\"JY0001\"]', :begins, NULL, :at, 'clerk')"
    link = "INSERT INTO link VALUES (:clip, :at, :no, :how, :by, :ended, :ended_by, :reason)"
    with base.engine().begin() as connection:
        for number, no in enumerate(NUMBERS):
            title = None if no == NUMBERS[2] else "x"
            connection.execute(text(case), {"no": no, "title": title, "begins": at[0], "at": at[number]})
        for clip_id, no, begins, ended, reason in (
            (one, NUMBERS[0], 3, 4, f"linked to {NUMBERS[1]}"),
            (one, NUMBERS[1], 4, None, None),
            (two, NUMBERS[0], 5, 6, "another day"),
        ):
            values = {"clip": clip_id, "no": no, "at": at[begins], "how": "linked by a person", "by": "clerk"}
            end = {"ended": None if ended is None else at[ended], "ended_by": None if ended is None else "clerk"}
            connection.execute(text(link), values | end | {"reason": reason})
        stated = {"clip": three, "no": NUMBERS[2], "at": base.moment(SEALED), "how": "stated at ingest"}
        docked_by = sealed(clip(3)).signed.clip.docked_by
        connection.execute(text(link), stated | {"by": docked_by, "ended": None, "ended_by": None, "reason": None})


@pytest.fixture
def upgraded(empty: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A catalog that lived under the earlier version, at today's."""
    if empty.sqlite_path is not None:
        empty.sqlite_path.touch()  # really migrated, step by step
    to_head: Callable[[Config, str], None] = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _: to_head(config, BEFORE))
    empty.migrate()
    monkeypatch.undo()
    as_it_was(empty)
    empty.migrate()
    assert empty.version() == its.HEAD
    return empty


def test_an_upgraded_catalog_is_what_a_rebuilt_one_is(upgraded: Database, tmp_path: Any) -> None:
    rebuilt = Database(f"sqlite:///{tmp_path}/rebuilt.db")
    rebuilt.migrate()
    for number in (1, 2, 3):
        named = clip(number, case=NUMBERS[2] if number == 3 else None)
        CatalogFiler(rebuilt).file(sealed(named))
    for act in acts():
        with rebuilt.transaction() as session:
            dispatch.apply(session, act)
    for table in ("law_case", "case_number", "link"):
        assert list(comparison.differences_in(table, rebuilt, upgraded)) == [], table
    assert {reading.find(upgraded, no) for no in NUMBERS} == {one.id for one in reading.every(rebuilt)}
    assert reading.find(upgraded, "示民罚立[2026]1号") == reading.find(upgraded, NUMBERS[0])
    rebuilt.close()
