"""Roles of people (岗位授权): proposed by one, granted by another, revoked by either at once; delegation (代行职责).

Shapes: a role holds over a unit and all below it, for `unit` None over none: only where a case names the person. Its id
is the first twelve hexadecimal digits of the SHA-256 of the act that proposed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.acts import policy
from catalog.database import before
from catalog.people import accounts, people, units
from catalog.people.errors import NoSuchGrant, RolesApart
from catalog.people.units import ROOT
from catalog.readable import any_of, readable, value_in
from catalog.rules.acts import ROLE_DELEGATED, ROLE_GRANTED, ROLE_PROPOSED, ROLE_REVOKED, Act
from catalog.rules.bureau_policy import Roles
from catalog.rules.canonical import parsed_time, parsed_time_or_none, time_text, time_text_or_none
from catalog.rules.policy_text import read_whole

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.people.tables import DelegationRow, RoleRow

ID_CHARS = 12
ALONE = frozenset(("administrator", "auditor"))
"""Roles that go with no other."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role as the catalog has it (岗位授权); its fields are keys of `--json`."""

    id: str
    person: str
    title: str
    role: str
    unit: str | None
    begins_at: datetime
    ends_at: datetime | None
    proposed_by: str
    granted_at: datetime | None
    granted_by: str | None
    revoked_at: datetime | None

    def is_in_force(self, at: datetime) -> bool:
        """Whether the person has it then."""
        is_over = (self.revoked_at is not None and self.revoked_at <= at) or (self.ends_at or at) < at
        return self.granted_at is not None and self.begins_at <= at and not is_over


@dataclass(frozen=True, slots=True)
class Delegation:
    """That somebody acts for a head (代行职责); its fields are keys of `--json`."""

    id: str
    person: str
    delegate: str
    begins_at: datetime
    ends_at: datetime
    reason: str
    revoked_at: datetime | None


def proposing(
    no: str,
    *,
    title: str,
    role: str,
    unit: str | None,
    since: datetime | None,
    until: datetime | None,
    at: datetime,
    actor: str,
) -> Act:
    """The act that proposes a role for a person (提出授权); `title` is the policy's, or the role itself."""
    times = {"begins_at": time_text(since or at), "ends_at": time_text_or_none(until)}
    return Act(at, actor, ROLE_PROPOSED, no, {"title": title, "role": role, "unit": unit} | times)


def granting(no: str, proposal: str, *, at: datetime, actor: str, how: str | None, first: bool, small: bool) -> Act:
    """The act by which another person grants what was proposed (确认授权); `first`: nobody could be the second yet."""
    details = {"role": proposal, "how": how, "word": accounts.FIRST if first else None, "small": small}
    return Act(at, actor, ROLE_GRANTED, no, details)


