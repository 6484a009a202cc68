"""Signing in and out (登录、退出): account and one's own secret, for a session of this browser."""

from __future__ import annotations

from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.people.sessions import KEPT
from catalog.station_error import StationError
from docking_station.services.people import Typed
from docking_station.services.sign_in import BROWSERS_MAX, Sessions, digest_of
from docking_station.station.errors import SecretLocked, SecretWrong
from review.door import caller_if_known
from review.forms import cookie_name, form_of, token_of
from review.frame import Words, page
from review.pages.home import is_own
from review.statuses import status_of

PAGES = APIRouter()
HAD_S = round(KEPT.total_seconds())
"""So long a browser remembers whom it signed in: as long as the catalog does."""

SIGNING_IN = CapacityLimiter(2)
"""So many threads at most wait for secrets, of which one at a time is read: every other page needs some too."""


@PAGES.get("/sign-in")
def ask(request: Request) -> Response:
    """Ask who is there."""
    return _form(request, request.query_params.get("to", ""))


@PAGES.post("/sign-in")
async def begin(request: Request) -> Response:
    """Begin a session, and go to where the person wanted to; a wrong secret is told where it was typed."""
    form = await form_of(request)
    account, secret, to = (form.get(name, "") for name in ("account", "secret", "to"))
    return await to_thread.run_sync(_begun, request, Typed(account.strip(), secret), to, limiter=SIGNING_IN)


@PAGES.post("/sign-out")
def end(request: Request) -> Response:
    """End the session of this browser, and every look of this person."""
    _end(request)
    answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(cookie_name(request))
    return answer


def _begun(request: Request, typed: Typed, to: str) -> Response:
    had, sessions = request.cookies.get(_had_name(request), "").split("."), _sessions(request)
    browser = sessions.browser(typed.account, had)
    request.app.state.sign_ins.take(browser or whence(request))
    try:
        token = sessions.begin(typed, browser)
    except (SecretWrong, SecretLocked) as error:
        return _form(request, to, account=typed.account, error=error)
    _end(request)
    answer = RedirectResponse(to if is_own(to) else "/clips", HTTPStatus.SEE_OTHER)
    answer.set_cookie(cookie_name(request), token, httponly=True, samesite="strict")
    had = [digest_of(token), *(one for one in had if one != browser)][:BROWSERS_MAX]
    answer.set_cookie(_had_name(request), ".".join(had), max_age=HAD_S, httponly=True, samesite="strict")
    return answer


def whence(request: Request) -> str:
    """Where somebody asks from; who is at this machine has every address of its loopback, so all of those are one."""
    host = request.client.host if request.client else ""
    return "loopback" if host.startswith("127.") or host == "::1" else host


def _end(request: Request) -> None:
    token, caller = token_of(request), caller_if_known(request)
    if token is not None and caller is not None:
        request.app.state.looks.close_of(caller)
        _sessions(request).end(token)


def _had_name(request: Request) -> str:
    """The cookie that says which sessions a browser had: digests that sign nobody in."""
    return f"{cookie_name(request)}-had"


def _form(request: Request, to: str, *, account: str = "", error: StationError | None = None) -> Response:
    status = HTTPStatus.OK if error is None else status_of(error)
    wrong = "" if error is None else error.message(Words.of(request).language)
    return page(request, "sign_in.html", status, title="page_sign_in", to=to, account=account, wrong=wrong)


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
