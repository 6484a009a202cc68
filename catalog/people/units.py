"""Units of the bureau (科室): a tree with times; every change is an act on the trail.

Shapes: the bureau itself is the unit `ROOT`, entered by nobody; all others lie below it. Whose a clip is follows from
the unit then, who may see it from the tree as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.database import before
from catalog.people import accounts, holders
from catalog.people.errors import NoSuchUnit, UnitExists, UnitInUse, UnitMisplaced
from catalog.readable import readable, value_in
from catalog.rules.acts import UNIT_ADDED, UNIT_CHANGED, UNIT_CLOSED, UNIT_MOVED, Act
from catalog.rules.canonical import parsed_time, time_text

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.people.tables import UnitRow

ROOT = holders.ROOT
FIELDS = ("name", "was", "kind", "number")
"""What is said of a unit and may be changed."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the catalog has it (科室); its fields are keys of `--json`."""

    code: str
    name: str
    was: tuple[str, ...]
    kind: str | None
    number: str | None
    parent: str
    closed_at: datetime | None


def adding(
    code: str,
    *,
    name: str,
    was: Sequence[str] = (),
    kind: str | None = None,
    number: str | None = None,
    parent: str = ROOT,
    since: datetime | None = None,
    at: datetime,
    actor: str,
) -> Act:
    """The act that enters a unit (设立科室)."""
    details = {"name": name, "was": list(was), "kind": kind, "number": number, "parent": parent}
    return Act(at, actor, UNIT_ADDED, code, details | {"at": time_text(since or at)})


def changing(code: str, changed: Mapping[str, Any], *, at: datetime, actor: str) -> Act:
    """The act that changes what is said of a unit (变更科室): the fields that change, of `FIELDS`."""
    assert changed.keys() <= set(FIELDS)
    return Act(at, actor, UNIT_CHANGED, code, dict(changed))


def moving(code: str, parent: str, *, since: datetime | None, at: datetime, actor: str) -> Act:
    """The act that puts a unit below another (调整隶属)."""
    return Act(at, actor, UNIT_MOVED, code, {"parent": parent, "at": time_text(since or at)})


