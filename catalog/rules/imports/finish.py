"""What the cells of a row say together (行内核对): who is meant, when, in which case, and what contradicts itself.

Shapes: `FINISH` has for each list a function that turns the read cells of a row into the values it would take, and adds
problems; `KEYS` by what two rows are about the same thing, with the code for when they then differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from catalog.rules.imports.cells import Clock, Read, day_of, long_number, names_of, parts_of, shown, span_of
from catalog.rules.imports.fields import IDENTITIES, named, person_of
from catalog.rules.imports.heads import Heads
from catalog.rules.imports.known import Known, KnownCase
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import REPAIRED, Problem
from catalog.rules.imports.taken import NOTHING, comparable
from catalog.rules.numbers import bare

StandingKey = tuple[Import, tuple[str, ...], str]
BEFORE_OPENING = timedelta(days=30)
"""A lead, a first check may be older than the opening of its case by so much."""
WEEKDAYS = "一二三四五六日"
MOVED = re.compile(r"(.+?)前在(.+)")


@dataclass
class Draft:
    """A row while it is read: its fields so far, and what was found."""

    heads: Heads
    known: Known
    month: tuple[int, int] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, name: str, codes: Iterable[str], readings: tuple[str, ...] = ()) -> None:
        """Add problems of a field, each once."""
        column = self.heads.name_of(name)
        for code in codes:
            if not any((one.code, one.column) == (code, column) for one in self.problems):
                self.problems.append(Problem(code, column, readings))

    def take(self, name: str, read: Read[Any]) -> Any:
        """Note what a cell's reading says, and give its value."""
        self.note(name, read.codes, read.readings)
        return read.value

    def add_years(self) -> None:
        """Give the readings of a day without its year: in the years the row's other days are in, and the one before."""
        years = {value.year for value in self.values.values() if isinstance(value, date)}
        for at, one in enumerate(self.problems):
            if one.code == "date-no-year" and years:
                days = (day_of(one.readings[0], year).value for year in range(min(years) - 1, max(years) + 1))
                self.problems[at] = replace(one, readings=tuple(day.isoformat() for day in days if day))

    def codes(self, name: str) -> set[str]:
        """What was found in a field's cell."""
        column = self.heads.name_of(name)
        return {one.code for one in self.problems if one.column == column}

    def is_open(self, name: str) -> bool:
        """Whether a field's cell says something that could not be taken: it is not empty, and a person decides."""
        return not self.codes(name) <= REPAIRED


def _case(draft: Draft) -> dict[str, Any]:
    values = draft.values
    officers = _officers_by_card(draft)
    for name in ("officer_1", "card_1", "officer_2", "card_2", "deleted"):
        values.pop(name, None)
    pattern = IDENTITIES.get(values.get("party_id_kind") or "")
    if pattern and values.get("party_id") and not pattern.fullmatch(values["party_id"]):
        draft.note("party_id", ["id-wrong"], (values["party_id"],))
    days = [(values[name], name) for name in ("opening", "decided", "closed") if values.get(name)]
    if days != sorted(days, key=lambda one: one[0]):
        draft.note(days[-1][1], ["date-order"], tuple(day.isoformat() for day, _ in days))
    if not any(values.get(name) or draft.is_open(name) for name in ("source_id", "office_no", "opening_no")):
        draft.note("office_no", ["key-missing"])
    if "fine" in draft.heads.columns and not draft.is_open("fine"):
        values["fine"] = values["fine"] or 0
    return values | {"officers": officers}


def _officers_by_card(draft: Draft) -> list[str]:
    """The ids of a case's officers; several names may stand in one cell, and their cards in the one beside it."""
    found: list[str | None] = []
    for number in ("1", "2"):
        read = names_of(draft.values.get(f"officer_{number}"), draft.known.by_name.__contains__)
        names, cards = read.value or (), parts_of(draft.values.get(f"card_{number}"))
        draft.note(f"officer_{number}", [*read.codes, *(["names-joined"] if len(names) > 1 else [])])
        if cards and len(cards) != len(names):
            draft.note(f"card_{number}", ["card-wrong"], (*names, *cards))
            cards = []
        for name, card in zip(names, cards or [""] * len(names), strict=True):
            found.append(draft.take(f"officer_{number}", person_of(name, draft.known, card=card)))
    return [one for one in found if one]


