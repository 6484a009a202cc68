"""Cases in the catalog (案件) and which clips belong to them (关联): every change is an act on the trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.clips import search
from catalog.errors import CaseExists, NoSuchCase, NoSuchClip, NotLinked
from catalog.readable import readable, value_in
from catalog.rules.acts import CASE_ADDED, CLIP_LINKED, CLIP_UNLINKED, Act
from catalog.rules.canonical import parsed_time_or_none, time_text_or_none
from catalog.rules.linking import OpenCase

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

CONFIRMED = "linked by a person"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the catalog has it (案件), with how many clips are linked to it; its fields are keys of `--json`."""

    no: str
    title: str | None
    subject: str | None
    officers: tuple[str, ...]
    begins_at: datetime | None
    ends_at: datetime | None
    added_at: datetime
    added_by: str
    clips: int


def adding(
    no: str,
    *,
    title: str | None,
    subject: str | None,
    officers: tuple[str, ...],
    begins_at: datetime | None,
    ends_at: datetime | None,
    at: datetime,
    actor: str,
) -> Act:
    """The act that enters a case (立案登记)."""
    details = {
        "title": title,
        "subject": subject,
        "officers": list(officers),
        "begins_at": time_text_or_none(begins_at),
        "ends_at": time_text_or_none(ends_at),
    }
    return Act(at, actor, CASE_ADDED, no, details)


def linking(clip: str, case: str, *, reason: str | None, at: datetime, actor: str) -> Act:
    """The act that links a clip to a case (关联案件); an earlier link of the clip ends with it."""
    return Act(at, actor, CLIP_LINKED, clip, {"case": case, "reason": reason})


def unlinking(clip: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that ends a clip's link (解除关联); the reason is asked for."""
    return Act(at, actor, CLIP_UNLINKED, clip, {"reason": reason})


def _add(session: Session, act: Act) -> None:
    from catalog.cases.tables import CaseRow

    known, details = session.get(CaseRow, act.subject), act.details
    if known is not None and known.title is not None:
        raise CaseExists(case=act.subject, title=known.title)
    row = known or CaseRow(no=act.subject, added_at=act.at, added_by=act.actor)
    row.title, row.subject, row.officers = details["title"], details["subject"], json.dumps(details["officers"])
    row.begins_at, row.ends_at = parsed_time_or_none(details["begins_at"]), parsed_time_or_none(details["ends_at"])
    session.add(row)


def _link(session: Session, act: Act) -> None:
    from catalog.cases.tables import CaseRow, LinkRow

    case = act.details["case"]
    if session.get(CaseRow, case) is None:
        raise NoSuchCase(case=case)
    _end(session, act, f"linked to {case}")
    _clip(session, act.subject).case_no = case
    session.add(LinkRow(clip_id=act.subject, begins_at=act.at, case_no=case, how=CONFIRMED, by=act.actor))


def _unlink(session: Session, act: Act) -> None:
    if not _end(session, act, act.details["reason"]):
        raise NotLinked(clip=act.subject)
    _clip(session, act.subject).case_no = None


def _end(session: Session, act: Act, reason: str) -> bool:
    """End the clip's open link; False if there is none."""
    from sqlmodel import col, select

    from catalog.cases.tables import LinkRow

    query = select(LinkRow).where(LinkRow.clip_id == act.subject, col(LinkRow.ended_at).is_(None))
    link = session.exec(query).first()
    if link is None:
        return False
    link.ended_at, link.ended_by, link.reason = act.at, act.actor, reason
    session.add(link)
    return True


def _clip(session: Session, clip: str) -> Any:
    from catalog.clips.tables import ClipRow

    row = session.get(ClipRow, clip)
    if row is None:
        raise NoSuchClip(clip=clip)
    return row


# ---------------------------------------------------------------------- what is demanded before


def _demand_new(database: Database, act: Act) -> None:
    known = get(database, act.subject)
    if known is not None and known.title is not None:
        raise CaseExists(case=act.subject, title=known.title)


def _demand_linkable(database: Database, act: Act) -> None:
    search.get(database, act.subject)
    if get(database, act.details["case"]) is None:
        raise NoSuchCase(case=act.details["case"])


def _demand_linked(database: Database, act: Act) -> None:
    if search.get(database, act.subject).case is None:
        raise NotLinked(clip=act.subject)


APPLIES = {CASE_ADDED: _add, CLIP_LINKED: _link, CLIP_UNLINKED: _unlink}
DEMANDS = {CASE_ADDED: _demand_new, CLIP_LINKED: _demand_linkable, CLIP_UNLINKED: _demand_linked}


# ---------------------------------------------------------------------- reading


def get(database: Database, no: str) -> Case | None:
    """One case, or None."""
    rows = database.query(f"{_CASES} WHERE no = :no", {"no": no})
    return _case(rows[0]) if rows else None


def every(database: Database) -> list[Case]:
    """All cases in number order."""
    return [_case(row) for row in database.query(f"{_CASES} ORDER BY no", {})]


_CASES = "SELECT law_case.*, (SELECT COUNT(*) FROM clip WHERE clip.case_no = law_case.no) AS clips FROM law_case"


@readable("case")
def _case(row: Row) -> Case:
    return value_in(Case, row)


@readable("open cases")
def open_cases(database: Database) -> tuple[OpenCase, ...]:
    """What the linking rule needs to know."""
    rows = database.query("SELECT no, officers, begins_at, ends_at FROM law_case ORDER BY no", {})
    return tuple(value_in(OpenCase, row) for row in rows)
