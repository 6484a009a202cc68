"""What a month or a year shows of the bureau's weak spots (统计): footage, decisions, clips that came in, requests.

Who may ask is told of their own units alone. What is found of cases is asked once for all of them, and sorted here.
Shapes: whole numbers, never a share, a bureau has few of each; cases by their ids; days of the station's zone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from catalog.cases import facts, finding
from catalog.cases.reviews import every as every_round
from catalog.clips import arrivals
from catalog.clips.arrivals import By, Came
from catalog.keeping import disposals
from catalog.people.holders import ROOT
from catalog.rules import rights
from catalog.rules.callers import Caller
from catalog.rules.case_file import CaseFacts
from catalog.rules.completeness import MET, WHOLE
from catalog.rules.house_rights import Right, units_with
from catalog.rules.review_rounds import Round
from docking_station.services.completeness import Checked
from docking_station.services.links import policy_now
from docking_station.services.recent import Answers
from docking_station.services.requests import every_request
from docking_station.services.rights import asker, rights_held, seen, switches
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

NO_REVIEW = ("not-reviewed", "matter-not-reviewed", "decided-before-review")
"""What is found of a decision that needed a passed review and had none."""
UNREVIEWED, PUBLISHED_LATE, UNPUBLISHED, STANDS_LATE, LATE = (
    "unreviewed",
    "publish-late",
    "unpublished",
    "withdraw-late",
    ("decision-late", "preserve-late", "limit-late"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one unit has of one recording matter (应录、已录): how many records want footage, and what they have.

    `answered`: how many are without and a note says why; `holes`: how many of each kind are left, `cases` whose.
    """

    unit: str
    matter: str
    should: int
    met: int
    answered: int
    holes: Mapping[str, int]
    cases: tuple[str, ...]

    @property
    def open(self) -> int:
        """How many are to be answered."""
        return sum(self.holes.values())


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a time (统计), `first` to before `until`; `running`, `late`, `wanting` are of the cases as of now.

    `reviews`: rounds that were sent then, and how those did that ended then. `wrong`: of each thing that decisions and
    limits went wrong in, the cases. `disposed`: of the whole bureau alone.
    """

    first: date
    until: date
    opened: int
    decided: int
    closed: int
    running: int
    late: int
    wanting: int
    reviews: Mapping[str, int]
    wrong: Mapping[str, tuple[str, ...]]
    recorded: tuple[Recorded, ...]
    kinds: tuple[Came, ...]
    units: tuple[Came, ...]
    recorders: tuple[Came, ...]
    asked: int
    granted: int
    refused: int
    copies: int
    disposed: int | None


def statistics(station: Station, caller: Caller, recent: Answers, first: date, until: date) -> Statistics:
    """The figures of the units somebody oversees; raises `NotAllowed` for who oversees none, `PolicyBad`."""
    units, base, zone = overseen(station, caller), station.database, station.settings.zone
    begin, end = (datetime.combine(day, time(), zone) for day in (first, until))
    cases = mine(facts.cases(base, facts.people(base)).values(), units)
    found = [one for one in recent.checked() if one.finding.case in cases and _within(one, zone, first, until)]
    requests, policy, shown = every_request(station, caller), policy_now(station), seen(station, caller)
    decided = [one.request for one in requests if _is_in(one.request.decided_at, begin, end)]
    about = policy.dock.overdue_hours, policy.recordings.clock_unsure_s
    ways: tuple[By, ...] = ("kind", "house_unit", "recorder")
    kinds, by_unit, recorders = (arrivals.between(base, begin, end, by, shown, *about) for by in ways)
    states = finding.states(base, finding.CaseSearch(only=frozenset(cases)), None)

    def dated(days: Iterable[date | None]) -> int:
        return sum(day is not None and first <= day < until for day in days)

    return Statistics(
        first=first,
        until=until,
        opened=dated(one.opened for one in cases.values()),
        decided=dated(one.decided for one in cases.values()),
        closed=dated(one.closed for one in cases.values()),
        running=sum(count for state, count in states.items() if state not in finding.OVER),
        late=sum(one.days < 0 for case, one in recent.limits().items() if case in cases),
        wanting=len(recent.wanting() & cases.keys()),
        reviews=_reviews(every_round(base), cases, begin, end),
        wrong=wrong(found),
        recorded=recorded(found, cases),
        kinds=kinds,
        units=by_unit,
        recorders=recorders,
        asked=sum(_is_in(one.request.asked_at, begin, end) for one in requests),
        granted=sum(bool(one.granted) for one in decided),
        refused=sum(not one.granted for one in decided),
        copies=sum(_is_in(copy.made_at, begin, end) for one in requests for copy in one.copies),
        disposed=disposals.count_done(base, begin, end) if units is None else None,
    )


def overseen(station: Station, caller: Caller) -> frozenset[str] | None:
    """The units somebody oversees, None for the whole bureau; raises `NotAllowed` for who oversees none."""
    if Right.STATISTICS not in rights_held(station, caller)[1]:
        raise NotAllowed(action=Right.STATISTICS.value, rule=rights.LACKS.code)
    person = asker(station, caller)
    return None if person is None else units_with(person, Right.STATISTICS, ROOT, switches(station))


def mine(every: Iterable[tuple[CaseFacts, object]], units: frozenset[str] | None) -> dict[str, CaseFacts]:
    """The cases of these units, by id; of all for None."""
    return {one.id: one for one, _ in every if units is None or (one.unit or ROOT) in units}


def wrong(found: Iterable[Checked]) -> dict[str, tuple[str, ...]]:
    """The cases of what is wrong with decisions and limits; what is not published yet is not published late."""
    cases = defaultdict[str, dict[str, None]](dict)
    for one in (each.finding for each in found if not each.is_of_footage):
        code = UNREVIEWED if one.verdict in NO_REVIEW else one.verdict
        if code == PUBLISHED_LATE and one.facts.get("done") is None:
            code = UNPUBLISHED
        cases[code][one.case] = None
    return {code: tuple(its) for code, its in cases.items()}


def recorded(found: Iterable[Checked], cases: Mapping[str, CaseFacts]) -> tuple[Recorded, ...]:
    """What each unit has of each matter, those with the most to be answered first."""
    every = defaultdict[tuple[str, str], list[Checked]](list)
    for one in found:
        if one.finding.recording is not None:
            every[cases[one.finding.case].unit, one.finding.recording].append(one)
    return tuple(
        sorted((_recorded(*of, its) for of, its in every.items()), key=lambda one: (-one.open, one.unit, one.matter))
    )


def _recorded(unit: str, matter: str, found: list[Checked]) -> Recorded:
    met = sum(one.finding.verdict == MET for one in found)
    left = [one.finding for one in found if one.finding.verdict not in WHOLE and not one.finding.answered]
    holes = Counter(one.verdict for one in left)
    return Recorded(
        unit,
        matter,
        len(found),
        met,
        len(found) - met - len(left),
        holes,
        tuple(dict.fromkeys(one.case for one in left)),
    )


def _reviews(every: Iterable[Round], cases: Mapping[str, CaseFacts], begin: datetime, end: datetime) -> dict[str, int]:
    """How many rounds were sent in a time, wait now, and how those that ended in it did; `again`: passed at last."""
    mine = [one for one in every if one.case_id in cases]
    ended = [one for one in mine if _is_in(one.ended_at, begin, end)]
    first = {one.case_id: one.no for one in reversed(mine)}
    again = sum(one.state == "passed" and one.no != first[one.case_id] for one in ended)
    states = Counter("failed" if one.state == "answered" else one.state for one in ended)
    return {
        "sent": sum(_is_in(one.sent_at, begin, end) for one in mine),
        "passed": states["passed"] - again,
        "again": again,
        "failed": states["failed"],
        "returned": states["returned"],
        "waiting": sum(one.ended_at is None for one in mine),
    }


def day_of(found: Checked, zone: tzinfo) -> date | None:
    """The day a finding is of: of footage its record's, of a decision that one, of a limit its last."""
    told = found.finding.facts
    at = told.get("at") or told.get("done" if found.finding.verdict in NO_REVIEW else "due") or told.get("done")
    if isinstance(at, datetime):
        return at.astimezone(zone).date()
    return at if isinstance(at, date) else None


def _within(one: Checked, zone: tzinfo, first: date, until: date) -> bool:
    day = day_of(one, zone)
    return day is not None and first <= day < until


def _is_in(at: datetime | None, begin: datetime, end: datetime) -> bool:
    return at is not None and begin <= at < end
