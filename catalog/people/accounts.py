"""Accounts of people (账户绑定): which person an account of the operating system, or a secret bound to it, stands for.

Shapes: an actor of the trail is `P:no` for a person, else an account, each perhaps `… as` the account of the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.database import before
from catalog.people import sessions, tokens
from catalog.people.errors import NeedsAnother
from catalog.rules.acts import ACCOUNT_BOUND, Act
from catalog.rules.callers import NUMBERED, Caller, person, person_no

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database
    from catalog.people.tables import AccountRow

FIRST = "first"
"""By whose word the first people are entered: nobody is there yet who could be the second."""
PAIRS = {True: ({"administrator", "custodian"}, {"security", "supervisor"}), False: ({"administrator"}, {"security"})}
"""Who proposes and who confirms, in a small bureau and else."""


def binding(no: str, account: str | None, *, at: datetime, by: Caller, second: Caller | None, small: bool) -> Act:
    """The act that says an account is a person's (绑定账户), None: none is; by two people, or the first word."""
    details: dict[str, Any] = {"account": account, "how": by.how} | seconded(second, small=small)
    return Act(at, by.actor, ACCOUNT_BOUND, no, details)


def seconded(second: Caller | None, *, small: bool) -> dict[str, Any]:
    """What an act says of the second person; without one it is by the first word, in a bureau of that size."""
    if second is None:
        return {"confirmed_by": None, "confirmed_how": None, "word": FIRST, "small": small}
    return {"confirmed_by": second.actor, "confirmed_how": second.how, "word": None, "small": small}


# ---------------------------------------------------------------------- what is demanded before


def _check(session: Session, act: Act) -> None:
    from catalog.people import people

    people.active_row(session, act.subject)
    demand_two(session, act, act.actor, act.details["confirmed_by"])


def demand_two(session: Session, act: Act, first: str, second: str | None, asked_at: datetime | None = None) -> None:
    """Raise `NeedsAnother` unless two people did it, or nobody could be the second when it was asked for."""
    if act.details.get("word") == FIRST:
        over = founded_at(session, small=bool(act.details["small"]))
        if over is not None and (asked_at is None or asked_at >= over):
            raise NeedsAnother(why="there is somebody who confirms", why_zh="已有可确认的人员")
    elif second is None or who(session, first) == who(session, second):
        raise NeedsAnother(why=f"{person(first)} is one", why_zh=f"{person(first)} 为其中一人")


def founded_at(session: Session, *, small: bool) -> datetime | None:
    """Since when there are two people with accounts of whom one proposes and the other confirms; None: not yet."""
    from sqlmodel import func, select

    from catalog.people.tables import AccountRow, RoleRow

    bound = dict(
        session.exec(select(AccountRow.person, func.min(AccountRow.bound_at)).group_by(AccountRow.person)).all()
    )
    sides = list[dict[str, datetime]]()
    for able in PAIRS[small]:
        side = dict[str, datetime]()
        for one in session.exec(select(RoleRow)):
            if one.role in able and one.granted_at is not None and one.person in bound:
                since = max(one.granted_at, bound[one.person])
                side[one.person] = min(since, side.get(one.person, since))
        sides.append(side)
    pairs = ((one, other) for one in sides[0] for other in sides[1] if one != other)
    return min((max(sides[0][one], sides[1][other]) for one, other in pairs), default=None)


# ---------------------------------------------------------------------- the changes


def _bind(session: Session, act: Act) -> None:
    from catalog.people.tables import AccountRow

    _check(session, act)
    account = act.details["account"]
    if account is None:
        end(session, act)
        return
    for row in _open(session, account=account):
        _end(session, row, act)
    row = AccountRow(account=account, bound_at=act.at, person=act.subject, by=act.actor)
    row.confirmed_by = act.details["confirmed_by"]
    session.add(row)


def end(session: Session, act: Act) -> None:
    """No account is this person's any more."""
    for row in _open(session, person=act.subject):
        _end(session, row, act)


def _end(session: Session, row: AccountRow, act: Act) -> None:
    sessions.end(session, row.account, act.at)  # whoever has the account next sits at none of them
    tokens.end(session, act.at, account=row.account)
    row.ended_at, row.ended_by = act.at, act.actor
    session.add(row)


def _open(session: Session, **its: str) -> list[AccountRow]:
    from sqlmodel import col, select

    from catalog.people.tables import AccountRow

    rows = session.exec(select(AccountRow).where(col(AccountRow.ended_at).is_(None)))
    return [row for row in rows if all(getattr(row, name) == value for name, value in its.items())]


APPLIES = {ACCOUNT_BOUND: _bind}
DEMANDS = {ACCOUNT_BOUND: before(_check)}


# ---------------------------------------------------------------------- reading


def asker(database: Database, asked_by: str, actor: str) -> str:
    """Who asked, called as who decides is where the two are one person."""
    return actor if are_one(database, asked_by, actor) else asked_by


def are_one(database: Database, one: str, other: str) -> bool:
    """Whether two actors of the trail, or accounts, are one person, by whichever account it ever was."""
    sql = "SELECT person FROM account WHERE account = :account"
    first, second = (
        {person(each), *(f"{NUMBERED}{row['person']}" for row in database.query(sql, {"account": person(each)}))}
        for each in (one, other)
    )
    return bool(first & second)


def who(session: Session, actor: str) -> str:
    """Whom an actor of the trail stands for: a person's number where the account is bound, else the account."""
    no, account = person_no(actor), person(actor)
    if no is not None:
        return no
    rows = _open(session, account=account)
    return rows[0].person if rows else account


def was_anothers(database: Database, account: str, since: datetime) -> bool:
    """Whether an account was, at a time or later, that of another person than whose it is now."""
    sql = """SELECT 1 FROM account AS its WHERE account = :account AND ended_at > :since AND EXISTS
 (SELECT 1 FROM account WHERE account = :account AND ended_at IS NULL AND person <> its.person)"""
    return bool(database.query(sql, {"account": account, "since": database.moment(since)}))


def bound(database: Database) -> Mapping[str, str]:
    """The person of each account that is bound now."""
    rows = database.query("SELECT account, person FROM account WHERE ended_at IS NULL", {})
    return {row["account"]: row["person"] for row in rows}


def person_of(database: Database, account: str) -> str | None:
    """The person an account is bound to now, or None."""
    sql = "SELECT person FROM account WHERE account = :account AND ended_at IS NULL"
    return next((str(row["person"]) for row in database.query(sql, {"account": account})), None)
