"""A month of the bureau on one sheet (月度情况): what came in, what the cases did, who was let look or copy.

Shapes: whole numbers, never a share: a bureau has few of each. A month begins and ends by the station's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from catalog.cases import finding
from catalog.clips import arrivals
from catalog.clips.arrivals import OfKind
from catalog.keeping import disposals
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services.case_register import late_among
from docking_station.services.recent import Answers
from docking_station.services.requests import every_request
from docking_station.services.rights import demand
from docking_station.station.station import Station


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of one month; `running`, `late` and `wanting` are of the cases as they are now."""

    first: date
    clips: tuple[OfKind, ...]
    opened: int
    closed: int
    running: int
    late: int
    wanting: int
    asked: int
    granted: int
    refused: int
    copies: int
    disposed: int


def month(station: Station, caller: Caller, recent: Answers, first: date) -> Month:
    """The month that begins on that day; raises `NotAllowed` for who oversees no bureau."""
    demand(station, caller, Right.STATISTICS)
    base, zone = station.database, station.settings.zone
    begin, end = (datetime.combine(day, time(), zone) for day in (first, following(first)))
    requests = every_request(station, caller)

    def within(at: datetime | None) -> bool:
        return at is not None and begin <= at < end

    states = finding.states(base, finding.CaseSearch(), None)
    decided = [one.request for one in requests if within(one.request.decided_at)]
    return Month(
        first=first,
        clips=arrivals.between(base, begin, end),
        opened=finding.dated(base, "opened", first, following(first)),
        closed=finding.dated(base, "closed", first, following(first)),
        running=sum(count for state, count in states.items() if state not in finding.OVER),
        late=len(late_among(recent.limits())),
        wanting=len(recent.wanting()),
        asked=sum(within(one.request.asked_at) for one in requests),
        granted=sum(bool(one.granted) for one in decided),
        refused=sum(not one.granted for one in decided),
        copies=sum(within(copy.made_at) for one in requests for copy in one.copies),
        disposed=disposals.count_done(base, begin, end),
    )


def following(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
