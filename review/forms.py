"""What a browser sends (表单): fields of a form, bounded, and the token that shows it was a form of this station.

Shapes: a token of a session is in the cookie of its port, for cookies know no port, and two stations on one PC would
else sign each other out; the token of its forms (`form_token`) follows from it and is in every page. Source: OWASP,
Cross-Site Request Forgery Prevention (HMAC-based token).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from docking_station.services.errors import FormNotOurs
from docking_station.services.sign_in import Sessions
from docking_station.station.errors import BadTime

FORM_BYTES_MAX = 32_768
"""A row of a decision is a form: a dozen sentences, of which each Chinese character is nine bytes."""
FIELD, HEADER, WITH_FILE = "form_token", "x-csrf-token", "multipart/form-data"


def cookie_name(request: Request) -> str:
    """The cookie that holds the token of a session at this port."""
    return f"evidock-session-{request.scope['server'][1]}"


def token_of(request: Request) -> str | None:
    """The token of the session a browser says it has."""
    return request.cookies.get(cookie_name(request))


def form_token(request: Request) -> str:
    """What every form of a page carries; empty where a browser has no session."""
    sessions: Sessions = request.app.state.sessions
    return "" if (token := token_of(request)) is None else sessions.form_token(token)


async def demand_form_token(request: Request) -> None:
    """Raise `FormNotOurs` unless the header, or a field of the form, has the token that pages of this session carry."""
    sent = request.headers.get(HEADER)
    if sent is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        sent = (await form_of(request)).get(FIELD)
    demand_token(request, sent or "")


def demand_token(request: Request, sent: str) -> None:
    """Raise `FormNotOurs` unless this is what pages of this session carry."""
    if not hmac.compare_digest(sent.encode(), form_token(request).encode()):
        raise FormNotOurs


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form; raises `HTTPException` for more than `FORM_BYTES_MAX`."""
    body = await body_of(request, FORM_BYTES_MAX)
    return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True))


Sent = Annotated[Mapping[str, str], Depends(form_of)]
"""The fields of a form, for a handler that is a plain `def`: it runs in a thread of its own, for it waits for disk."""


def day_in(form: Mapping[str, str]) -> date | None:
    """What was chosen as the day, None where none was; raises `BadTime`."""
    text = form.get("day", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadTime(text=text) from error


async def body_of(request: Request, most_bytes: int) -> bytes:
    """Return what a browser sent; raises `HTTPException` for more than that."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > most_bytes:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return await request.body()
