"""What the house knows when a list is read (已知信息): its policies, its catalog, and the lists read beside.

Shapes: times of rows are those of the lists, without a zone; what is in the catalog is shown in the recorders' zone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime, time, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

from catalog.acts import policy
from catalog.cases import papers
from catalog.cases.papers import Paper
from catalog.cases.reading import Case, merged_into
from catalog.cases.reading import every as every_case
from catalog.imports import imports
from catalog.people import people, units
from catalog.recorders import recorders
from catalog.rules.imports.finish import known_by
from catalog.rules.imports.known import Known, KnownCase, Names, Person, Standing, Words, joined, meanings
from catalog.rules.imports.maps import MAPS, Import, Maps, with_more
from catalog.rules.imports.problems import Row
from catalog.rules.imports.rows import Reading
from catalog.rules.imports.taken import number_of
from catalog.rules.numbers import bare
from catalog.rules.policy_text import is_readable, read_whole
from docking_station.services.policy import read_file
from docking_station.station.station import Station


@dataclass
class House:
    """What is known while several lists are read, each adding to it."""

    words: Words
    people: list[Person] = field(default_factory=list)
    units: Names = field(default_factory=dict)
    recorders: list[str] = field(default_factory=list)
    cases: list[KnownCase] = field(default_factory=list)
    standing: dict[object, Standing] = field(default_factory=dict)
    maps: Maps = field(default_factory=lambda: MAPS)
    called: dict[str, str] = field(default_factory=dict)
    """What each case of the catalog is shown as, by its id."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Into which case one was merged."""
    words_on: Callable[[date], Words] | None = None
    """The words of the policy that was in force on a day."""
    assigned: list[tuple[str, str, datetime, datetime | None]] = field(default_factory=list)

    def known(self) -> Known:
        """It as rows are read against. Officers of cases and recorders are numbers, whichever a person has."""
        ids = {number: one.id for one in self.people for number in (one.id, one.card, one.officer_no)}
        standing = dict(self.standing)
        for serial, officer, begins, ends in self.assigned:
            held = {"recorder": serial, "begins": begins, "officer": ids.get(officer, officer), "ends": ends}
            enter(standing, "holdings", f"{serial} {begins}", held)
        return Known(
            self.words,
            people=self.people,
            units=self.units,
            recorders=self.recorders,
            cases=(replace(one, officers=tuple(ids.get(no, no) for no in one.officers)) for one in self.cases),
            standing=standing,
            words_on=self.words_on,
        )

    def add(self, reading: Reading) -> None:
        """Count the rows of a list as known that could be taken."""
        taken = [row for row in reading.rows if row.verdict in ("new", "same", "changed")]
        rows: list[Mapping[str, Any]] = [row.values for row in taken]
        if reading.of == "units":
            self.units = joined(self.units, units_of(rows))
        elif reading.of == "people":
            self.people += map(_person, rows)
        elif reading.of == "recorders":
            self.recorders += dict.fromkeys(row["serial"] for row in rows if row["serial"] not in self.recorders)
        elif reading.of == "cases":
            self._add_cases(taken)

    def _add_cases(self, rows: Iterable[Row]) -> None:
        """A row that the catalog has is that case, from now on by all its numbers."""
        every = {case.id: case for case in self.cases}
        held = {number: case.id for case in self.cases for number in case.numbers}
        for row in rows:
            case = _case(row.values, self.words)
            ids = {held[number] for number in case.numbers & held.keys()} if row.verdict != "new" else set()
            if len(ids) == 1:
                one = every[ids.pop()]
                names, keys = (*one.names, *case.names), (*one.keys, *case.keys)
                case = KnownCase(one.id, names, keys, case.opening or one.opening, case.officers or one.officers)
            every[case.id] = case
        self.cases = list(every.values())


def enter(
    standing: dict[object, Standing],
    of: Import,
    subject: str,
    values: Mapping[str, Any],
    *,
    is_whole: bool = False,
    may_repeat: Container[str] = (),
) -> None:
    """Note what the catalog holds of a thing, by everything a row of it may be known by."""
    one = Standing(subject, values, is_whole)
    standing.update((key, one) for keys in known_by(of, values, may_repeat) for key in keys)


