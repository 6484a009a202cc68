"""Legal review (法制审核): the register of rounds, and one round beside the case's records and footage.

Each step is a form of its own, sent to a noun below the round; the service signs the act. Nothing is chosen before
somebody chooses. The address is the state, as at a case's page: which record is open, what is on the line of time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from catalog.rules.callers import Caller
from catalog.rules.review_rounds import STATES, VERDICTS
from catalog.station_error import StationError
from docking_station.derived.official import LETTER_TYPE, docx_of, html_of
from docking_station.derived.pdf import pdf_of
from docking_station.services import legal_review
from docking_station.services.known_cases import find_case
from docking_station.services.opinions import file_opinion, give_opinion, letter, opinion_of
from docking_station.services.request_steps import why_not
from docking_station.station.errors import BadTime
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import Sent, day_in
from review.frame import page
from review.pages.case import case_page
from review.pages.case_changes import tried
from review.pages.requests import said_in
from review.register import names_of
from review.statuses import status_of
from review.toasts import done

PAGES = APIRouter()
Form = Mapping[str, str]
LOOKS: Mapping[str, tuple[str, str]] = {
    "sent": ("warn", "hourglass"),
    "returned": ("bad", "undo-2"),
    "passed": ("ok", "circle-check"),
    "failed": ("bad", "circle-x"),
    "answered": ("warn", "message-square-reply"),
}
"""How a state looks: its kind and its icon."""
TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})|(\d{1,5})")
"""A place in a film as it is typed: 1:02:03, 2:03, or seconds."""
MS = 1000
KEPT = ("r", "show", "view", "page", "look")
"""What of the address stays after a step: the record that is open, and what plays."""


@PAGES.get("/reviews")
def every(request: Request) -> Response:
    """The rounds of the cases this person may know of."""
    station, me = request.app.state.station, caller_of(request)
    return page(
        request,
        "reviews.html",
        title="rev_title",
        found=legal_review.every_round(station, me),
        states=STATES,
        looks=LOOKS,
        called=names_of(request),
    )


@PAGES.get("/reviews/{no}")
def one(request: Request, no: str, look: Annotated[tuple[str, ...], Query()] = ()) -> Response:
    """One round."""
    return review_page(request, no, request.query_params, look)


@PAGES.get("/reviews/{no}/letter.{kind}")
def draft(request: Request, no: str, kind: str) -> Response:
    """The opinion as it is, or would be, printed; and as a document to paste from."""
    station = request.app.state.station
    blocks = letter(station, legal_review.shown(station, caller_of(request), no))
    if kind == "docx":
        headers = {"content-disposition": f'attachment; filename="{no}.docx"'}
        return Response(docx_of(blocks), media_type=LETTER_TYPE, headers=headers)
    printed = pdf_of(html_of(blocks)) if kind == "pdf" else None
    if printed is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(printed, media_type="application/pdf")


def _judge(station: Station, me: Caller, no: str, form: Form) -> None:
    chosen = [name.removeprefix("paper-") for name in form if name.startswith("paper-")]
    parts = []
    if form.get("clip"):
        parts.append((form["clip"], _place(form.get("from", "")), _place(form.get("to", ""))))
    rests = legal_review.rest_on(station, me, chosen, parts)
    verdict = next((one for one in VERDICTS if one == form.get("verdict")), None)
    if verdict is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return legal_review.judge(station, me, no, form.get("point", ""), verdict, rests, said_in(form, "note"))


def _place(text: str) -> int:
    """A place in a film, in milliseconds; raises `BadTime`."""
    found = TIME.fullmatch(text.strip().replace("：", ":"))
    if found is None:
        raise BadTime(text=text)
    hours, minutes, seconds, alone = (int(one or 0) for one in found.groups())
    return (hours * 3600 + minutes * 60 + seconds + alone) * MS


def _answer(station: Station, me: Caller, no: str, form: Form) -> None:
    if form.get("adopted") not in ("yes", "no"):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    is_adopted = form["adopted"] == "yes"
    legal_review.answer(station, me, no, form.get("point", ""), form.get("note", "").strip(), adopted=is_adopted)


STEPS: Mapping[str, Callable[[Station, Caller, str, Form], object]] = {
    "again": lambda station, me, no, form: legal_review.again(station, me, no, form.get("reason", "").strip()),
    "answer": _answer,
    "extend": lambda station, me, no, form: legal_review.extend(station, me, no, form.get("reason", "").strip()),
    "file": lambda station, me, no, _: file_opinion(station, me, no),
    "give": lambda station, me, no, form: give_opinion(
        station, me, no, form.get("opinion", ""), form.get("text", "").strip()
    ),
    "judge": _judge,
    "return": lambda station, me, no, form: legal_review.give_back(station, me, no, form.get("reason", "").strip()),
    "send": lambda station, me, no, form: legal_review.send(
        station, me, legal_review.shown(station, me, no).round.case_id, said_in(form, "note")
    ),
}


@PAGES.post("/reviews/{no}/{step}")
def step(request: Request, no: str, step: str, form: Sent) -> Response:
    """Take a step of a round."""
    station, me = request.app.state.station, caller_of(request)
    if step not in STEPS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    legal_review.shown(station, me, no)  # what is not theirs to see is not there
    asked = [(name, value) for name, value in parse_qsl(form.get("here", "")) if name in KEPT]
    try:
        made = STEPS[step](station, me, no, form)
    except StationError as error:
        looks = tuple(value for name, value in asked if name == "look")
        return review_page(request, no, dict(asked), looks, error, step, form)
    to = f"/reviews/{made}" if step in ("again", "send") else f"/reviews/{no}?{urlencode(asked)}#steps"
    return done(request, to, f"rev_done_{step}", no=no)


@PAGES.post("/cases/{case}/review")
def send(request: Request, case: str, form: Sent) -> Response:
    """Send a case for review."""
    station, me = request.app.state.station, caller_of(request)
    its = find_case(station, me, case)

    def act() -> str:
        legal_review.send(station, me, its.id, said_in(form, "note"))
        return ""

    return tried(request, its.id, form, "send-review", act, "rev_done_send")


@PAGES.post("/cases/{case}/decision")
def decision(request: Request, case: str, form: Sent) -> Response:
    """Enter the decision on a case."""
    station, me = request.app.state.station, caller_of(request)
    its = find_case(station, me, case)

    def act() -> str:
        if (day := day_in(form)) is None:
            raise BadTime(text="")
        legal_review.decide(station, me, its.id, day.isoformat(), approved_by=said_in(form, "approved_by"))
        return ""

    return tried(request, its.id, form, "decide-case", act, "rev_done_decide")


def review_page(
    request: Request,
    no: str,
    asked: Mapping[str, str],
    looks: tuple[str, ...] = (),
    error: StationError | None = None,
    step: str = "",
    typed: Form | None = None,
) -> Response:
    """The page of a round; with the error of a step that was refused, and what was typed there."""
    station, me = request.app.state.station, caller_of(request)
    shown = legal_review.shown(station, me, no)
    by, its = legal_review.policy_of(station, shown.round), shown.round
    reviews = why_not(lambda: legal_review.demand_reviewer(station, me, no)) is None
    judges, filed = reviews and its.state == "sent", opinion_of(station, its)
    facts: dict[str, Any] = {
        "template": "review.html",
        "title": "rev_one",
        "shown": shown,
        "its": its,
        "by": by,
        "due": shown.due,
        "judges": judges,
        "files": reviews and its.opinion is not None and (filed is None or filed.scan is None),
        "unopened": legal_review.opened(station, me, its)[1:] if judges else ((), 0),
        "rounds": legal_review.ready_for(station, its.case_id).rounds,
        "called": names_of(request),
        "states": STATES,
        "state_looks": LOOKS,
        "verdicts": VERDICTS,
        "went_wrong": step,
        "wrong": error,
        "typed": typed or {},
        "review": no,
        "here_query": urlencode(
            [(name, asked[name]) for name in KEPT[:-1] if asked.get(name)] + [("look", it) for it in looks]
        ),
    }
    status = HTTPStatus.OK if error is None else status_of(error)
    return case_page(request, its.case_id, asked, looks, status, **facts)
