"""What a row of a list changes (导入行的变更): for each kind of list the acts that a person would have made.

Shapes: the acts of a row have times of their own, some microseconds behind that of the import, so that none is another;
they are no documents: the import that holds them is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Any

from catalog.cases import cases, papers
from catalog.errors import WordsUnfit
from catalog.imports import duty
from catalog.people import people, units
from catalog.recorders import assignments, recorders
from catalog.rules.acts import CASE_ADDED, PAPER_ADDED, Act
from catalog.rules.canonical import time_text
from catalog.rules.case_numbers import NumberKind
from catalog.rules.imports.taken import Taken, number_of

if TYPE_CHECKING:
    from sqlmodel import Session

ACTS_MAX = 16
"""A row has fewer acts than that."""
OWNERS = (recorders, assignments, people, units, cases, papers, duty)
CHANGES = {action: change for owner in OWNERS for action, change in owner.APPLIES.items()}
TOGETHER: Mapping[str, Callable[[Session, Sequence[Act]], list[str]]] = {CASE_ADDED: cases.add, PAPER_ADDED: papers.add}
"""What is carried out for many acts at once, giving the id that each opens."""
IN_REGISTER = {"unit": "unit", "note": "note", "product": "numbers", "room": "room"}
"""What a list of recorders says, as the register calls it."""
OF_PEOPLE = {"name": "name", "card": "card", "officer_no": "recorder_no", "unit": "unit", "post": "post"}
OF_UNITS = ("name", "was", "kind")
OF_CASES = {
    **{name: name for name in ("title", "kind", "matter", "unit", "place", "officers", "decided")},
    "party": "subject",
    "opening": "opened",
}
OF_PARTIES = {
    "party": "name",
    "party_id_kind": "id_kind",
    "party_id": "id_no",
    "party_address": "address",
    "party_phone": "phone",
}
NUMBERS: Mapping[str, NumberKind] = {
    "office_no": "office",
    "opening_no": "opening",
    "decision_no": "decision",
    "source_id": "other",
}
OWN = {*OF_CASES, *OF_PARTIES, *NUMBERS} - {"decided"}
"""What of a case is the bureau's own to say; the rest is what another system reports."""
OF_PAPERS = {
    **{name: name for name in ("code", "step", "day", "place", "officers", "pages", "note", "number")},
    "begins": "begins_at",
    "ends": "ends_at",
}
OF_SERVICE = {"served_day": "day", "served_to": "to", "witness": "witness"}


@dataclass
class Entering:
    """One row on its way into the catalog, and the acts that it is."""

    number: str
    act: Act
    row: Taken
    acts: list[Act] = field(default_factory=list, init=False)

    @property
    def who(self) -> dict[str, Any]:
        """When the next act is made, and by whom."""
        at = self.act.at + timedelta(microseconds=self.row.row * ACTS_MAX + len(self.acts) + 1)
        return {"at": at, "actor": self.act.actor}

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the list's days."""
        return datetime.strptime(self.act.details["zone"], "%z").tzinfo

    def written(self, said: Any) -> str:
        """A number as the bureau writes it; one of another house is a text already."""
        if isinstance(said, str):
            return said
        mark, year, *n = said
        return str(self.act.details["form"]).format(mark=mark, year=year, n="-".join(map(str, n)))

    def do(self, act: Act) -> None:
        """Have an act carried out after those before it."""
        self.acts.append(act)


def _unit(one: Entering) -> str:
    """A unit, below another; one without a code is called by its name."""
    row = one.row
    code, parent = row.subject or row.values.get("code") or row.values["name"], row.values.get("parent", units.ROOT)
    said = {name: row.changes[name] for name in OF_UNITS if name in row.changes}
    if row.subject is None:
        one.do(units.adding(code, parent=parent, **said, **one.who))
    elif said:
        one.do(units.changing(code, said, **one.who))
    if row.subject is not None and "parent" in row.changes:
        one.do(units.moving(code, parent, since=None, **one.who))
    return str(code)


def _person(one: Entering) -> str:
    """A person; who was in another unit until a day was in that one ever before."""
    row = one.row
    no = row.subject or number_of(row.values)
    said = {name: row.changes[key] for key, name in OF_PEOPLE.items() if key in row.changes}
    moved = row.values.get("unit_until", {}) if row.subject is None else {}
    if row.subject is None:
        one.do(people.adding(no, **said | {"unit": moved.get("unit") or said.get("unit", units.ROOT)}, **one.who))
    elif said:
        one.do(people.changing(no, said, since=None, **one.who))
    if moved.get("until"):
        since, now = datetime.fromisoformat(moved["until"]).replace(tzinfo=one.zone), said.get("unit", units.ROOT)
        one.do(people.changing(no, {"unit": now}, since=since, **one.who))
    return no


