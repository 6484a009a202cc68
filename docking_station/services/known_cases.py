"""The cases somebody may know of (可知案件), found by any of their numbers, or page by page.

One that is hidden answers like none.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from catalog.cases import finding, reading
from catalog.cases.errors import CaseAmbiguous
from catalog.cases.finding import CaseSearch, Party
from catalog.cases.reading import Case
from catalog.clips import search
from catalog.errors import NoSuchCase
from catalog.people import people, units
from catalog.people.holders import ROOT
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import named
from catalog.rules.house_rights import About, Known, Right, known_cases
from docking_station.services.rights import asker, demand, switches
from docking_station.station.station import Station

CANDIDATES_MAX, OFFERED_MAX = 6, 50


def about(case: Case) -> About:
    """What rights are asked about a case; one of no unit counts to the bureau itself."""
    return About(case.unit or ROOT, case.id)


def readable_cases(station: Station, caller: Caller) -> list[Case]:
    """The cases this person may know of."""
    return readable_among(station, caller, reading.every(station.database))


def list_cases(station: Station, caller: Caller, wanted: CaseSearch) -> tuple[list[Case], bool]:
    """A page of the cases that fit and that this person may know of, and whether there are more.

    Raises `BadCursor`, `NoSuchUnit`.
    """
    unit = None if wanted.unit is None else units.code_of(station.database, wanted.unit)
    return finding.page(station.database, replace(wanted, unit=unit), known_to(station, caller))


def list_parties(
    station: Station, caller: Caller, *, name: str | None = None, after: str = "", limit: int = 50
) -> tuple[list[Party], bool]:
    """A page of the parties, by name, whose name has this in it, with the cases this person may know of; more?"""
    return finding.parties(station.database, known_to(station, caller), name=name, after=after, limit=limit)


def readable_among(station: Station, caller: Caller, every: list[Case]) -> list[Case]:
    """The cases of these that this person may know of."""
    known = known_to(station, caller)
    return [one for one in every if known is None or known.holds(one.id, one.unit or ROOT)]


def known_to(station: Station, caller: Caller) -> Known | None:
    """Which cases this person may know of; None for all."""
    if not people.are_entered(station.database):
        return None
    person = asker(station, caller)
    return Known(frozenset(), frozenset()) if person is None else known_cases(person, ROOT, switches(station))


def knows(station: Station, caller: Caller, cases: Collection[str]) -> set[str]:
    """The ids among these of the cases this person may know of."""
    return {one.id for one in readable_among(station, caller, reading.among(station.database, sorted(cases)))}


def find_case(station: Station, caller: Caller, said: str) -> Case:
    """The case a number or an id means, among those this person may know of; raises `NoSuchCase`, `CaseAmbiguous`."""
    for ids in reading.meanings(station.database, said):
        if known := readable_among(station, caller, reading.among(station.database, ids)):
            return reading.only(said, known)
    raise NoSuchCase(case=said)


def case_typed(station: Station, caller: Caller, said: str) -> Case:
    """As `find_case`; what is no number nor id may stand in one known case's title, place or party's name."""
    try:
        return find_case(station, caller, said.strip())
    except NoSuchCase:
        found, _ = list_cases(station, caller, CaseSearch(text=said.strip(), limit=CANDIDATES_MAX))
        if not found or not said.strip():
            raise
        return reading.only(said, found)


def cases_offered(station: Station, caller: Caller) -> list[Case]:
    """The newest running cases this person may know of: what a field for a case lets them choose from."""
    return list_cases(station, caller, CaseSearch(running=True, newest=True, limit=OFFERED_MAX))[0]


def case_filtered(station: Station, caller: Caller, said: str) -> str:
    """The id of the case a filter means; where a number is several cases', one that this person may know of.

    Raises `CaseAmbiguous`, which names those alone.
    """
    try:
        return search.case_meant(station.database, said)
    except CaseAmbiguous:
        with suppress(NoSuchCase):
            return find_case(station, caller, said).id
        return named(said)


def demand_case(
    station: Station, caller: Caller, right: Right, said: str, *, alone: bool = False
) -> tuple[Case, Caller]:
    """A case this person may know of, and the caller, bound, if they have a right to it; raises `NotAllowed` too."""
    found = find_case(station, caller, said)
    return found, demand(station, caller, right, about(found), alone=alone)
