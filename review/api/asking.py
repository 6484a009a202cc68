"""Who asks through the API (接口调用者), and what every operation says of itself: its four marks.

Shapes: `x-scope` is what a token must hold, `person` where none will do, `x-action` the right that is asked about,
`x-look` the line that stands on the trail before anything is answered, `x-act` the signed acts it makes; null where
there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from catalog.rules.callers import SECRET, Caller
from catalog.rules.house_rights import Right
from catalog.rules.rights import Action
from docking_station.services.errors import PersonNeeded, ScopeLacks, TokenBad
from docking_station.services.second_factor import ASKED_ANEW
from docking_station.services.tokens import Scope
from docking_station.station.station import Station
from review.api.problems import MEDIA_TYPE
from review.door import caller_of
from review.forms import demand_form_token, token_of
from review.policy import SAFE

REF = "#/components/schemas/{model}"
PROBLEM = {"description": "What went wrong", "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}}
PROBLEMS: Mapping[int | str, Any] = {"4XX": PROBLEM, "503": PROBLEM}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and the scopes of their token; None for a person who signed in, who may do all they may."""

    caller: Caller
    scopes: frozenset[str] | None = None


async def asking(request: Request) -> Asking:
    """Find who asks: the person of a token, else who signed in.

    Raises `TokenBad`, `SignInNeeded`, `CatalogUnreachable`, `FormNotOurs` for a change no page of the session sent;
    `TooMany` where this person asks too often.
    """
    asks = await _known(request)
    request.app.state.asked.take(asks.caller.who)
    return asks


async def _known(request: Request) -> Asking:
    sent = request.headers.get("authorization")
    if sent is not None:
        kind, _, secret = sent.partition(" ")
        if kind.lower() != "bearer":
            raise TokenBad
        address = "" if request.client is None else request.client.host
        return Asking(*await run_in_threadpool(request.app.state.tokens.caller, secret.strip(), address))
    caller = await run_in_threadpool(caller_of, request)
    if caller.how == SECRET and request.method not in SAFE:
        await demand_form_token(request)
    return Asking(caller)


@dataclass(frozen=True, slots=True)
class Needs:
    """That a token must have a scope, or a person have signed in; some acts want a fresh code of the second factor."""

    scope: Scope | Literal["person"] | None
    acts: tuple[str, ...]

    def __call__(self, request: Request, asks: Annotated[Asking, Depends(asking)]) -> None:
        """Raise `ScopeLacks`, `PersonNeeded` where it is not so, `ProofStale` where who signed in told no code."""
        if asks.scopes is None:
            if not ASKED_ANEW.isdisjoint(self.acts):
                request.app.state.sessions.demand_fresh(token_of(request))
        elif self.scope is not None and self.scope not in asks.scopes:
            raise PersonNeeded if self.scope == "person" else ScopeLacks(scope=self.scope)


def _caller(asks: Annotated[Asking, Depends(asking)]) -> Caller:
    return asks.caller


def _station(request: Request) -> Station:
    found: Station = request.app.state.station
    return found


Asks = Annotated[Asking, Depends(asking)]
Me = Annotated[Caller, Depends(_caller)]
Here = Annotated[Station, Depends(_station)]


def marks(
    scope: Scope | Literal["person"] | None,
    action: Action | Right | None,
    *,
    answer: Any = None,
    look: str | None = None,
    act: tuple[str, ...] = (),
    status: HTTPStatus = HTTPStatus.OK,
    other: Mapping[int | str, Any] | None = None,
    is_open: bool = False,
) -> dict[str, Any]:
    """What an operation is registered with: its marks, who may ask, and all it answers; `other`: more answers.

    `is_open`: nobody need be known.
    """
    told: dict[str, Any] = {"x-scope": scope, "x-action": action, "x-look": look, "x-act": list(act) or None}
    return {
        "dependencies": [] if is_open else [Depends(Needs(scope, act))],
        "openapi_extra": {**told, "security": []} if is_open else told,
        "response_model": answer,
        "responses": {**PROBLEMS, **(other or {})},
        "status_code": status,
    }
