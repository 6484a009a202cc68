"""The case register and the page of a party (案件台账、执法对象): of what somebody may know, a page at a time.

Shapes: what a line says of limits and of footage is looked at for the lines that are shown. Which running cases are
late, or lack footage, is asked of all of them, by who keeps the answer a while (`recent`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.cases import facts, finding, papers
from catalog.cases.finding import OVER, CaseSearch
from catalog.cases.papers import Paper
from catalog.cases.reading import Case
from catalog.clips.search import ClipSummary, Search
from catalog.people.units import every as every_unit
from catalog.rules import rights
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.numbers import bare
from docking_station.services.completeness import Checked, HowFar, Running, check_cases, how_far, open_ones
from docking_station.services.known_cases import find_case, known_to, list_cases
from docking_station.services.listing import READ, May, list_clips
from docking_station.services.permits import note_looks
from docking_station.services.rights import rights_held
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

SUBJECT = "cases"
RUNNING_MAX = 5000
"""So many running cases at most are looked at together, the newest."""
CLIPS, EXPORTED_MAX, PARTY_CASES_MAX = 100, 10_000, 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register (台账行): a case, who handles it, how far it is, what is open of its footage, and else."""

    case: Case
    officers: tuple[str, ...]
    how_far: HowFar
    missing: tuple[Checked, ...]
    others: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register: its lines, how many cases fit in each state, behind which case the next page begins."""

    entries: tuple[Entry, ...]
    states: Mapping[str, int]
    after: str | None


@dataclass(frozen=True, slots=True)
class PartyCase:
    """A case of a party with its records; `by_number`: the numbers of the two agree, and not the names alone."""

    case: Case
    by_number: bool
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class PartyFile:
    """All that somebody may know of a party (执法对象): what the case said that one came from, its cases, its clips."""

    party: Mapping[str, Any]
    cases: tuple[PartyCase, ...]
    clips: tuple[ClipSummary, ...]
    may: May


def register(station: Station, caller: Caller, wanted: CaseSearch) -> Register:
    """A page of the register; raises `NotAllowed` for who reads no case, `BadCursor`, `PolicyBad`."""
    if Right.CASE_READ not in rights_held(station, caller)[1]:
        raise NotAllowed(action=Right.CASE_READ.value, rule=rights.LACKS.code)
    shown, is_more = list_cases(station, caller, wanted)
    states = finding.states(station.database, replace(wanted, state=None, running=False), known_to(station, caller))
    return Register(tuple(_entries(station, shown)), states, shown[-1].id if is_more else None)


def whole_register(station: Station, caller: Caller, wanted: CaseSearch, to: str) -> tuple[Entry, ...]:
    """All of it for a file, `EXPORTED_MAX` lines at most; its line is on the trail first. Raises as `register`."""
    found = register(station, caller, replace(wanted, after=None, limit=EXPORTED_MAX)).entries
    ends = {"first": found[0].case.id, "last": found[-1].case.id} if found else {}
    note_looks(station, caller, READ, (SUBJECT,), {"rows": len(found), "to": to} | ends)
    return found


def next_limits(station: Station) -> Mapping[str, Running]:
    """The limit of each running case that ends first, or ended longest ago, by its id."""
    far = how_far(station, _running(station))
    return {number: one.running[0] for number, one in far.items() if one.running}


def late_among(limits: Mapping[str, Running]) -> frozenset[str]:
    """The cases of these of which a limit is over."""
    return frozenset(number for number, one in limits.items() if one.days < 0)


def wanting_cases(station: Station) -> frozenset[str]:
    """The running cases whose records lack footage, or have a gap, and nobody answered for that."""
    found = (one for one in open_ones(check_cases(station, among=_running(station))) if one.is_of_footage)
    return frozenset(one.finding.case for one in found)


def _running(station: Station) -> list[str]:
    wanted = CaseSearch(running=True, newest=True, limit=RUNNING_MAX)
    return [one.id for one in finding.page(station.database, wanted, None)[0]]


def _entries(station: Station, cases: Sequence[Case]) -> Iterator[Entry]:
    far, named = how_far(station, [one.id for one in cases]), facts.people(station.database)
    by_case = defaultdict[str, list[Checked]](list)
    for found in open_ones(check_cases(station, among=[one.id for one in cases])):
        by_case[found.finding.case].append(found)
    for one in cases:
        wanting = by_case[one.id]
        yield Entry(
            one,
            tuple(named.names.get(named.who(number), number) for number in one.officers),
            far[one.id].over() if one.state in OVER else far[one.id],
            tuple(found for found in wanting if found.is_of_footage),
            tuple(found for found in wanting if not found.is_of_footage),
        )


def units_of(station: Station, caller: Caller) -> Mapping[str, str]:
    """The units whose cases somebody may know of, by code, with their names: what a register is narrowed to."""
    known = known_to(station, caller)
    return {one.code: one.name for one in every_unit(station.database) if known is None or one.code in known.units}


def party_file(station: Station, caller: Caller, case: str, place: int) -> PartyFile | None:
    """What is known of the party in that place of a case, from 0, in all cases that somebody may know; None: no such.

    The same party has the same number, or, where one of the two has none, the same name. Raises `NoSuchCase`.
    """
    parties = find_case(station, caller, case).about
    if not 0 <= place < len(parties):
        return None
    party = parties[place]
    every = ((number, _any_same(party, others)) for number, others in finding.every_party(station.database))
    same = {number: by for number, by in every if by is not None}
    wanted = CaseSearch(only=frozenset(same), newest=True, limit=PARTY_CASES_MAX)
    cases, _ = list_cases(station, caller, wanted)
    clips, may = dict[str, ClipSummary](), dict[str, frozenset[rights.Action]]()
    for one in cases:
        if one.clips and len(clips) <= CLIPS:
            found, allowed = list_clips(station, caller, Search(case=one.id, limit=CLIPS + 1))
            clips |= {row.id: row for row in found}
            may |= allowed
    newest = sorted(clips.values(), key=lambda row: (row.starts_at, row.id), reverse=True)
    base = station.database
    return PartyFile(
        party,
        tuple(PartyCase(one, same[one.id], papers.of_case(base, one.id)) for one in cases),
        tuple(newest),
        may,
    )


def _any_same(party: Mapping[str, Any], others: Collection[Mapping[str, Any]]) -> bool | None:
    found = [by for one in others if (by := _same(party, one)) is not None]
    return any(found) if found else None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Whether two parties are one by their numbers (True), by their names alone (False), or are two (None)."""
    numbers = {bare(str(each.get("id_no") or each.get("id") or "")).casefold() for each in (one, other)}
    if len(numbers) == 1 and numbers != {""}:
        return True
    names = {bare(str(each.get("name") or "")).casefold() for each in (one, other)}
    return False if "" in numbers and len(names) == 1 and names != {""} else None
