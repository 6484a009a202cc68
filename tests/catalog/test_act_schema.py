"""Every act a station writes is of the published schema, and the schema tells one kind of act from another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.acts import clock, policy, station_acts
from catalog.acts.dispatch import APPLIES
from catalog.cases import cases, decisions, links, notes, papers, parts, scans
from catalog.clips import classes
from catalog.clips.classes import Classed
from catalog.imports import imports
from catalog.keeping import disposals, holds
from catalog.keeping.disposals import Disposal
from catalog.people import accounts
from catalog.recorders import assignments, dockings, recorders
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, SECRET, Account, Caller
from catalog.rules.clock import ClockAsked, Reading
from catalog.rules.imports.known import NUMBER_FORM
from catalog.rules.imports.taken import Taken
from catalog.rules.manifest import read_manifest
from tests.catalog.schema import faults
from tests.fakes import old_acts, people
from tests.fakes.asked import every_step
from tests.fakes.clips import clip, sealed
from tests.fakes.disclosed import every_change
from tests.fakes.dockings import docking
from tests.fakes.released import every_release
from tests.fakes.reviewed import every_round
from tests.house.tree import ROOT

SCHEMA = json.loads((ROOT / "docs/schema/evidock.act-1.json").read_text())
AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
CLIP, DIGEST = f"c{'0' * 20}", "ab" * 32
WHO: dict[str, Any] = {"at": AT, "actor": "custodian"}
GONE = read_manifest(sealed(clip(1)).signed.manifest.encode(), CLIP)
ASKED = Disposal(CLIP, AT, "first", "over", None, None, LOGIN)
CASE = "0123456789ab"
PERSON = Caller("second", "root", SECRET)
CHECKPOINT = {"checkpoint": "checkpoints/20260305T010000000000Z-7.txt", "text": "evidock/station-1\n7\n"}
WRONG = [
    clock.Span(3, 4, DIGEST, AT, (DIGEST,)),
    clock.Span(None, None, None, AT, (), ("checkpoints/20360305T010000000000Z-7.txt",)),
]
LIST = imports.ListFile("list.csv", DIGEST, 3, "zh", "+0800", NUMBER_FORM)
ROWS = (Taken(2, {"serial": "EV00003"}), Taken(3, {"serial": "EV00001", "unit": "U2"}, "EV00001", {"unit": None}))
FIRST = ClockAsked("first", LOGIN, "a flat battery", Reading(AT, "", 0.0, synchronised=False), (3, 4, 0, 0))
ACTS = [
    cases.adding("1", title=None, subject=None, officers=("JY0001",), begins_at=AT, ends_at=None, **WHO),
    cases.opening(
        [cases.number("示民罚立字〔2026〕第1号")],
        {"title": "x", "parties": [{"name": "y"}], "officers": ["JY0001"], "begins_at": AT, "opened": "2026-03-05"},
        **WHO,
    ),
    cases.changing(CASE, {"unit": None}, numbers=[cases.number("7", "other")], dropped=["1"], reason=None, **WHO),
    cases.closing(CASE, "2026-03-05", reason=None, **WHO),
    cases.closing(CASE, "2026-03-05", reason=None, about=cases.despite("over", ["gap"], (PERSON, PERSON)), **WHO),
    cases.merging(CASE, "0" * 12, reason="entered twice", **WHO),
    decisions.deciding(CASE, "2026-03-05", review="F2026-0001", approved_by="deng", reason=None, **WHO),
    *every_round(CASE, CLIP, CASE, lambda: AT, PERSON, PERSON),
    parts.naming(CASE, "0103", until=AT, reason="advice", **WHO),
    parts.recusing(CASE, "0101", reason="a cousin", **WHO),
    parts.ending(CASE, "0101", "recused", reason="an error", **WHO),
    papers.adding(CASE, {"code": "site-record", "begins_at": AT, "served": {"how": "serve-direct"}}, **WHO),
    papers.changing(CASE, {"place": "here"}, reason="misread", **WHO),
    scans.scanning(scans.Scan(DIGEST, CASE, "a.pdf", "pdf", 2, 99, DIGEST, DIGEST, AT, "custodian")),
    notes.noting(CASE, "the battery was flat", paper=None, verdict="missing", **WHO),
    links.linking(CLIP, CASE, {"from_ms": 0, "to_ms": 9, "proves": ("P-SITE",), "class": "privacy"}, reason="x", **WHO),
    links.unlinking(CLIP, CASE, [CASE], reason="another shop", **WHO),
    classes.classifying(CLIP, "work", reason="x", **WHO),
    classes.asking(CLIP, "work", reason="x", at=AT, by=PERSON),
    classes.declassifying(CLIP, Classed("work", AT, "x", None, AT, "first", "over", LOGIN), at=AT, by=PERSON),
    classes.handing_over(
        CLIP, receipt="7", medium="disc", to="the bureau", at=AT, two=(PERSON, Caller("y", "y", LOGIN))
    ),
    old_acts.linking(CLIP, "1", reason=None, **WHO),
    old_acts.unlinking(CLIP, reason="another shop", **WHO),
    disposals.asking(CLIP, reason="over", at=AT, by=PERSON),
    disposals.disposing(ASKED, GONE, DIGEST, AT, at=AT, by=PERSON),
    holds.setting(CLIP, reason="a complaint", at=AT, by=PERSON),
    holds.asking_end(CLIP, reason="settled", at=AT, by=PERSON),
    holds.ending(CLIP, at=AT, by=PERSON),
    *every_step(CLIP, AT, PERSON, Caller("x", "x", LOGIN)),
    *every_release(CLIP, CASE, AT, PERSON, Caller("x", "x", LOGIN)),
    station_acts.secret_set(Account(1001, "x"), DIGEST, word="vouched", vouched=("y", "z"), **WHO),
    station_acts.secret_set(Account(1001, "x"), DIGEST, pin=DIGEST, word="secret", vouched=(), **WHO),
    recorders.adding("EV00001", **WHO),
    recorders.adding("EV00002", numbers="TA00001,TA00002", room="302", **WHO),
    recorders.changing("EV00001", {"label": None, "unit": "U1", "numbers": "TA00001"}, **WHO),
    recorders.retiring("EV00001", reason="lost", **WHO),
    assignments.issuing("EV00001", "JY0001", unit=None, since=None, **WHO),
    assignments.lending("EV00001", "JY0001", unit="U1", since=AT, until=AT + timedelta(days=1), **WHO),
    assignments.returning("EV00001", since=None, **WHO),
    dockings.docked(docking("d1", "EV00001", AT, left=(("held", 1),)), **WHO),
    dockings.docked(docking("d2", "EV00001", AT, clock=None, clock_set_at=None, gaps=(), ends_at=None), **WHO),
    policy.adopting("[dock]\ncopies = 2\n", **WHO),
    policy.adopting("", **WHO, two=(Caller("x", "root", "secret"), Caller("y", "y", "login"))),
    station_acts.rotated("ab" * 8, "cd" * 8, **WHO),
    station_acts.rebuilt(None, 0, bytes(32), **WHO),
    station_acts.rebuilt(CHECKPOINT, 7, bytes(32), **WHO),
    clock.confirming(WRONG, FIRST, at=AT, by=PERSON),
    imports.applying("recorders", LIST, ROWS, **WHO),
    imports.applying("people", LIST, ROWS, **WHO, two={"how": None, **accounts.seconded(PERSON, small=True)}),
    station_acts.withdrawing(DIGEST, b"{}", reason="entered twice", **WHO),
    *every_change(CASE, lambda: AT, (PERSON, Caller("x", "x", LOGIN))),
    *people.examples(),
]


def test_every_kind_of_act_is_among_them() -> None:
    assert {act.action for act in ACTS} == set(APPLIES) == set(SCHEMA["properties"]["action"]["enum"])


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.action)
def test_an_act_is_of_the_schema(act: Act) -> None:
    assert list(faults(json.loads(act.body()), SCHEMA)) == []


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.action)
def test_an_act_with_another_detail_is_not(act: Act) -> None:
    told = json.loads(act.body())
    told["details"]["more"] = 1
    assert list(faults(told, SCHEMA))


@pytest.mark.parametrize(
    "change", [{"action": "clip.unlinked"}, {"subject": "1"}, {"schema": "evidock.act/2"}, {"at": "2026"}, {"more": 1}]
)
def test_what_is_no_act_is_found(change: dict[str, object]) -> None:
    told = json.loads(old_acts.linking(CLIP, "1", reason=None, **WHO).body())
    assert list(faults(told | change, SCHEMA))
