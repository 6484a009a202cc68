"""Who had which recorder when (领用登记, R7): issues, loans, returns; every change is an act on the trail.

Shapes: times are aware UTC, in acts ISO text. An assignment is an issue (领用) or a loan (借用) that lies over it.
It may be entered later than it began; then it ends where the next of its kind begins. One that ends where it begins
was a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.database import before
from catalog.readable import readable, value_in
from catalog.recorders.errors import (
    AssignmentTimeWrong,
    NoSuchRecorder,
    RecorderAssigned,
    RecorderInRoom,
    RecorderNotAssigned,
    RecorderRetired,
)
from catalog.rules.acts import RECORDER_ISSUED, RECORDER_LENT, RECORDER_RETURNED, Act
from catalog.rules.canonical import parsed_time, parsed_time_or_none, time_text, time_text_or_none
from catalog.rules.register import Assignment, How, ends_with_next, in_force

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.recorders.tables import AssignmentRow, RecorderRow

FUTURE = ("it is later than now", "晚于当前时间")
DUE_EARLY = ("a loan is due after it begins", "借用到期时间须晚于开始时间")


def issuing(serial: str, officer: str, *, unit: str | None, since: datetime | None, at: datetime, actor: str) -> Act:
    """The act that gives a recorder to an officer for good (领用), from `since` or from now."""
    return Act(at, actor, RECORDER_ISSUED, serial, _hand_out(officer, unit, since or at))


def lending(
    serial: str,
    officer: str,
    *,
    unit: str | None,
    since: datetime | None,
    until: datetime,
    at: datetime,
    actor: str,
) -> Act:
    """The act that lends a recorder (借用); an issue is suspended while the loan lasts, until the return."""
    details = _hand_out(officer, unit, since or at) | {"due_at": time_text(until)}
    return Act(at, actor, RECORDER_LENT, serial, details)


def returning(serial: str, *, since: datetime | None, at: datetime, actor: str) -> Act:
    """The act that ends who had a recorder then (归还): the loan, or else the issue. At its begin it was a mistake."""
    return Act(at, actor, RECORDER_RETURNED, serial, {"at": time_text(since or at)})


def _hand_out(officer: str, unit: str | None, since: datetime) -> dict[str, str | None]:
    return {"officer": officer, "unit": unit, "at": time_text(since)}


# ---------------------------------------------------------------------- what is demanded before


def _check_hand_out(session: Session, act: Act) -> None:
    """Raise where somebody has it then; a loan is possible over an issue."""
    since = _effective(act)
    in_service(session, act)
    room = recorder_row(session, act.subject).room
    if room is not None:
        raise RecorderInRoom(recorder=act.subject, room=room)
    due_at = act.details.get("due_at")
    if due_at is not None and parsed_time(due_at) <= since:
        raise AssignmentTimeWrong(at=due_at, why=DUE_EARLY[0], why_zh=DUE_EARLY[1])
    for one in _assignments(session, act.subject):
        if one.covers(since) and (act.action == RECORDER_ISSUED or one.how == "loan"):
            raise RecorderAssigned(recorder=act.subject, officer=one.officer, since=time_words(one.begins_at))


def _check_return(session: Session, act: Act) -> None:
    recorder_row(session, act.subject)
    since = _effective(act)
    if in_force(_assignments(session, act.subject), since) is None:
        raise RecorderNotAssigned(recorder=act.subject, at=time_words(since))


def in_service(session: Session, act: Act) -> None:
    """Raise `NoSuchRecorder` or `RecorderRetired`."""
    row = recorder_row(session, act.subject)
    if row.retired_at is not None:
        raise RecorderRetired(recorder=act.subject, since=time_words(row.retired_at))


def _effective(act: Act) -> datetime:
    """When a hand-out or return happened; never after it was entered."""
    since = parsed_time(act.details["at"])
    if since > act.at:
        raise AssignmentTimeWrong(at=time_words(since), why=FUTURE[0], why_zh=FUTURE[1])
    return since


def recorder_row(session: Session, serial: str) -> RecorderRow:
    """The row of a recorder; raises `NoSuchRecorder`."""
    from catalog.recorders.tables import RecorderRow

    row = session.get(RecorderRow, serial)
    if row is None:
        raise NoSuchRecorder(recorder=serial)
    return row


def assignment_rows(session: Session, serial: str) -> Sequence[AssignmentRow]:
    """Every assignment of a recorder, as rows that may be changed."""
    from sqlmodel import select

    from catalog.recorders.tables import AssignmentRow

    return session.exec(select(AssignmentRow).where(AssignmentRow.serial == serial)).all()


def _assignments(session: Session, serial: str) -> list[Assignment]:
    return [assignment(row.model_dump()) for row in assignment_rows(session, serial)]


def time_words(at: datetime) -> str:
    """A time in the words of an error."""
    return time_text(at).partition(".")[0] + "Z"


# ---------------------------------------------------------------------- the changes


def _hand_over(session: Session, act: Act) -> None:
    from catalog.recorders.tables import AssignmentRow

    _check_hand_out(session, act)
    how: How = "issue" if act.action == RECORDER_ISSUED else "loan"
    details, since = act.details, _effective(act)
    ended_at = ends_with_next(_assignments(session, act.subject), how, since)
    row = AssignmentRow(
        serial=act.subject,
        entered_at=act.at,
        officer=details["officer"],
        unit=details["unit"],
        how=how,
        by=act.actor,
        begins_at=since,
        due_at=parsed_time(details["due_at"]) if "due_at" in details else None,
        ended_at=ended_at,
        ended_by=None if ended_at is None else act.actor,
    )
    session.add(row)


def _return(session: Session, act: Act) -> None:
    _check_return(session, act)
    since, rows = _effective(act), assignment_rows(session, act.subject)
    ending = in_force([assignment(row.model_dump()) for row in rows], since)
    for row in rows:
        if assignment(row.model_dump()) == ending:
            row.ended_at, row.ended_by = since, act.actor
            session.add(row)


APPLIES = {RECORDER_ISSUED: _hand_over, RECORDER_LENT: _hand_over, RECORDER_RETURNED: _return}
DEMANDS = {
    RECORDER_ISSUED: before(_check_hand_out),
    RECORDER_LENT: before(_check_hand_out),
    RECORDER_RETURNED: before(_check_return),
}


# ---------------------------------------------------------------------- reading


def entered(database: Database, serial: str | None) -> dict[str, list[Row]]:
    """The rows of assignments by recorder, oldest first; of one recorder, or of all."""
    where = "" if serial is None else "WHERE serial = :serial "
    found: dict[str, list[Row]] = {}
    sql = f"SELECT * FROM holding {where}ORDER BY begins_at, entered_at"
    for row in database.query(sql, {} if serial is None else {"serial": serial}):
        found.setdefault(row["serial"], []).append(row)
    return found


@readable("assignment of")
def as_json(row: Row) -> dict[str, Any]:
    """An assignment as programs read it."""
    plain = {name: row[name] for name in ("officer", "unit", "how")}
    times = {name: shown(row[name]) for name in ("begins_at", "due_at", "ended_at", "entered_at")}
    return plain | times | {"by": row["by"], "ended_by": row["ended_by"]}


@readable("assignment of")
def assignment(row: Mapping[str, Any]) -> Assignment:
    """An assignment as a value."""
    return value_in(Assignment, row, ends_at=parsed_time_or_none(row["ended_at"]))


def shown(value: object) -> str | None:
    """A time of a row as text."""
    return time_text_or_none(parsed_time_or_none(value))