def _paper(draft: Draft) -> dict[str, Any]:
    values, known = draft.values, draft.known
    values.pop("deleted", None)
    case = _case_of(draft)
    if not values.get("code") and not draft.is_open("code"):
        draft.note("code", ["type-missing"])
    year, n = values.pop("year", None), values.pop("n", None)
    if year and n:
        mark = known.words.mark_of.get(values.get("code") or "")
        values["number"] = [mark, year, n] if mark else None
        draft.note("n", [] if mark else ["number-unknown"], (f"{year} {n}",))
    _times(draft, "begins")
    day = values.get("day")
    if case and case.opening and day and day < case.opening - BEFORE_OPENING:
        draft.note("day", ["date-order"], (day.isoformat(), case.opening.isoformat()))
    among = case.officers if case else ()
    names = values.get("officers") or ()
    people = [draft.take("officers", person_of(name, known, among=among)) for name in names]
    values["officers"] = [one for one in people if one]
    how, witness = values.pop("served_how", None), values.get("witness")
    served = how and {"how": how, "witness": bool(witness)}
    steps = known.words.steps_of.get(values.get("code") or "", ())
    step = steps[0] if len(steps) == 1 else how if how in steps else None
    return values | {"case": case.id if case else None, "served": served, "step": step}


def _case_of(draft: Draft) -> KnownCase | None:
    """The case a record belongs to: by any of its numbers, never by a part of one."""
    cell = draft.values.get("case")
    text = draft.take("case", long_number(cell))
    if text is None:
        if not draft.is_open("case"):
            draft.note("case", ["case-missing"])
        return None
    found, written = draft.known.cases_of(shown(cell))
    if len(found) != 1:
        draft.note("case", ["case-ambiguous" if found else "case-missing"], tuple(one.id for one in found) or (text,))
        return None
    if written is not None and "ditto" not in draft.codes("case"):
        number = draft.known.words.number(shown(cell))
        draft.note("case", ["case-by-opening-no", *(number[1] if number else written.forms)])
    return found[0]


def _times(draft: Draft, what: str) -> None:
    """Begin and end on the row's day; a day written with a time must be that day."""
    values = draft.values
    begins, ends = span_of(values.get("begins"), values.get("ends"))
    clocks: list[Clock | None] = [draft.take("begins", begins), draft.take("ends", ends)]
    written = {clock.day for clock in clocks if clock and clock.day}
    if values.get("day") is None and not draft.is_open("day"):
        values["day"] = min(written, default=None)
        if values["day"] is None and {"day", "begins"} & draft.heads.columns.keys():
            draft.note("day", ["date-missing"])
    day = values.get("day")
    if day and written - {day}:
        draft.note(what, ["date-conflict"], tuple(sorted(one.isoformat() for one in {day, *written})))
    for name, clock in zip(("begins", "ends"), clocks, strict=True):
        on = day if clock is None or clock.day is None else clock.day
        values[name] = datetime.combine(on, clock.time) if clock and on else None
    if values["begins"] and values["ends"] and values["ends"] <= values["begins"]:
        draft.note("ends", ["time-order"], tuple(values[name].isoformat() for name in ("begins", "ends")))


def _holding(draft: Draft) -> dict[str, Any]:
    values = draft.values
    name, card = (shown(values.pop(one, None)) for one in ("officer", "card"))
    read = names_of(name, draft.known.by_name.__contains__)
    draft.note("officer", read.codes)
    names = read.value or ("",)
    person = person_of("".join(names), draft.known, card=card, unit=values.get("unit"))
    is_returned = values.get("ends") is not None
    _times(draft, "begins")
    if not is_returned:
        draft.note("ends", ["return-missing"])
    return {"officer": draft.take("officer", person)} | {name: value for name, value in values.items() if name != "day"}


def _duty(draft: Draft) -> dict[str, Any]:
    values, day = draft.values, draft.values.get("day")
    if day is None and not draft.is_open("day"):
        draft.note("day", ["date-missing"])
    if day and draft.month and (day.year, day.month) != draft.month:
        draft.note("day", ["date-conflict"], (day.isoformat(), "{}-{:02}".format(*draft.month)))
    weekday = bare(values.pop("weekday", None) or "").replace("天", "日")
    if day and weekday and weekday[-1] != WEEKDAYS[day.weekday()]:
        draft.note("weekday", ["weekday-wrong"], (day.isoformat(), weekday))
    people = [draft.take("duty", person_of(name, draft.known)) for name in values.get("duty") or ()]
    leaders = draft.take("leader", names_of(values.get("leader"), draft.known.by_name.__contains__))
    found = [draft.take("leader", person_of(name, draft.known)) for name in leaders]
    if len(leaders) > 1:
        draft.note("leader", ["one-person"], leaders)
    return values | {"leader": found[0] if len(found) == 1 else None, "duty": [one for one in people if one]}


