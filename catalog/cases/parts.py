"""The part people have in a case besides its officers (案件参与人): a reviewer named on it, and who is recused (回避).

Shapes: `case.named` and `case.recused` are about the case, by one person; `case.part-ended` ends either. A reviewer
named on a case reads it, until a day where one is given; who is recused sees no more of its clips than their rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from catalog.cases import cases
from catalog.cases.errors import NoSuchPart
from catalog.database import before
from catalog.people import people
from catalog.readable import readable, value_in
from catalog.rules.acts import CASE_NAMED, CASE_PART_ENDED, CASE_RECUSED, Act
from catalog.rules.canonical import parsed_time_or_none, time_text_or_none
from catalog.rules.case_numbers import opened_by

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import CasePartRow
    from catalog.database import Database, Row

Kind = Literal["reviewer", "recused"]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a person in a case (案件参与人); its fields are keys of `--json`."""

    person: str
    part: Kind
    begins_at: datetime
    until: datetime | None
    reason: str
    by: str


def naming(case: str, person: str, *, until: datetime | None, reason: str, at: datetime, actor: str) -> Act:
    """The act that names a reviewer on a case (指定审核人)."""
    return Act(at, actor, CASE_NAMED, case, {"person": person, "until": time_text_or_none(until), "reason": reason})


def recusing(case: str, person: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that recuses a person from a case (回避)."""
    return Act(at, actor, CASE_RECUSED, case, {"person": person, "reason": reason})


def ending(case: str, person: str, part: Kind, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that ends a part in a case (解除指定、回避)."""
    return Act(at, actor, CASE_PART_ENDED, case, {"person": person, "part": part, "reason": reason})


def _begin(session: Session, act: Act) -> None:
    from catalog.cases.tables import CasePartRow

    _check_new(session, act)
    part, until = _kind(act), parsed_time_or_none(act.details.get("until"))
    told = {"person": act.details["person"], "part": part, "until": until, "reason": act.details["reason"]}
    session.add(CasePartRow(id=opened_by(act), case_id=act.subject, begins_at=act.at, by=act.actor, **told))


def _end(session: Session, act: Act) -> None:
    for row in _standing(session, act):
        row.ended_at, row.ended_by, row.ended_reason = act.at, act.actor, act.details["reason"]
        session.add(row)


def _check_new(session: Session, act: Act) -> None:
    cases.standing(session, act.subject)
    people.person_row(session, act.details["person"])


def _check_end(session: Session, act: Act) -> None:
    if not _standing(session, act):
        raise NoSuchPart(person=act.details["person"], case=act.subject)


def _standing(session: Session, act: Act) -> list[CasePartRow]:
    from sqlmodel import col, select

    from catalog.cases.tables import CasePartRow

    its = (CasePartRow.case_id == act.subject, CasePartRow.person == act.details["person"])
    rows = session.exec(select(CasePartRow).where(*its, col(CasePartRow.ended_at).is_(None)))
    return [row for row in rows if row.part == act.details["part"]]


def _kind(act: Act) -> Kind:
    return "reviewer" if act.action == CASE_NAMED else "recused"


APPLIES = {CASE_NAMED: _begin, CASE_RECUSED: _begin, CASE_PART_ENDED: _end}
DEMANDS = {**dict.fromkeys((CASE_NAMED, CASE_RECUSED), before(_check_new)), CASE_PART_ENDED: before(_check_end)}


def of_case(database: Database, case: str) -> tuple[Part, ...]:
    """The parts that stand in a case, oldest first."""
    sql = "SELECT * FROM case_part WHERE case_id = :case AND ended_at IS NULL ORDER BY begins_at, id"
    return tuple(_of(row) for row in database.query(sql, {"case": case}))


@readable("part in a case")
def _of(row: Row) -> Part:
    return value_in(Part, row)
