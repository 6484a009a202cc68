"""People of the bureau (人员): who there is, by which numbers, in which unit, since when; every change is an act.

Shapes: a person is known by `no` for ever; numbers have kinds and times, `card` a last day too. What is entered first
holds since ever, `BEGINNING`: older footage has the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from catalog.database import before
from catalog.errors import WordsUnfit
from catalog.people import accounts, holders, units
from catalog.people.errors import NoSuchPerson, NumberTaken, PersonExists, PersonGone
from catalog.readable import readable, value_in
from catalog.rules.acts import PERSON_ADDED, PERSON_CHANGED, PERSON_LEFT, PERSON_RESUMED, PERSON_SUSPENDED, Act
from catalog.rules.canonical import parsed_time, time_text

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.people.tables import PersonNumberRow, PersonRow

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SAID = ("name", "sex", "post", "kinds", "area")
"""What is said of a person whenever they are asked about; the rest has times."""
NUMBERS = {"card": "card", "recorder_no": "recorder"}
"""The fields of numbers, and their kinds; the person's own is `no`."""
FIELDS = (*SAID, "unit", "card", "card_until", "recorder_no")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the catalog has them now (人员); its fields are keys of `--json`."""

    no: str
    name: str
    sex: str | None
    post: str | None
    kinds: tuple[str, ...]
    area: str | None
    unit: str
    card: str | None
    card_until: str | None
    recorder_no: str | None
    added_at: datetime
    suspended_at: datetime | None
    left_at: datetime | None


def adding(
    no: str,
    *,
    name: str,
    unit: str = holders.ROOT,
    since: datetime | None = None,
    at: datetime,
    actor: str,
    **stated: Any,
) -> Act:
    """The act that enters a person (登记人员): what else is stated of `FIELDS`; without `since` it held ever before."""
    assert stated.keys() <= set(FIELDS)
    details: dict[str, Any] = {field: stated.get(field) for field in FIELDS}
    details |= {"name": name, "unit": unit, "kinds": list(stated.get("kinds") or ())}
    return Act(at, actor, PERSON_ADDED, no, details | {"at": time_text(since or BEGINNING)})


def changing(no: str, changed: Mapping[str, Any], *, since: datetime | None, at: datetime, actor: str) -> Act:
    """The act that changes what is known of a person (变更人员): the fields that change, of `FIELDS`, from `since`."""
    assert changed.keys() <= set(FIELDS)
    kinds = {"kinds": list(changed["kinds"] or ())} if "kinds" in changed else {}
    return Act(at, actor, PERSON_CHANGED, no, dict(changed) | kinds | {"at": time_text(since or at)})


def suspending(no: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that takes all rights from a person for now (停用)."""
    return Act(at, actor, PERSON_SUSPENDED, no, {"reason": reason})


