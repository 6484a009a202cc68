"""Asking (提出申请): the form of a request, and that of an emergency look, for clips, a case, or what is described.

Shapes: what is typed wrong is said at its field, with all that was typed; the clips that were named are listed below.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast, get_args

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.rules.requests import Wanted
from catalog.station_error import StationError
from docking_station.services import emergencies, requests
from docking_station.services.errors import ProofStale
from docking_station.services.known_cases import case_typed
from docking_station.services.listing import named_clips
from docking_station.services.rights import demand_role
from docking_station.texts.codes import CLASSES, KINDS
from review.door import caller_of
from review.forms import Sent, token_of
from review.frame import Words, page
from review.pages.requests import CLIPS_MAX, Form, is_number, number, said_in
from review.statuses import status_of

PAGES = APIRouter()
WANTED: Mapping[Wanted, str] = {
    "copy": "req_copying", "look": "req_reading", "export": "req_exporting", "redact": "req_redacting"
}  # fmt: skip
TOLD = {
    "catalog.no-such-clip": "clips",
    "catalog.ambiguous-clip": "clips",
    "catalog.no-such-case": "case",
    "catalog.case-ambiguous": "case",
}
"""At which field of a form an error is told, by its code."""


@PAGES.get("/requests/new")
def new(request: Request) -> Response:
    """The form of a request, for the clips or the case in the address."""
    return _asked(request, "new")


@PAGES.get("/requests/emergency")
def at_once(request: Request) -> Response:
    """The form of an emergency look, for who may open one."""
    demand_role(request.app.state.station, caller_of(request), emergencies.OPENERS)
    return _asked(request, "emergency")


@PAGES.post("/requests/new")
def ask(request: Request, form: Sent) -> Response:
    """Ask for a look or a copy (申请)."""
    return _opened(request, "new", form)


@PAGES.post("/requests/emergency")
def emergency(request: Request, form: Sent) -> Response:
    """Open clips for looking at once (紧急调阅)."""
    return _opened(request, "emergency", form)


def _asked(request: Request, action: str) -> Response:
    query = request.query_params
    typed = {"clips": " ".join(query.getlist("clip")), "case": query.get("case", "")}
    return _form(request, action, typed | {"wanted": query.get("wanted", "copy")})


def _opened(request: Request, action: str, form: Form) -> Response:
    station, me = request.app.state.station, caller_of(request)
    clips, typed = tuple(form.get("clips", "").split()), said_in(form, "case")
    wrong = {name: Words.of(request)("req_bad_number") for name in ("days", "minutes") if not is_number(form, name)}
    if not (clips or typed or (action == "new" and said_in(form, "description"))):
        wrong["clips"] = Words.of(request)("req_name_something")
    if wrong:
        return _form(request, action, form, wrong)
    try:
        case = None if typed is None else case_typed(station, me, typed).id
        if action == "new":
            wanted = cast(Wanted, form.get("wanted") if form.get("wanted") in get_args(Wanted) else "copy")
            names = ("use", "paper", "organ", "letter")
            told = {name: said_in(form, name) for name in names}
            description, days = said_in(form, "description"), number(form, "days")
            asked = requests.Asked(wanted, form.get("reason", ""), clips, case, description, days=days, **told)
            no = requests.ask(station, me, asked)
        else:
            request.app.state.sessions.demand_fresh(token_of(request))
            why, minutes = form.get("reason", ""), number(form, "minutes")
            no = emergencies.open_emergency(station, me, clips, case=case, reason=why, minutes=minutes).no
    except ProofStale:
        raise
    except StationError as error:
        language = Words.of(request).language
        field = TOLD.get(error.code, str(error.facts.get("field", "clips")))
        return _form(request, action, form, {field: error.message(language)}, error)
    return RedirectResponse(f"/requests/{no}", HTTPStatus.SEE_OTHER)


def _form(
    request: Request, action: str, typed: Form, wrong: Form | None = None, error: StationError | None = None
) -> Response:
    station, me = request.app.state.station, caller_of(request)
    numbers = typed.get("clips", "").split()[:CLIPS_MAX]
    return page(
        request,
        "request_new.html",
        HTTPStatus.OK if not wrong else HTTPStatus.BAD_REQUEST if error is None else status_of(error),
        title="req_new" if action == "new" else "req_emergency",
        action=action,
        typed=typed,
        wrong=wrong or {},
        hint="" if error is None else error.hint_at_page(Words.of(request).language),
        wanted=WANTED,
        clips=named_clips(station, me, numbers),
        minutes=requests.rules_at(station, station.now())[0].access.emergency_minutes,
        kinds=KINDS,
        classes=CLASSES,
    )