def closing(code: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that closes a unit (撤销科室)."""
    return Act(at, actor, UNIT_CLOSED, code, {"reason": reason})


# ---------------------------------------------------------------------- what is demanded before


def _check_new(session: Session, act: Act) -> None:
    from catalog.people.tables import UnitRow

    if act.subject == ROOT or session.get(UnitRow, act.subject) is not None:
        raise UnitExists(unit=act.subject)
    _demand_open(session, act.details["parent"])


def _check_move(session: Session, act: Act) -> None:
    from sqlmodel import select

    from catalog.people.tables import UnitRow

    code, parent = act.subject, act.details["parent"]
    open_unit(session, code)
    _demand_open(session, parent)
    parents = {row.code: row.parent for row in session.exec(select(UnitRow))}
    if parent in subtree(code, parents):
        raise UnitMisplaced(unit=code, parent=parent)


def _check_close(session: Session, act: Act) -> None:
    from sqlmodel import col, select

    from catalog.people.tables import UnitRow

    open_unit(session, act.subject)
    below = select(UnitRow).where(UnitRow.parent == act.subject, col(UnitRow.closed_at).is_(None))
    if session.exec(below).first() is not None:
        raise UnitInUse(unit=act.subject, what="units below it", what_zh="下级科室")
    if holders.people_in(session, act.subject):
        raise UnitInUse(unit=act.subject, what="people", what_zh="人员")


def _check_open(session: Session, act: Act) -> None:
    open_unit(session, act.subject)


def _check(session: Session, act: Act) -> None:
    """What the action demands; and where another person confirmed it, that it was another."""
    CHECKS[act.action](session, act)
    if "confirmed_by" in act.details:
        accounts.demand_two(session, act, act.actor, act.details["confirmed_by"])


def open_unit(session: Session, code: str) -> UnitRow:
    """The row of a unit in use; raises `NoSuchUnit`."""
    from catalog.people.tables import UnitRow

    row = session.get(UnitRow, code)
    if row is None or row.closed_at is not None:
        raise NoSuchUnit(unit=code)
    return row


def _demand_open(session: Session, code: str) -> None:
    if code != ROOT:
        open_unit(session, code)


# ---------------------------------------------------------------------- the changes


def _add(session: Session, act: Act) -> None:
    from catalog.people.tables import UnitRow

    _check_new(session, act)
    details = act.details
    row = UnitRow(
        code=act.subject,
        name=details["name"],
        was=json.dumps(details["was"], ensure_ascii=False),
        kind=details["kind"],
        number=details["number"],
        parent=details["parent"],
        added_at=act.at,
        added_by=act.actor,
    )
    session.add(row)
    _place(session, act)
    _name(session, row)


def _change(session: Session, act: Act) -> None:
    row = open_unit(session, act.subject)
    for name in act.details.keys() & set(FIELDS):
        value = act.details[name]
        setattr(row, name, json.dumps(value, ensure_ascii=False) if name == "was" else value)
    session.add(row)
    _name(session, row)


def _move(session: Session, act: Act) -> None:
    _check_move(session, act)
    row = open_unit(session, act.subject)
    row.parent = act.details["parent"]
    session.add(row)
    _place(session, act)


def _close(session: Session, act: Act) -> None:
    _check_close(session, act)
    row = open_unit(session, act.subject)
    row.closed_at, row.closed_by, row.closed_reason = act.at, act.actor, act.details["reason"]
    session.add(row)


def _place(session: Session, act: Act) -> None:
    from catalog.people.tables import UnitPlaceRow

    since, parent = parsed_time(act.details["at"]), act.details["parent"]
    session.merge(UnitPlaceRow(unit=act.subject, begins_at=since, parent=parent, by=act.actor))


def _name(session: Session, row: UnitRow) -> None:
    """What a unit is called now; clips that were sealed with any of these names are its own, if no other's."""
    from sqlmodel import col, delete, select

    from catalog.people.tables import UnitNameRow

    before_ = set(session.exec(select(UnitNameRow.name).where(UnitNameRow.unit == row.code)))
    names = {row.code, row.name, *json.loads(row.was)}
    session.exec(delete(UnitNameRow).where(col(UnitNameRow.unit) == row.code))
    session.add_all(UnitNameRow(unit=row.code, name=name) for name in sorted(names))
    session.flush()
    holders.settle(session, units=before_ | names)


APPLIES = {UNIT_ADDED: _add, UNIT_CHANGED: _change, UNIT_MOVED: _move, UNIT_CLOSED: _close}
CHECKS = {UNIT_ADDED: _check_new, UNIT_CHANGED: _check_open, UNIT_MOVED: _check_move, UNIT_CLOSED: _check_close}
DEMANDS = dict.fromkeys(CHECKS, before(_check))


# ---------------------------------------------------------------------- reading


def subtree(code: str, parents: Mapping[str, str]) -> frozenset[str]:
    """A unit and all below it; `parents` is the unit above each."""
    below = dict[str, list[str]]()
    for one, parent in parents.items():
        below.setdefault(parent, []).append(one)
    found, left = set[str](), [code]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += below.get(one, ())
    return frozenset(found)


def parents_now(database: Database) -> dict[str, str]:
    """The unit above each unit, closed ones too: they have clips still."""
    return {row["code"]: row["parent"] for row in database.query("SELECT code, parent FROM unit", {})}


def every(database: Database) -> list[Unit]:
    """All units by code."""
    return [_unit(row) for row in database.query("SELECT * FROM unit ORDER BY code", {})]


def get(database: Database, typed: str) -> Unit:
    """One unit by code or name; raises `NoSuchUnit`."""
    code = code_of(database, typed)
    rows = database.query("SELECT * FROM unit WHERE code = :code", {"code": code})
    if not rows:
        raise NoSuchUnit(unit=typed)
    return _unit(rows[0])


def code_of(database: Database, typed: str) -> str:
    """The unit a person meant by code, name or former name; raises `NoSuchUnit` for none, or for several."""
    if typed == ROOT:
        return ROOT
    rows = database.query("SELECT DISTINCT unit FROM unit_name WHERE name = :name", {"name": typed})
    codes: Iterable[str] = [row["unit"] for row in rows]
    found = typed if typed in codes else next(iter(codes), None) if len(rows) == 1 else None
    if found is None:
        raise NoSuchUnit(unit=typed)
    return found


@readable("unit")
def _unit(row: Row) -> Unit:
    return value_in(Unit, row)
