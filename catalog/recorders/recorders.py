"""Recorders in the catalog (设备台账): which there are and how the station knows them; every change is an act.

Shapes: times are aware UTC, in acts ISO text. Who holds them is in `catalog/recorders/assignments.py`, their visits in
`catalog/recorders/dockings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalog.database import before
from catalog.readable import readable, value_in
from catalog.recorders.assignments import (
    as_json,
    assignment,
    assignment_rows,
    entered,
    in_service,
    recorder_row,
    shown,
)
from catalog.recorders.errors import NoSuchRecorder, RecorderAmbiguous, RecorderExists
from catalog.rules.acts import RECORDER_ADDED, RECORDER_CHANGED, RECORDER_RETIRED, Act
from catalog.rules.canonical import parsed_time, parsed_time_or_none
from catalog.rules.numbers import bare
from catalog.rules.register import Register, Registered, in_force

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.recorders.tables import RecorderRow

LATER = ("numbers", "room")
FIELDS = ("usb_serial", "label", "model", "unit", "note", *LATER)
"""What the register says of a recorder and may be changed; `LATER` came after the first acts, which lack it.

A recorder with a room is a fixed camera (询问室、听证室): nobody holds it.
"""


# ---------------------------------------------------------------------- the acts


def adding(serial: str, *, at: datetime, actor: str, **stated: str | None) -> Act:
    """The act that enters a recorder (登记) or brings a retired one back: what is stated of `FIELDS`.

    On USB it has its serial by default.
    """
    assert stated.keys() <= set(FIELDS)
    if stated.get("usb_serial") is None and stated.get("label") is None:
        stated["usb_serial"] = serial
    details = {name: stated.get(name) for name in FIELDS if name not in LATER or stated.get(name) is not None}
    return Act(at, actor, RECORDER_ADDED, serial, details)


def changing(serial: str, changed: Mapping[str, str | None], *, at: datetime, actor: str) -> Act:
    """The act that changes what the register says of a recorder (变更): the fields that change, of `FIELDS`."""
    assert changed.keys() <= set(FIELDS)
    return Act(at, actor, RECORDER_CHANGED, serial, dict(changed))


def retiring(serial: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that takes a recorder out of service (停用); who has it has it no longer."""
    return Act(at, actor, RECORDER_RETIRED, serial, {"reason": reason})


# ---------------------------------------------------------------------- what is demanded before


def _check_new(session: Session, act: Act) -> None:
    from catalog.recorders.tables import RecorderRow

    known = session.get(RecorderRow, act.subject)
    if known is not None and known.retired_at is None:
        raise RecorderExists(recorder=act.subject)
    _check_unlike(session, act)


def _check_change(session: Session, act: Act) -> None:
    recorder_row(session, act.subject)
    _check_unlike(session, act)


def _check_unlike(session: Session, act: Act) -> None:
    """No other recorder may have the same label or number, nor the same serial on USB unless more tells them apart."""
    from sqlmodel import col, false, or_, select

    from catalog.recorders.tables import RecorderRow

    row = session.get(RecorderRow, act.subject) if act.action == RECORDER_CHANGED else None
    wanted = {name: act.details.get(name, getattr(row, name, None)) for name in FIELDS}
    may_share = bool(wanted["label"] or wanted["numbers"])
    like = [
        column.contains(value, autoescape=True)
        for column in map(col, (RecorderRow.serial, RecorderRow.usb_serial, RecorderRow.label, RecorderRow.numbers))
        for value in (wanted["label"], wanted["usb_serial"], *listed(wanted["numbers"]))
        if value is not None
    ]
    for other in session.exec(select(RecorderRow).where(col(RecorderRow.serial) != act.subject, or_(false(), *like))):
        named = {other.serial, other.usb_serial, *listed(other.numbers)}
        same = [number for number in listed(wanted["numbers"]) if number in named]
        if wanted["label"] is not None and wanted["label"] == other.label:
            same.append(wanted["label"])
        if wanted["usb_serial"] is not None and wanted["usb_serial"] == other.usb_serial and not may_share:
            same.append(wanted["usb_serial"])
        if same:
            raise RecorderAmbiguous(recorder=act.subject, other=other.serial, value=same[0])


def listed(numbers: str | None) -> tuple[str, ...]:
    """The numbers in what a person typed: commas or spaces between them."""
    return tuple((numbers or "").replace(",", " ").split())


# ---------------------------------------------------------------------- the changes


def _add(session: Session, act: Act) -> None:
    from catalog.recorders.tables import RecorderRow

    _check_new(session, act)
    row = session.get(RecorderRow, act.subject) or RecorderRow(serial=act.subject, added_by=act.actor)
    row.added_at, row.added_by = act.at, act.actor
    row.retired_at = row.retired_by = row.retired_reason = row.numbers = row.room = None
    _set(session, row, act)


def _change(session: Session, act: Act) -> None:
    _check_change(session, act)
    _set(session, recorder_row(session, act.subject), act)


def _set(session: Session, row: RecorderRow, act: Act) -> None:
    for name, value in act.details.items():
        setattr(row, name, value)
    session.add(row)


def _retire(session: Session, act: Act) -> None:
    in_service(session, act)
    row = recorder_row(session, act.subject)
    row.retired_at, row.retired_by, row.retired_reason = act.at, act.actor, act.details["reason"]
    session.add(row)
    for one in assignment_rows(session, act.subject):
        if one.ended_at is None:
            one.ended_at, one.ended_by = max(act.at, one.begins_at), act.actor
            session.add(one)


