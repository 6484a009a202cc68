"""Cases in the catalog (案件): entered, corrected, closed, merged; every change is an act on the trail.

Shapes: an act names a case by its id, but for the one that opens it: that is about its first number. Its details hold
what is said of the case as `FIELDS`, times as ISO text, a day as `YYYY-MM-DD`; `case.added` of earlier versions knows
one number and the five fields of `FIRST`. A number in an act is `{"kind","number","source"}`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from catalog.cases.errors import CaseAmbiguous, CaseClosed, CaseMerged
from catalog.database import before
from catalog.errors import CaseExists, NoSuchCase, WordsUnfit
from catalog.rules.acts import CASE_ADDED, CASE_CHANGED, CASE_CLOSED, CASE_MERGED, Act
from catalog.rules.canonical import parsed_time_or_none, time_text, time_text_or_none
from catalog.rules.case_numbers import NumberKind, named, number_key, number_kind, opened_by
from catalog.rules.imports.cells import long_number
from catalog.rules.typed_words import demand_words

if TYPE_CHECKING:
    from sqlmodel import Session
    from sqlmodel.main import SQLModel

    from catalog.cases.tables import CaseNumberRow, CaseRow

FIRST = ("title", "subject", "officers", "begins_at", "ends_at")
FIELDS = (
    *FIRST,
    *("state", "kind", "procedures", "matter", "unit", "place", "parties", "facts"),
    *("inspected", "opened", "decided", "closed", "reported"),
)
"""What may be said of a case, and be corrected; of `officers` the numbers, of `parties` a group each."""
GROUPS = frozenset({"officers", "procedures", "parties", "facts", "reported"})
TIMES = frozenset({"begins_at", "ends_at"})
STATES = ("lead", "open", "suspended", "ended", "not-opened", "transferred", "revoked", "decided", "closed", "filed")
"""How far a case is (案件状态); of a `named` one only the number is known, a `merged` one went into another."""
NAMED, OPEN, CLOSED, MERGED = "named", "open", "closed", "merged"
Number = Mapping[str, str]


# ---------------------------------------------------------------------- the acts


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
    """The act that enters a case by its number alone (案件登记); with no title it is only named."""
    details = {
        "title": title,
        "subject": subject,
        "officers": list(officers),
        "begins_at": time_text_or_none(begins_at),
        "ends_at": time_text_or_none(ends_at),
    }
    return Act(at, actor, CASE_ADDED, no, details)


def opening(numbers: Sequence[Number], said: Mapping[str, Any], *, at: datetime, actor: str) -> Act:
    """The act that opens a case (立案登记), with its numbers, shown by the first, and what is said of it (`FIELDS`).

    One without a number gets it later, by `changing`.
    """
    about = numbers[0]["number"] if numbers else said.get("title") or "-"
    return Act(at, actor, CASE_ADDED, str(about), {**_signed(said), "numbers": [dict(one) for one in numbers]})


def number(text: str, kind: NumberKind | None = None, source: str = "person") -> Number:
    """A number of a case as acts have it; of what kind by its form where nobody says."""
    return {"number": text, "kind": kind or number_kind(text), "source": source}


def changing(
    case: str,
    changes: Mapping[str, Any],
    *,
    numbers: Sequence[Number] = (),
    dropped: Sequence[str] = (),
    reason: str | None,
    at: datetime,
    actor: str,
) -> Act:
    """The act that corrects a case (案件变更): the fields that change, numbers that come and that were wrong."""
    listed = {"numbers": [dict(one) for one in numbers], "dropped": list(dropped)}
    return Act(at, actor, CASE_CHANGED, case, {"changes": _signed(changes), **listed, "reason": reason})


def closing(
    case: str, day: str, *, reason: str | None, at: datetime, actor: str, about: Mapping[str, Any] | None = None
) -> Act:
    """The act that closes a case (结案), on a day; `about` is what decides how long its file is kept."""
    return Act(at, actor, CASE_CLOSED, case, {"closed": day, "reason": reason, **(about or {})})


def merging(case: str, into: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that says that two cases are one (案件合并): numbers, links and records of one become the other's."""
    return Act(at, actor, CASE_MERGED, case, {"into": into, "reason": reason})


def _signed(said: Mapping[str, Any]) -> dict[str, Any]:
    assert said.keys() <= set(FIELDS), said.keys()
    return {name: time_text(value) if isinstance(value, datetime) else value for name, value in said.items()}


