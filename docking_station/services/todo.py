"""What waits for somebody, and by when (我的待办): as much of it as concerns the roles and units of who asks.

Shapes: an item is a code with what it is about, never its words; requests come first, then what is due soonest. A count
is `COUNTED_MAX` (clips) or `DUE_MAX` (clips whose time is over) where there are so many or more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from catalog.cases import finding
from catalog.cases.finding import CaseSearch
from catalog.cases.reading import Case
from catalog.cases.reviews import newest
from catalog.clips import arrivals
from catalog.people import people
from catalog.rules.callers import Caller, person_no
from catalog.rules.callers import person as who
from catalog.rules.house_rights import Right
from catalog.rules.rights import Person
from catalog.rules.working_days import WorkingDays
from catalog.station_error import StationError
from docking_station.services import held, release_steps
from docking_station.services.case_file import called_after
from docking_station.services.disclosure import list_lines
from docking_station.services.health import Facts, Finding, State, findings, state_of
from docking_station.services.holds import standing_holds
from docking_station.services.known_cases import known_to
from docking_station.services.legal_review import waiting
from docking_station.services.links import policy_now
from docking_station.services.recent import Answers
from docking_station.services.requests import Shown, for_me
from docking_station.services.rights import bind, rights_held, seen
from docking_station.station.station import Station

UNLINKED_FOR = timedelta(days=90)
"""What is older and still of no case waits for nobody any more: it is found by its search."""
SOON_DAYS, CASES_MOST = 5, 10
"""A limit that ends within so many working days waits; so many cases are told one by one."""
SEE_ALL = frozenset({"custodian", "supervisor", "auditor"})
"""The roles to which every late case of their units is told; others are told their own."""
# fmt: off
What = Literal[
    "request", "answered", "review", "round", "answer", "case", "cases", "wanting", "held", "unlinked", "due",
    "ends-asked", "withdraw", "publish", "release",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: `about` is a request's or a case's number; `days`: working days left, under 0 late.

    `facts` are for its words: who asked, for what, the party, the limit; `count` where it is several.
    """

    what: What
    count: int = 1
    about: str = ""
    day: date | None = None
    days: int | None = None
    facts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """What waits for a person (待办事项), and what they want to know first.

    `filed` counts clips since yesterday began, None where they see none. `state`: how the station is, for who keeps or
    oversees it; `facts` and `found` say more, to who keeps it.
    """

    items: tuple[Item, ...]
    filed: int | None
    state: State | None
    facts: Facts | None
    found: tuple[Finding, ...]
    oversees: bool


def todo(station: Station, caller: Caller, recent: Answers) -> Todo:
    """What waits for who asks; where nobody is entered, for who runs the station. Raises `CatalogUnreachable`."""
    person, rights = rights_held(station, caller)
    is_anybody = person is not None or not people.are_entered(station.database)
    within = seen(station, caller)
    sees = is_anybody and (within is None or within.is_anything)
    keeps, oversees = Right.HEALTH in rights, Right.STATISTICS in rights
    facts = recent.facts() if keeps or oversees else None
    found = () if facts is None else findings(facts)
    return Todo(
        items=tuple(_items(station, caller, recent, person, frozenset(rights) if is_anybody else frozenset())),
        filed=arrivals.filed(station.database, _yesterday(station), within) if sees else None,
        state=None if facts is None else state_of(found),
        facts=facts if keeps else None,
        found=found if keeps else (),
        oversees=oversees,
    )


def _items(
    station: Station, caller: Caller, recent: Answers, person: Person | None, rights: frozenset[Right]
) -> Iterator[Item]:
    yield from _requests(station, caller, person)
    if Right.CASE_READ in rights:
        yield from _reviews(station, caller, person)
        yield from _releases(station, caller)
        yield from _cases(station, caller, recent, person)
    if Right.HELD in rights:
        yield from _some("held", held.count(station, caller))
    if Right.CASE_WRITE in rights:
        own = None if person is None or _sees_all(person) else person.no
        since = station.now() - UNLINKED_FOR
        yield from _some("unlinked", arrivals.unlinked(station.database, since, seen(station, caller), own))
    if Right.PUBLISH in rights:
        yield from _disclosures(station, caller)
        me = bind(station, caller).who
        ends = (one for one in standing_holds(station, caller) if one.asked_by is not None and who(one.asked_by) != me)
        yield from _some("ends-asked", sum(1 for _ in ends))
        with suppress(StationError):  # without a clock that is believed nothing is due
            yield from _some("due", recent.due())


def _some(what: What, count: int) -> Iterator[Item]:
    if count:
        yield Item(what, count)