APPLIES = {
    RECORDER_ADDED: _add,
    RECORDER_CHANGED: _change,
    RECORDER_RETIRED: _retire,
}
DEMANDS = {
    RECORDER_ADDED: before(_check_new),
    RECORDER_CHANGED: before(_check_change),
    RECORDER_RETIRED: before(in_service),
}


# ---------------------------------------------------------------------- reading


def snapshot(database: Database) -> Register:
    """The register as a value: every recorder, every assignment."""
    rows = database.query("SELECT * FROM recorder ORDER BY serial", {})
    recorders = tuple(
        value_in(Registered, row, retired=row["retired_at"] is not None, numbers=listed(row["numbers"])) for row in rows
    )
    assigned = database.query("SELECT * FROM holding ORDER BY serial, begins_at, entered_at", {})
    return Register(recorders, tuple(assignment(row) for row in assigned))


def register_of(database: Database, serial: str) -> Register:
    """The register as far as one recorder's assignments go: what attribution asks for each clip."""
    sql = "SELECT * FROM holding WHERE serial = :serial ORDER BY begins_at, entered_at"
    return Register((), tuple(assignment(row) for row in database.query(sql, {"serial": serial})))


def meant(database: Database, said: str) -> str | None:
    """The one recorder in use that has this serial, label or number (记录仪标签); None for none, or more than one."""
    rows = database.query("SELECT serial, label, numbers FROM recorder WHERE retired_at IS NULL", {})
    named = ((row["serial"], (row["serial"], row["label"] or "", *listed(row["numbers"]))) for row in rows)
    found = [serial for serial, names in named if bare(said).casefold() in (bare(one).casefold() for one in names)]
    return found[0] if len(found) == 1 and bare(said) else None


def every(database: Database, now: datetime) -> list[dict[str, Any]]:
    """All recorders as programs read them, each with who has it now and when it was docked last."""
    assigned = entered(database, None)
    rows = database.query(f"{_RECORDERS} ORDER BY serial", {})
    return [_recorder_json(row, assigned.get(row["serial"], ()), now) for row in rows]


def details(database: Database, serial: str, now: datetime) -> dict[str, Any]:
    """One recorder with every assignment, oldest first; raises `NoSuchRecorder`."""
    rows = database.query(f"{_RECORDERS} WHERE serial = :serial", {"serial": serial})
    if not rows:
        raise NoSuchRecorder(recorder=serial)
    assigned = entered(database, serial).get(serial, ())
    return _recorder_json(rows[0], assigned, now) | {"holdings": [as_json(row) for row in assigned]}


_RECORDERS = (
    "SELECT recorder.*, (SELECT MAX(COALESCE(docking.ends_at, docking.begins_at)) FROM docking "
    "WHERE docking.recorder = recorder.serial) AS last_docked_at FROM recorder"
)


@readable("recorder")
def _recorder_json(row: Row, assigned: Sequence[Row], now: datetime) -> dict[str, Any]:
    current = in_force([assignment(one) for one in assigned], now)
    assignee = next((as_json(one) for one in assigned if current is not None and assignment(one) == current), None)
    return {
        "serial": row["serial"],
        **{name: row[name] for name in FIELDS},
        "holder": assignee,
        "last_docked_at": shown(row["last_docked_at"]),
        "added_at": shown(row["added_at"]),
        "added_by": row["added_by"],
        "retired_at": shown(row["retired_at"]),
        "retired_by": row["retired_by"],
        "retired_reason": row["retired_reason"],
    }


def not_docked(database: Database, now: datetime, days: int) -> list[dict[str, Any]]:
    """Recorders somebody had and that were not docked for so many days, longest first.

    Counted from the last docking, or from when it was first assigned since: one that lay in a drawer, or was handed out
    this morning, is not late. Nobody has it now if it was given back without being docked; then it tells who had it.
    """
    late, assigned = [], entered(database, None)
    for row in database.query(f"{_RECORDERS} WHERE retired_at IS NULL ORDER BY serial", {}):
        docked_at = parsed_time_or_none(row["last_docked_at"])
        since = _undocked_since(assigned.get(row["serial"], ()), docked_at)
        if since is None or now - since[0] < timedelta(days=days):
            continue
        facts = _recorder_json(row, assigned[row["serial"]], now)
        last = as_json(since[1])
        late.append(
            {
                "serial": facts["serial"],
                "unit": (facts["holder"] or last)["unit"] or facts["unit"],
                "officer": (facts["holder"] or last)["officer"],
                "held": facts["holder"] is not None,
                "last_docked_at": facts["last_docked_at"],
                "since": shown(since[0]),
                "days": (now - since[0]).days,
            }
        )
    return sorted(late, key=lambda one: (one["since"], one["serial"]))


@readable("assignment")
def _undocked_since(assigned: Sequence[Row], docked_at: datetime | None) -> tuple[datetime, Row] | None:
    """From when a recorder may have footage nobody took, and its newest assignment since; None if it had none."""
    since = [
        row
        for row in assigned
        if row["ended_at"] != row["begins_at"]
        and (docked_at is None or row["ended_at"] is None or parsed_time(row["ended_at"]) > docked_at)
    ]
    if not since:
        return None
    first = parsed_time(since[0]["begins_at"])
    return (first if docked_at is None else max(first, docked_at)), since[-1]
