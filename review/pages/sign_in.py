"""Signing in and out (登录、退出): account and one's own secret, for a session of this browser."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from docking_station.services.people import Typed
from docking_station.services.sign_in import Sessions
from docking_station.station.errors import SecretLocked, SecretWrong
from review.door import caller_if_known
from review.forms import cookie_name, form_of, token_of
from review.frame import Words, page
from review.pages.home import is_own

PAGES = APIRouter()


@PAGES.get("/sign-in")
def ask(request: Request) -> Response:
    """Ask who is there."""
    return _form(request, request.query_params.get("to", ""))


@PAGES.post("/sign-in")
async def begin(request: Request) -> Response:
    """Begin a session, and go to where the person wanted to; a wrong secret is told where it was typed."""
    form = await form_of(request)
    account, secret, to = (form.get(name, "") for name in ("account", "secret", "to"))
    return await run_in_threadpool(_begun, request, Typed(account.strip(), secret), to)


@PAGES.post("/sign-out")
def end(request: Request) -> Response:
    """End the session of this browser, and every look of this person."""
    token, caller = token_of(request), caller_if_known(request)
    if token is not None and caller is not None:
        request.app.state.looks.close_of(caller)
        _sessions(request).end(token)
    answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(cookie_name(request))
    return answer


def _begun(request: Request, typed: Typed, to: str) -> Response:
    try:
        token = _sessions(request).begin(typed)
    except (SecretWrong, SecretLocked) as error:
        return _form(request, to, account=typed.account, wrong=error.message(Words.of(request).language))
    answer = RedirectResponse(to if is_own(to) else "/clips", HTTPStatus.SEE_OTHER)
    answer.set_cookie(cookie_name(request), token, httponly=True, samesite="strict")
    return answer


def _form(request: Request, to: str, *, account: str = "", wrong: str = "") -> Response:
    status = HTTPStatus.UNAUTHORIZED if wrong else HTTPStatus.OK
    return page(request, "sign_in.html", status, title="page_sign_in", to=to, account=account, wrong=wrong)


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
