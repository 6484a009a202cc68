"""Disclosure of decisions (执法公示): what is due by when, what stands where, and the rows, for every face.

Shapes: a `Line` is one decision on one channel. Days are those of the bureau's zone. The policy that was in force on
the day of the decision says by when, the one of today as what. What is not theirs to read is like what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

from catalog.cases import disclosed, facts, reading
from catalog.cases.disclosed import Disclosure, Excepted, Told
from catalog.cases.reading import Case
from catalog.rules import rights
from catalog.rules.bureau_policy import BureauPolicy, Calendar
from catalog.rules.callers import Caller
from catalog.rules.disclosure import (
    CHANNELS,
    LICENCE,
    PENALTY,
    Cell,
    Channel,
    Decision,
    Form,
    days_within,
    gravity_is_asked,
    heads_of,
    left_out,
    row_of,
)
from catalog.rules.house_rights import Right
from catalog.rules.working_days import WorkingDays
from docking_station.services.completeness import Policies
from docking_station.services.known_cases import demand_case, readable_among
from docking_station.services.links import policy_now
from docking_station.services.listing import READ
from docking_station.services.permits import note_looks
from docking_station.services.rights import rights_held
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

State = Literal["withdraw", "due", "public", "kept", "reported", "gone"]
"""Must be taken down; must be made public; is public; is kept from it; another system says so; was taken down."""
STATES: tuple[State, ...] = ("withdraw", "due", "public", "kept", "reported", "gone")
OPEN: tuple[State, ...] = ("withdraw", "due")
FORMS: Mapping[str, str] = {"CF": PENALTY, "XK": LICENCE}
SUBJECT, CASES_MAX = "disclosures", 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A decision on a channel (公示事项); its fields are keys of `--json`, `case` is an id.

    `days`: working days left until `due`, 0 on it, under 0 late; `provisional`: the calendar of a year is not known.
    """

    case: str
    called: str
    party: str
    channel: Channel
    state: State
    decided: date
    due: date | None = None
    days: int | None = None
    provisional: bool = False
    public: Disclosure | None = None
    kept: Excepted | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row before it is public (拟公示内容): its cells, and what is known of the parties and left out, by code."""

    channel: Channel
    cells: tuple[Cell, ...]
    left_out: tuple[str, ...]
    wants_gravity: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """All of one case's disclosure (公示详情): its lines, what is recorded, and the rows that could be made public."""

    case: Case
    lines: tuple[Line, ...]
    told: Told
    prepared: tuple[Prepared, ...]
    names: Mapping[Channel, Mapping[str, str]]
    """What the policy calls each column of a channel, by its head, in their order there."""


def list_lines(station: Station, caller: Caller, *, is_open: bool = True) -> tuple[Line, ...]:
    """The decisions to be made public or taken down, the most urgent first; or those that were dealt with.

    Of at most `CASES_MAX` cases, the newest decisions. Raises `PolicyBad`.
    """
    ids = disclosed.concerned(station.database, is_open=is_open, most=CASES_MAX)
    cases = readable_among(station, caller, reading.among(station.database, ids))
    found = (line for line in lines_of(station, cases) if (line.state in OPEN) == is_open)
    return tuple(sorted(found, key=lambda one: (STATES.index(one.state), one.due or one.decided, one.called)))


def lines_of(station: Station, cases: Sequence[Case]) -> Iterator[Line]:
    """How the decision of each of these cases stands on each channel; raises `PolicyBad`."""
    told, policies = disclosed.of_cases(station.database, {one.id for one in cases}), Policies(station)
    calendars, today = cache(WorkingDays), today_of(station)

    @cache
    def counted(calendar: Calendar, day: date, count: int) -> tuple[date, int, bool]:
        """The last day, how many are left, whether that is provisional; most cases share theirs."""
        due = calendars(calendar).after(day, count)
        return due.day, calendars(calendar).left(today, due.day), due.is_provisional

    for case in cases:
        policy = policies.on(decided_on(case))
        for channel in CHANNELS:
            found = _line(case, told.get(case.id, Told()), policy, channel)
            if found is not None and found[1] is not None:
                due, days, provisional = counted(policy.calendar, *found[1])
                yield replace(found[0], due=due, days=days, provisional=provisional)
            elif found is not None:
                yield found[0]


def show(station: Station, caller: Caller, case: str) -> Shown:
    """What is recorded of a case, what is due, and the rows as they would be; raises `NoSuchCase`, `CaseAmbiguous`."""
    its, _ = demand_case(station, caller, Right.CASE_READ, case)
    told, policy, decision = told_of(station, its), policy_now(station), decision_of(station, its)
    ready = () if decision is None else tuple(_prepared(policy, decision, one) for one in CHANNELS)
    left = tuple(one for one in ready if told.standing(one.channel) is None)
    zh = {one.code: one.zh for one in policy.disclosure.fields}
    names = {one: {head: zh.get(code, "") for code, head in heads_of(policy, kinds_of(its), one)} for one in CHANNELS}
    return Shown(its, tuple(lines_of(station, [its])), told, left, names)


