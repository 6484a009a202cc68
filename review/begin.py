"""The pages where there is no station yet (首次开通): one form; once the station is made, its own pages answer instead.

Shapes: an ASGI application around another one that is made when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from catalog.rules.callers import Caller
from docking_station.services.sign_in import Sessions
from docking_station.station.settings import home_from_environment, parse_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from review.libraries import Libraries
from review.pages import home, setup
from review.policy import Policy
from review.rail import Rails


class Begin:
    """The form until somebody filled it in; then what `open_pages` makes."""

    def __init__(self, caller: Caller, open_pages: Callable[[], ASGIApp]) -> None:
        form = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        station = Station(parse_settings(home_from_environment(), EXAMPLE))
        form.state.station, form.state.sessions = station, Sessions(station, caller)
        form.state.libraries, form.state.rails, form.state.begun = Libraries(), Rails(station, ()), self._begun
        for routes in (home.COMMON, setup.BEGIN):
            form.include_router(routes)
        self._open_pages = open_pages
        self._pages: ASGIApp = Policy(form)

    def _begun(self) -> None:
        self._pages = self._open_pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by whatever there is by now."""
        await self._pages(scope, receive, send)