def _case(one: Entering) -> str | None:
    """A case that is open, whatever another system says of its end: that is kept as it was reported."""
    row, values, source = one.row, one.row.values, f"import {one.number}"
    stated = {name: kind for name, kind in NUMBERS.items() if name in row.changes}
    numbers = [cases.number(one.written(values[name]), kind, source) for name, kind in stated.items()]
    said = {name: row.changes[key] for key, name in OF_CASES.items() if key in row.changes}
    if OF_PARTIES.keys() & row.changes.keys():
        said["parties"] = [{name: values[key] for key, name in OF_PARTIES.items() if key in values}]
    reported = {name: value for name, value in values.items() if name not in OWN}
    if row.subject is None or reported.keys() & row.changes.keys():
        said["reported"] = reported
    if row.subject is not None:
        one.do(cases.changing(row.subject, said, numbers=numbers, reason=source, **one.who))
        return row.subject
    said["title"] = said.get("title") or values.get("cause") or values.get("party") or numbers[0]["number"]
    one.do(cases.opening(numbers, said, **one.who))
    return None


def _paper(one: Entering) -> str | None:
    """A written record of a case; one that is entered stays in its case."""
    row, values = one.row, one.row.values
    said = {name: row.changes[key] for key, name in OF_PAPERS.items() if key in row.changes}
    for name in said.keys() & {"begins_at", "ends_at"}:
        said[name] = datetime.fromisoformat(said[name])
    if "number" in said:
        said["number"] = one.written(said["number"])
    if {"served", *OF_SERVICE} & row.changes.keys():
        how = {"how": values["served"]["how"]} if "served" in values else {}
        said["served"] = how | {name: values[key] for key, name in OF_SERVICE.items() if key in values}
    if row.subject is None:
        one.do(papers.adding(values["case"], said, **one.who))
        return None
    if "case" in row.was:
        raise WordsUnfit(field="case", what="cannot become another one", what_zh="不能改为其他案件")
    one.do(papers.changing(row.subject, said, reason=f"import {one.number}", **one.who))
    return row.subject


def _recorder(one: Entering) -> str:
    row, serial = one.row, str(one.row.values["serial"])
    stated = {name: row.changes[key] for key, name in IN_REGISTER.items() if key in row.changes}
    if row.subject is None:
        one.do(recorders.adding(serial, **stated, **one.who))
    elif stated:
        one.do(recorders.changing(serial, stated, **one.who))
    return serial


def _holding(one: Entering) -> str:
    """An issue that was ended; what was entered otherwise was a mistake."""
    values, serial = one.row.values, str(one.row.values["recorder"])
    begins, ends = (datetime.fromisoformat(values[name]) for name in ("begins", "ends"))
    if one.row.subject is not None:
        one.do(assignments.returning(serial, since=begins, **one.who))
    one.do(assignments.issuing(serial, values["officer"], unit=values.get("unit"), since=begins, **one.who))
    one.do(assignments.returning(serial, since=ends, **one.who))
    return f"{serial} {time_text(begins)}"


def _duty(one: Entering) -> str:
    entry = duty.entry_of(one.row, one.number)
    one.do(duty.entering(entry, one.row.values, **one.who))
    return entry


ENTERS: Mapping[str, Callable[[Entering], str | None]] = {
    "units": _unit,
    "people": _person,
    "recorders": _recorder,
    "cases": _case,
    "papers": _paper,
    "holdings": _holding,
    "roster": _duty,
}
"""What a row of each list does; it gives what the row is in the catalog from then on, None for what its act opens."""


def enter(
    session: Session, number: str, act: Act, rows: Sequence[Taken], checked: Callable[[Act], None] = lambda _: None
) -> list[str]:
    """Carry rows of an import out, in their order; what each is in the catalog from then on.

    `checked` is asked about each act before any is carried out. Raises the StationErrors of their actions.
    """
    entering = [Entering(number, act, row) for row in rows]
    subjects = [ENTERS[act.details["import"]](one) for one in entering]
    acts, opened = [made for one in entering for made in one.acts], list[str]()
    for made in acts:
        checked(made)
    for action, some in groupby(acts, lambda made: made.action):
        if action in TOGETHER:
            opened += TOGETHER[action](session, list(some))
        else:
            for made in some:
                CHANGES[action](session, made)
    ids = iter(opened)
    return [next(ids) if subject is None else subject for subject in subjects]
