"""Requests for a look or a copy (调阅、复制申请), and the copies: what can follow on what, and who may; pure.

Shapes: a request, or a copy, is what its signed acts say one after the other. `after` and `copy_after` are the one
telling of it: the catalog's rows, what is demanded before an act and what is read again in the vault all go by them.
Two states are told by the clock alone: lapsed 逾期未批 and ended 到期.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from catalog.errors import NoSuchRequest, NotGranted, RequestPerson, RequestState, RequestTooWide
from catalog.rules import rights
from catalog.rules.acts import (
    COPY_HANDED,
    COPY_MADE,
    COPY_RETURNED,
    EMERGENCY_FAULTED,
    EMERGENCY_OPENED,
    EMERGENCY_UPHELD,
    REQUEST_ASKED,
    REQUEST_FILLED,
    REQUEST_GRANTED,
    REQUEST_REFUSED,
    REQUEST_REVOKED,
    REQUEST_WITHDRAWN,
    Act,
)
from catalog.rules.callers import person
from catalog.rules.canonical import parsed_time
from catalog.rules.rights import Action
from catalog.rules.working_days import DAY

if TYPE_CHECKING:
    from catalog.rules.bureau_policy import Access
    from catalog.rules.working_days import WorkingDays

Judged = Literal["overdue", "upheld", "faulted"]
State = Literal["asked", "withdrawn", "refused", "granted", "revoked", "lapsed", "ended"] | Judged
CopyState = Literal["made", "handed", "returned"]
Wanted = Literal["look", "copy", "export", "redact"]
"""What a request asks for (申请事项): 调阅, 复制, 导出, 遮盖."""
EMERGENCY: Literal["emergency"] = "emergency"
"""What was opened without a request (紧急调阅): nobody grants it, another person judges it afterwards."""
COPIES: tuple[Wanted, ...] = ("copy", "export")
"""What may leave as an evidence bundle."""
OPENS: Mapping[str, frozenset[Action]] = {
    "look": frozenset(rights.LOOKS),
    "copy": frozenset((Action.COPY, Action.EXPORT)),
    "export": frozenset((Action.EXPORT,)),
    "redact": frozenset((Action.REDACT,)),
    "emergency": frozenset((Action.STREAM, Action.POSITION)),
}
"""What a grant allows with its clips."""
ASKS: Mapping[str, Action] = {
    "look": Action.STREAM,
    "copy": Action.COPY,
    "export": Action.EXPORT,
    "redact": Action.REDACT,
}
"""What the rule of rights is asked about who asks: a refusal is none that a request could change."""
WORDS: Mapping[str, tuple[str, str]] = {
    "asked": ("waiting for a decision", "待审批"),
    "withdrawn": ("withdrawn", "已撤回"),
    "refused": ("refused", "已驳回"),
    "granted": ("granted", "已批准"),
    "revoked": ("revoked", "已收回"),
    "lapsed": ("lapsed: nobody decided in time", "逾期未批"),
    "ended": ("over: its term has ended", "已到期"),
    "overdue": ("not judged in time", "逾期未评判"),
    "upheld": ("judged: rightly opened", "评判：正当"),
    "faulted": ("judged: wrongly opened", "评判：不当"),
    "made": ("made", "已制作"),
    "handed": ("handed out", "已交付"),
    "returned": ("taken back", "已收回"),
}
STEPS: Mapping[str, tuple[State, State]] = {
    REQUEST_FILLED: ("asked", "asked"),
    REQUEST_WITHDRAWN: ("asked", "withdrawn"),
    REQUEST_REFUSED: ("asked", "refused"),
    REQUEST_GRANTED: ("asked", "granted"),
    REQUEST_REVOKED: ("granted", "revoked"),
    EMERGENCY_UPHELD: ("granted", "upheld"),
    EMERGENCY_FAULTED: ("granted", "faulted"),
}
"""The state an act needs, and the one it makes."""
JUDGEMENTS = (EMERGENCY_UPHELD, EMERGENCY_FAULTED)
DECISIONS = (REQUEST_REFUSED, REQUEST_GRANTED, *JUDGEMENTS)
EMERGENCY_MAX, EMERGENCY_CLIPS_MAX = timedelta(minutes=30), 10
JUDGED_IN = timedelta(hours=24)
"""So soon an emergency look is judged by another person."""
COPY_STEPS: Mapping[str, tuple[CopyState, CopyState]] = {
    COPY_HANDED: ("made", "handed"),
    COPY_RETURNED: ("handed", "returned"),
}
REQUEST_ACTIONS = (REQUEST_ASKED, EMERGENCY_OPENED, *STEPS)
COPY_ACTIONS = (COPY_MADE, *COPY_STEPS)


@dataclass(frozen=True, slots=True)
class Request:
    """A request (调阅、复制申请); its fields are keys of `--json`. A grant opens the clips in `granted` until then."""

    no: str
    state: State
    wanted: Wanted | Literal["emergency"]
    clips: tuple[str, ...]
    case_id: str | None
    description: str | None
    reason: str
    use: str | None
    paper: str | None
    organ: str | None
    letter: str | None
    days: int | None
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_reason: str | None = None
    granted: tuple[str, ...] = ()
    until: datetime | None = None
    watermark: str | None = None
    policy: int | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in the register (复制登记); its fields are keys of `--json`. `sha256` is of the index of the bundle."""

    no: str
    request: str
    state: CopyState
    kind: str
    sha256: str
    bundle: str
    clips: tuple[str, ...]
    made_at: datetime
    made_by: str
    handed_at: datetime | None = None
    handed_by: str | None = None
    medium: str | None = None
    receiver: str | None = None
    returned_at: datetime | None = None
    returned_by: str | None = None
    outcome: str | None = None
    witness: str | None = None


