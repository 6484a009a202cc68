"""The bay screen (仓位屏): every bay as the dock tells it, kept up to date while somebody looks.

Source: the dock's stream (docs/stream.md). Shapes: the whole board is one fragment of HTML, sent again whenever it
changed, at most twice a second; htmx puts in what differs, so that focus stays. An old "safe to take" is worse than
none: when the dock says nothing no bay is shown, and the browser says so too where this program is gone.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from catalog.station_error import Language
from review.bay_screen import FRESH_S, BayScreen
from review.frame import Words, page

PAGES = APIRouter()
PACE_S, ALIVE_S = 0.5, 5.0
_STARTING = threading.Lock()


@PAGES.get("/bays")
def bays(request: Request) -> Response:
    """The screen as it is now; without a script, or where many are told of changes, it is asked for again and again."""
    screen = screen_of(request)
    screen.wait()
    facts = screen.facts(Words.of(request))
    return page(request, "bays.html", HTTPStatus.OK, title="page_bays", is_told=not screen.is_crowded, **facts)


@PAGES.get("/bays/events")
async def events(request: Request) -> Response:
    """The board whenever it changed, and a sign of life between."""
    screen = screen_of(request)
    if screen.is_crowded:
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": f"{FRESH_S:g}"})
    told = _told(request, screen, Words.of(request).language)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _told(request: Request, screen: BayScreen, language: Language) -> AsyncIterator[str]:
    shown, silent_s = "", 0.0
    with screen.telling():
        while not await request.is_disconnected():
            if (board := screen.board(language)) != shown:
                shown, silent_s = board, 0.0
                yield "".join(f"data: {line}\n" for line in board.splitlines()) + "\n"
            elif silent_s >= ALIVE_S:
                silent_s = 0.0
                yield "event: alive\ndata: 1\n\n"
            await asyncio.sleep(PACE_S)
            silent_s += PACE_S


def screen_of(request: Request) -> BayScreen:
    """The screen for all who look; it begins with the first."""
    state = request.app.state
    with _STARTING:
        if not hasattr(state, "bay_screen"):
            state.bay_screen = BayScreen(state.station)
    found: BayScreen = state.bay_screen
    return found
