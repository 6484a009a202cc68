"""The policy of every answer (访问策略): who may ask at all, and what a browser may do with what it gets.

It stands around the whole application, so that errors, media and files have it too. Pure ASGI: an answer is handed on
piece by piece. Source: Content Security Policy 3, Trusted Types, Fetch Metadata (`Sec-Fetch-Site`).

A page of another site can make a browser ask this station: by a name that suddenly means 127.0.0.1 (DNS rebinding), by
a form, by a picture. So only the names of this machine are answered, and nothing that another site began but the
opening of a page.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost", "::1")
SAFE = ("GET", "HEAD")
OWN = ("same-origin", "none")
NONCE_BYTES = 16
CONTENT = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types htmx"
)
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"private, no-store",
}


class Policy:
    """The application behind its policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse whom no page is for."""
        assert scope["type"] == "http", "neither websockets nor a lifespan are served"
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        scope.setdefault("state", {})["nonce"] = nonce

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = (b"content-security-policy", CONTENT.format(nonce=nonce).encode())
                others = (one for one in message["headers"] if one[0] not in HEADERS)
                message["headers"] = [*others, *HEADERS.items(), own]
            await send(message)

        why = refusal(scope["method"], Headers(scope=scope))
        answer = self._app if why is None else PlainTextResponse(why, 403)
        await answer(scope, receive, sent)


def refusal(method: str, headers: Headers) -> str | None:
    """Why a request is not answered, or None."""
    if host_name(headers.get("host", "")) not in HOSTS:
        return "This station answers only to 127.0.0.1 and localhost. 本站只响应 127.0.0.1 与 localhost。"
    return "Another site asked for this. 请求来自其他网站，已拒绝。" if is_foreign(method, headers) else None


def is_foreign(method: str, headers: Headers) -> bool:
    """Whether another site made the browser ask; opening a page from there, in a window of its own, is no harm."""
    began, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if began is None:  # an old browser, or a program; `Origin` is no help elsewhere: under no-referrer it is "null"
        return method not in SAFE and origin is not None and urlsplit(origin).netloc != headers.get("host")
    opens = (
        method in SAFE and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )
    return began not in OWN and not opens


def host_name(host: str) -> str | None:
    """The name in a `Host` header; None for what is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
