"""The yearly report of a bureau (行政执法统计年报): five tables that are published, and one of its recordings.

What counts where stands in the policy that was in force on the year's last day (`catalog/rules/year_tables.py`). All
cases are read once. Shapes: numbers with the cases that make them; the words are in `docking_station/texts/year.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from catalog.cases import facts, reading
from catalog.people import people, roles
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_file import CaseFacts
from catalog.rules.house_rights import Right
from catalog.rules.policy_text import read_whole
from catalog.rules.year_tables import Column, Penalties, counted, penalties
from docking_station.services.completeness import Policies, check_cases
from docking_station.services.policy import shipped
from docking_station.services.rights import demand
from docking_station.services.statistics import Recorded, day_of, recorded, wrong
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station


@dataclass(frozen=True, slots=True)
class YearReport:
    """A year's report (年报).

    `until`: the day it was made, where the year is not over. `staff` are who has the role of an officer or a card,
    `cards` who of them has one that holds. `order`: kinds of penalty from light to heavy. `wrong` and `recorded` are
    what `services/statistics.py` says of a time, of the whole year; `called`: what the cases of unsaid penalties are.
    """

    year: int
    made: date
    until: date
    bureau: str
    report_by: str
    publish_by: str
    order: tuple[str, ...]
    penalties: Penalties
    tables: Mapping[str, tuple[Column, ...]]
    staff: int
    cards: int
    recorded: tuple[Recorded, ...]
    opened: int
    decided: int
    closed: int
    wrong: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]
    matters: Mapping[str, str]
    called: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `report year --json`; days as `YYYY-MM-DD`."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return {**told, "made": self.made.isoformat(), "until": self.until.isoformat()}


def year_report(station: Station, caller: Caller, year: int, progress: Progress = silent) -> YearReport:
    """The report of a year; raises `NotAllowed` for who does not oversee the bureau, `PolicyBad`."""
    demand(station, caller, Right.STATISTICS)
    base, zone = station.database, station.settings.zone
    today = station.now().astimezone(zone).date()
    last = min(today, date(year, 12, 31))
    policy = _with_tables(Policies(station).on(last))
    cases = {one.id: one for one, _ in facts.cases(base, facts.people(base)).values()}
    found = [one for one in check_cases(station, progress=progress) if _is_of(day_of(one, zone), year)]
    staff, cards = _people(station, last)
    by, told = policy.statistics, penalties(cases.values(), policy, year)
    return YearReport(
        year=year,
        made=today,
        until=last,
        bureau=policy.bureau.name,
        report_by=f"{year + 1}-{by.report_by}",
        publish_by=f"{year + 1}-{by.publish_by}",
        order=tuple(one.zh for one in by.penalties),
        penalties=told,
        tables=counted(tuple(cases.values()), policy, year),
        staff=staff,
        cards=cards,
        recorded=recorded(found, cases),
        **_days(cases, year),
        wrong=wrong(found),
        units={one.code: one.name for one in policy.units},
        matters={one.code: one.zh for one in policy.recordings.every},
        called={one.id: one.called for one in reading.among(base, told.unsaid)},
    )


def _with_tables(policy: BureauPolicy) -> BureauPolicy:
    """The policy; one that was adopted before it could say so counts as the one that comes with the program."""
    if policy.statistics.cells:
        return policy
    usual, own = read_whole(shipped()).statistics, policy.statistics
    rows, columns = own.penalties or usual.penalties, own.columns or usual.columns
    return replace(policy, statistics=replace(own, cells=usual.cells, penalties=rows, columns=columns))


def _days(cases: Mapping[str, CaseFacts], year: int) -> dict[str, int]:
    names = ("opened", "decided", "closed")
    return {name: sum(_is_of(getattr(one, name), year) for one in cases.values()) for name in names}


def _is_of(day: date | None, year: int) -> bool:
    return day is not None and day.year == year


def _people(station: Station, last: date) -> tuple[int, int]:
    """How many officers there are on a day, and how many of them have a card that holds then."""
    base, zone = station.database, station.settings.zone
    at = datetime.combine(last, time(), zone) + timedelta(days=1)
    officers = {one.person for one in roles.of_people(base) if one.role == "officer" and one.is_in_force(at)}
    there = [one for one in people.every(base) if one.left_at is None or one.left_at >= at]
    staff = [one for one in there if one.no in officers or one.card is not None]
    return len(staff), sum(one.card is not None and (one.card_until or str(last)) >= str(last) for one in staff)