# ---------------------------------------------------------------------- the changes


def _add(session: Session, act: Act) -> None:
    from catalog.cases.tables import CaseRow

    numbers = act.details.get("numbers")
    said = {name: value for name, value in act.details.items() if name != "numbers"}
    known = _known(session, act)
    if numbers is None:
        said, case = {name: said[name] for name in FIRST}, named(act.subject)
        numbers = [number(act.subject)]
    else:
        case = opened_by(act)
    row = known or CaseRow(id=case, added_at=act.at, added_by=act.actor)
    row.state = OPEN if said.get("title") is not None else NAMED
    _set(session, row, said)
    _number(session, row, numbers, act, () if known is None else _numbers(session, row))


def opened(session: Session, act: Act) -> str:
    """The id of the case that an act just opened; of one that was only named until then it is what it was."""
    from catalog.cases.tables import CaseRow

    case = opened_by(act)
    if any(isinstance(row, CaseRow) and row.id == case for row in session.new):  # without asking the database
        return case
    return _having_ids(session, [one["number"] for one in act.details["numbers"]])[0]


def _known(session: Session, act: Act) -> CaseRow | None:
    """The case that was only named until now; raises `CaseExists`, `CaseAmbiguous`."""
    from catalog.cases.tables import CaseRow

    if "numbers" not in act.details:
        found = [row for row in (session.get(CaseRow, named(act.subject)),) if row is not None]
    else:
        found = _having(session, [one["number"] for one in act.details["numbers"]])
    for row in found:
        if row.state != NAMED:
            raise CaseExists(case=row.no or row.id, title=row.title or "-")
    if len(found) > 1:
        raise CaseAmbiguous(case=act.subject, candidates=", ".join(row.no or row.id for row in found))
    return found[0] if found else None


def _having(session: Session, numbers: Iterable[str], but: str = "") -> list[CaseRow]:
    """The cases, but for one, that have any of these numbers."""
    from catalog.cases.tables import CaseRow

    found = [session.get(CaseRow, case) for case in _having_ids(session, numbers, but)]
    return [row for row in found if row is not None]


def _having_ids(session: Session, numbers: Iterable[str], but: str = "") -> list[str]:
    session.flush()
    keys = [number_key(one) for one in numbers]
    found = session.connection().execute(_of_keys(), {"keys": keys, "but": but}).scalars() if keys else ()
    return list(found)


@cache
def _of_keys() -> Any:
    """Asked for each case of a list: made once."""
    from sqlalchemy import bindparam, text

    sql = "SELECT DISTINCT case_id FROM case_number WHERE key IN :keys AND case_id <> :but ORDER BY case_id"
    return text(sql).bindparams(bindparam("keys", expanding=True))


def _change(session: Session, act: Act) -> None:
    from sqlmodel import col, delete

    from catalog.cases.tables import CaseNumberRow

    row, details = _check_change(session, act), act.details
    _set(session, row, details["changes"])
    if row.state == NAMED and row.title is not None:
        row.state = OPEN
    for one in details["dropped"]:
        session.exec(
            delete(CaseNumberRow).where(col(CaseNumberRow.case_id) == row.id, col(CaseNumberRow.number) == one)
        )
    _number(session, row, details["numbers"], act)


def _check_change(session: Session, act: Act) -> CaseRow:
    row = standing(session, act.subject)
    others = _having(session, [one["number"] for one in act.details["numbers"]], but=row.id)
    if others:
        raise CaseExists(case=others[0].no or others[0].id, title=others[0].title or "-")
    return row


def _close(session: Session, act: Act) -> None:
    row = _check_open(session, act)
    row.state, row.closed = CLOSED, act.details["closed"]
    session.add(row)


def _check_open(session: Session, act: Act) -> CaseRow:
    row = standing(session, act.subject)
    if row.state == CLOSED:
        raise CaseClosed(case=row.no or row.id, day=row.closed)
    return row


def _merge(session: Session, act: Act) -> None:
    from sqlmodel import col, update

    from catalog.cases.tables import CaseNoteRow, CaseRow, LinkRow, PaperRow

    row, into = _check_merge(session, act)
    moved = [_as_said(one) for one in _numbers(session, row)]
    for one in _numbers(session, row):
        session.delete(one)
    session.flush()
    row.state, row.merged_into = MERGED, into.id
    session.add(row)
    _number(session, into, moved, act)
    for table in (LinkRow, PaperRow, CaseNoteRow):
        session.exec(update(table).where(col(table.case_id) == row.id).values(case_id=into.id))
    session.exec(update(CaseRow).where(col(CaseRow.merged_into) == row.id).values(merged_into=into.id))