def _person(draft: Draft) -> dict[str, Any]:
    values = draft.values
    if not any(values.get(name) or draft.is_open(name) for name in ("id", "card", "officer_no")):
        draft.note("id", ["key-missing"])
    text = bare(shown(values.pop("moved", None)))
    if moved := MOVED.fullmatch(text):
        day = draft.take("moved", day_of(moved[1]))
        unit = draft.take("moved", named(moved[2], draft.known.units, "unit"))
        values["unit_until"] = {"unit": unit, "until": day and day.isoformat()}
    elif text:
        draft.note("moved", ["word-unknown"], (text, "2026-03-05前在某科"))
    return values


def _named_by(name: str) -> Callable[[Draft], dict[str, Any]]:
    """A list whose rows need only this field."""

    def finish(draft: Draft) -> dict[str, Any]:
        if not draft.values.get(name) and not draft.is_open(name):
            draft.note(name, ["key-missing"])
        return draft.values

    return finish


FINISH: Mapping[Import, Callable[[Draft], dict[str, Any]]] = {
    "units": _named_by("name"),
    "people": _person,
    "recorders": _named_by("serial"),
    "cases": _case,
    "papers": _paper,
    "holdings": _holding,
    "roster": _duty,
}
KEYS: Mapping[Import, Sequence[tuple[tuple[str, ...], str]]] = {
    "units": [(("code",), "duplicate-conflict"), (("name",), "duplicate-conflict")],
    "people": [(("id",), "duplicate-conflict"), (("card",), "number-repeated"), (("officer_no",), "number-repeated")],
    "recorders": [(("serial",), "duplicate-conflict"), (("product",), "number-repeated")],
    "cases": [
        (("source_id",), "duplicate-conflict"),
        (("office_no",), "duplicate-conflict"),
        (("opening_no",), "number-repeated"),
    ],
    "papers": [(("source_id",), "duplicate-conflict"), (("number",), "number-repeated")],
    "holdings": [(("recorder", "begins"), "duplicate-conflict")],
    "roster": [],
}
DAYS: Mapping[Import, Sequence[str]] = {
    "units": (),
    "people": (),
    "recorders": (),
    "cases": ("opening", "accepted", "decided", "closed"),
    "papers": ("day",),
    "holdings": ("begins",),
    "roster": ("day",),
}


def keys_of(of: Import, values: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What a row may be known by: the fields, the value they have together, and the code for two that differ."""
    for names, code in KEYS[of]:
        parts = [values.get(name) for name in names]
        if all(part not in (None, "") for part in parts):
            yield names, repr([comparable(part) for part in parts]), code


def known_by(
    of: Import, values: Mapping[str, Any], may_repeat: Container[str] = ()
) -> tuple[list[StandingKey], list[StandingKey]]:
    """By what a row is found in the catalog; then by what, if nothing else of the list is what is found.

    What has no number is what says the same: an entry of a roster, a record. Else it is the entry of that day that
    names one of the same people, the record of that kind, case and day.
    """
    keys: list[StandingKey] = [(of, names, key) for names, key, _ in keys_of(of, values)]
    told = {name: comparable(value) for name, value in values.items() if value not in NOTHING}
    whole: StandingKey = (of, ("*",), json.dumps(told, sort_keys=True, default=str))
    if of == "roster":
        people = values.get("duty") or ()
        return [whole], [(of, ("day", "duty"), repr([told.get("day"), person])) for person in people]
    if of == "papers":
        like: StandingKey = (of, ("case", "code", "day"), repr([told.get(name) for name in ("case", "code", "day")]))
        return keys if keys and values.get("code") not in may_repeat else [whole], [like]
    return keys, []


def day_in(of: Import, values: Mapping[str, Any]) -> date | None:
    """The day a row is about: the policy of that day says what its words mean."""
    return next((day for name in DAYS[of] if isinstance(day := values.get(name), date)), None)
