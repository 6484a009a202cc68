"""`/people/me/tokens` (接口令牌): one's own tokens, listed, made and ended by who signed in; no token makes another."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from catalog.people.tokens import Token
from docking_station.services import tokens
from docking_station.services.tokens import ADDRESSES_MAX, NAME_CHARS_MAX, SCOPES, Scope
from review.api.answers import PREFIX, Body, Json
from review.api.asking import Here, Me, marks
from review.api.typed import Code, Moment, Page
from review.forms import token_of

API = APIRouter()
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="The token's id.", examples=["0" * 12])]


class TokenGiven(Body):
    """What a token is for: what it may do, from where, until when."""

    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"^[^\x00-\x1f\x7f]+$")
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    ends_at: Moment
    addresses: list[Code] = Field([], max_length=ADDRESSES_MAX, description="Networks it may ask from; none: any.")


@API.get("/people/me/tokens", **marks("person", None, answer=Page))
def own_tokens(me: Me, station: Here) -> Response:
    """Your tokens, as `evidock tokens list --json` prints them; always in one page."""
    return Json({"items": [one for one in tokens.listed(station, me) if one.account == me.person], "next": None})


@API.post("/people/me/tokens", **marks("person", None, answer=dict[str, Any], status=HTTPStatus.CREATED))
def token_made(request: Request, me: Me, station: Here, body: TokenGiven) -> Response:
    """Make a token; `token` is told once, here, and kept nowhere: so this takes no `Idempotency-Key`."""
    request.app.state.sessions.demand_fresh(token_of(request))
    secret, made = tokens.issue(station, me, body.name, body.scopes, body.ends_at, body.addresses)
    return Json(_told(made) | {"token": secret}, HTTPStatus.CREATED, {"Location": f"{PREFIX}/people/me/tokens"})


@API.delete("/people/me/tokens/{token}", **marks("person", None, status=HTTPStatus.NO_CONTENT))
def token_ended(me: Me, station: Here, token: TokenId) -> Response:
    """End a token: whoever asks by it is refused within five seconds."""
    tokens.end(station, me, token)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _told(made: Token) -> dict[str, Any]:
    return dict(made.as_json())
