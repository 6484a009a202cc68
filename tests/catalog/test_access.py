"""The rule of rights against the sheets it was not written from, cell by cell; and faults planted in it are found."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, get_args

import pytest

from catalog.rules import house_rights
from catalog.rules.access import alike, cell, decide
from catalog.rules.house_rights import About, Right, Standing, known_cases, may
from catalog.rules.rights import (
    CLASSES,
    RANK,
    Action,
    Answer,
    ClipFacts,
    Grant,
    Person,
    Relation,
    Role,
    Switches,
    allow,
)
from tests.conftest import SHARED

SHEETS = SHARED / "design/access"
shared = pytest.mark.skipif(not SHEETS.exists(), reason="no ../shared here: the sheets of rights are not compared")
LARGE = Switches(small=False)
ROLES, RELATIONS = get_args(Role), get_args(Relation)
SIX = (
    ("officer", "own", "work", "stream", "allow", "access.ok", "trail-first watermark"),
    ("officer", "unit", "privacy", "stream", "request", "access.request-needed", ""),
    ("officer", "unit", "work", "row", "refuse", "access.not-visible", ""),
    ("officer", "none", "none", "row", "refuse", "access.not-visible", ""),
    ("custodian", "unit", "privacy", "stream", "allow", "access.reason-needed", "trail-first watermark reason"),
    ("custodian", "unit", "privacy", "poster", "refuse", "access.hidden-until-opened", ""),
    ("custodian", "unit", "none", "dispose", "request", "access.request-needed", ""),
    ("custodian", "unit", "informant", "redact", "refuse", "access.never-released", ""),
    ("custodian", "unit", "none", "trail", "refuse", "access.role-lacks", ""),
    ("reviewer", "assigned", "none", "copy", "request", "access.request-needed", ""),
    ("supervisor", "own", "none", "trail", "refuse", "access.conflict", ""),
    ("supervisor", "unit", "state", "stream", "refuse", "access.state-secret", ""),
    ("supervisor", "unit", "work", "declassify", "allow", "access.second-person", "signed-act reason second-person"),
    ("auditor", "unit", "state", "row", "allow", "access.ok", "masked"),
    ("auditor", "unit", "none", "poster", "refuse", "access.role-excludes", ""),
    ("administrator", "own", "none", "row", "refuse", "access.role-excludes", ""),
    ("security", "none", "none", "grant", "allow", "access.second-person", "signed-act second-person"),
)
"""So that the test says something where the sheets are not."""


def matrix() -> Iterator[tuple[str, ...]]:
    if not SHEETS.exists():
        yield from SIX
        return
    with (SHEETS / "matrix.csv").open() as file:
        for row in csv.DictReader(file):
            names = ("role", "relation", "classification", "action", "outcome", "code", "obligations")
            yield tuple(row[name] for name in names)


MATRIX = tuple(matrix())
TRUE: Callable[..., Answer] = cell.__wrapped__
"""The rule as it is, whatever is planted."""


def faults(switches: Switches = LARGE) -> list[tuple[str, ...]]:
    """The cells that the rule answers otherwise."""
    found: list[tuple[str, ...]] = []
    for role, relation, level, action, outcome, code, obligations in MATRIX:
        answer: Any = cell(role, relation, level, Action(action), switches)
        if answer != (outcome, code, frozenset(obligations.split())):
            found.append((role, relation, level, action, answer.code))
    return found


def one(role: str, relation: str, level: str) -> tuple[Person, ClipFacts]:
    """A person of one role who stands to a clip in one relation."""
    grant = Grant(role, frozenset({"u"} if relation == "unit" else ()))  # type: ignore[arg-type]
    named = frozenset({(grant.role, "case")} if relation == "assigned" else ())
    approved = {"c": frozenset(Action)} if relation == "granted" else {}
    officer = "me" if relation == "own" else "other"
    return Person("me", (grant,), named, approved), ClipFacts("c", officer, "u", frozenset({"case"}), level)


@shared
def test_the_sheet_is_whole() -> None:
    assert len(MATRIX) == len(ROLES) * len(RELATIONS) * len(CLASSES) * (len(Action) - 1) == 3990


def test_every_cell_of_the_matrix() -> None:
    assert faults() == []


def test_the_rows_that_stand_here_are_those_of_the_sheet() -> None:
    assert set(SIX) <= set(MATRIX)


def test_a_decision_about_a_clip_is_that_of_its_cell() -> None:
    for role, relation, level, action, outcome, code, _ in MATRIX:
        person, clip = one(role, relation, level)
        for its in (clip, alike(person, clip)):
            assert decide(person, its, Action(action), LARGE)[:2] == (outcome, code), (role, relation, level, action)


def test_clips_that_a_person_stands_to_alike_are_one_to_the_rule() -> None:
    me = Person("me", (Grant("officer"),), recused=frozenset({"x"}))
    first, second = (ClipFacts(one, "other", "u", frozenset({one, "x"})) for one in "ab")
    assert alike(me, first) == alike(me, second) != alike(me, replace(second, cases=frozenset({"b"})))
    assert alike(me, first) != alike(me, replace(first, officer="me"))


def test_no_answer_but_lowering_grows_more_generous_with_the_class() -> None:
    for switches in (LARGE, Switches(), Switches(False, "reason", "request", False)):
        for role, relation, action in product(ROLES, RELATIONS, set(Action) - {Action.DECLASSIFY}):
            answers = [cell(role, relation, level, action, switches) for level in CLASSES]
            assert answers[1] == answers[2], "privacy and business never differ"
            hidden = [answer.code == "access.hidden-until-opened" for answer in answers]  # shown once it is opened
            order = [
                1 if is_hidden else ("allow", "request", "refuse").index(answer.outcome)
                for answer, is_hidden in zip(answers, hidden, strict=True)
            ]
            assert order == sorted(order), (role, relation, action)


def test_the_switches_change_what_they_name_and_nothing_else() -> None:
    def changed(switches: Switches) -> set[tuple[str, str, str]]:
        every = product(ROLES, RELATIONS, CLASSES, Action)
        return {(o, r, a.value) for o, r, c, a in every if cell(o, r, c, a, switches) != cell(o, r, c, a, LARGE)}

    looks = ("poster", "stream", "position")
    assert changed(LARGE._replace(unit_colleagues="reason")) == {("officer", "unit", action) for action in looks}
    assert changed(LARGE._replace(custodian_privacy="request")) == {
        ("custodian", "unit", action) for action in (*looks, "redact")
    }
    assert changed(LARGE._replace(supervisor_trail=False)) == {("supervisor", "unit", "trail")}
    both = {("custodian", "administer"), ("supervisor", "grant")}
    assert changed(Switches()) == {(role, relation, action) for role, action in both for relation in RELATIONS}


def test_the_best_relation_holds_but_nobody_decides_about_their_own() -> None:
    head = Person("me", (Grant("supervisor", frozenset("u")),))
    mine, private = ClipFacts("c", "me", "u"), ClipFacts("c", "me", "u", level="privacy")
    assert decide(head, private, Action.STREAM) == cell("supervisor", "own", "privacy", Action.STREAM, Switches())
    for action in (Action.TRAIL, Action.UNHOLD, Action.DISPOSE, Action.APPROVE):
        assert decide(head, mine, action).code == "access.conflict"
    gone = ClipFacts("c", "other", "u", is_disposed=True)
    assert [decide(head, gone, action).code for action in (Action.ROW, Action.STREAM)] == [
        "access.ok",
        "access.disposed",
    ]
    away = Person("me", head.grants, recused=frozenset({"case"}))
    assert decide(away, ClipFacts("c", "other", "u", frozenset({"case"})), Action.STREAM).code == "access.conflict"
    looker = Person("me", (Grant("officer"),), approved={"c": frozenset({Action.STREAM})})
    assert [decide(looker, ClipFacts("c", "other", "u"), action).code for action in (Action.ROW, Action.COPY)] == [
        "access.ok",
        "access.request-needed",
    ]
    assert decide(Person("me"), mine, Action.ROW).code == "access.nobody"


PLANTED: dict[str, Callable[[Any], Answer | None]] = {
    "colleagues look freely": lambda a: allow(a[3]) if a[:2] == ("officer", "unit") and _looks(a) else None,
    "none is seen": lambda a: TRUE(a[0], "unit", *a[2:]) if a[1] == "none" else None,
    "the custodian needs no reason": lambda a: _without_reason(a) if a[0] == "custodian" else None,
    "the supervisor needs no reason": lambda a: _without_reason(a) if a[0] == "supervisor" else None,
    "state is work": lambda a: TRUE(*a[:2], "work", *a[3:]) if a[2] == "state" else None,
    "informants are released": lambda a: TRUE(*a[:2], "work", *a[3:]) if a[2] == "informant" else None,
    "auditors see pictures": lambda a: allow(a[3]) if a[0] == "auditor" and _looks(a) else None,
    "administrators see rows": lambda a: allow(a[3]) if (a[0], a[3]) == ("administrator", "row") else None,
    "own recordings are judged": lambda a: _other(a, "own", "unit", ("dispose", "unhold", "approve", "trail")),
    "a copy without a request": lambda a: allow(a[3]) if a[3] == "copy" and a[1] == "own" else None,
    "reviewers link": lambda a: allow(a[3]) if a[:2] == ("reviewer", "assigned") and a[3] == "link" else None,
    "work is seen by the unit": lambda a: TRUE(*a[:2], "none", *a[3:]) if a[1:3] == ("unit", "work") else None,
}


def _looks(asked: Any) -> bool:
    return asked[3] in ("poster", "stream", "position") and asked[2] != "state"


def _without_reason(asked: Any) -> Answer:
    answer: Answer = TRUE(*asked)
    return allow(asked[3]) if answer.code == "access.reason-needed" else answer


def _other(asked: Any, relation: str, as_if: str, actions: tuple[str, ...]) -> Answer | None:
    if asked[1] != relation or asked[3] not in actions:
        return None
    found: Answer = TRUE(asked[0], as_if, *asked[2:])
    return found


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*asked: Any) -> Answer:
        return PLANTED[fault](asked) or TRUE(*asked)

    monkeypatch.setitem(globals(), "cell", wrong)
    assert faults()


# ---------------------------------------------------------------------- everything that is no clip

HOUSE = (("case.close", "supervisor", "unit", "2"), ("policy.adopt", "supervisor", "root", "2"))
MARKS = {"A": ("allow", "access.ok"), "2": ("allow", "access.second-person"), "C": ("refuse", "access.conflict")}


def sheet() -> Iterator[tuple[str, str, str, str]]:
    """The cells of the sheet: right, role, relation, mark."""
    if not SHEETS.exists():
        yield from HOUSE
        return
    for line in (SHEETS / "sheet-house.txt").read_text().splitlines():
        for names, rest in re.findall(r"((?:\[[a-z.]+\] ?)+)([^\[]*)", line if line.startswith("[") else ""):
            for part in filter(str.strip, re.sub(r"\([^)]*\)", "", rest).split(";")):
                roles, *words = part.replace("handler or recorder of the case", "party case").split()
                for name, role in product(re.findall(r"[a-z.]+", names), roles.split(",")):
                    yield name, role, words[0] if len(words) > 1 else "any", words[-1]


def asked(role: str, standing: str) -> tuple[Person, About]:
    party = role == "party"
    grant = Grant("reviewer" if party else role, frozenset({"unit": "u", "root": "ur", "case": "u"}.get(standing, "")))  # type: ignore[arg-type]
    named = frozenset({(grant.role, "case")} if standing == "assigned" else ())
    return Person("me", (grant,), named), About("u", "case", is_own=standing == "own", is_party=party)


def test_every_cell_of_the_sheet_of_the_house() -> None:
    told = {(name, role, standing): mark for name, role, standing, mark in sheet()}
    assert set(HOUSE) <= {(*key, mark) for key, mark in told.items()}
    wrong = []
    for (name, role, standing), mark in told.items():
        answer = may(*asked(role, standing)[:1], Right(name), asked(role, standing)[1], "r", LARGE)
        if answer[:2] != MARKS[mark]:
            wrong.append((name, role, standing, mark, answer.code))
    assert wrong == []


@shared
def test_what_the_sheet_of_the_house_does_not_name_is_refused() -> None:
    told = {cell_[:3] for cell_ in sheet()}
    assert {name for name, *_ in told} == set(Right)
    for right, role, standing in product(Right, ROLES, get_args(Standing)):
        wider = {(right, role, other) for other in ("any", *(("unit",) if standing == "root" else ()))}
        if not told & ({(right, role, standing)} | wider):
            assert house_rights.answer_of(role, standing, right, LARGE).outcome == "refuse", (right, role, standing)


def test_in_a_small_bureau_custodian_and_deputy_do_what_concerns_people() -> None:
    for role, right, code in (
        ("custodian", Right.PEOPLE_PROPOSE, "access.ok"),
        ("supervisor", Right.PEOPLE_CONFIRM, "access.second-person"),
    ):
        person = Person("me", (Grant(role),))  # type: ignore[arg-type]
        assert may(person, right, About(), "r", Switches()).code == code
        assert may(person, right, About(), "r", LARGE).code == "access.role-lacks"


def test_the_cases_of_a_list_are_those_that_may_be_read() -> None:
    asked = [About(unit, case) for unit in ("A", "B", "root") for case in ("K1", "K2")]
    for first, second, unit, named in product(ROLES, ROLES, ("A", "root"), ROLES):
        grants = (Grant(first, frozenset({unit})), Grant(second, frozenset({"B"})))
        person = Person("me", grants, frozenset({(named, "K1")}), recused=frozenset({"K2"}))
        known = known_cases(person, "root")
        readable = {one for one in asked if may(person, Right.CASE_READ, one, "root").outcome == "allow"}
        assert readable == {one for one in asked if known is None or known.holds(one.case, one.unit)}


def test_every_code_has_its_rank() -> None:
    assert len(RANK) == len(set(RANK.values()))