def resuming(no: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that ends a suspension (恢复)."""
    return Act(at, actor, PERSON_RESUMED, no, {"reason": reason})


def leaving(no: str, *, reason: str, since: datetime | None, at: datetime, actor: str) -> Act:
    """The act that says a person left (离岗): numbers and accounts are theirs no longer, footage is."""
    return Act(at, actor, PERSON_LEFT, no, {"reason": reason, "at": time_text(since or at)})


# ---------------------------------------------------------------------- what is demanded before


def _check_new(session: Session, act: Act) -> None:
    from catalog.people.tables import PersonRow

    if session.get(PersonRow, act.subject) is not None:
        raise PersonExists(person=act.subject)
    _check_said(session, act, _stated(act))


def _check_change(session: Session, act: Act) -> None:
    row = person_row(session, act.subject)
    if row.left_at is not None:
        raise PersonGone(person=act.subject)
    for field in ("name", "unit"):
        if act.details.get(field, field) is None:  # nobody is without one
            raise WordsUnfit(field=field, what="is empty", what_zh="不能为空")
    _check_said(session, act, {kind: act.details[field] for field, kind in NUMBERS.items() if act.details.get(field)})


def _check_said(session: Session, act: Act, numbers: Mapping[str, str]) -> None:
    """The unit must be in use, and no other person have a number then."""
    unit = act.details.get("unit")
    if unit not in (None, holders.ROOT):
        units.open_unit(session, str(unit))
    since = parsed_time(act.details["at"])
    for number in numbers.values():
        for row in _holders(session, number):
            if row.person != act.subject and (row.ends_at is None or row.ends_at > since):
                raise NumberTaken(person=row.person, number=number)


def _check_here(session: Session, act: Act) -> None:
    if person_row(session, act.subject).left_at is not None:
        raise PersonGone(person=act.subject)


def person_row(session: Session, no: str) -> PersonRow:
    """The row of a person; raises `NoSuchPerson`."""
    from catalog.people.tables import PersonRow

    row = session.get(PersonRow, no)
    if row is None:
        raise NoSuchPerson(person=no)
    return row


def active_row(session: Session, no: str) -> PersonRow:
    """The row of a person who may have rights; raises `NoSuchPerson`, `PersonGone`."""
    row = person_row(session, no)
    if row.left_at is not None or row.suspended_at is not None:
        raise PersonGone(person=no)
    return row


def _stated(act: Act) -> dict[str, str]:
    """The numbers an act that enters a person gives, by kind."""
    given = {kind: act.details[field] for field, kind in NUMBERS.items() if act.details[field]}
    return {"no": act.subject} | given


def _holders(session: Session, number: str) -> Sequence[PersonNumberRow]:
    from sqlmodel import select

    from catalog.people.tables import PersonNumberRow

    return session.exec(select(PersonNumberRow).where(PersonNumberRow.number == number)).all()


# ---------------------------------------------------------------------- the changes


def _add(session: Session, act: Act) -> None:
    from catalog.people.tables import PersonRow, PostingRow

    _check_new(session, act)
    row = PersonRow(no=act.subject, name="", added_at=act.at, added_by=act.actor)
    _say(session, row, act)
    since = parsed_time(act.details["at"])
    session.add(PostingRow(person=act.subject, begins_at=since, unit=act.details["unit"], by=act.actor))
    for kind, number in _stated(act).items():
        _give(session, act, kind, number)
    holders.settle(session, numbers=set(_stated(act).values()))


def _change(session: Session, act: Act) -> None:
    from catalog.people.tables import PostingRow

    _check_change(session, act)
    _say(session, person_row(session, act.subject), act)
    touched = _numbers(session, act.subject)
    if act.details.get("unit") is not None:
        since = parsed_time(act.details["at"])
        session.merge(PostingRow(person=act.subject, begins_at=since, unit=act.details["unit"], by=act.actor))
    for field, kind in NUMBERS.items():
        if field in act.details:
            _end_numbers(session, act, (kind,))
            if act.details[field]:
                _give(session, act, kind, act.details[field])
        elif field == "card" and "card_until" in act.details:
            for row in _open_numbers(session, act.subject, ("card",)):
                row.valid_until = act.details["card_until"]
                session.add(row)
    holders.settle(session, numbers=touched | _numbers(session, act.subject))


def _say(session: Session, row: PersonRow, act: Act) -> None:
    for name in SAID:
        if name in act.details:
            value = act.details[name]
            setattr(row, name, json.dumps(value, ensure_ascii=False) if name == "kinds" else value)
    session.add(row)


def _give(session: Session, act: Act, kind: str, number: str) -> None:
    from catalog.people.tables import PersonNumberRow

    until = act.details.get("card_until") if kind == "card" else None
    since = parsed_time(act.details["at"])
    session.merge(
        PersonNumberRow(person=act.subject, kind=kind, number=number, begins_at=since, ends_at=None, valid_until=until)
    )


def _end_numbers(session: Session, act: Act, kinds: Collection[str]) -> None:
    for row in _open_numbers(session, act.subject, kinds):
        row.ends_at = max(row.begins_at, parsed_time(act.details["at"]))
        session.add(row)


def _open_numbers(session: Session, no: str, kinds: Collection[str]) -> Sequence[PersonNumberRow]:
    from sqlmodel import col, select

    from catalog.people.tables import PersonNumberRow

    its = (PersonNumberRow.person == no, col(PersonNumberRow.kind).in_(kinds), col(PersonNumberRow.ends_at).is_(None))
    return session.exec(select(PersonNumberRow).where(*its)).all()


def _numbers(session: Session, no: str) -> set[str]:
    from sqlmodel import select

    from catalog.people.tables import PersonNumberRow

    session.flush()
    return set(session.exec(select(PersonNumberRow.number).where(PersonNumberRow.person == no)))


def _suspend(session: Session, act: Act) -> None:
    _check_here(session, act)
    row, is_over = person_row(session, act.subject), act.action == PERSON_RESUMED
    row.suspended_at, row.suspended_by, row.suspended_reason = (
        (None, None, None) if is_over else (act.at, act.actor, act.details["reason"])
    )
    session.add(row)


def _leave(session: Session, act: Act) -> None:
    _check_here(session, act)
    row, touched = person_row(session, act.subject), _numbers(session, act.subject)
    row.left_at, row.left_by = parsed_time(act.details["at"]), act.actor
    row.left_reason = act.details["reason"]
    session.add(row)
    _end_numbers(session, act, ("no", *NUMBERS.values()))
    accounts.end(session, act)
    holders.settle(session, numbers=touched)


APPLIES = {
    PERSON_ADDED: _add,
    PERSON_CHANGED: _change,
    PERSON_SUSPENDED: _suspend,
    PERSON_RESUMED: _suspend,
    PERSON_LEFT: _leave,
}
DEMANDS = {
    PERSON_ADDED: before(_check_new),
    PERSON_CHANGED: before(_check_change),
    PERSON_SUSPENDED: before(_check_here),
    PERSON_RESUMED: before(_check_here),
    PERSON_LEFT: before(_check_here),
}


# ---------------------------------------------------------------------- reading


def are_entered(database: Database) -> bool:
    """Whether anybody is: from then on rights bind."""
    return bool(database.query("SELECT 1 FROM person LIMIT 1", {}))


def is_active(database: Database, no: str) -> bool:
    """Whether somebody is here: entered, not gone, not suspended."""
    sql = "SELECT 1 FROM person WHERE no = :no AND left_at IS NULL AND suspended_at IS NULL"
    return bool(database.query(sql, {"no": no}))


def every(database: Database) -> list[Person]:
    """Everybody by number, as they are now."""
    return [_person(row) for row in database.query(f"{_PEOPLE} ORDER BY no", {})]


def get(database: Database, typed: str) -> Person:
    """The person a number, of whichever kind, is now or was last; raises `NoSuchPerson`."""
    number = (
        "(SELECT person FROM person_number WHERE number = :no"
        " ORDER BY ends_at IS NOT NULL, begins_at DESC, person LIMIT 1)"
    )
    rows = database.query(f"{_PEOPLE} WHERE no = :no OR no = {number} ORDER BY no <> :no LIMIT 1", {"no": typed})
    if not rows:
        raise NoSuchPerson(person=typed)
    return _person(rows[0])


def names(database: Database) -> dict[str, str]:
    """The name of everybody by every number they ever had; a number of two people has none."""
    sql = """SELECT number, MIN(name) AS name FROM person_number JOIN person ON person.no = person_number.person
 GROUP BY number HAVING COUNT(DISTINCT person.no) = 1"""
    return {row["number"]: row["name"] for row in database.query(sql, {})}


def _now(column: str, kind: str) -> str:
    return (
        f"(SELECT {column} FROM person_number AS its WHERE its.person = person.no AND kind = '{kind}'"
        " AND ends_at IS NULL ORDER BY begins_at DESC LIMIT 1)"
    )


_PEOPLE = f"""SELECT person.*,
 (SELECT unit FROM posting WHERE posting.person = person.no ORDER BY begins_at DESC LIMIT 1) AS unit,
 {_now("number", "card")} AS card, {_now("valid_until", "card")} AS card_until,
 {_now("number", "recorder")} AS recorder_no
 FROM person"""


@readable("person")
def _person(row: Row) -> Person:
    return value_in(Person, row)
