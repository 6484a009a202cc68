"""Rounds of legal review in the catalog (法制审核轮次): rows and demands follow `catalog/rules/review_rounds.py`.

Shapes: a round is called F, its year and a running number; its acts are about that number, and say `how` their person
is known. A verdict rests on records and clips of the case. What was reviewed is in the act that sent it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from catalog.acts import policy
from catalog.cases import cases, facts, papers, reading
from catalog.cases.errors import NoSuchReview, ReviewIncomplete, ReviewUnfit
from catalog.database import before
from catalog.errors import NoSuchCase
from catalog.people import accounts, standing
from catalog.readable import readable, value_in
from catalog.rules.acts import REVIEW_SENT, Act
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller, person_no
from catalog.rules.case_file import CaseFacts
from catalog.rules.legal_review import asked, lacking, substance
from catalog.rules.recording_needs import stepped
from catalog.rules.review_rounds import (
    BEGINS,
    OF_THE_REVIEWER,
    REVIEW_ACTIONS,
    Point,
    Round,
    after,
    demand_judgement,
)

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

NOTHING: Mapping[str, Any] = MappingProxyType({})
_ROUND_JSON = ("papers", "substance", "opened")


def stating(action: str, no: str, said: Mapping[str, Any], *, at: datetime, by: Caller) -> Act:
    """An act about a round (审核办理): what it says, as `evidock.act/1` has it for this action."""
    return Act(at, by.actor, action, no, {**said, "how": by.how})


# ---------------------------------------------------------------------- reading


def get(database: Database, no: str) -> Round:
    """One round with its points; raises `NoSuchReview`."""
    found = _read(database, "no = :value", no)
    if not found:
        raise NoSuchReview(review=no)
    return found[0]


def of_case(database: Database, case: str) -> tuple[Round, ...]:
    """The rounds of a case, the oldest first."""
    return _read(database, "case_id = :value", case)


def newest(database: Database, case: str) -> Round | None:
    """The round of a case that was sent last."""
    return next(reversed(of_case(database, case)), None)


def every(database: Database) -> tuple[Round, ...]:
    """All rounds, the oldest first."""
    return _read(database, "no <> :value", "")


def waiting(database: Database) -> tuple[Round, ...]:
    """The newest round of each case that is not decided yet, unless it passed."""
    later = "SELECT 1 FROM review_round AS later WHERE later.case_id = review_round.case_id"
    newest = f"NOT EXISTS ({later} AND later.sent_at > review_round.sent_at)"
    undecided = "case_id IN (SELECT id FROM law_case WHERE state IN ('lead', 'open', 'suspended'))"
    return _read(database, f"state <> :value AND {undecided} AND {newest}", "passed")


def next_no(database: Database, year: int) -> str:
    """The number a new round gets; the caller holds the lock for acts."""
    rows = database.query("SELECT no FROM review_round WHERE no LIKE :like", {"like": f"F{year}-%"})
    return f"F{year}-{1 + max((int(row['no'].rpartition('-')[2]) for row in rows), default=0):04}"


def now(
    database: Database, case: str | None, at: datetime, said: Mapping[str, Any] = NOTHING
) -> tuple[CaseFacts, BureauPolicy, int]:
    """A case as the policy in force at a time sees it, and its version, 0 without one; None: one that is opened so.

    `said` are its columns as they would be instead. Raises `NoSuchCase`, `PolicyBad`.
    """
    adopted = policy.in_force(policy.history(database), at)
    by, version = (BureauPolicy(), 0) if adopted is None else (adopted.whole, adopted.version)
    if case is None:
        return facts.case_said(said), by, version
    found = facts.cases(database, facts.people(database), [case], said).get(case)
    if found is None:
        raise NoSuchCase(case=case)
    return stepped(found[0], by), by, version


def _read(database: Database, which: str, value: str) -> tuple[Round, ...]:
    rows = database.query(f"SELECT * FROM review_round WHERE {which} ORDER BY sent_at, no", {"value": value})
    points = dict[str, list[Point]]()
    sql = f"SELECT * FROM review_point WHERE round IN (SELECT no FROM review_round WHERE {which}) ORDER BY at, code"
    for row in database.query(sql, {"value": value}):
        points.setdefault(row["round"], []).append(_point(row))
    return tuple(_round(row, tuple(points.get(row["no"], ()))) for row in rows)


@readable("legal review")
def _round(row: Row, points: tuple[Point, ...]) -> Round:
    groups = {"substance": json.loads(row["substance"]), "opened": tuple(json.loads(row["opened"]))}
    return value_in(Round, row, **groups, points=points)


@readable("point of a legal review")
def _point(row: Row) -> Point:
    return value_in(Point, row, rests=tuple(json.loads(row["rests"])))


# ---------------------------------------------------------------------- the changes


def _change(session: Session, act: Act) -> None:
    from sqlmodel import col, select

    from catalog.cases.tables import ReviewPointRow, ReviewRoundRow

    def read(row: ReviewRoundRow | None) -> Round | None:
        if row is None:
            return None
        points = session.exec(
            select(ReviewPointRow).where(ReviewPointRow.round == row.no).order_by(col(ReviewPointRow.at))
        )
        return _round(row.model_dump(), tuple(_point(one.model_dump()) for one in points))

    last = None
    if act.action in BEGINS:
        its = select(ReviewRoundRow).where(ReviewRoundRow.case_id == act.details["case_id"])
        last = read(
            session.exec(its.order_by(col(ReviewRoundRow.sent_at).desc(), col(ReviewRoundRow.no).desc())).first()
        )
    done = after(read(session.get(ReviewRoundRow, act.subject)), act, last)
    told = {name: value for name, value in asdict(done).items() if name != "points"}
    told |= {name: json.dumps(told[name], ensure_ascii=False, sort_keys=True) for name in _ROUND_JSON}
    session.merge(ReviewRoundRow(**told))
    for one in done.points:
        rests = json.dumps(list(one.rests), ensure_ascii=False, sort_keys=True)
        session.merge(ReviewPointRow(**{**asdict(one), "round": done.no, "rests": rests}))


# ---------------------------------------------------------------------- what is demanded before


def _demand(database: Database, act: Act) -> None:
    one = next(iter(_read(database, "no = :value", act.subject)), None)
    case = one.case_id if one is not None else str(act.details.get("case_id"))
    before(lambda session, _: cases.standing(session, case))(database, act)
    if act.details["how"] is None:
        raise ReviewUnfit(review=act.subject, what="nothing tells who you are", what_zh="无法确认操作人身份")
    if act.action in BEGINS:
        _demand_begin(database, act, case)
        after(None, act, newest(database, case))
        return
    if one is None:
        raise NoSuchReview(review=act.subject)
    no = person_no(act.actor)
    if act.action in OF_THE_REVIEWER:
        one = replace(one, sent_by=accounts.asker(database, one.sent_by, act.actor))
        if no is not None and standing.is_party(database, no, case):
            what, what_zh = "who handles the case does not review it", "承办、采集人员不得审核本案"
            raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)
    after(one, act)
    by = policy.of_version(database, one.policy).whole if one.policy else BureauPolicy()
    demand_judgement(one, act, by.review)
    _demand_there(database, act, one)


def _demand_begin(database: Database, act: Act, case: str) -> None:
    """What is sent is what the case is now, with all that must be sent."""
    seen, by, version = now(database, case, act.at)
    lacks = lacking(seen, asked(seen, by))
    if lacks and act.action == REVIEW_SENT:
        names = {one.code: one.zh for one in by.papers.every}
        called = reading.among(database, [case])[0].called
        what_zh = "、".join(names.get(code, code) for code in lacks)
        raise ReviewIncomplete(case=called, what=", ".join(lacks), what_zh=what_zh)
    if act.details["policy"] != version or act.details["substance"] != substance(seen, by):
        raise ReviewUnfit(review=act.subject, what="the case is another by now", what_zh="案件内容已有变化")


def _demand_there(database: Database, act: Act, one: Round) -> None:
    """A verdict rests on what belongs to the case."""
    its = {it.id for it in papers.of_case(database, one.case_id)}
    clips = {it.clip for it in reading.of_case(database, one.case_id)}
    for rest in act.details.get("rests", ()):
        begins, ends = rest.get("from_ms", 0), rest.get("to_ms", 1)
        if not (rest.get("paper") in its or (rest.get("clip") in clips and 0 <= begins < ends)):
            what = f"{rest.get('paper') or rest.get('clip')} is no record or part of a clip of this case"
            what_zh = f"{rest.get('paper') or rest.get('clip')} 不是本案文书或者音像区段"
            raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)


APPLIES = dict.fromkeys(REVIEW_ACTIONS, _change)
DEMANDS = dict.fromkeys(REVIEW_ACTIONS, _demand)
