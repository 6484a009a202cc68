"""What rules are given of cases and footage is what acts said, on both databases; a note stands beside its case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.cases import cases, facts, links, notes, papers
from catalog.cases.errors import NoSuchPaper
from catalog.database import Database
from catalog.recorders import assignments, recorders
from catalog.rules.acts import Act
from catalog.rules.case_file import NoteFacts
from catalog.rules.case_numbers import opened_by
from ingest.filing import CatalogFiler
from tests.fakes.clips import SEALED, START, clip, sealed

WHO: dict[str, Any] = {"at": SEALED + timedelta(hours=1), "actor": "clerk"}
HOUR = timedelta(hours=1)
REPORTED = {"decided": "2026-04-22", "published": "2026-04-30", "fine": "2000.5", "penalty": "罚款"}
OPENED = cases.opening(
    [cases.number("示民罚立字〔2026〕第1号")],
    {"title": "示范案", "officers": ["N1"], "kind": "penalty", "procedures": ["measure"], "reported": REPORTED}
    | {"parties": [{"name": "示范市协会", "id_no": "519901MJ0001254750"}]},
    **WHO,
)
CASE = opened_by(OPENED)
RECORD = papers.adding(
    CASE,
    {"code": "site-record", "step": "site-check", "day": "2026-03-05", "begins_at": START, "ends_at": START + HOUR}
    | {"officers": ["N1", "N2"], "served": {"witness": "某人"}, "place": "某路"},
    **WHO,
)


def apply(database: Database, *acts: Act) -> None:
    with database.transaction() as session:
        for act in acts:
            dispatch.apply(session, act)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two clips, one of a fixed camera; a recorder by another of its numbers, held for an hour."""
    for number, about in enumerate(({"recorder": "TA1", "officer": "X"}, {"recorder": "F1", "officer": "000000"}), 1):
        CatalogFiler(database).file(sealed(clip(number, **about)))
    apply(
        database,
        recorders.adding("R1", numbers="TA1", **WHO),
        recorders.adding("F1", room="hearing-room", **WHO),
        assignments.issuing("R1", "N1", unit=None, since=START, **WHO),
        assignments.returning("R1", since=START + HOUR, **WHO),
        OPENED,
        RECORD,
        links.linking(clip(1).id, CASE, {}, reason=None, **WHO),
    )
    return database


def test_what_acts_said_is_what_rules_are_given(filled: Database) -> None:
    ((case, named),) = facts.cases(filled, facts.people(filled)).values()
    assert (case.id, case.kinds, case.officers) == (CASE, ("penalty", "measure"), ("N1",))
    assert (case.decided, case.published, case.opened) == (date(2026, 4, 22), date(2026, 4, 30), None)
    assert (case.fine, case.penalty, case.is_organisation) == (2000.5, "罚款", True)
    assert (named.numbers, named.parties) == (("示民罚立字〔2026〕第1号",), ("示范市协会",))
    (paper,) = case.papers
    assert (paper.day, paper.begins_at, paper.ends_at) == (date(2026, 3, 5), START, START + HOUR)
    assert (paper.type, paper.step, paper.place, paper.witness) == ("site-record", "site-check", "某路", True)


def test_whoever_had_the_recorder_then_holds_the_footage(filled: Database) -> None:
    body, fixed = (one for one, _ in facts.clips(filled, facts.people(filled)))
    assert (body.holder, body.room, body.cases) == ("N1", None, (CASE,))
    assert (fixed.holder, fixed.room, fixed.cases) == (None, "hearing-room", ())
    ((case, _),) = facts.cases(filled, facts.people(filled), [CASE]).values()
    assert [one for one, _ in facts.clips(filled, facts.people(filled), case)] == [body, fixed]
    apply(filled, papers.changing(opened_by(RECORD), {"begins_at": START + timedelta(days=9)}, reason=None, **WHO))
    ((case, _),) = facts.cases(filled, facts.people(filled), [CASE]).values()
    assert [one for one, _ in facts.clips(filled, facts.people(filled), case)] == [body], "linked, but of another day"


def test_a_link_that_a_person_ended_is_a_decision(filled: Database) -> None:
    link = links.id_in(links.linking(clip(1).id, CASE, {}, reason=None, **WHO))
    apply(filled, links.unlinking(clip(1).id, CASE, [link], reason="another day", **WHO))
    assert facts.decided_by_people(filled, "undone") == {(clip(1).id, CASE)}
    assert facts.decided_by_people(filled, "another day") == frozenset()
    assert facts.decided_by_people(filled, "undone", [clip(1).id]) == {(clip(1).id, CASE)}
    assert facts.decided_by_people(filled, "undone", [clip(2).id]) == frozenset()
    other = cases.opening([], {"title": "另一案"}, **WHO)
    apply(filled, other, cases.merging(CASE, opened_by(other), reason="one", **WHO))
    assert facts.decided_by_people(filled, "undone") == {(clip(1).id, opened_by(other))}, "whatever the case became"


def test_a_note_stands_beside_its_case_and_goes_with_it(filled: Database) -> None:
    noted = notes.noting(CASE, "设备故障", paper=opened_by(RECORD), verdict="missing", **WHO)
    apply(filled, noted)
    ((case, _),) = facts.cases(filled, facts.people(filled)).values()
    assert case.notes == (NoteFacts(opened_by(noted), opened_by(RECORD), "missing", "clerk"),)
    other = cases.opening([], {"title": "另一案"}, **WHO)
    apply(filled, other, cases.merging(CASE, opened_by(other), reason="one", **WHO))
    assert [one.note for one in notes.of_case(filled, opened_by(other))] == ["设备故障"]
    with pytest.raises(NoSuchPaper):
        apply(filled, notes.noting(opened_by(other), "x", paper="none", verdict=None, **WHO))
