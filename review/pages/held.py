"""What waits for a person (待处理): files that could not be filed and changes that were refused, why, what to do."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.errors import WordsUnfit
from docking_station.services.health import at_page
from docking_station.services.held import strike_off, waiting
from docking_station.station.errors import NoSuchHeld
from docking_station.texts.plain import in_zone
from review.door import caller_of
from review.forms import Sent
from review.frame import Words, page
from review.statuses import status_of
from review.toasts import done

PAGES = APIRouter()


@PAGES.get("/held")
def held(request: Request) -> Response:
    """Everything that waits, the oldest first."""
    return _page(request)


@PAGES.post("/held/release")
def release(request: Request, form: Sent) -> Response:
    """Strike one off, with the reason that goes on the trail."""
    number, reason = form.get("held", ""), form.get("reason", "")
    try:
        strike_off(request.app.state.station, caller_of(request), number, reason)
    except (NoSuchHeld, WordsUnfit) as error:
        wrong = error.message(Words.of(request).language)
        return _page(request, wrong, status_of(error), number, reason)
    return done(request, "/held", "held_done")


def _page(
    request: Request, wrong: str = "", status: HTTPStatus = HTTPStatus.OK, number: str = "", reason: str = ""
) -> Response:
    station, language = request.app.state.station, Words.of(request).language
    found = waiting(station, caller_of(request))
    said = [(one_no, one, one.said(language)) for one_no, one in found]
    rows = [
        {"id": one_no, "since": one.since, **told, "message": in_zone(told["message"], station.settings.zone)}
        | {"hint": at_page(told["code"], told["hint"], language)}
        for one_no, one, told in said
    ]
    facts = {"rows": rows, "wrong": wrong, "at_fault": number, "reason": reason}
    return page(request, "held.html", status, title="held_title", **facts)
