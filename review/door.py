"""Who asks for a page (操作人): whoever is signed in, or, while nobody is entered, whoever runs the pages.

Shapes: a cookie holds the token of a session. A few pages are open to everybody: the bays, for an officer comes and
goes, how a page looks, and signing in itself. What a session sends to change something carries the token of its pages;
signing in does not, for nobody is there yet: that no other site begins it, `review/policy.py` sees to.
"""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from catalog.rules.callers import SECRET, Caller
from catalog.station_error import StationError
from docking_station.services.errors import SignInNeeded
from docking_station.services.sign_in import Sessions
from review.forms import WITH_FILE, demand_form_token, token_of
from review.policy import SAFE

SIGN_IN, UPLOAD, IMPORTS = "/sign-in", "/upload", "/imports"
SCANS = f"{UPLOAD}/scans"
READ_THERE = (UPLOAD, IMPORTS, "/policy/reading")
"""Where the token is a field of a form with files, which the page reads itself; so is it of a scan, below `SCANS`."""
OPEN = ("/", "/bays", "/preferences", SIGN_IN, "/sign-out", "/static")


async def let_in(request: Request) -> None:
    """Find who asks; raises `SignInNeeded` where nobody is known and the page is not open, `CatalogUnreachable`.

    Raises `FormNotOurs` where a session would change something, and no page of it sent that.
    """
    place = f"/{request.url.path.split('/')[1]}"
    if place == "/static":
        return
    try:
        request.state.caller = caller = await run_in_threadpool(caller_if_known, request)
    except StationError:
        if place not in OPEN:
            raise
        return
    if caller is None and place not in OPEN:
        raise SignInNeeded
    if caller is not None and caller.how == SECRET and request.method not in SAFE and not _reads_itself(request, place):
        await demand_form_token(request)


def _reads_itself(request: Request, place: str) -> bool:
    """Whether a page demands the token itself: of a form with files; or none is there, for nobody is signed in yet."""
    has_file = request.headers.get("content-type", "").startswith(WITH_FILE)
    path = request.url.path
    return place == SIGN_IN or (has_file and (path in READ_THERE or path.rpartition("/")[0] == SCANS))


def caller_if_known(request: Request) -> Caller | None:
    """Who asks, or None."""
    sessions: Sessions = request.app.state.sessions
    return sessions.caller(token_of(request))


def caller_of(request: Request) -> Caller:
    """Who asks; raises `SignInNeeded`."""
    if (caller := caller_if_known(request)) is None:
        raise SignInNeeded
    return caller
