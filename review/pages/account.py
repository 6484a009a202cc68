"""One's own account (本人账户): the secret, where one is signed in, and the code that decisions ask for."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.station_error import StationError
from docking_station.services import second_factor, sign_in
from docking_station.services.people import NOT_THE_SAME, Typed
from docking_station.services.sign_in import SHOWN_CHARS, Sessions, digest_of
from docking_station.station.errors import SecretLocked, SecretNotSet, SecretWrong
from review.door import caller_of
from review.forms import Sent, token_of
from review.frame import page
from review.pages.sign_in import browser_of, entered, said
from review.statuses import status_of

PAGES = APIRouter()


@PAGES.get("/account")
def account(request: Request) -> Response:
    """Show it."""
    return _page(request)


@PAGES.post("/account/secret")
def secret(request: Request, form: Sent) -> Response:
    """Change one's own secret; wherever else one was signed in, one is out."""
    whose = caller_of(request).person
    browser = browser_of(request, whose)
    try:
        if form.get("new") != form.get("again"):
            raise SecretNotSet(**NOT_THE_SAME)
        token = _sessions(request).change_secret(Typed(whose, form.get("old", "")), form.get("new", ""), browser)
    except (SecretNotSet, SecretWrong, SecretLocked) as error:
        return _page(request, error, "secret")
    return entered(request, token, "/account", browser)


@PAGES.post("/account/pin")
def pin(request: Request, form: Sent) -> Response:
    """Set one's PIN for the bays, by one's own secret."""
    whose = caller_of(request).person
    browser = browser_of(request, whose)
    try:
        token = _sessions(request).set_pin(Typed(whose, form.get("old", "")), form.get("pin", ""), browser)
    except (SecretNotSet, SecretWrong, SecretLocked) as error:
        return _page(request, error, "pin")
    return entered(request, token, "/account", browser)


@PAGES.post("/account/code")
def code(request: Request, form: Sent) -> Response:
    """Tell a code of one's phone, for the decisions of the next five minutes."""
    try:
        _sessions(request).prove(token_of(request) or "", form.get("code", ""))
    except (SecretWrong, SecretLocked) as error:
        return _page(request, error, "code")
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@PAGES.post("/account/sessions/{shown}/end")
def end(request: Request, shown: str) -> Response:
    """End one of one's own sessions."""
    sign_in.end_own(request.app.state.station, caller_of(request), shown)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


def _page(request: Request, error: StationError | None = None, where: str = "") -> Response:
    station, caller = request.app.state.station, caller_of(request)
    return page(
        request,
        "account.html",
        HTTPStatus.OK if error is None else status_of(error),
        title="page_own_account",
        account=caller.person,
        no=caller.no or "",
        sessions=sign_in.own(station, caller),
        this=digest_of(token_of(request) or ""),
        shown_chars=SHOWN_CHARS,
        asks_code=second_factor.is_demanded(station, caller),
        wrong=said(request, error),
        where=where,
    )


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
