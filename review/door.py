"""Who asks for a page (操作人): whoever is signed in, or, while nobody is entered, whoever runs the pages.

Shapes: a cookie holds the token of a session. A few pages are open to everybody: the bays, for an officer comes and
goes, how a page looks, and signing in itself.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress

from fastapi import Request

from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.services.errors import SignInNeeded
from docking_station.services.sign_in import Sessions

COOKIE = "evidock-session"
OPEN = ("/", "/bays", "/preferences", "/sign-in", "/sign-out", "/static")


def let_in(request: Request) -> None:
    """Find who asks; raises `SignInNeeded` where nobody is known and the page is not open, `CatalogUnreachable`."""
    place = f"/{request.url.path.split('/')[1]}"
    if place == "/static":
        return
    with suppress(StationError) if place in OPEN else nullcontext():
        request.state.caller = caller_if_known(request)
        if request.state.caller is None:
            raise SignInNeeded


def caller_if_known(request: Request) -> Caller | None:
    """Who asks, or None."""
    sessions: Sessions = request.app.state.sessions
    return sessions.caller(request.cookies.get(COOKIE))


def caller_of(request: Request) -> Caller:
    """Who asks; raises `SignInNeeded`."""
    if (caller := caller_if_known(request)) is None:
        raise SignInNeeded
    return caller
