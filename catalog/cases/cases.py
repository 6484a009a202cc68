"""Cases in the catalog (案件): entered, corrected, closed, merged; every change is an act on the trail.

Shapes: an act names a case by its id, but for the one that opens it: that is about its first number. Its details hold
what is said of the case as `FIELDS`, times as ISO text, a day as `YYYY-MM-DD`; `case.added` of earlier versions knows
one number and the five fields of `FIRST`. A number in an act is `{"kind","number","source"}`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
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

    from catalog.cases.tables import CaseNumberRow, CaseOfficerRow, CasePartyRow, CaseRow
    from catalog.rules.callers import Caller

FIRST = ("title", "subject", "officers", "begins_at", "ends_at")
FIELDS = (
    *FIRST,
    *("state", "kind", "procedures", "matter", "unit", "place", "parties", "facts"),
    *("inspected", "opened", "decided", "closed", "reported", "penalty", "fine"),
)
"""What may be said of a case, and be corrected; of `officers` the numbers, of `parties` a group each."""
GROUPS = frozenset({"officers", "procedures", "parties", "facts", "reported"})
TIMES = frozenset({"begins_at", "ends_at"})
STATES = ("lead", "open", "suspended", "ended", "not-opened", "transferred", "revoked", "decided", "closed", "filed")
"""How far a case is (案件状态); of a `named` one only the number is known, a `merged` one went into another."""
MOVED = (
    *("LinkRow", "PaperRow", "CaseNoteRow", "CasePartRow"),
    *("ReviewRoundRow", "DisclosureRow", "DisclosureExceptionRow", "DecisionEndRow"),
)
"""The tables whose rows become another case's when two are one."""
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
    """The act that closes a case (结案), on a day; `about` is what decides how long its file is kept, and `despite`."""
    return Act(at, actor, CASE_CLOSED, case, {"closed": day, "reason": reason, **(about or {})})


def despite(why: str, left: Iterable[str], two: tuple[Caller, Caller]) -> dict[str, Any]:
    """What the closing of a case says that is not in order: why all the same, what was found, both people."""
    first, second = two
    who = {"how": first.how, "confirmed_by": second.actor, "confirmed_how": second.how}
    return {"despite": why, "left": sorted(set(left)), **who}


