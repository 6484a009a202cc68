"""`/session` (登录会话): who asks, and what they may; signing in and out, as a browser does at the pages.

A program asks by a token and needs none of it: what signs in is a browser of another system's pages, on this machine.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import Response

from catalog.people import people
from catalog.rules.callers import Caller
from docking_station.services.errors import MoreNeeded
from docking_station.services.people import Typed
from docking_station.services.rights import rights_held
from docking_station.services.sign_in import Sessions
from docking_station.station.station import Station
from review.api.answers import Body, Json
from review.api.asking import Asking, Asks, Here, marks
from review.api.typed import Code
from review.forms import cookie_name, token_of
from review.pages.sign_in import SIGNING_IN, account_of_step, browser_of, end_session, keep, whence

API = APIRouter()


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role over units and all below them."""

    role: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks: `account`, the person's number `no` where people are entered, what vouches for them (`how`).

    `may` are the rights on what is no clip, somewhere; each clip says its own. `scopes` are those of a token.
    Whoever signed in sends `csrf` as `X-CSRF-Token` with each change.
    """

    account: str
    no: str | None
    name: str | None
    how: str | None
    roles: tuple[HeldRole, ...]
    may: tuple[str, ...]
    scopes: tuple[str, ...] | None
    csrf: str


@dataclass(frozen=True, slots=True)
class StepNeeded:
    """What is left to do before a session begins: another secret, the first code of `key` (base32), or a code."""

    step: str
    needs: Literal["secret", "enrol", "code"]
    key: str | None


Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
BEGUN: dict[str, Any] = {
    "answer": Session,
    "status": HTTPStatus.CREATED,
    "other": {202: {"description": "Something is left to do.", "model": StepNeeded}},
    "is_open": True,
}


class Credentials(Body):
    """An account, and its secret."""

    account: Code
    secret: Secret


class StepDone(Body):
    """The answer to a step: the new secret, or the code."""

    step: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    answer: Secret


@API.get("/session", **marks(None, None, answer=Session))
def session(request: Request, asks: Asks, station: Here) -> Response:
    """Who asks, and what they may."""
    return Json(_told(request, station, asks, token_of(request)))


@API.post("/session", **marks(None, None, **BEGUN))
async def sign_in(request: Request, body: Credentials) -> Response:
    """Begin a session; its cookie comes with the answer. Where something is left to do: 202, and what."""

    def begin() -> Response:
        browser = browser_of(request, body.account)
        request.app.state.sign_ins.take(browser or whence(request))
        return _begun(request, browser, lambda: _sessions(request).begin(Typed(body.account, body.secret), browser))

    return await to_thread.run_sync(begin, limiter=SIGNING_IN)


@API.post("/session/steps", **marks(None, None, **BEGUN))
async def sign_in_step(request: Request, body: StepDone) -> Response:
    """Do what was left to do."""

    def go_on() -> Response:
        browser = browser_of(request, account_of_step(request, body.step))
        return _begun(request, browser, lambda: _sessions(request).go_on(body.step, body.answer))

    return await to_thread.run_sync(go_on, limiter=SIGNING_IN)


@API.delete("/session", **marks("person", None, status=HTTPStatus.NO_CONTENT))
def sign_out(request: Request) -> Response:
    """End the session of this browser, and the looks of this person."""
    end_session(request)
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    answer.delete_cookie(cookie_name(request))
    return answer


def _begun(request: Request, browser: str | None, begin: Callable[[], str]) -> Response:
    try:
        token = begin()
    except MoreNeeded as more:
        step = str(more.facts["step"])
        asked = _sessions(request).steps.asked(step)
        key = b32encode(asked.key).decode() if asked.needs == "enrol" and asked.key is not None else None
        return Json(StepNeeded(step, asked.needs, key), HTTPStatus.ACCEPTED)
    end_session(request)
    caller = _sessions(request).caller(token)
    assert caller is not None
    answer = Json(_told(request, request.app.state.station, Asking(caller), token), HTTPStatus.CREATED)
    keep(request, answer, token, browser)
    return answer


def _told(request: Request, station: Station, asks: Asking, token: str | None) -> Session:
    caller: Caller = asks.caller
    person, rights = rights_held(station, caller)
    no = caller.no if person is None else person.no
    name = None if person is None else people.get(station.database, person.no).name
    roles = tuple(HeldRole(one.role, tuple(sorted(one.units))) for one in (() if person is None else person.grants))
    scopes = None if asks.scopes is None else tuple(sorted(asks.scopes))
    csrf = "" if token is None else _sessions(request).form_token(token)
    return Session(caller.person, no, name, caller.how, roles, rights, scopes, csrf)


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
