"""What people enter of the disclosure of decisions (公示登记): published, kept back, corrected, withdrawn, and ended.

Shapes: a row is a text under each head of its channel; what a person writes of it is by code or head. What must never
be public is refused here, before anything is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from catalog.cases import disclosed, disclosures
from catalog.cases.disclosed import Disclosure
from catalog.cases.errors import DisclosureUnfit, ExceptionNeedsAnother, NoSuchDisclosure
from catalog.cases.reading import Case
from catalog.errors import NoSuchCase, WordsUnfit
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by
from catalog.rules.disclosure import (
    CHANNELS,
    ENDED,
    GRAVITIES,
    LIGHT,
    RESTORED,
    Cell,
    Channel,
    Decision,
    Ended,
    Gravity,
    gravity_is_asked,
    heads_of,
    is_person,
    masks_of,
    row_of,
    shown_until,
    unfit,
    without,
)
from catalog.rules.house_rights import Right
from docking_station.services.disclosure import decided_on, decision_of, kinds_of, today_of, told_of
from docking_station.services.known_cases import about, demand_case
from docking_station.services.links import policy_now
from docking_station.services.people import Read, two_people
from docking_station.services.rights import demand
from docking_station.station.station import Station

MUST = ("authority", "party", "kind", "result")
"""What every row says (执法机关、执法对象、执法类别、执法结论)."""
NO_DECISION = {"what": "no decision of it stands", "what_zh": "尚无有效的行政决定"}


def publish(
    station: Station,
    caller: Caller,
    case: str,
    channel: Channel,
    told: Mapping[str, str],
    *,
    day: date | None = None,
    place: str | None = None,
    gravity: Gravity | None = None,
    months: int | None = None,
) -> Disclosure:
    """Say that a decision is public on a channel since a day, today if none, as this row.

    Raises `NoSuchCase`, `CaseAmbiguous`, `NotAllowed`, `DisclosureUnfit` (no decision stands, or it is public there),
    `WordsUnfit` (what must be there or never may be, a day before the decision or after today).
    """
    its, who = demand_case(station, caller, Right.PUBLISH, case, alone=True)
    _demand_one("channel", channel, CHANNELS)
    policy, decision = policy_now(station), decision_of(station, its, day or date.max)
    if decision is None:
        raise DisclosureUnfit(case=its.called, **NO_DECISION)
    until = _until(policy, decision, channel, gravity, months)
    row, on = _row(row_of(policy, decision, channel, until, told), its), _day(station, day, decision.decided)
    last, grave = None if until is None else until.isoformat(), None if until is None else gravity
    where = partial(disclosures.publishing, its.id, channel, row, day=on, place=place)
    act = partial(where, until=last, gravity=grave, actor=who.actor)
    return disclosed.get(station.database, opened_by(_carry_out(station, lambda at: act(at=at))))


def keep_back(
    station: Station, caller: Caller, case: str, channel: Channel | None, ground: str, reason: str, *, read: Read
) -> None:
    """Keep a decision from the public, on a ground of the policy, by two people; `read` asks the second.

    Raises `NoSuchCase`, `NotAllowed`, `WordsUnfit` (no such ground), `DisclosureUnfit`, `ExceptionNeedsAnother`,
    `PersonUnknown`, `SecretWrong`.
    """
    its, _ = demand_case(station, caller, Right.PUBLISH, case)
    grounds = [one.code for one in policy_now(station).disclosure.never] + [LIGHT] * (channel == "credit")
    _demand_one("ground", ground, grounds)
    two = two_people(station, caller, read, lambda who: ExceptionNeedsAnother(case=its.called, person=who))
    first, second = (demand(station, one, Right.PUBLISH, about(its)) for one in two)
    act = partial(disclosures.excepting, its.id, channel, ground, reason=reason, two=(first, second))
    _carry_out(station, lambda at: act(at=at))


def correct(
    station: Station, caller: Caller, disclosure: str, told: Mapping[str, str], *, day: date | None, reason: str
) -> Disclosure:
    """Say that a publication was wrong and stands otherwise since a day; the row before stays on record.

    Raises `NoSuchDisclosure`, `NotAllowed`, `DisclosureUnfit`, `WordsUnfit`.
    """
    shown, its, who = _demand(station, caller, disclosure, alone=True)
    policy = policy_now(station)
    codes = {head: code for code, head in heads_of(policy, kinds_of(its), shown.channel)}
    new = {head: told.get(head, told.get(codes.get(head, ""), text)) for head, text in shown.shown.items()}
    if new == shown.shown:
        raise WordsUnfit(field="row", what="is as it was", what_zh="没有变化")
    masks = masks_of(policy, its.about)
    row = _row([Cell(codes.get(head, ""), head, without(text, masks)) for head, text in new.items()], its)
    on = _day(station, day, date.fromisoformat(shown.day))
    act = partial(disclosures.correcting, shown.id, row, day=on, reason=reason, actor=who.actor)
    return disclosed.get(station.database, opened_by(_carry_out(station, lambda at: act(at=at))))


def withdraw(station: Station, caller: Caller, disclosure: str, *, day: date | None, reason: str) -> Disclosure:
    """Say that a publication was taken down on a day, and why; raises as `correct`."""
    shown, _, who = _demand(station, caller, disclosure, alone=False)
    on = _day(station, day, date.fromisoformat(shown.day))
    act = partial(disclosures.withdrawing, shown.id, day=on, reason=reason, actor=who.actor)
    _carry_out(station, lambda at: act(at=at))
    return disclosed.get(station.database, shown.id)


def end_decision(
    station: Station, caller: Caller, case: str, how: Ended, *, day: date | None, number: str | None, reason: str
) -> None:
    """Say that the decision of a case stands no more: what is public of it has to go within days of the policy.

    Or that it stands again, as where that was entered by mistake.

    Raises `NoSuchCase`, `CaseAmbiguous`, `NotAllowed`, `DisclosureUnfit` (there is no decision), `WordsUnfit`.
    """
    its, who = demand_case(station, caller, Right.CASE_WRITE, case)
    _demand_one("how", how, ENDED)
    decided = decided_on(its)
    stands = told_of(station, its).fallen if how == RESTORED else decision_of(station, its)
    if decided is None or not stands:
        raise DisclosureUnfit(case=its.called, **NO_DECISION)
    on = _day(station, day, decided)
    act = partial(disclosures.ending, its.id, how, day=on, number=number, reason=reason, actor=who.actor)
    _carry_out(station, lambda at: act(at=at))


# ---------------------------------------------------------------------- what is demanded


def _until(
    policy: BureauPolicy, decision: Decision, channel: Channel, gravity: Gravity | None, months: int | None
) -> date | None:
    """The last day on a channel; raises `WordsUnfit` where nobody said how grave it is, or for wrong months."""
    if not gravity_is_asked(policy, decision.kinds, channel):
        return None
    _demand_one("gravity", gravity or "-", GRAVITIES)
    try:
        return shown_until(policy, gravity, months, decision.decided)
    except ValueError as error:
        raise WordsUnfit(field="months", what=f"is not within {error}", what_zh=f"应在 {error} 之间") from error


def _row(cells: Sequence[Cell], case: Case) -> dict[str, str]:
    """The row of these cells; raises `WordsUnfit` for what lacks, and for what must never be public."""
    if not cells:
        raise WordsUnfit(field="row", what="has no column in the policy", what_zh="管理制度未列公示内容")
    for one in cells:
        if one.code in MUST and not one.text:
            raise WordsUnfit(field=one.head, what="is empty", what_zh="不能为空")
    parties = case.about
    own = {one["number"] for one in case.numbers} | {str(one.get("id_no")) for one in parties if not is_person(one)}
    wrong = unfit(cells, parties, own)
    if wrong is not None:
        what, what_zh = f"holds what is never public ({wrong[1]})", f"含不得公开的内容（{wrong[1]}）"
        raise WordsUnfit(field=wrong[0], what=what, what_zh=what_zh)
    return {one.head: one.text for one in cells}


def _day(station: Station, day: date | None, first: date) -> str:
    """A day, today where none is given; raises `WordsUnfit` before the first or after today."""
    today = today_of(station)
    day = today if day is None else day
    if not first <= day <= today:
        raise WordsUnfit(field="day", what=f"is not from {first} to {today}", what_zh=f"应在 {first} 至 {today} 之间")
    return day.isoformat()


def _demand_one(field: str, code: str, able: Sequence[str]) -> None:
    if code not in able:
        names = ", ".join(able)
        raise WordsUnfit(field=field, what=f"is none of: {names}", what_zh=f"应为下列之一：{names}")


def _demand(station: Station, caller: Caller, disclosure: str, *, alone: bool) -> tuple[Disclosure, Case, Caller]:
    """A publication whose case this person may know of, if they may change it."""
    shown = disclosed.get(station.database, disclosure)
    try:
        case, who = demand_case(station, caller, Right.PUBLISH, shown.case, alone=alone)
    except NoSuchCase as error:
        raise NoSuchDisclosure(disclosure=disclosure) from error
    return shown, case, who


def _carry_out(station: Station, act: Callable[[datetime], Act]) -> Act:
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        return station.act_writer.carry_out(act(station.now()))