def after(request: Request | None, act: Act) -> Request:
    """A request once an act is carried out.

    Raises `NoSuchRequest`, `RequestState`, `RequestPerson`, `RequestTooWide`.
    """
    details = act.details
    _demand_known(act)
    if act.action in (REQUEST_ASKED, EMERGENCY_OPENED):
        if request is not None:
            raise _state(request.no, request.state)
        return _asked(act) if act.action == REQUEST_ASKED else _opened(act)
    if request is None:
        raise NoSuchRequest(request=act.subject)
    needed, state = STEPS[act.action]
    is_lifted = (request.state, act.action) == ("faulted", EMERGENCY_UPHELD)  # a later word gives the right back
    if (request.state != needed and not is_lifted) or (request.wanted == EMERGENCY) != (act.action in JUDGEMENTS):
        raise _state(request.no, request.state)
    _demand_person(request, act)
    reason = details.get("reason")
    if act.action == REQUEST_FILLED:
        if request.clips and request.description is None:
            raise _wide(request, "it names its clips itself", "申请本身已列明资料")
        return replace(request, clips=tuple(details["clips"]))
    if act.action == REQUEST_REVOKED:
        return replace(request, state=state, revoked_at=act.at, revoked_by=act.actor, revoked_reason=reason)
    decided = replace(request, state=state, decided_at=act.at, decided_by=act.actor, decided_reason=reason)
    return _granted(decided, act) if act.action == REQUEST_GRANTED else decided


def copy_after(copy: Copy | None, act: Act, request: Request | None = None) -> Copy:
    """A copy once an act is carried out; one is made under a grant that stands then.

    Raises `NotGranted`, `NoSuchRequest`, `RequestState`, `RequestPerson`.
    """
    details = act.details
    _demand_known(act)
    if act.action == COPY_MADE:
        if copy is not None:
            raise _state(copy.no, copy.state)
        clips = tuple(one["clip"] for one in details["originals"])
        demand_open(request, str(details["request"]), act.at, clips)
        made = (details["kind"], details["sha256"], details["bundle"], clips)
        return Copy(act.subject, str(details["request"]), "made", *made, act.at, act.actor)
    if copy is None:
        raise NoSuchRequest(request=act.subject)
    needed, state = COPY_STEPS[act.action]
    if copy.state != needed:
        raise _state(copy.no, copy.state)
    if act.action == COPY_HANDED:
        handed = replace(copy, state=state, handed_at=act.at, handed_by=act.actor)
        return replace(handed, medium=details["medium"], receiver=details["receiver"])
    if details["witness"] == person(act.actor):
        raise RequestPerson(request=copy.no, what="the witness is another person", what_zh="见证人须为另一人")
    back = replace(copy, state=state, returned_at=act.at, returned_by=act.actor)
    return replace(back, outcome=details["outcome"], witness=details["witness"])


def demand_open(request: Request | None, no: str, at: datetime, clips: Collection[str] = ()) -> Request:
    """The request whose grant lets copies of these clips be made at a time; raises `NotGranted`."""
    state: str = "asked" if request is None else state_at(request, at)
    if request is None or state != "granted":
        raise NotGranted(request=no, what=WORDS[state][0], what_zh=WORDS[state][1])
    if request.wanted not in COPIES:
        raise NotGranted(request=no, what="it is for looking alone", what_zh="仅批准调阅，未批准复制")
    if more := sorted(set(clips) - set(request.granted)):
        raise NotGranted(request=no, what=f"it does not open {more[0]}", what_zh=f"批准范围不含 {more[0]}")
    return request


