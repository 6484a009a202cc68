"""Requests, grants and the register of copies (调阅、复制申请，审批与登记), the same for every face."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from catalog.acts import policy
from catalog.cases import reading
from catalog.clips import clips, search
from catalog.errors import NoSuchRequest, NotGranted, RequestPerson, RequestState, RequestTooWide
from catalog.people import accounts, people
from catalog.requests import requests
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller, person, person_no
from catalog.rules.requests import (
    ASKS,
    EMERGENCY,
    OPENS,
    WORDS,
    Copy,
    Request,
    State,
    Wanted,
    demand_open,
    is_unjudged,
    lapses_at,
    state_at,
    term_days,
)
from catalog.rules.rights import UNSEEN, Action
from catalog.rules.working_days import WorkingDays
from catalog.trail.watched import Watched, watched
from docking_station.services.known_cases import find_case
from docking_station.services.people import Read, second_person
from docking_station.services.rights import answers, asker, bind, demand_clips, demand_role, find_clip, found_among
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

TOLD_FOR = timedelta(days=7)
"""So long who asked is told what became of it."""
LOOKERS = ("officer", "custodian", "reviewer", "supervisor")
"""The roles that look at evidence at all."""

REGISTRARS = ("custodian", "supervisor", "auditor")
"""The roles that see the whole register."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for (申请内容): clips, all of a case, or a description; who outside asks, and by which letter."""

    wanted: Wanted
    reason: str
    clips: tuple[str, ...] = ()
    case: str | None = None
    description: str | None = None
    use: str | None = None
    paper: str | None = None
    days: int | None = None
    organ: str | None = None
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as it stands now, with what the clock says, until when somebody must decide, and its copies.

    `looks`: what was watched in an emergency, for who judges it.
    """

    request: Request
    state: State
    lapses_at: datetime
    copies: tuple[Copy, ...]
    looks: tuple[Watched, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `requests show --json`."""
        more = {name: getattr(self, name) for name in ("state", "lapses_at", "copies", "looks")}
        return asdict(self.request) | more


def ask(station: Station, caller: Caller, asked: Asked) -> str:
    """Ask for a look or a copy (申请); returns the number of the request.

    Raises `NoSuchClip`, `NoSuchCase`, `CaseAmbiguous`, `RequestPerson` (nothing tells who asks), `WordsUnfit`.
    """
    told = {name: getattr(asked, name) for name in ("description", "use", "paper", "organ", "letter")}
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        known = demand_role(station, caller, ("custodian",) if asked.organ is not None else LOOKERS)
        case = None if asked.case is None else find_case(station, known, asked.case).id
        chosen, now = chosen_clips(station, known, asked.clips, case), station.now()
        demand_clips(station, known, ASKS[asked.wanted], chosen, ("allow", "request"))
        no = requests.next_no(station.database, now.astimezone(station.settings.zone).year)
        stated = requests.asking(
            no,
            asked.wanted,
            chosen,
            reason=asked.reason,
            days=asked.days,
            at=now,
            by=known,
            case_id=case,
            **told,
        )
        station.act_writer.carry_out(stated)
    return no


def fill(station: Station, caller: Caller, no: str, chosen: Sequence[str]) -> None:
    """Name the clips of a request in words (补列资料); raises `RequestState`, `RequestTooWide`, `NoSuchClip`."""
    with station.changing("acts", wait=True):
        _undecided(station, no)
        named = chosen_clips(station, caller, tuple(chosen), None)
        known = demand_role(station, caller, ("custodian",), named)
        station.act_writer.carry_out(requests.filling(no, named, at=station.now(), by=known))


def withdraw(station: Station, caller: Caller, no: str, reason: str | None) -> None:
    """Take a request back, as who asked (撤回); raises `RequestState`, `RequestPerson`."""
    known = bind(station, caller)
    _carry_out(station, requests.withdrawing(no, reason=reason, at=station.now(), by=known))


