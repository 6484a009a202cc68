"""`/session` (登录会话): who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.people import people
from docking_station.services.rights import rights_held
from review.api.answers import Json
from review.api.asking import Asks, Here, marks
from review.forms import form_token

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


@API.get("/session", **marks(None, None, answer=Session))
def session(request: Request, asks: Asks, station: Here) -> Response:
    """Who asks, and what they may."""
    person, rights = rights_held(station, asks.caller)
    no = asks.caller.no if person is None else person.no
    name = None if person is None else people.get(station.database, person.no).name
    roles = tuple(HeldRole(one.role, tuple(sorted(one.units))) for one in (() if person is None else person.grants))
    scopes = None if asks.scopes is None else tuple(sorted(asks.scopes))
    return Json(Session(asks.caller.person, no, name, asks.caller.how, roles, rights, scopes, form_token(request)))
