"""Decisions on cases (作出决定), and the one gate before them: legal review (重大执法决定法制审核).

Every act that says a case is decided passes here, whoever made it: `case.decided`, and cases opened or corrected with
a day of decision. What another system reports comes in by an import and is no such act: it becomes a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import cases, reading, reviews
from catalog.cases.errors import CaseClosed, NoSuchReview
from catalog.database import before
from catalog.rules.acts import CASE_ADDED, CASE_CHANGED, CASE_DECIDED, Act
from catalog.rules.review_rounds import Round, demand_passed

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import CaseRow
    from catalog.database import Database

DECIDED = "decided"


def deciding(
    case: str, day: str, *, review: str | None, approved_by: str | None, reason: str | None, at: datetime, actor: str
) -> Act:
    """The act that enters the decision on a case (作出决定): its day, the round that passed, who approved it."""
    said = {"decided": day, "review": review, "approved_by": approved_by, "reason": reason}
    return Act(at, actor, CASE_DECIDED, case, said)


def _decide(session: Session, act: Act) -> None:
    row = _check_open(session, act)
    row.state, row.decided = DECIDED, act.details["decided"]
    session.add(row)


def _check_open(session: Session, act: Act) -> CaseRow:
    row = cases.standing(session, act.subject)
    if row.state == cases.CLOSED:
        raise CaseClosed(case=row.no or row.id, day=row.closed)
    return row


def _demand_decision(database: Database, act: Act) -> None:
    before(_check_open)(database, act)
    newest = _demand_passed(database, act, act.subject, {"decided": act.details["decided"]})
    named = act.details["review"]
    if named is not None and (newest is None or (newest.no, newest.state) != (named, "passed")):
        raise NoSuchReview(review=named)


def _demand_change(database: Database, act: Act) -> None:
    before(cases.check_changing)(database, act)
    changes = cases.columns(act.details["changes"], cases.FIELDS, cases.GROUPS)
    with database.transaction() as session:
        row = cases.standing(session, act.subject)
        was = {name: getattr(row, name) for name in ("state", "decided")}
    if _decides(changes, was):
        _demand_passed(database, act, act.subject, changes)


def _demand_new(database: Database, act: Act) -> None:
    before(cases.check_new)(database, act)
    told = {name: value for name, value in act.details.items() if name in cases.FIELDS}
    said = cases.columns(told, cases.FIELDS, cases.GROUPS)
    if _decides(said, {}):
        _demand_passed(database, act, None, said)


def _decides(said: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """Whether what is said of a case makes it a decided one, or one of another day."""
    day, state = said.get("decided"), said.get("state")
    return (day is not None and day != was.get("decided")) or (state == DECIDED != was.get("state"))


def _demand_passed(database: Database, act: Act, case: str | None, said: Mapping[str, Any]) -> Round | None:
    """Return the newest round; raise `NotReviewed` where the policy asks for a review that the decision has not had."""
    seen, by, _ = reviews.now(database, case, act.at, said)
    newest, called = None, act.subject
    if case is not None:
        newest, called = reviews.newest(database, case), reading.among(database, [case])[0].called
    demand_passed(called, seen, by, newest)
    return newest


APPLIES = {CASE_DECIDED: _decide}
DEMANDS = {CASE_DECIDED: _demand_decision, CASE_CHANGED: _demand_change, CASE_ADDED: _demand_new}