def _requests(station: Station, caller: Caller, person: Person | None) -> Iterator[Item]:
    days, zone = WorkingDays(policy_now(station).calendar), station.settings.zone
    today, names = station.now().astimezone(zone).date(), people.names(station.database)

    def item(shown: Shown) -> Item:
        its = shown.request
        facts = {"who": its.organ or names.get(person_no(its.asked_by) or "", who(its.asked_by)), "wanted": its.wanted}
        facts["party"] = parties.get(its.case_id or "", "")
        if person is not None and person_no(its.asked_by) == person.no:
            return Item("answered", about=its.no, facts=facts | {"state": shown.state})
        last = (shown.lapses_at - timedelta(seconds=1)).astimezone(zone).date()
        return Item("request", about=its.no, day=last, days=days.left(today, last), facts=facts)

    told = for_me(station, caller)
    parties = called_after(station, caller, {one.request.case_id for one in told if one.request.case_id})
    yield from sorted(map(item, told), key=lambda one: (one.days is None, one.days))


def _reviews(station: Station, caller: Caller, person: Person | None) -> Iterator[Item]:
    """The rounds of legal review that wait, and open cases somebody is named to review and nobody sent (待送审)."""
    rounds = waiting(station, caller)
    for one in rounds:
        what: What = "round" if one.round.state == "sent" else "answer"
        day = one.due if one.days is not None else None
        yield Item(what, about=one.round.no, day=day, days=one.days, facts=_called(one.case))
    mine = frozenset(case for role, case in person.cases if role == "reviewer") if person is not None else frozenset()
    wanted = CaseSearch(only=mine - {one.case.id for one in rounds}, running=True, limit=CASES_MOST)
    cases, _ = finding.page(station.database, wanted, known_to(station, caller)) if mine else ((), None)
    for case in (one for one in cases if newest(station.database, one.id) is None):  # else it waits for its officers
        yield Item("review", about=case.id, facts=_called(case))


def _releases(station: Station, caller: Caller) -> Iterator[Item]:
    """The clips to be made public whose next step is this person's (音像公示)."""
    found = release_steps.waiting(station, caller)
    parties = called_after(station, caller, {one.case_id for one in found})
    for one in found:
        facts = {"party": parties.get(one.case_id, ""), "number": one.no, "title": one.reason, "limit": ""}
        yield Item("release", about=one.no, facts=facts)


def _called(one: Case) -> dict[str, str]:
    return {"party": one.named, "number": one.no or "", "title": one.title or "", "limit": ""}


def _cases(station: Station, caller: Caller, recent: Answers, person: Person | None) -> Iterator[Item]:
    """The cases of which a limit is over or ends soon: one's own, or all of one's units for who sees to them.

    And one's own cases that lack footage (应录未录).
    """
    limits = {number: one for number, one in recent.limits().items() if one.days <= SOON_DAYS}
    own = None if person is None or _sees_all(person) else person.no
    wanted = CaseSearch(only=frozenset(limits), officer=own, running=True, limit=len(limits) + 1)
    cases, _ = finding.page(station.database, wanted, known_to(station, caller))
    nearest = sorted(cases, key=lambda one: (limits[one.id].due, one.id))
    for one in nearest[:CASES_MOST]:
        limit = limits[one.id]
        yield Item("case", about=one.id, day=limit.due, days=limit.days, facts=_called(one) | {"limit": limit.zh})
    yield from _some("cases", max(0, len(nearest) - CASES_MOST))
    if own is not None:  # who records is the one who knows why there is none
        wanted = CaseSearch(only=recent.wanting(), officer=own, running=True, limit=CASES_MOST)
        for one in finding.page(station.database, wanted, known_to(station, caller))[0]:
            yield Item("wanting", about=one.id, facts=_called(one))


def _disclosures(station: Station, caller: Caller) -> Iterator[Item]:
    """Each publication that has to go, its decision having fallen; how many decisions must be made public soon."""
    soon = [one for one in list_lines(station, caller) if one.days is not None and one.days <= SOON_DAYS]
    gone = [one for one in soon if one.state == "withdraw"]
    for one in {line.case: line for line in gone}.values():
        facts = {"party": one.party, "number": one.called, "title": "", "limit": ""}
        yield Item("withdraw", about=one.case, day=one.due, days=one.days, facts=facts)
    yield from _some("publish", len(soon) - len(gone))


def _sees_all(person: Person) -> bool:
    return any(grant.role in SEE_ALL for grant in person.grants)


def _yesterday(station: Station) -> datetime:
    """When yesterday began here."""
    here = station.now().astimezone(station.settings.zone)
    return (here - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
