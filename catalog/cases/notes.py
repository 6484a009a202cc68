"""Signed notes that answer what a check of a case found (情况说明): a finding is answered, never taken away.

Shapes: `case.noted` is about its case; `paper` is the record it is about, `verdict` what it answers, or None for all
that was found there. It is of the day on which it was signed, and stays; a further note goes beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.cases import cases
from catalog.cases.errors import NoSuchPaper
from catalog.database import before
from catalog.readable import readable, value_in
from catalog.rules.acts import CASE_NOTED, Act
from catalog.rules.case_numbers import opened_by

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row


@dataclass(frozen=True, slots=True)
class CaseNote:
    """A note (情况说明); its fields are keys of `--json`, `case` and `paper` are ids."""

    id: str
    case: str
    paper: str | None
    verdict: str | None
    note: str
    at: datetime
    by: str


def noting(case: str, text: str, *, paper: str | None, verdict: str | None, at: datetime, actor: str) -> Act:
    """The act that answers a finding with a note (情况说明)."""
    return Act(at, actor, CASE_NOTED, case, {"paper": paper, "verdict": verdict, "note": text})


def _note(session: Session, act: Act) -> None:
    from catalog.cases.tables import CaseNoteRow

    _check(session, act)
    told = {"paper_id": act.details["paper"], "verdict": act.details["verdict"], "note": act.details["note"]}
    session.add(CaseNoteRow(id=opened_by(act), case_id=act.subject, **told, at=act.at, by=act.actor))


def _check(session: Session, act: Act) -> None:
    """Raise where there is no such case, or the record is of another one."""
    from catalog.cases.tables import PaperRow

    cases.standing(session, act.subject)
    paper = act.details["paper"]
    row = None if paper is None else session.get(PaperRow, paper)
    if paper is not None and (row is None or row.case_id != act.subject):
        raise NoSuchPaper(paper=paper)


APPLIES = {CASE_NOTED: _note}
DEMANDS = {CASE_NOTED: before(_check)}


def of_case(database: Database, case: str) -> tuple[CaseNote, ...]:
    """The notes of a case, the oldest first."""
    sql = "SELECT * FROM case_note WHERE case_id = :case ORDER BY at, id"
    return tuple(_of(row) for row in database.query(sql, {"case": case}))


@readable("note")
def _of(row: Row) -> CaseNote:
    return value_in(CaseNote, row, case=row["case_id"], paper=row["paper_id"])