def state_at(request: Request, at: datetime, lapses_at: datetime | None = None) -> State:
    """The state with what the clock alone says; `lapses_at` is until when somebody must decide."""
    if is_unjudged(request) and at > request.asked_at + JUDGED_IN:
        return "overdue"
    if request.state == "granted" and request.until is not None and at > request.until:
        return "ended"
    return "lapsed" if request.state == "asked" and lapses_at is not None and at >= lapses_at else request.state


def is_unjudged(request: Request) -> bool:
    """Whether it is an emergency look that nobody judged yet."""
    return request.wanted == EMERGENCY and request.state == "granted"


def lapses_at(request: Request, access: Access, days: WorkingDays, zone: tzinfo) -> datetime:
    """Until when somebody must decide: the end of so many working days after the day it was asked on (审批时限)."""
    if request.wanted == EMERGENCY:
        return request.asked_at + JUDGED_IN
    day = days.after(request.asked_at.astimezone(zone).date(), access.ask_days).day + DAY
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def term_days(request: Request, access: Access, classes: Collection[str]) -> int:
    """For how many days a grant may stand (批准期限): for what is private or a trade secret half as long."""
    most = access.look_days if request.wanted == "look" else access.copy_days
    most = (most + 1) // 2 if {"privacy", "business"} & set(classes) else most
    return most if request.days is None else min(most, request.days)


# ---------------------------------------------------------------------- inside


def _asked(act: Act) -> Request:
    told = dict(act.details)
    told.pop("how")
    clips, days = tuple(told.pop("clips")), told.pop("days")
    return Request(no=act.subject, state="asked", clips=clips, days=days, asked_at=act.at, asked_by=act.actor, **told)


def _opened(act: Act) -> Request:
    """An emergency look: its own grant, for few clips or a case, and not for long."""
    details = act.details
    clips, until = tuple(details["clips"]), parsed_time(details["until"])
    nothing: dict[str, Any] = dict.fromkeys(("description", "use", "paper", "organ", "letter", "days"))
    told = {name: details[name] for name in ("case_id", "reason", "policy")}
    asked: dict[str, Any] = {
        "clips": clips,
        "asked_at": act.at,
        "asked_by": act.actor,
        "granted": clips,
        "until": until,
    }
    opened = Request(no=act.subject, state="granted", wanted=EMERGENCY, **nothing, **told, **asked)
    if not clips or (details["case_id"] is None and len(clips) > EMERGENCY_CLIPS_MAX):
        most = EMERGENCY_CLIPS_MAX
        raise _wide(opened, f"it is for a case, or for 1 to {most} clips", f"须为一个案件或 1 至 {most} 个资料")
    if not act.at < until <= act.at + EMERGENCY_MAX:
        raise _wide(opened, "it lasts 30 minutes at most", "最长 30 分钟")
    return opened


def _demand_known(act: Act) -> None:
    """Two people are two only where both are known."""
    if act.details["how"] is None:
        raise RequestPerson(request=act.subject, what="nothing tells who you are", what_zh="无法确认操作人身份")


def _demand_person(request: Request, act: Act) -> None:
    is_asker = person(act.actor) == person(request.asked_by)
    if act.action == REQUEST_WITHDRAWN and not is_asker:
        raise RequestPerson(
            request=request.no,
            what=f"only {person(request.asked_by)}, who asked, withdraws it",
            what_zh=f"仅申请人 {person(request.asked_by)} 可撤回",
        )
    if act.action in DECISIONS and is_asker:
        raise RequestPerson(
            request=request.no,
            what=f"{person(act.actor)} asked for it; another person decides",
            what_zh=f"申请人为 {person(act.actor)}，须由另一人审批",
        )


def _granted(request: Request, act: Act) -> Request:
    """May narrow, never widen."""
    clips, until = tuple(act.details["clips"]), parsed_time(act.details["until"])
    if not clips:
        fill = f"`evidock requests fill {request.no} --clip"
        todo = {"todo": f"The custodian names them: {fill} CLIP`", "todo_zh": f"先列明资料：{fill} 资料编号`"}
        raise RequestTooWide(request=request.no, what="no clip is named yet", what_zh="尚未列明资料", **todo)
    if more := sorted(set(clips) - set(request.clips)):
        raise _wide(request, f"{more[0]} was not asked for", f"申请范围不含 {more[0]}")
    if until <= act.at or (request.days is not None and until > act.at + request.days * DAY):
        raise _wide(request, "its term is none, or longer than was asked for", "期限无效或超过申请期限")
    told = {name: act.details[name] for name in ("watermark", "policy")}
    return replace(request, granted=clips, until=until, **told)


def _state(no: str, state: str) -> RequestState:
    return RequestState(request=no, state=WORDS[state][0], state_zh=WORDS[state][1])


def _wide(request: Request, what: str, what_zh: str) -> RequestTooWide:
    return RequestTooWide(request=request.no, what=what, what_zh=what_zh)
