"""One's own account (本人账户): the secret, where one is signed in, and the code that decisions ask for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from catalog.station_error import StationError
from docking_station.services import second_factor, sign_in
from docking_station.services.people import NOT_THE_SAME, Typed
from docking_station.services.sign_in import SHOWN_CHARS, Sessions, digest_of
from docking_station.station.errors import SecretLocked, SecretNotSet, SecretWrong
from review.door import caller_of
from review.forms import form_of, token_of
from review.frame import page
from review.pages.sign_in import browser_of, entered, said
from review.statuses import status_of

PAGES = APIRouter()


@PAGES.get("/account")
def account(request: Request) -> Response:
    """Show it."""
    return _page(request)


@PAGES.post("/account/secret")
async def secret(request: Request) -> Response:
    """Change one's own secret; wherever else one was signed in, one is out."""
    return await run_in_threadpool(_changed, request, await form_of(request))


@PAGES.post("/account/pin")
async def pin(request: Request) -> Response:
    """Set one's PIN for the bays, by one's own secret."""
    return await run_in_threadpool(_pin_set, request, await form_of(request))


@PAGES.post("/account/code")
async def code(request: Request) -> Response:
    """Tell a code of one's phone, for the decisions of the next five minutes."""
    form = await form_of(request)
    return await run_in_threadpool(_proved, request, form.get("code", ""))


@PAGES.post("/account/sessions/{shown}/end")
def end(request: Request, shown: str) -> Response:
    """End one of one's own sessions."""
    sign_in.end_own(request.app.state.station, caller_of(request), shown)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


def _changed(request: Request, form: Mapping[str, str]) -> Response:
    whose = caller_of(request).person
    browser = browser_of(request, whose)
    try:
        if form.get("new") != form.get("again"):
            raise SecretNotSet(**NOT_THE_SAME)
        token = _sessions(request).change_secret(Typed(whose, form.get("old", "")), form.get("new", ""), browser)
    except (SecretNotSet, SecretWrong, SecretLocked) as error:
        return _page(request, error, "secret")
    return entered(request, token, "/account", browser)


def _pin_set(request: Request, form: Mapping[str, str]) -> Response:
    whose = caller_of(request).person
    browser = browser_of(request, whose)
    try:
        token = _sessions(request).set_pin(Typed(whose, form.get("old", "")), form.get("pin", ""), browser)
    except (SecretNotSet, SecretWrong, SecretLocked) as error:
        return _page(request, error, "pin")
    return entered(request, token, "/account", browser)


def _proved(request: Request, typed: str) -> Response:
    try:
        _sessions(request).prove(token_of(request) or "", typed)
    except (SecretWrong, SecretLocked) as error:
        return _page(request, error, "code")
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
