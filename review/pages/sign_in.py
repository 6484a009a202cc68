"""Signing in and out (登录、退出): account and one's own secret, for a session of this browser."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.people.sessions import KEPT
from catalog.station_error import StationError
from docking_station.services import second_factor
from docking_station.services.errors import MoreNeeded
from docking_station.services.people import NOT_THE_SAME, Typed
from docking_station.services.sign_in import BROWSERS_MAX, Sessions, digest_of
from docking_station.station.errors import SecretLocked, SecretNotSet, SecretWrong
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
    """Sign out."""
    end_session(request)
    answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(cookie_name(request))
    return answer


@PAGES.post("/sign-in/step")
async def go_on(request: Request) -> Response:
    """Do what is left: choose a secret of one's own, or tell the code of one's phone."""
    form = await form_of(request)
    return await to_thread.run_sync(_went_on, request, form, limiter=SIGNING_IN)


def _begun(request: Request, typed: Typed, to: str) -> Response:
    browser, sessions = browser_of(request, typed.account), _sessions(request)
    request.app.state.sign_ins.take(browser or whence(request))
    try:
        token = sessions.begin(typed, browser)
    except MoreNeeded as more:
        return _step(request, str(more.facts["step"]), to)
    except (SecretWrong, SecretLocked) as error:
        return _form(request, to, account=typed.account, error=error)
    end_session(request)
    return entered(request, token, to, browser)


def _went_on(request: Request, form: Mapping[str, str]) -> Response:
    number, answer, to = (form.get(name, "") for name in ("step", "answer", "to"))
    sessions, browser = _sessions(request), browser_of(request, account_of_step(request, number))
    try:
        if sessions.steps.asked(number).needs == "secret" and answer != form.get("again"):
            raise SecretNotSet(**NOT_THE_SAME)
        token = sessions.go_on(number, answer)
    except MoreNeeded as more:
        return _step(request, str(more.facts["step"]), to)
    except (SecretNotSet, SecretWrong, SecretLocked) as error:
        return _step(request, number, to, error)
    end_session(request)
    return entered(request, token, to, browser)


def _step(request: Request, number: str, to: str, error: StationError | None = None) -> Response:
    asked = _sessions(request).steps.asked(number)
    station = request.app.state.station.settings.station
    facts = {"needs": asked.needs, "account": asked.caller.person, "step": number, "to": to}
    if asked.needs == "enrol" and asked.key is not None:
        link = second_factor.address(asked.key, asked.caller.person, station)
        facts |= {"link": link, "key": b32encode(asked.key).decode()}
    status = HTTPStatus.OK if error is None else status_of(error)
    return page(request, "sign_in_step.html", status, title="page_sign_in", wrong=said(request, error), **facts)


def account_of_step(request: Request, number: str) -> str:
    """Whose sign-in a step belongs to; raises `SignInNeeded` where it is over."""
    return _sessions(request).steps.asked(number).caller.person


def browser_of(request: Request, account: str) -> str | None:
    """Which session of this account the browser had, if it had one."""
    return _sessions(request).browser(account, request.cookies.get(_had_name(request), "").split("."))


def entered(request: Request, token: str, to: str, browser: str | None) -> Response:
    """Give a browser the token of its session, and go to where the person wanted to."""
    answer = RedirectResponse(to if is_own(to) else "/", HTTPStatus.SEE_OTHER)
    keep(request, answer, token, browser)
    return answer


def keep(request: Request, answer: Response, token: str, browser: str | None) -> None:
    """Have a browser keep the token of its session, and remember that it had it."""
    answer.set_cookie(cookie_name(request), token, httponly=True, samesite="strict")
    others = (one for one in request.cookies.get(_had_name(request), "").split(".") if one != browser)
    had = [digest_of(token), *others][:BROWSERS_MAX]
    answer.set_cookie(_had_name(request), ".".join(had), max_age=HAD_S, httponly=True, samesite="strict")


def whence(request: Request) -> str:
    """Where somebody asks from; who is at this machine has every address of its loopback, so all of those are one."""
    host = request.client.host if request.client else ""
    return "loopback" if host.startswith("127.") or host == "::1" else host


def said(request: Request, error: StationError | None) -> str:
    """What is told of an error where something was typed; nothing without one."""
    return "" if error is None else error.message(Words.of(request).language)


def end_session(request: Request) -> None:
    """End the session of this browser, and every look of this person."""
    token, caller = token_of(request), caller_if_known(request)
    if token is not None and caller is not None:
        request.app.state.looks.close_of(caller)
        _sessions(request).end(token)


def _had_name(request: Request) -> str:
    """The cookie that says which sessions a browser had: digests that sign nobody in."""
    return f"{cookie_name(request)}-had"


def _form(request: Request, to: str, *, account: str = "", error: StationError | None = None) -> Response:
    status = HTTPStatus.OK if error is None else status_of(error)
    facts = {"to": to, "account": account, "wrong": said(request, error)}
    return page(request, "sign_in.html", status, title="page_sign_in", **facts)


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
