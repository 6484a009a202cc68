"""`/requests` (调阅、复制申请): asked for by one person, decided by another; the register of copies; emergency looks.

A decision, and each step of a copy, is a noun that came to be: a POST to it is one signed act.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from catalog.rules import acts
from catalog.rules.callers import Caller
from catalog.rules.requests import Wanted
from catalog.rules.rights import Action
from docking_station.services import emergencies, requests
from docking_station.station.station import Station
from review.api.answers import (
    After,
    Body,
    Json,
    Limit,
    place_in,
    sealed,
)
from review.api.asking import Here, Me, marks
from review.api.changes import Key, once
from review.api.typed import ClipIds, Page, Words

API = APIRouter()
RequestNo = Annotated[str, Path(pattern=r"^R\d{4}-\d{4,8}$", description="Its number.", examples=["R2026-0001"])]
CopyNo = Annotated[str, Path(pattern=r"^R\d{4}-\d{4,8}-\d{1,6}$", description="Its number in the register.")]
Days = Annotated[int | None, Field(ge=1, le=365)]


class Asking(Body):
    """What is asked for and why: clips, all of a case, or a description."""

    wanted: Wanted
    reason: Words
    clips: ClipIds = ()
    case: Words | None = None
    description: Words | None = None
    use: Words | None = None
    paper: Words | None = None
    days: Days = None
    organ: Words | None = None
    letter: Words | None = None


class Emergency(Body):
    """Which clips are opened at once, why, and for how many minutes."""

    reason: Words
    clips: ClipIds = ()
    case: Words | None = None
    minutes: Annotated[int | None, Field(ge=1, le=30)] = None


class Reasoned(Body):
    """Why."""

    reason: Words


class MayReason(Body):
    """Why, if it should be signed too."""

    reason: Words | None = None


class Chosen(Body):
    """Clips that are named for a request in words."""

    clips: ClipIds


class Approval(MayReason):
    """All that is asked for, or some clips and days of it."""

    clips: ClipIds = ()
    days: Days = None


class Judgement(Reasoned):
    """Whether an emergency look was rightly opened, and why."""

    upheld: bool


class Handing(Body):
    """On what a copy was handed out, and to whom."""

    medium: Words
    receiver: Words


class Return(Body):
    """Before whom a copy came back, or was destroyed."""

    witness: Words
    destroyed: bool = False


@API.get("/requests", **marks("requests:read", None, answer=Page))
def every_request(
    request: Request, me: Me, station: Here, for_me: bool = False, limit: Limit = 50, after: After = None
) -> Response:
    """The requests somebody may see, the newest first; `for_me`: what waits for them, or became of theirs."""
    found = (requests.for_me if for_me else requests.every_request)(station, me)
    behind = None if after is None else place_in(request, after)
    left = [one for one in found if behind is None or _place(one) < tuple(behind)]
    items, more = left[:limit], len(left) > limit
    return Json({"items": items, "next": sealed(request, _place(items[-1])) if more else None})


@API.get("/requests/{no}", **marks("requests:read", None, answer=dict[str, Any]))
def one_request(me: Me, station: Here, no: RequestNo) -> Response:
    """A request as it stands now, with its copies, as `requests show --json` prints it."""
    return Json(requests.shown(station, me, no))


@API.post(
    "/requests", **marks("person", None, act=(acts.REQUEST_ASKED,), answer=dict[str, Any], status=HTTPStatus.CREATED)
)
def ask(request: Request, me: Me, station: Here, body: Asking, key: Key = None) -> Response:
    """Ask for a look or a copy (申请); another person decides."""
    asked = requests.Asked(**body.model_dump())
    return once(request, station, me, key, body, lambda: requests.ask(station, me, asked), _answer(station, me))


@API.post(
    "/emergencies",
    **marks("person", Action.STREAM, act=(acts.EMERGENCY_OPENED,), answer=dict[str, Any], status=HTTPStatus.CREATED),
)
def open_emergency(request: Request, me: Me, station: Here, body: Emergency, key: Key = None) -> Response:
    """Open clips for looking at once (紧急调阅); another person judges it afterwards."""

    def change() -> str:
        about: dict[str, Any] = body.model_dump(include={"case", "reason", "minutes"})
        return emergencies.open_emergency(station, me, body.clips, **about).no

    return once(request, station, me, key, body, change, _answer(station, me))


def _step(
    noun: str, action: Action | None, act: tuple[str, ...], kind: type[Body], does: Callable[..., object]
) -> None:
    """A step of a request or a copy: `does(station, caller, number, body)`; its docstring is that of the body."""
    of_copy = noun.startswith("copies/")
    path = f"/copies/{{no}}/{noun.removeprefix('copies/')}" if of_copy else f"/requests/{{no}}/{noun}"

    def step(request: Request, me: Me, station: Here, no: str, body: Body, key: Key = None) -> Response:
        def change() -> str:
            does(station, me, no, body)
            return no

        return once(request, station, me, key, body, change, _answer(station, me))

    step.__name__, step.__doc__ = f"request_{noun.replace('/', '_')}", kind.__doc__
    step.__annotations__ |= {"no": CopyNo if of_copy else RequestNo, "body": kind}
    API.post(path, **marks("person", action, act=act, answer=dict[str, Any], status=HTTPStatus.CREATED))(step)


def _approve(station: Station, me: Caller, no: str, body: Approval) -> object:
    return requests.approve(station, me, no, chosen=body.clips, days=body.days, reason=body.reason)


def _judge(station: Station, me: Caller, no: str, body: Judgement) -> object:
    return emergencies.judge(station, me, no, is_upheld=body.upheld, reason=body.reason)


def _take_back(station: Station, me: Caller, no: str, body: Return) -> None:
    requests.take_back(station, me, no, witness=body.witness, is_destroyed=body.destroyed)


for _one in (
    ("clips", None, (acts.REQUEST_FILLED,), Chosen, lambda s, me, no, body: requests.fill(s, me, no, body.clips)),
    (
        "withdrawal",
        None,
        (acts.REQUEST_WITHDRAWN,),
        MayReason,
        lambda s, me, no, b: requests.withdraw(s, me, no, b.reason),
    ),
    ("approval", Action.APPROVE, (acts.REQUEST_GRANTED,), Approval, _approve),
    (
        "refusal",
        Action.APPROVE,
        (acts.REQUEST_REFUSED,),
        Reasoned,
        lambda s, me, no, b: requests.refuse(s, me, no, b.reason),
    ),
    ("revocation", None, (acts.REQUEST_REVOKED,), Reasoned, lambda s, me, no, b: requests.revoke(s, me, no, b.reason)),
    ("judgement", Action.APPROVE, (acts.EMERGENCY_UPHELD, acts.EMERGENCY_FAULTED), Judgement, _judge),
    (
        "copies/handing",
        None,
        (acts.COPY_HANDED,),
        Handing,
        lambda s, me, no, b: requests.hand_out(s, me, no, medium=b.medium, receiver=b.receiver),
    ),
    ("copies/return", None, (acts.COPY_RETURNED,), Return, _take_back),
):
    _step(*_one)


def _answer(station: Station, me: Caller) -> Callable[[str], Response]:
    """The request that a number, or that of a copy, is of."""
    return lambda no: Json(requests.shown(station, me, "-".join(no.split("-")[:2])), HTTPStatus.CREATED)


def _place(one: requests.Shown) -> tuple[str, str]:
    """Where a request stands in a list."""
    return f"{one.request.asked_at:%Y%m%dT%H%M%S.%f}", one.request.no
