"""The bay screen (仓位屏): every bay as the dock tells it, kept up to date while somebody looks.

Source: the dock's stream (docs/stream.md). Shapes: the whole board is one fragment of HTML, sent again whenever it
changed, at most twice a second; htmx puts in what differs, so that focus stays. An old "safe to take" is worse than
none: when the dock says nothing, every bay is "not known", and the browser says so too where this program is gone.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from catalog.people import people
from catalog.station_error import StationError
from docking_station.faces.bay_words import Spoken, left_text, reason, texts_of
from docking_station.faces.board import BayView
from docking_station.faces.follower import Follower
from review.frame import Words, page, render

PAGES = APIRouter()
PACE_S, ALIVE_S, FIRST_S = 0.5, 5.0, 2.0
ICONS = {
    "charging": "battery-charging",
    "clearing": "timer",
    "copying": "arrow-down-to-line",
    "empty": "circle-dashed",
    "full": "hard-drive",
    "gone": "circle-help",
    "held": "triangle-alert",
    "safe": "circle-check",
    "unknown": "octagon-alert",
    "waiting": "hourglass",
}
SAYS = {
    "charging": "page_bay_charging",
    "clearing": "page_bay_clearing",
    "full": "page_bay_stay",
    "gone": "page_bay_gone",
    "held": "page_bay_held",
    "safe": "page_bay_safe",
    "unknown": "page_bay_unknown",
    "waiting": "page_bay_waiting",
}
_STARTING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tile:
    """What a bay shows: state and icon, the word read from two metres, and the lines below it."""

    bay: str
    state: str
    word: str
    officer: str | None
    recorder: str | None
    lines: tuple[str, ...]
    share: float | None


def tile(view: BayView, spoken: Spoken) -> Tile:
    """Return what a bay shows; `clearing` overrides every state."""
    word, state = spoken.word, "clearing" if view.clearing else view.state
    says = "page_bay_safe_empty" if state == "safe" and not view.files else SAYS.get(state)
    lines, share = [] if says is None else [word(says, count=view.files)], None
    if state == "copying":
        lines += [_still(view, spoken), word("page_bay_go")]
        share = view.done_bytes / view.size_bytes if view.size_bytes else 0.0
    if view.why is not None:
        lines.insert(0, reason(view.why, spoken))
    return Tile(view.bay, state, word(f"state_{state}").capitalize(), view.officer, view.recorder, tuple(lines), share)


def _still(view: BayView, spoken: Spoken) -> str:
    """How long it takes still, and how far it is."""
    left = "" if view.left_s is None else spoken.word("page_bay_still", time=left_text(view.left_s, spoken))
    files = spoken.word("files_of", done=view.files_done, count=view.files) if view.files else ""
    return " · ".join(text for text in (left, files) if text)


def board(request: Request) -> dict[str, object]:
    """Return what the screen shows now: tiles and the station, or every bay not known and why."""
    words, follower = Words.of(request), _follower(request)
    spoken = Spoken(words.language, words, request.app.state.station.settings.zone)
    station, bays, fault = follower.now()
    called = _names(request)
    tiles = [tile(replace(view, officer=called.get(str(view.officer), view.officer)), spoken) for view in bays]
    if station is None:
        word, says = words("page_bay_gone_word"), words("page_bay_gone")
        tiles = [Tile(label, "gone", word, None, None, (says,), None) for label in follower.labels]
    whys = (
        []
        if station is None
        else [texts_of(why, spoken) for why in (station.clock_why, station.vault, station.catalog) if why]
    )
    hint = None if fault is None else f"{fault.message(words.language)} {fault.hint(words.language)}"
    return {"tiles": tiles, "board": station, "whys": whys, "lost": station is None, "lost_why": hint, "icons": ICONS}


@PAGES.get("/bays")
def bays(request: Request) -> Response:
    """The screen as it is now; without a script a browser asks again every few seconds."""
    _follower(request).wait(FIRST_S)
    return page(request, "bays.html", HTTPStatus.OK, title="page_bays", **board(request))


@PAGES.get("/bays/events")
async def events(request: Request) -> Response:
    """The board whenever it changed, and a sign of life between."""
    return StreamingResponse(_told(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _told(request: Request) -> AsyncIterator[str]:
    follower, shown, silent_s = _follower(request), -1, 0.0
    while not await request.is_disconnected():
        if follower.changes != shown:
            shown, silent_s = follower.changes, 0.0
            lines = render(request, "board.html", **board(request)).splitlines()
            yield "".join(f"data: {line}\n" for line in lines) + "\n"
        elif silent_s >= ALIVE_S:
            silent_s = 0.0
            yield "event: alive\ndata: 1\n\n"
        await asyncio.sleep(PACE_S)
        silent_s += PACE_S


def _names(request: Request) -> Mapping[str, str]:
    """What officers are called, by their numbers; nobody while the catalog is away."""
    with suppress(StationError):
        return people.names(request.app.state.station.database)
    return {}


def _follower(request: Request) -> Follower:
    """The one that follows the dock for all who look; it begins with the first."""
    state = request.app.state
    with _STARTING:
        if not hasattr(state, "follower"):
            state.follower = Follower(state.station.settings.socket)
            state.follower.start()
    found: Follower = state.follower
    return found