def table(station: Station, caller: Caller, form: Form, *, is_open: bool, to: str) -> list[Sequence[object]]:
    """A table to hand on, its heads first: of what is due as it is prepared, or of what is public as it stands.

    Its line is on the trail first. Raises `NotAllowed`, `PolicyBad`.
    """
    if Right.PUBLISH not in rights_held(station, caller)[1]:
        raise NotAllowed(action=Right.PUBLISH.value, rule=rights.LACKS.code)
    policy, channel = policy_now(station), CHANNELS[form != "website"]
    kinds = [one.code for one in policy.kinds if one.statistics == FORMS.get(form, one.statistics)]
    heads = [head for _, head in heads_of(policy, kinds, channel)]
    rows: list[Sequence[object]] = [heads]
    for line in (one for one in list_lines(station, caller, is_open=is_open) if one.channel == channel):
        case = reading.among(station.database, [line.case])[0]
        row = _row_of(policy, line, case)
        if row and not set(kinds_of(case)).isdisjoint(kinds):
            rows.append([row.get(head, "") for head in heads])
    note_looks(station, caller, READ, (SUBJECT,), {"rows": len(rows) - 1, "to": to})
    return rows


def _row_of(policy: BureauPolicy, line: Line, case: Case) -> Mapping[str, str]:
    """The row of a line: as it stands in public, or as it is prepared; none for what is not to be there."""
    if line.state == "public" and line.public is not None:
        return line.public.shown
    cells = row_of(policy, _decision(case, line.decided), line.channel, None, {}) if line.state == "due" else ()
    return {one.head: one.text for one in cells}


def _line(
    case: Case, told: Told, policy: BureauPolicy, channel: Channel
) -> tuple[Line, tuple[date, int] | None] | None:
    """How a decision stands on a channel, and from which day on within how many working days something is due.

    None where there is no decision, or nothing asks for it and nothing was done.
    """
    said = decided_on(case)
    if said is None:
        return None
    decided, within = told.decided(said), days_within(policy, kinds_of(case), channel)
    public, kept = told.standing(channel), told.excepted(channel)
    is_reported = bool(case.reported.get("published")) and not told.disclosures
    end = told.ended_after(public) if public is not None else told.fallen[-1] if is_reported and told.fallen else None
    due: tuple[date, int] | None = None
    state: State
    if end is not None and (public is not None or channel == CHANNELS[0]):
        state, due = "withdraw", (date.fromisoformat(end.day), policy.disclosure.withdraw_days)
    elif public is not None:
        state = "public"
    elif kept is not None:
        state = "kept"
    elif decided is None:
        state = "gone"
    elif is_reported:
        state = "reported"
    elif within is not None:
        state, due = "due", (decided, within)
    else:
        return None
    return Line(case.id, case.called, case.named, channel, state, decided or said, public=public, kept=kept), due


# ---------------------------------------------------------------------- of a case


def today_of(station: Station) -> date:
    """Today where the bureau is."""
    return station.now().astimezone(station.settings.zone).date()


def decided_on(case: Case) -> date | None:
    """The day of its decision, as people here say, else as another system does."""
    return facts.day_of(case.decided or case.reported.get("decided"))


def kinds_of(case: Case) -> tuple[str, ...]:
    """Its kind, and those of what it contains."""
    return tuple(dict.fromkeys(one for one in (case.kind, *case.procedures) if one))


def told_of(station: Station, case: Case) -> Told:
    """What is recorded of its disclosure."""
    return disclosed.of_cases(station.database, [case.id]).get(case.id, Told())


def decision_of(station: Station, case: Case, on: date = date.max) -> Decision | None:
    """What is known of the decision that stands, or stood on a day; None where none does."""
    decided = told_of(station, case).decided(decided_on(case), on)
    return None if decided is None else _decision(case, decided)


def _decision(case: Case, decided: date) -> Decision:
    number = next((one["number"] for one in reversed(case.numbers) if one["kind"] == "decision"), "")
    penalty, fine = case.penalty or case.reported.get("penalty"), case.fine or case.reported.get("fine")
    return Decision(kinds_of(case), decided, number, case.matter or "", str(penalty or ""), fine, case.about)


def _prepared(policy: BureauPolicy, decision: Decision, channel: Channel) -> Prepared:
    cells = row_of(policy, decision, channel, None, {})
    asked = gravity_is_asked(policy, decision.kinds, channel)
    return Prepared(channel, cells, left_out(decision.parties), asked)
