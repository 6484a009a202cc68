"""The application (网页应用): every page of `review/pages`, found by its file, and the API, behind one policy.

Shapes: a module of `review/pages` holds `PAGES`, an `APIRouter`. What a page needs hangs on the application's state:
`station`, `sessions`, `looks`, `libraries`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount

import review.pages
from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.services.errors import SignInNeeded
from docking_station.services.looks import Looks
from docking_station.services.rates import Rate
from docking_station.services.recent import Answers
from docking_station.services.sign_in import Sessions
from docking_station.services.tokens import Tokens
from docking_station.station.family import family
from docking_station.station.logs import get_log
from docking_station.station.station import Station
from review.api.answers import PREFIX
from review.api.app import make_api
from review.door import let_in
from review.frame import Words, address_of, page
from review.libraries import Libraries
from review.makings import Makings
from review.pages import looks as looks_page
from review.policy import Policy
from review.rail import Rails
from review.statuses import retry_s, status_of

GO_TO = "HX-Redirect"
ASKED, LOOKED = (20.0, 100), (1.0, 10)
"""So often a second a person asks the API, and opens looks by it, and so much more at once."""


def make_app(
    station: Station,
    caller: Caller,
    *,
    looks: Looks | None = None,
    libraries: Libraries | None = None,
    recent: Answers | None = None,
) -> Policy:
    """Return the pages of a station, for who is signed in; while nobody is entered, for who runs them."""
    app = FastAPI(title="Evidock", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.station, app.state.sessions = station, Sessions(station, caller)
    app.state.rails, app.state.recent = Rails(station), recent or Answers.of(station)
    app.state.sign_ins, app.state.asked = Rate(per_s=1.0, burst=10), Rate(*ASKED)
    app.state.looked, app.state.uploads = Rate(*LOOKED), {}
    app.state.passed = dict[date, dict[str, set[str]]]()
    app.state.tokens = Tokens(station, caller)
    app.state.makings = Makings()
    app.state.libraries, app.state.looks = libraries or Libraries(), looks or Looks(station)
    app.add_route(looks_page.ADDRESS, looks_page.part)  # first, for it is asked for a hundred times as often
    for pages in family(review.pages, "PAGES"):
        app.include_router(pages, dependencies=[Depends(let_in)])
    api = Mount(PREFIX, make_api(app.state))
    api.path_regex = re.compile(api.path_regex.pattern, re.DOTALL)  # an encoded line end makes an address no page
    app.router.routes.append(api)
    app.add_exception_handler(StationError, _station_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _fault)
    return Policy(looks_page.AtOnce(app, app.state.looks, app.state.sessions))


def _station_error(request: Request, error: Exception) -> Response:
    """What happened and what to do next, without commands, with the code that stands for it for ever."""
    assert isinstance(error, StationError)
    if isinstance(error, SignInNeeded) and request.method == "GET":
        address = f"/sign-in?to={quote(address_of(request))}"
        if _is_of_page(request):
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={GO_TO: address})
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    status, language = status_of(error), Words.of(request).language
    zone = request.app.state.station.settings.zone
    hint = error.hint_at_page(language) or Words.of(request)("page_ask_station")
    facts = {"sentence": error.message(language, zone), "hint": hint, "code": error.code}
    answer = _error_page(request, status, facts)
    if (seconds := retry_s(error)) is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = "page_nothing_here" if error.status_code == HTTPStatus.NOT_FOUND else "page_unreadable"
    answer = _told(request, kind, HTTPStatus(error.status_code))
    answer.headers.update(error.headers or {})
    return answer


def _unreadable(request: Request, _: Exception) -> Response:
    return _told(request, "page_unreadable", HTTPStatus.BAD_REQUEST)


def _gone(_: Request, __: Exception) -> Response:
    """A browser that left before it had said all: nobody is there to be answered, and nothing is wrong here."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _fault(request: Request, _: Exception) -> Response:
    """A fault of the program: the log has its place; a person is told that nothing was changed."""
    get_log().exception("page failed", path=request.url.path)
    return _told(request, "page_fault", HTTPStatus.INTERNAL_SERVER_ERROR)


def _told(request: Request, kind: str, status: HTTPStatus) -> Response:
    words = Words.of(request)
    facts = {"sentence": words(kind), "hint": words(f"{kind}_hint"), "code": str(int(status))}
    return _error_page(request, status, facts)


def _error_page(request: Request, status: HTTPStatus, facts: Mapping[str, str]) -> Response:
    """The page of what went wrong; where a script asked for a part of a page, the browser goes there as a whole."""
    answer = page(request, "error.html", status, title="page_error", **facts)
    if _is_of_page(request):
        answer.headers[GO_TO] = address_of(request)
    return answer


def _is_of_page(request: Request) -> bool:
    """Whether htmx asks for a page to take a part of it: of what is none it would put nothing in the part's place."""
    return request.method == "GET" and request.headers.get("hx-request-type") == "full"
