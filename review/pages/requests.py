"""Requests (调阅复制): asked for, decided by another, the register of copies, emergency looks and their judgement.

Each step is a form of its own, sent to a noun below the request; the service signs the act. A step that is due and not
this person's is there with its reason, and cannot be pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from catalog.cases import reading
from catalog.rules.callers import Caller
from catalog.rules.requests import COPIES, WORDS, is_unjudged
from catalog.station_error import StationError
from docking_station.bundle.burnt import BURNT, there
from docking_station.bundle.granted import disks_outside
from docking_station.services import emergencies, requests
from docking_station.services.case_file import called_after
from docking_station.services.known_cases import knows
from docking_station.services.listing import named_clips
from docking_station.services.request_steps import of_copy, steps
from docking_station.services.rights import demand_role
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from docking_station.texts.codes import CLASSES, KINDS
from review.door import caller_of
from review.forms import Sent, token_of
from review.frame import page
from review.register import names_of
from review.statuses import status_of

PAGES = APIRouter()
Form = Mapping[str, str]
TABS = ("for-me", "mine", "all", "register")
STATES: Mapping[str, tuple[str, str]] = {
    "asked": ("warn", "hourglass"), "unjudged": ("warn", "hourglass"),
    "granted": ("ok", "check"), "upheld": ("ok", "check"),
    "refused": ("bad", "circle-x"), "revoked": ("bad", "circle-x"), "faulted": ("bad", "circle-x"),
    "overdue": ("bad", "octagon-alert"), "lapsed": ("bad", "timer"),
    "withdrawn": ("idle", "circle-x"), "ended": ("idle", "timer"),
}  # fmt: skip
"""How a state looks: its kind and its icon."""
SAID = {**WORDS, "unjudged": ("to be judged", "待评判")}
"""What a state is called; an emergency look that nobody judged was granted by nobody."""
ICONS = {"approve": "check", "refuse": "x", "withdraw": "x", "revoke": "x"}
FRESH = ("approve", "judge")
"""The steps before which a second factor is asked for anew, where a person has one."""
CLIPS_MAX, DIGITS_MAX = 200, 3
ASKED_AGAIN_S = 3
"""So soon a page is asked for again while a copy is made."""
FOOTAGE = ("video", "audio", "image")


def said_in(form: Form, name: str) -> str | None:
    """What was typed into a field; None for nothing."""
    return form.get(name, "").strip() or None


def is_number(form: Form, name: str) -> bool:
    """Whether a field holds a number of days or minutes, or nothing."""
    text = said_in(form, name) or "1"
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and int(text) > 0


def number(form: Form, name: str) -> int | None:
    """What was typed as a number of days or minutes; raises `HTTPException` for what is none."""
    if not is_number(form, name):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return int(form[name]) if said_in(form, name) else None


def _approve(station: Station, me: Caller, no: str, form: Form) -> object:
    ticked = tuple(name.removeprefix("clip-") for name in form if name.startswith("clip-"))
    return requests.approve(station, me, no, chosen=ticked, days=number(form, "days"), reason=said_in(form, "reason"))


def _judge(station: Station, me: Caller, no: str, form: Form) -> object:
    is_upheld = form.get("judgement") == "upheld"
    return emergencies.judge(station, me, no, is_upheld=is_upheld, reason=form.get("reason", ""))


def _hand(station: Station, me: Caller, _: str, form: Form) -> None:
    receiver, identity = form.get("receiver", ""), form.get("identity", "").strip()
    said = f"{receiver.strip()}（{identity}）" if identity and receiver.strip() else receiver
    requests.hand_out(station, me, form.get("copy", ""), medium=form.get("medium", ""), receiver=said)


def _return(station: Station, me: Caller, _: str, form: Form) -> None:
    back, witness = form.get("copy", ""), form.get("witness", "")
    requests.take_back(station, me, back, witness=witness, is_destroyed="destroyed" in form)


STEPS: Mapping[str, Callable[[Station, Caller, str, Form], object]] = {
    "approve": _approve,
    "fill": lambda station, me, no, form: requests.fill(station, me, no, form.get("clips", "").split()),
    "hand": _hand,
    "judge": _judge,
    "refuse": lambda station, me, no, form: requests.refuse(station, me, no, form.get("reason", "")),
    "return": _return,
    "revoke": lambda station, me, no, form: requests.revoke(station, me, no, form.get("reason", "")),
    "withdraw": lambda station, me, no, form: requests.withdraw(station, me, no, said_in(form, "reason")),
}


@PAGES.get("/requests")
def every(request: Request, show: str = "") -> Response:
    """What waits for this person, what they asked for, all they may see; and the register of copies."""
    station, me = request.app.state.station, caller_of(request)
    mine, waiting = requests.every_request(station, me), requests.for_me(station, me)
    chosen = show if show in TABS else "for-me" if waiting else "all"
    found: list[Any] = list(mine if chosen == "all" else waiting)
    if chosen == "mine":
        found = [one for one in mine if requests.is_asker(station, me, one.request)]
    elif chosen == "register":
        found = [(one, copy) for one in mine for copy in reversed(one.copies)]
    return page(
        request,
        "requests.html",
        title="req_title",
        chosen=chosen,
        found=found,
        state_of=_state,
        due=_due,
        waiting=len(waiting),
        states=STATES,
        words=SAID,
        parties=_parties(station, me, mine),
        called=names_of(request),
        may_break=_may_break(station, me),
    )


@PAGES.get("/requests/{no}")
def one(request: Request, no: str) -> Response:
    """One request."""
    return request_page(request, no)


@PAGES.post("/requests/{no}/{step}")
def step(request: Request, no: str, step: str, form: Sent) -> Response:
    """Take a step of a request or of a copy of it."""
    station, me = request.app.state.station, caller_of(request)
    if step not in STEPS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    requests.shown(station, me, no)  # what is not theirs to see is not there
    if step in FRESH:
        request.app.state.sessions.demand_fresh(token_of(request))
    try:
        STEPS[step](station, me, no, form)
    except StationError as error:
        return request_page(request, no, error, step, form)
    return RedirectResponse(f"/requests/{no}", HTTPStatus.SEE_OTHER)


def request_page(
    request: Request, no: str, error: StationError | None = None, step: str = "", typed: Form | None = None
) -> Response:
    """The page of a request; with the error of a step that was refused, and what was typed there."""
    station, me = request.app.state.station, caller_of(request)
    shown = requests.shown(station, me, no)
    its = shown.request
    clips = sorted(
        named_clips(station, me, its.clips[:CLIPS_MAX]), key=lambda one: (one.kind not in FOOTAGE, one.starts_at)
    )
    case = reading.get(station.database, its.case_id) if its.case_id and knows(station, me, [its.case_id]) else None
    making = request.app.state.makings.of(no)
    answer = page(
        request,
        "request.html",
        HTTPStatus.OK if error is None else status_of(error),
        title="req_title",
        shown=shown,
        its=its,
        state=_state(shown),
        due=_due(shown),
        clips=clips,
        unseen=len(its.clips) - len(clips),
        case=case,
        parties=_parties(station, me, [shown]),
        steps=steps(station, me, shown),
        after={copy.no: of_copy(station, me, shown, copy) for copy in shown.copies},
        called=names_of(request),
        words=SAID,
        states=STATES,
        icons=ICONS,
        kinds=KINDS,
        classes=CLASSES,
        went_wrong=step,
        wrong=error,
        typed=typed or {},
        making=making,
        disks=disks_outside(station) if shown.state == "granted" and its.wanted in COPIES else (),
        films=[one for one in clips if one.kind == "video" and one.id in its.granted],
        copied={copy.no: there(station, copy) for copy in shown.copies if copy.kind == BURNT},
    )
    if making is not None and not making.is_over:
        answer.headers["Refresh"] = str(ASKED_AGAIN_S)
    return answer


def _state(shown: requests.Shown) -> str:
    return "unjudged" if is_unjudged(shown.request) and shown.state != "overdue" else shown.state


def _due(shown: requests.Shown) -> datetime:
    """Until when somebody decides or judges, or a grant stands; what lapses at midnight is due the day before."""
    if is_unjudged(shown.request):
        return shown.lapses_at
    return shown.request.until or shown.lapses_at - timedelta(seconds=1)


def _parties(station: Station, me: Caller, asked: Sequence[requests.Shown]) -> Mapping[str, str]:
    """Whom the cases are about that were asked for, by their ids, as far as this person may know of them."""
    return called_after(station, me, {one.request.case_id for one in asked if one.request.case_id})


def _may_break(station: Station, me: Caller) -> bool:
    try:
        return bool(demand_role(station, me, emergencies.OPENERS))
    except NotAllowed:
        return False