def refuse(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Refuse a request, as another person (驳回); raises `RequestState`, `RequestPerson`."""
    request = requests.get(station.database, no)
    known = demand_decider(station, caller, request, request.clips)
    _carry_out(station, requests.refusing(no, reason=reason, at=station.now(), by=known))


def revoke(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Take a grant back at once (收回批准); raises `RequestState`."""
    known = demand_revoker(station, caller, requests.get(station.database, no))
    _carry_out(station, requests.revoking(no, reason=reason, at=station.now(), by=known))


def demand_revoker(station: Station, caller: Caller, request: Request) -> Caller:
    """Return the caller, bound, if they take a grant back: who granted it, or another head. Raises `NotAllowed`."""
    known = bind(station, caller)
    if known.who == person(str(request.decided_by)):
        return known
    return demand_role(station, known, ("supervisor", "security"), request.granted)


def approve(
    station: Station,
    caller: Caller,
    no: str,
    *,
    chosen: Sequence[str] = (),
    days: int | None = None,
    reason: str | None = None,
) -> Request:
    """Grant a request, as another person who recorded none of it (批准): all of it, or these clips and days of it.

    Raises `RequestState` where it lapsed too, `RequestPerson`, `RequestTooWide`.
    """
    with station.changing("acts", wait=True):
        request = _undecided(station, no)
        opened = chosen_clips(station, caller, tuple(chosen), None) if chosen else request.clips
        known = demand_approver(station, caller, request, opened)
        rules, version = rules_at(station, station.now())
        most = term_days(request, rules.access, classes_of(station, opened))
        if days is not None and days > most:
            what, what_zh = f"{most} days are the most the policy lets", f"按制度期限最长 {most} 天"
            raise RequestTooWide(request=no, what=what, what_zh=what_zh)
        now = station.now()
        until = now + timedelta(days=days or most)
        station.act_writer.carry_out(
            requests.granting(no, opened, until, version, reason=reason, at=now, by=known),
        )
        return requests.get(station.database, no)


def demand_approver(station: Station, caller: Caller, request: Request, opened: Sequence[str]) -> Caller:
    """Return the caller, bound, if they may grant these clips of a request; they recorded none of it.

    A class that was raised since it was asked counts: redaction does not open what is never released. Raises
    `RequestPerson`, `RequestTooWide`, `NotAllowed`, `NoSuchClip`.
    """
    known = demand_decider(station, caller, request, opened)
    _demand_unrecorded(station, known, request, opened)
    classes = classes_of(station, opened)
    if "state" in classes:
        raise RequestTooWide(request=request.no, what="it holds a state secret", what_zh="含国家秘密")
    if request.wanted == "redact" and "informant" in classes:
        what, what_zh = "what tells of an informant is never released", "涉及举报人的资料不得对外提供"
        raise RequestTooWide(request=request.no, what=what, what_zh=what_zh)
    return known


def demand_decider(station: Station, caller: Caller, request: Request, chosen: Sequence[str]) -> Caller:
    """Return the caller, bound, if they decide about these clips: another than who asked, head of the recording unit.

    Raises `RequestPerson`, `NotAllowed`, `NoSuchClip`.
    """
    roles = ("supervisor",)
    known = demand_clips(station, caller, Action.APPROVE, chosen) if chosen else demand_role(station, caller, roles)
    if is_asker(station, known, request):
        what, what_zh = "you asked for it; another person decides", "本人的申请须由他人审批"
        raise RequestPerson(request=request.no, what=what, what_zh=what_zh)
    return known


def hand_out(station: Station, caller: Caller, copy: str, *, medium: str, receiver: str) -> None:
    """Enter that a copy was handed out, on what and to whom (交付); raises `NoSuchRequest`, `RequestState`."""
    known = _keeper(station, caller, copy)
    _carry_out(station, requests.handing(copy, medium=medium, receiver=receiver, at=station.now(), by=known))


def take_back(station: Station, caller: Caller, copy: str, *, witness: str, is_destroyed: bool) -> None:
    """Enter that a copy came back or was destroyed, before a witness (收回、销毁).

    Raises `NoSuchRequest`, `RequestState`, `RequestPerson`.
    """
    known, outcome = _keeper(station, caller, copy), "destroyed" if is_destroyed else "returned"
    _carry_out(station, requests.taking_back(copy, outcome=outcome, witness=witness, at=station.now(), by=known))


def ask_who_asks(station: Station, runs: Caller, read: Read) -> Caller:
    """Who asks, or does what one person may; types a secret where nothing else tells. Raises `PersonUnknown`."""
    return second_person(station, runs, None, read, RequestPerson(request="-", what="", what_zh=""))


def ask_who_decides(station: Station, runs: Caller, no: str, read: Read) -> Caller:
    """Who decides: another person than who asked. Raises `RequestPerson`, `PersonUnknown`, `NoSuchRequest`."""
    first = person(requests.get(station.database, no).asked_by)
    what, what_zh = f"{first} asked for it; another person decides", f"申请人为 {first}，须由另一人审批"
    return second_person(station, runs, first, read, RequestPerson(request=no, what=what, what_zh=what_zh))


# ---------------------------------------------------------------------- reading


def every_request(station: Station, caller: Caller, since: datetime | None = None) -> tuple[Shown, ...]:
    """The requests this person may see as they stand now, the newest first: who keeps the register sees all.

    With `since`: without what nobody waits for and what was decided before, and without copies.
    """
    may_see, base = _seeing(station, caller), station.database
    asked = requests.every(base) if since is None else requests.open_or_decided(base, since)
    adopted, made = policy.history(base), defaultdict[str, list[Copy]](list)
    for copy in () if since else requests.copies(base):
        made[copy.request].append(copy)
    return tuple(_shown(station, one, adopted, made[one.no]) for one in asked if may_see(one))


def shown(station: Station, caller: Caller, no: str) -> Shown:
    """One request as it stands now; raises `NoSuchRequest` also for what is not theirs to see."""
    request, adopted = requests.get(station.database, no), policy.history(station.database)
    if not _seeing(station, caller)(request):
        raise NoSuchRequest(request=no)
    found = _shown(station, request, adopted, requests.copies(station.database, no))
    if request.wanted != EMERGENCY or request.until is None:
        return found
    times = (request.asked_at, request.until)
    return replace(found, looks=tuple(watched(station.database, person(request.asked_by), request.granted, *times)))


def copy_of(station: Station, caller: Caller, copy: str) -> Copy:
    """A copy by its number; raises `NoSuchRequest` also for one of a request that is not theirs to see."""
    may_see = _seeing(station, caller)
    for one in requests.copies(station.database):
        if one.no == copy and may_see(requests.get(station.database, one.request)):
            return one
    raise NoSuchRequest(request=copy)


def for_me(station: Station, caller: Caller) -> tuple[Shown, ...]:
    """What waits for this person (待我办理): to decide, to fill in, to judge; and what became of theirs lately."""
    known, since = bind(station, caller), station.now() - TOLD_FOR
    return tuple(one for one in every_request(station, known, since) if _is_told(station, known, one, since))


def is_asker(station: Station, caller: Caller, request: Request) -> bool:
    """Whether somebody is who asked, by whichever of their accounts."""
    return accounts.are_one(station.database, request.asked_by, caller.actor)


def signed_request(station: Station, no: str) -> Request:
    """What is signed of a request, read again from the vault; raises `NoSuchRequest`, `RecordsDisagree`."""
    station.signed.begin()
    found = station.signed.request(no)
    if found is None:
        raise NoSuchRequest(request=no)
    return found


def demand_maker(station: Station, caller: Caller, request: Request) -> Caller:
    """Return the caller, bound, if they make the copy: who asked, where the policy lets them, else the custodian.

    Raises `RequestPerson`, `NotAllowed`.
    """
    known = bind(station, caller)
    if known.how is None:  # before the bundle is made: the register is told last
        raise RequestPerson(request=request.no, what="nothing tells who you are", what_zh="无法确认操作人身份")
    if known.who == person(request.asked_by):
        if rules_at(station, station.now())[0].access.copies_by == "asker":
            return known
        if not people.are_entered(station.database):
            raise RequestPerson(request=request.no, what="the custodian makes the copy", what_zh="副本由保管员制作")
    return demand_role(station, known, ("custodian",), request.granted)


def demand_signed(station: Station, no: str, action: Action, chosen: Sequence[str]) -> None:
    """Raise `NotGranted` unless signed grants of this person, not rows alone, open each clip for the action."""
    left, now = set(chosen), station.now()
    for row in requests.granted(station.database, now):
        if person_no(row.asked_by) == no and action in OPENS[row.wanted] and left & set(row.granted):
            signed = demand_open(signed_request(station, row.no), row.no, now)
            left -= set(signed.granted) if person_no(signed.asked_by) == no else set()
    if left:
        raise NotGranted(request="-", what=f"nothing signed opens {min(left)}", what_zh=f"{min(left)} 无签名批准")


def rules_at(station: Station, moment: datetime) -> tuple[BureauPolicy, int]:
    """The policy in force at a moment and its version; the defaults, 0, where none was adopted. Raises `PolicyBad`."""
    return _in_force(policy.history(station.database), moment)


def _in_force(adopted: Sequence[policy.Adopted], moment: datetime) -> tuple[BureauPolicy, int]:
    found = policy.in_force(adopted, moment)
    return (BureauPolicy(), 0) if found is None else (found.whole, found.version)


# ---------------------------------------------------------------------- inside


def _shown(station: Station, request: Request, adopted: Sequence[policy.Adopted], copies: Sequence[Copy]) -> Shown:
    end = _lapses_at(station, request, adopted)
    return Shown(request, state_at(request, station.now(), end), end, tuple(copies))


def _lapses_at(station: Station, request: Request, adopted: Sequence[policy.Adopted]) -> datetime:
    """By the policy in force when it was asked; the newest calendar counts."""
    then, now = (_in_force(adopted, at)[0] for at in (request.asked_at, station.now()))
    return lapses_at(request, then.access, WorkingDays(now.calendar), station.settings.zone)


def _carry_out(station: Station, act: Act) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.carry_out(act)


def _is_told(station: Station, caller: Caller, shown: Shown, since: datetime) -> bool:
    request = shown.request
    if is_asker(station, caller, request):
        told = (request.decided_at, request.revoked_at, shown.lapses_at if shown.state == "lapsed" else None)
        return any(at is not None and at > since for at in told)
    if not (shown.state == "asked" or is_unjudged(request)):
        return False
    found = answers(station, caller, Action.APPROVE, request.clips).values()
    if request.clips and all(one.outcome == "allow" for one in found):
        return True
    roles = ("auditor",) if is_unjudged(request) else () if request.clips else ("custodian",)
    try:
        return bool(roles and demand_role(station, caller, roles, request.clips))
    except NotAllowed:
        return False


def _undecided(station: Station, no: str) -> Request:
    """The request as it is signed, if somebody may still decide; the caller holds the lock for acts."""
    station.act_writer.catch_up()
    request = signed_request(station, no)
    state = state_at(request, station.now(), _lapses_at(station, request, policy.history(station.database)))
    if state != "asked":
        raise RequestState(request=no, state=WORDS[state][0], state_zh=WORDS[state][1])
    return request


def _seeing(station: Station, caller: Caller) -> Callable[[Request], bool]:
    """Which requests somebody may see: who keeps, decides or audits sees the register, others what is their own."""
    if not people.are_entered(station.database):
        return lambda _: True
    known = bind(station, caller)
    somebody = asker(station, known)
    if somebody is not None and any(grant.role in REGISTRARS for grant in somebody.grants):
        return lambda _: True
    return lambda one: known.no is not None and person_no(one.asked_by) == known.no


def _keeper(station: Station, caller: Caller, copy: str) -> Caller:
    """Return the caller, bound, if they enter what becomes of a copy, as `demand_maker`."""
    return demand_maker(station, caller, requests.get(station.database, copy_of(station, caller, copy).request))


def chosen_clips(station: Station, caller: Caller, named: tuple[str, ...], case: str | None) -> tuple[str, ...]:
    """The numbers of these clips, or of a case's, and of what stands beside; what nobody typed if it may be found."""
    database = station.database
    found = [find_clip(station, caller, one) for one in named]
    if case is not None and not named:
        its = [one.clip for one in reading.of_case(database, case)]
        found += found_among(station, caller, its)
    beside = [each for one in found for each in clips.sidecars_of(database, one)]
    known = answers(station, caller, Action.ROW, beside)
    return tuple(sorted({*found, *(one for one in beside if known[one] is not UNSEEN)}))


def classes_of(station: Station, chosen: Sequence[str]) -> set[str]:
    """The classes of these clips, as far as any has one."""
    rows = (clips.row(station.database, clip) for clip in chosen)
    return {str(row["class"]) for row in rows if row.get("class")}


def _demand_unrecorded(station: Station, caller: Caller, request: Request, chosen: Sequence[str]) -> None:
    """Nobody decides about what they recorded themselves."""
    for clip in chosen:
        if search.get(station.database, clip).officer in (caller.person, caller.no):
            what, what_zh = f"you recorded {clip}; another person decides", f"{clip} 由您采集，须由另一人审批"
            raise RequestPerson(request=request.no, what=what, what_zh=what_zh)
