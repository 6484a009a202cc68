"""What a page says of what was just done (提示): after the redirect, once, with the way back where there is one.

Shapes: a cookie of this port holds the name of a text with its facts, and the address and fields that reverse the act;
sealed by a key of this process for the session it was said to, so that nobody else puts words into a page.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from review.forms import cookie_name, form_token

KEY = secrets.token_bytes(32)
SAID_S, BYTES_MAX = 60, 3500


@dataclass(frozen=True, slots=True)
class Toast:
    """The name of a text with its facts; `undo` is the address whose POST, with `fields`, reverses what was done."""

    name: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    undo: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def done(
    request: Request, to: str, name: str, *, undo: tuple[str, Mapping[str, str]] | None = None, **facts: str | int
) -> Response:
    """Go to a page of ours, which says the text `name` once; `undo` is an address and the fields of its POST."""
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    address, fields = undo or ("", {})
    said = base64.urlsafe_b64encode(json.dumps([name, facts, address, dict(fields)]).encode()).decode()
    if len(said) <= BYTES_MAX:  # what is longer than a cookie may be is not said: what was done is on the page
        answer.set_cookie(
            _name(request), f"{said}.{_seal(request, said)}", max_age=SAID_S, httponly=True, samesite="strict"
        )
    request.app.state.rails.forget(request.state.caller)
    return answer


def toast_of(request: Request) -> Toast | None:
    """What this browser is to be told, if that is ours."""
    said, _, seal = request.cookies.get(_name(request), "").partition(".")
    if not said or not hmac.compare_digest(seal.encode(), _seal(request, said).encode()):
        return None
    return Toast(*json.loads(base64.urlsafe_b64decode(said)))


def forget_toast(request: Request, answer: Response) -> None:
    """It is said once."""
    if _name(request) in request.cookies:
        answer.delete_cookie(_name(request))


def _name(request: Request) -> str:
    return f"{cookie_name(request)}-done"


def _seal(request: Request, said: str) -> str:
    return hmac.digest(KEY, f"{form_token(request)}\n{said}".encode(), "sha256").hex()
