"""Pages of cases and parties: each case once, in order, and none that may not be known of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.cases import cases, finding
from catalog.cases.finding import CaseSearch, Party
from catalog.database import Database
from catalog.errors import BadCursor
from catalog.people.holders import ROOT
from catalog.rules.case_numbers import opened_by
from catalog.rules.house_rights import Known
from tests.fakes.clips import SEALED

TITLES = "acegbdf"
KNOWN = Known(frozenset(("A",)), frozenset())


@pytest.fixture
def ids(database: Database) -> dict[str, str]:
    """Cases of two units and of none, `b` and `d` without a number, `f` merged into `g`; by title."""
    found = dict[str, str]()
    for step, title in enumerate(TITLES):
        said: dict[str, Any] = {"title": title, "unit": {"a": "A", "b": "A", "c": "B", "d": "B"}.get(title)}
        said |= {"parties": [{"name": "小明100%商行" if title < "d" else "小红"}], "officers": ["JX1"]}
        numbers = [] if title in "bd" else [cases.number(f"示民罚立〔2026〕{title}号")]
        act = cases.opening(numbers, said, at=SEALED + timedelta(minutes=step), actor="clerk")
        with database.transaction() as session:
            dispatch.apply(session, act)
        found[title] = opened_by(act)
    with database.transaction() as session:
        dispatch.apply(session, cases.merging(found["f"], found["g"], reason="one", at=SEALED, actor="clerk"))
    return found


def pages(database: Database, wanted: CaseSearch, known: Known | None = None) -> str:
    found, more, after = "", True, None
    while more:
        page, more = finding.page(database, replace(wanted, after=after, limit=2), known)
        found, after = found + "".join(str(one.title) for one in page), page[-1].id if page else None
    return found


def test_pages_hold_each_case_once_and_what_may_be_known_of_alone(database: Database, ids: dict[str, str]) -> None:
    unnumbered = "".join(sorted("bd", key=lambda one: ids[one]))
    assert pages(database, CaseSearch()) == unnumbered + "aceg"
    assert pages(database, CaseSearch(newest=True)) == "dbgeca"
    assert pages(database, CaseSearch(), KNOWN) == "ba"
    assert pages(database, CaseSearch(), Known(frozenset(), frozenset((ids["c"],)))) == "c"
    assert pages(database, CaseSearch(), Known(frozenset((ROOT,)), frozenset())) == "eg", "one of no unit is the root's"
    assert pages(database, CaseSearch(), Known(frozenset(), frozenset())) == ""
    for hidden in (ids["c"], "0" * 12):
        with pytest.raises(BadCursor):
            finding.page(database, CaseSearch(after=hidden), KNOWN)


def test_cases_are_found_by_what_is_said_of_them(database: Database, ids: dict[str, str]) -> None:
    assert sorted(pages(database, CaseSearch(text="100%"))) == ["a", "b", "c"]
    assert pages(database, CaseSearch(text="1%商")) == "", "% stands for itself"
    assert pages(database, CaseSearch(text="〕e")) == "e"
    assert sorted(pages(database, CaseSearch(party="小红", officer="JX1"))) == ["d", "e", "g"]
    assert pages(database, CaseSearch(unit="B", state="open", newest=True)) == "dc"
    assert pages(database, CaseSearch(officer="JX2")) == ""


def test_parties_have_the_cases_that_may_be_known_of(database: Database, ids: dict[str, str]) -> None:
    first, more = finding.parties(database, None, name=None, after="", limit=1)
    (second,), no_more = finding.parties(database, None, name=None, after=first[-1].name, limit=1)
    assert (more, no_more) == (True, False)
    held = {one.name: {case.id for case in one.cases} for one in (*first, second)}
    assert held == {"小明100%商行": {ids[one] for one in "abc"}, "小红": {ids[one] for one in "deg"}}
    ((known, _), nothing) = (finding.parties(database, KNOWN, name=name, after="", limit=9) for name in ("%", "红"))
    assert known == [Party("小明100%商行", known[0].cases)]
    assert {case.called for case in known[0].cases} == {"示民罚立〔2026〕a号", ids["b"]}
    assert nothing == ([], False)
    change = cases.changing(ids["a"], {"parties": []}, reason=None, at=SEALED, actor="clerk")
    with database.transaction() as session:
        dispatch.apply(session, change)
    ((left,), _) = finding.parties(database, KNOWN, name=None, after="", limit=9)
    assert [case.id for case in left.cases] == [ids["b"]]
