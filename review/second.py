"""The second of two people, at a page of the first (双人办理): who types account and secret in the dialog.

Shapes: a form with `c.second()` carries `second_account`, `second_secret`, `second_code`. A service that takes `read`
is handed `lambda: second`; one that takes a list of who is known gets `[second]`.
"""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from starlette.requests import Request

from catalog.rules.callers import Caller
from docking_station.services.people import Typed
from docking_station.services.sign_in import Sessions
from review.door import caller_of
from review.pages.sign_in import SIGNING_IN, browser_of, whence

ACCOUNT, SECRET, CODE = "second_account", "second_secret", "second_code"


async def second_of(request: Request, form: Mapping[str, str]) -> Caller | None:
    """Who vouches as the second person, for this one act; None where nobody typed an account.

    Raises as `Sessions.second`, `TooMany`.
    """
    account = form.get(ACCOUNT, "").strip()
    if not account:
        return None
    typed = Typed(account, form.get(SECRET, ""))
    return await to_thread.run_sync(_second, request, typed, form.get(CODE, ""), limiter=SIGNING_IN)


def _second(request: Request, typed: Typed, code: str) -> Caller:
    browser, sessions = browser_of(request, typed.account), request.app.state.sessions
    assert isinstance(sessions, Sessions)
    request.app.state.sign_ins.take(browser or whence(request))
    return sessions.second(caller_of(request), typed, code, browser)