def _check_merge(session: Session, act: Act) -> tuple[CaseRow, CaseRow]:
    row, into = standing(session, act.subject), standing(session, act.details["into"])
    if row.id == into.id:
        raise WordsUnfit(field="into", what="is the same case", what_zh="与原案件相同")
    return row, into


def standing(session: Session, case: str) -> CaseRow:
    """The row of a case that can be worked on; raises `NoSuchCase`, `CaseMerged`."""
    from catalog.cases.tables import CaseRow

    row = session.get(CaseRow, case)
    if row is None:
        raise NoSuchCase(case=case)
    if row.merged_into is not None:
        raise CaseMerged(case=case, into=row.merged_into)
    return row


def put(row: SQLModel, said: Mapping[str, Any], fields: Collection[str], groups: Collection[str]) -> None:
    """Put what an act says into a row: of these fields, the groups as JSON; raises KeyError for any other."""
    for name, value in said.items():
        if name not in fields:
            raise KeyError(name)
        if name in groups:
            value = json.dumps(value, ensure_ascii=False, sort_keys=True)
        setattr(row, name, parsed_time_or_none(value) if name in TIMES else value)


def _set(session: Session, row: CaseRow, said: Mapping[str, Any]) -> None:
    put(row, said, FIELDS, GROUPS)
    session.add(row)


def _number(
    session: Session, row: CaseRow, numbers: Iterable[Number], act: Act, has: Sequence[CaseNumberRow] | None = None
) -> None:
    """Give a case numbers it has not; it is shown by the oldest of those it has."""
    from catalog.cases.tables import CaseNumberRow

    having = {one.number for one in (_numbers(session, row) if has is None else has)}
    for one in numbers:
        if one["number"] not in having:
            having.add(one["number"])
            key = number_key(one["number"])
            added = CaseNumberRow(case_id=row.id, key=key, added_at=act.at, added_by=act.actor, **_as_text(one))
            session.add(added)
    if row.no not in having:
        row.no = next((one["number"] for one in numbers), None) or min(having, default=None)
    session.add(row)


def _numbers(session: Session, row: CaseRow) -> Sequence[CaseNumberRow]:
    from sqlmodel import select

    from catalog.cases.tables import CaseNumberRow

    return session.exec(select(CaseNumberRow).where(CaseNumberRow.case_id == row.id)).all()


def _as_said(row: CaseNumberRow) -> Number:
    return {"number": row.number, "kind": row.kind, "source": row.source}


def _as_text(one: Number) -> dict[str, str]:
    return {name: str(one[name]) for name in ("number", "kind", "source")}


# ---------------------------------------------------------------------- what is demanded before


def _check_new(session: Session, act: Act) -> None:
    _known(session, act)
    _check_words(session, act)


def _check_words(_session: Session, act: Act) -> None:
    """What somebody types of a case from now on: no number that Excel broke, no state there is none of."""
    for one in act.details.get("numbers", ()):
        demand_number(one["number"])
    state = act.details.get("changes", act.details).get("state", OPEN)
    if state not in STATES:
        names = ", ".join(STATES)
        raise WordsUnfit(field="state", what=f"is none of: {names}", what_zh=f"应为下列之一：{names}")


def demand_number(text: str) -> None:
    """Raise `WordsUnfit` for a number that is none any more: Excel keeps 15 digits and makes the rest 0."""
    demand_words({"number": text})
    if long_number(text).value is None:
        raise WordsUnfit(field="number", what=f"{text} was broken by Excel", what_zh=f"{text} 已被 Excel 破坏")


def _check_changing(session: Session, act: Act) -> None:
    _check_change(session, act)
    _check_words(session, act)


APPLIES = {CASE_ADDED: _add, CASE_CHANGED: _change, CASE_CLOSED: _close, CASE_MERGED: _merge}
DEMANDS = {
    CASE_ADDED: before(_check_new),
    CASE_CHANGED: before(_check_changing),
    CASE_CLOSED: before(_check_open),
    CASE_MERGED: before(_check_merge),
}