def revoking(no: str, grant: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that ends a role or a delegation at once, or drops a proposal (撤销授权)."""
    return Act(at, actor, ROLE_REVOKED, no, {"role": grant, "reason": reason})


def delegating(
    no: str, to: str, *, since: datetime | None, until: datetime, reason: str, at: datetime, actor: str
) -> Act:
    """The act by which a head lets somebody act for them, from–to (委托代行)."""
    times = {"begins_at": time_text(since or at), "ends_at": time_text(until)}
    return Act(at, actor, ROLE_DELEGATED, no, {"to": to, "reason": reason} | times)


def id_of(act: Act) -> str:
    """What a role or delegation is called by, after the act that began it."""
    return hashlib.sha256(act.body()).hexdigest()[:ID_CHARS]


# ---------------------------------------------------------------------- what is demanded before


def _check_proposal(session: Session, act: Act) -> None:
    people.active_row(session, act.subject)
    if act.details["unit"] not in (None, ROOT):
        units.open_unit(session, act.details["unit"])
    _demand_together(session, act.subject, act.details["role"], act.at)


def _check_grant(session: Session, act: Act) -> None:
    row = _role(session, act, "granted", "确认")
    if row.granted_at is not None:
        raise NoSuchGrant(grant=row.id, what="granted", what_zh="确认")
    people.active_row(session, act.subject)
    _demand_together(session, act.subject, row.role, act.at)
    accounts.demand_two(session, act, row.proposed_by, act.actor, row.proposed_at)
    if act.details["word"] is None and accounts.who(session, act.actor) == act.subject:
        accounts.demand_two(session, act, act.actor, act.actor)


def _demand_together(session: Session, no: str, role: str, at: datetime) -> None:
    """Raise `RolesApart` for a role that must not meet those the person has."""
    from sqlmodel import col, select

    from catalog.people.tables import RoleRow

    rows = session.exec(
        select(RoleRow).where(
            RoleRow.person == no, col(RoleRow.granted_at).is_not(None), col(RoleRow.revoked_at).is_(None)
        )
    )
    for held in {row.role for row in rows if row.ends_at is None or row.ends_at > at}:
        if not may_meet(held, role):
            raise RolesApart(person=no, other=held, role=role)


def may_meet(one: str, other: str) -> bool:
    """Whether one person may have both; a supervisor may be the security officer, as small bureaus need it."""
    pair = {one, other}
    if len(pair) == 1 or pair == {"security", "supervisor"}:
        return True
    return not pair & (ALONE | {"security"})


def _check_revocation(session: Session, act: Act) -> None:
    _found(session, act, "revoked", "撤销")


def _check_delegation(session: Session, act: Act) -> None:
    people.active_row(session, act.subject)
    people.active_row(session, act.details["to"])


def _role(session: Session, act: Act, what: str, what_zh: str) -> RoleRow:
    from catalog.people.tables import RoleRow

    row = session.get(RoleRow, act.details["role"])
    if row is None or row.person != act.subject or row.revoked_at is not None:
        raise NoSuchGrant(grant=act.details["role"], what=what, what_zh=what_zh)
    return row


def _found(session: Session, act: Act, what: str, what_zh: str) -> RoleRow | DelegationRow:
    from catalog.people.tables import DelegationRow

    row = session.get(DelegationRow, act.details["role"])
    if row is not None and row.person == act.subject and row.revoked_at is None:
        return row
    return _role(session, act, what, what_zh)


# ---------------------------------------------------------------------- the changes


def _propose(session: Session, act: Act) -> None:
    from catalog.people.tables import RoleRow

    details = act.details
    row = RoleRow(
        id=id_of(act),
        person=act.subject,
        title=details["title"],
        role=details["role"],
        unit=details["unit"],
        begins_at=parsed_time(details["begins_at"]),
        ends_at=parsed_time_or_none(details["ends_at"]),
        proposed_at=act.at,
        proposed_by=act.actor,
    )
    session.add(row)


def _grant(session: Session, act: Act) -> None:
    _check_grant(session, act)
    row = _role(session, act, "granted", "确认")
    row.granted_at, row.granted_by = act.at, act.actor
    session.add(row)


def _revoke(session: Session, act: Act) -> None:
    row: Any = _found(session, act, "revoked", "撤销")
    row.revoked_at, row.revoked_by, row.revoked_reason = act.at, act.actor, act.details["reason"]
    session.add(row)


def _delegate(session: Session, act: Act) -> None:
    from catalog.people.tables import DelegationRow

    details = act.details
    row = DelegationRow(
        id=id_of(act),
        person=act.subject,
        delegate=details["to"],
        begins_at=parsed_time(details["begins_at"]),
        ends_at=parsed_time(details["ends_at"]),
        reason=details["reason"],
        added_at=act.at,
        added_by=act.actor,
    )
    session.add(row)


def _demand_role(database: Database, act: Act) -> None:
    """What a role demands; besides, no title that the policy in force keeps apart from one the person has."""
    with database.transaction() as session:
        (_check_proposal if act.action == ROLE_PROPOSED else _check_grant)(session, act)
    every = policy.history(database)
    listed = read_whole(every[-1].text).roles if every else Roles()
    codes = {name: one.code for one in listed.every for name in (one.code, one.zh)}
    held = [one for one in of_people(database, (act.subject,)) if one.revoked_at is None]
    titles = {one.id: codes.get(one.title, one.title) for one in held}
    new = titles.pop(str(act.details["role"]), codes.get(str(act.details.get("title")), str(act.details.get("title"))))
    now = {titles[one.id] for one in held if one.id in titles and one.granted_at and (one.ends_at or act.at) >= act.at}
    for apart in listed.apart:
        if new in apart and (other := now & {*apart} - {new}):
            raise RolesApart(person=act.subject, other=min(other), role=new)


APPLIES = {ROLE_PROPOSED: _propose, ROLE_GRANTED: _grant, ROLE_REVOKED: _revoke, ROLE_DELEGATED: _delegate}
DEMANDS = {
    ROLE_PROPOSED: _demand_role,
    ROLE_GRANTED: _demand_role,
    ROLE_REVOKED: before(_check_revocation),
    ROLE_DELEGATED: before(_check_delegation),
}


# ---------------------------------------------------------------------- reading


def of_people(database: Database, nos: Iterable[str] | None = None) -> list[Role]:
    """Every role that was proposed, of these people or of all, oldest first."""
    these, values = any_of([] if nos is None else sorted(nos))
    where = "" if nos is None else f"WHERE person IN {these} "
    rows = database.query(f"SELECT * FROM role_grant {where}ORDER BY proposed_at, id", values)
    return [_read_role(row) for row in rows]


def delegations(database: Database, to: str | None = None) -> list[Delegation]:
    """Every delegation, or those to one person, oldest first."""
    where = "" if to is None else "WHERE delegate = :to "
    rows = database.query(f"SELECT * FROM delegation {where}ORDER BY begins_at, id", {"to": to})
    return [_read_delegation(row) for row in rows]


@readable("role")
def _read_role(row: Row) -> Role:
    return value_in(Role, row)


@readable("delegation")
def _read_delegation(row: Row) -> Delegation:
    return value_in(Delegation, row)