def merging(case: str, into: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that says that two cases are one (案件合并): numbers, links and records of one become the other's."""
    return Act(at, actor, CASE_MERGED, case, {"into": into, "reason": reason})


def _signed(said: Mapping[str, Any]) -> dict[str, Any]:
    assert said.keys() <= set(FIELDS), said.keys()
    return {name: time_text(value) if isinstance(value, datetime) else value for name, value in said.items()}


# ---------------------------------------------------------------------- the changes


def add(session: Session, acts: Sequence[Act]) -> list[str]:
    """Enter cases, the numbers of all asked for at once; the id of each.

    One that was only named until now keeps its id. Raises `CaseExists`, `CaseAmbiguous`.
    """
    keys = [{number_key(one["number"]) for one in _own(act)} for act in acts]
    held = {key for key, _ in _held(session, set[str]().union(*keys))}
    ids, fresh = list[str](), list[tuple[str, Act]]()
    for act, own in zip(acts, keys, strict=True):
        known = None
        if "numbers" not in act.details or not held.isdisjoint(own):
            _write(session, fresh)
            known = _known(session, act)
        if known is None:
            fresh.append((named(act.subject) if "numbers" not in act.details else opened_by(act), act))
        else:
            _say(session, known, _said(act))
            _number(session, known, _own(act), act)
        ids.append(fresh[-1][0] if known is None else known.id)
        held |= own
    _write(session, fresh)
    return ids


def _own(act: Act) -> Sequence[Number]:
    """The numbers in an act that enters a case; an earlier version knew the one it is about."""
    return act.details["numbers"] if "numbers" in act.details else [number(act.subject)]


def _said(act: Act) -> dict[str, Any]:
    """What an act that enters a case says of it, as the columns have it."""
    said = {name: value for name, value in act.details.items() if name != "numbers"}
    if "numbers" not in act.details:
        said = {name: said[name] for name in FIRST}
    return {"state": NAMED if said.get("title") is None else OPEN, **columns(said, FIELDS, GROUPS)}


def _write(session: Session, fresh: list[tuple[str, Act]]) -> None:
    """Put new cases and their numbers into the catalog; none of them waits any more."""
    from catalog.cases.tables import CaseNumberRow, CaseRow
    from catalog.columns import insert_rows

    cases, numbers = list[dict[str, Any]](), list[dict[str, Any]]()
    for case, act in fresh:
        who, own = {"added_at": act.at, "added_by": act.actor}, {one["number"]: one for one in reversed(_own(act))}
        no = next((one["number"] for one in _own(act)), None)
        cases.append({"id": case, "no": no, **who, **_said(act)})
        numbers += ({"case_id": case, "key": number_key(one["number"]), **who, **_as_text(one)} for one in own.values())
    insert_rows(session, CaseRow, cases)
    insert_rows(session, CaseNumberRow, numbers)
    for field, table in _found_by().items():
        insert_rows(session, table, [one for case in cases for one in _named_in(field, case["id"], case)])
    fresh.clear()


def _say(session: Session, row: CaseRow, said: Mapping[str, Any]) -> None:
    """Put what is said of a case into its row, and find it by its officers and parties."""
    from sqlmodel import col, delete

    from catalog.columns import insert_rows

    put(row, said)
    for field, table in _found_by().items():
        if field in said:
            session.exec(delete(table).where(col(table.case_id) == row.id))
            insert_rows(session, table, _named_in(field, row.id, said))


def _found_by() -> Mapping[str, type[CaseOfficerRow | CasePartyRow]]:
    """The tables by which a case is found, and of which field each follows."""
    from catalog.cases.tables import CaseOfficerRow, CasePartyRow

    return {"officers": CaseOfficerRow, "parties": CasePartyRow}


def _named_in(field: str, case: str, said: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of a case in the table that follows from a field: a number each, or a name."""
    every = json.loads(said.get(field, "[]"))
    if field == "officers":
        return [{"case_id": case, "number": one} for one in dict.fromkeys(every)]
    return [{"case_id": case, "name": one} for one in dict.fromkeys(str(each.get("name") or "") for each in every)]


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

    cases = sorted({case for _, case in _held(session, map(number_key, numbers))} - {but})
    return [row for case in cases if (row := session.get(CaseRow, case)) is not None]


def _held(session: Session, keys: Iterable[str]) -> Sequence[tuple[str, str]]:
    """Which of these keys are those of numbers, and of which case."""
    from sqlmodel import col, select

    from catalog.cases.tables import CaseNumberRow as Row

    return session.exec(select(Row.key, Row.case_id).where(col(Row.key).in_(list(keys)))).all()


def _change(session: Session, act: Act) -> None:
    from sqlmodel import col, delete

    from catalog.cases.tables import CaseNumberRow

    row, details = _check_change(session, act), act.details
    _say(session, row, columns(details["changes"], FIELDS, GROUPS))
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

    from catalog.cases import tables
    from catalog.cases.tables import CaseRow

    row, into = _check_merge(session, act)
    moved = [_as_said(one) for one in _numbers(session, row)]
    for one in _numbers(session, row):
        session.delete(one)
    session.flush()
    row.state, row.merged_into = MERGED, into.id
    session.add(row)
    _number(session, into, moved, act)
    for name in MOVED:
        table = getattr(tables, name)
        session.exec(update(table).where(table.case_id == row.id).values(case_id=into.id))
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


def demand_standing(session: Session, cases: Collection[str]) -> None:
    """Raise for the first of these cases that cannot be worked on, as `standing`; all are asked for at once."""
    from sqlmodel import col, select

    from catalog.cases.tables import CaseRow

    _loaded = session.exec(select(CaseRow).where(col(CaseRow.id).in_(cases))).all()
    for case in cases:
        standing(session, case)


def columns(said: Mapping[str, Any], fields: Collection[str], groups: Collection[str]) -> dict[str, Any]:
    """What an act says, as the columns of a row have it: of these fields, the groups as JSON.

    Raises KeyError for any other field.
    """
    found = dict[str, Any]()
    for name, value in said.items():
        if name not in fields:
            raise KeyError(name)
        if name in groups:
            value = json.dumps(value, ensure_ascii=False, sort_keys=True)
        found[name] = parsed_time_or_none(value) if name in TIMES else value
    return found


def put(row: SQLModel, values: Mapping[str, Any]) -> None:
    """Put values into a row."""
    for name, value in values.items():
        setattr(row, name, value)


def _number(session: Session, row: CaseRow, numbers: Sequence[Number], act: Act) -> None:
    """Give a case numbers it has not; it is shown by the oldest of those it has."""
    from catalog.cases.tables import CaseNumberRow

    having = {one.number for one in _numbers(session, row)}
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


def check_new(session: Session, act: Act) -> None:
    """Raise why a case cannot be opened so."""
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


def check_changing(session: Session, act: Act) -> None:
    """Raise why a case cannot be corrected so."""
    _check_change(session, act)
    _check_words(session, act)


APPLIES = {
    CASE_ADDED: lambda session, act: add(session, (act,)),
    CASE_CHANGED: _change,
    CASE_CLOSED: _close,
    CASE_MERGED: _merge,
}
"""That of opening and correcting stands in `decisions`: either may say that the case is decided."""
DEMANDS = {
    CASE_CLOSED: before(_check_open),
    CASE_MERGED: before(_check_merge),
}
