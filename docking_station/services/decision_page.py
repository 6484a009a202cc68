"""Who submitted, reviewed and approved a decision, when, and on what (决定经办情况), from acts that people signed.

Shapes: a step a row, in the order they were entered; `facts` are (name of a text, its facts) or what somebody typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.cases import reviews
from catalog.cases.disclosed import Told
from catalog.cases.papers import Paper
from catalog.people import people
from catalog.rules.acts import CASE_DECIDED
from catalog.rules.callers import person, person_no
from catalog.rules.review_rounds import Round
from catalog.trail import trail
from docking_station.services.case_file import CaseFile
from docking_station.services.disclosure import told_of
from docking_station.station.station import Station

Fact = tuple[str, Mapping[str, object]]
STAGE = "decision"
BEFORE = ("final-report",)
"""Records that a decision rests on, of an earlier stage than its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards a decision (经办环节): its code, when it was entered, by whom, on what; `said` was typed."""

    code: str
    at: datetime
    who: str
    facts: tuple[Fact, ...] = ()
    said: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


def decision_steps(station: Station, file: CaseFile) -> tuple[Step, ...]:
    """The steps of one case that its reader may know of."""
    case, names = file.shown.case, people.names(station.database)

    def called(actor: str | None) -> str:
        return "" if actor is None else names.get(person_no(actor) or "", person(actor))

    stages = {step.code: step.stage for step in file.policy.steps}
    papers = (one for one in file.shown.papers if one.code in BEFORE or stages.get(one.step or "") == STAGE)
    told = {"decided": case.reported.get("decided"), "reviewed": case.reported.get("reviewed")}
    said = tuple((f"decision_reported_{name}", {"day": day}) for name, day in told.items() if day)
    found = [Step("entered", case.added_at, called(case.added_by), said)]
    found += (_paper(one, called(one.added_by)) for one in papers)
    for one in reviews.of_case(station.database, case.id):
        found += (Step(code, at, called(by), facts, said, about) for code, at, by, facts, said, about in _round(one))
    found += _public(told_of(station, case), called)
    for line in trail.lines_of(station.database, (CASE_DECIDED,), case.id):
        its = trail.act_of(line).details
        facts: list[Fact] = [("decision_of", {"day": its["decided"]})]
        facts += [("decision_round", {"no": its["review"]})] if its.get("review") else []
        facts += (
            [("decision_approved", {"who": names.get(its["approved_by"], its["approved_by"])})]
            if its.get("approved_by")
            else []
        )
        found.append(Step("decided", line.entry.at, called(line.entry.actor), tuple(facts), its.get("reason") or ""))
    return tuple(sorted(found, key=lambda one: one.at))


def _paper(one: Paper, who: str) -> Step:
    facts: tuple[Fact, ...] = (("decision_of", {"day": one.day}),) if one.day else ()
    return Step("paper", one.added_at, who, facts, one.number or "", {"paper": one.code})


def _public(told: Told, called: Callable[[str | None], str]) -> Iterator[Step]:
    """What became public of a decision, was kept from it, and how it fell."""
    for one in told.disclosures:
        facts: tuple[Fact, ...] = (("decision_of", {"day": one.day}),)
        yield Step(f"published_{one.channel}", one.at, called(one.by), facts, one.place or "")
    for kept in told.exceptions:
        facts = (("decision_confirmed", {"who": called(kept.confirmed_by)}),)
        yield Step("kept", kept.at, called(kept.by), facts, kept.reason)
    for end in told.ends:
        yield Step(f"fell_{end.how}", end.at, called(end.by), (("decision_of", {"day": end.day}),), end.reason)


def _round(one: Round) -> Iterator[tuple[str, datetime, str | None, tuple[Fact, ...], str, Mapping[str, str]]]:
    about: Fact = ("decision_round", {"no": one.no})
    yield (
        "sent",
        one.sent_at,
        one.sent_by,
        (about, ("decision_sent_papers", {"count": len(one.papers)})),
        one.note or "",
        {},
    )
    if one.ended_at is not None:
        code = {"returned": "returned", "passed": "passed"}.get(one.state, "failed")
        looks: tuple[Fact, ...] = (("decision_opened", {"count": len({it["clip"] for it in one.opened})}),)
        yield code, one.ended_at, one.ended_by, (about, *(looks if code != "returned" else ())), one.reason or "", {}
    for point in one.points:
        if point.answered_at is not None:
            yield "answered", point.answered_at, point.answered_by, (about,), point.answer or "", {"point": point.code}