def house_of(station: Station, policy_file: Path | None = None) -> House:
    """What the policies, or this file, and the catalog know; raises `PolicyBad`, `PolicyFileMissing`."""
    every, zone = policy.history(station.database), station.settings.zone
    text = read_file(policy_file) if policy_file is not None else every[-1].text if every else ""
    columns = read_whole(text).import_
    house, register = House(_words(text)), recorders.snapshot(station.database)
    house.maps = with_more(map(astuple, columns.columns), map(astuple, columns.codes))
    if policy_file is None and len(every) > 1:
        house.words_on = partial(_words_on, every, zone)
    house.merged = merged_into(station.database)
    _know_people(station, house)
    for one in register.recorders:
        if not one.retired:
            house.recorders.append(one.serial)
            unit = house.words.units.get(bare(one.unit or ""), frozenset())
            known = {"serial": one.serial, "unit": next(iter(unit)).code if len(unit) == 1 else one.unit}
            enter(house.standing, "recorders", one.serial, known)
    for held in register.holdings:
        begins, ends = (_in_list(at, zone) for at in (held.begins_at, held.ends_at))
        if begins is not None and held.begins_at != held.ends_at:
            house.assigned.append((held.serial, held.officer, begins, ends))
    for case in every_case(station.database):
        _know_case(house, case, zone)
    for paper in papers.every(station.database):
        _know_paper(house, paper, zone)
    for kind in (kind for kind in get_args(Import) if kind != "holdings"):
        for subject, said in imports.said_last(station.database, kind):
            _know_said(house, kind, subject, said)
    return house


def _know_said(house: House, kind: Import, subject: str, said: dict[str, Any]) -> None:
    """What a list said of a thing that is still there."""
    if kind == "recorders" and subject not in house.recorders:
        return
    if kind == "cases":
        subject = house.merged.get(subject, subject)
    if kind == "papers":
        said["case"] = house.called.get(house.merged.get(said["case"], said["case"]))
    enter(house.standing, kind, subject, said, is_whole=True, may_repeat=house.words.may_repeat)


def _know_case(house: House, case: Case, zone: tzinfo) -> None:
    """What the catalog holds of a case, by each of its numbers."""
    house.called[case.id] = case.called
    names = tuple(one["number"] for one in case.numbers)
    keys = tuple(written.key for text in names if (written := house.words.written(text)))
    begins = _in_list(case.begins_at, zone)
    opened = date.fromisoformat(case.opened) if case.opened else begins and begins.date()
    house.cases.append(KnownCase(case.called, names, keys, opened, case.officers))
    for text in names:
        own = house.words.number(text)
        name, number = ("opening_no", own[0]) if own else ("office_no", text)
        enter(house.standing, "cases", case.id, {name: number, "title": case.title, "party": case.subject})


def _know_paper(house: House, paper: Paper, zone: tzinfo) -> None:
    """What the catalog holds of a written record."""
    own = house.words.number(paper.number) if paper.number else None
    begins, ends = (_in_list(at, zone) for at in (paper.begins_at, paper.ends_at))
    said: dict[str, Any] = {"case": house.called.get(paper.case), "code": paper.code, "number": own and own[0]}
    said |= {"day": paper.day, "begins": begins, "ends": ends, "place": paper.place, "officers": list(paper.officers)}
    enter(house.standing, "papers", paper.id, said, may_repeat=house.words.may_repeat)


def _know_people(station: Station, house: House) -> None:
    """Units with their former names, and everybody who is entered, who left too: lists are about the past."""
    every = units.every(station.database)
    house.units = meanings((one.code, one.name, one.was) for one in every)
    for unit in every:
        parent = None if unit.parent == units.ROOT else unit.parent
        said = {"code": unit.code, "name": unit.name, "was": list(unit.was), "kind": unit.kind, "parent": parent}
        enter(house.standing, "units", unit.code, said)
    for one in people.every(station.database):
        house.people.append(Person(one.no, one.name, one.card, one.recorder_no, one.unit))
        said = {"id": one.no, "name": one.name, "card": one.card, "officer_no": one.recorder_no, "unit": one.unit}
        enter(house.standing, "people", one.no, said | {"post": one.post})


@cache
def _words(text: str) -> Words:
    return Words.of(read_whole(text))


def _words_on(every: Sequence[policy.Adopted], zone: tzinfo, day: date) -> Words:
    """The words of the version that was in force when a day ended; of the first one for days before any was."""
    adopted = policy.in_force(every, datetime.combine(day, time.max, zone)) or every[0]
    return _words(adopted.text if is_readable(adopted.text) else every[-1].text)


def _in_list(at: datetime | None, zone: tzinfo) -> datetime | None:
    """A time as lists have it: of the recorders' zone, and without it."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)


def units_of(rows: Iterable[Mapping[str, Any]]) -> Names:
    """The names of units in rows of such a list."""
    return meanings((row.get("code") or row["name"], row["name"], row.get("was") or ()) for row in rows)


def _person(row: Mapping[str, Any]) -> Person:
    return Person(number_of(row), row["name"], row.get("card"), row.get("officer_no"), row.get("unit"))


def _case(row: Mapping[str, Any], words: Words) -> KnownCase:
    opening = row.get("opening_no")
    names = [str(row[name]) for name in ("office_no", "source_id") if row.get(name)]
    keys = () if opening is None else (words.key(opening),)
    first: date | None = row.get("opening")
    return KnownCase(names[0] if names else repr(keys), tuple(names), keys, first, tuple(row.get("officers") or ()))
