"""What a look shows (观看内容), byte by byte: a look is opened by a person, its line is on the trail before any byte.

Source: RFC 9110, 14 (ranges); docking_station/services/looks.py. Shapes: `content` is what plays; `sub`, `sheet`,
`peaks` and `poster` stand beside it where they are made. An answer to a range is at most 2 MiB, for a browser has six
connections and keeps one for every answer that is not finished. What was watched comes in seconds.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import get_args

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.services.errors import ReasonNeeded
from docking_station.services.looks import Looks, Part, answered
from docking_station.services.rights import find_clip
from docking_station.services.sign_in import Sessions
from review.door import caller_of
from review.forms import Sent, body_of, token_of
from review.frame import page

PAGES = APIRouter()
ADDRESS = "/looks/{number}/{name}"
"""Where `part` answers: without what the framework does for typed parameters, which costs more than a range does."""
CONTENT = re.compile(r"/looks/([0-9a-f]+)/content")
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PARTS: dict[str, Part] = {"content" if part == "view" else part: part for part in get_args(Part)}
SPANS_BYTES_MAX = 16_384
SCRUBBING = ("count", "every_s", "columns", "tile_width_px", "tile_height_px")
"""What whoever cuts a sheet into its pictures must know of it."""
NEAR_S = 0.02
"""Where the first piece is there so soon the others are read at once: to go to another thread costs more than to read.
From far away the first is sent before the next is asked for."""
READERS = CapacityLimiter(8)
"""So many threads at most wait for bytes: a vault that does not answer must leave some to every other page."""


class Short(StreamingResponse):
    """An answer so short that nobody watches meanwhile whether its browser went away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self.stream_response(send)


@PAGES.post("/clips/{clip}/look")
def look(request: Request, clip: str, form: Sent, reason: str | None = None) -> Response:
    """Open a look: from here on the clip can be played. Where a `reason` is needed and none is told, ask for it."""
    stated = (reason or form.get("reason", "")).strip() or None
    number = find_clip(request.app.state.station, caller_of(request), clip)
    try:
        opened = _looks(request).open(caller_of(request), number, reason=stated)
    except ReasonNeeded:
        facts = {"address": f"/clips/{number}/look", "back": f"/clips/{number}", "fields": {}}
        return page(request, "reason.html", HTTPStatus.FORBIDDEN, title="page_reason", **facts)
    return RedirectResponse(f"/clips/{number}?look={opened.id}", HTTPStatus.SEE_OTHER)


@PAGES.post("/clips/{clip}/sheet")
def sheet(request: Request, clip: str) -> Response:
    """Open a look at the small pictures of a clip, for a list; while one goes on it writes no further line."""
    number = find_clip(request.app.state.station, caller_of(request), clip)
    opened = _looks(request).open(caller_of(request), number, only="sheet")
    note = opened.parts["sheet"].note
    return JSONResponse({"sheet": f"/looks/{opened.id}/sheet"} | {name: note[name] for name in SCRUBBING})


class AtOnce:
    """The application; what a look shows and memory holds is answered before it, for a frame of pages costs more."""

    def __init__(self, app: ASGIApp, looks: Looks, sessions: Sessions) -> None:
        self._app, self._looks, self._sessions = app, looks, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; all that has to wait, or goes wrong, is the application's."""
        answer: ASGIApp = self._app
        if scope["method"] == "GET" and (asked := CONTENT.fullmatch(scope["path"])):
            request = Request(scope)
            caller = self._sessions.known(token_of(request))
            with suppress(BlockingIOError, HTTPException, StationError):
                if caller is not None:
                    answer = answer_part(self._looks, caller, request, asked[1], "content", waits=False)
        await answer(scope, receive, send)


async def part(request: Request) -> Response:
    """Return a part of a look, or the range of it that is asked for."""
    return await to_thread.run_sync(_waiting, request, limiter=READERS)


def _waiting(request: Request) -> Response:
    number, name = request.path_params["number"], request.path_params["name"]
    return answer_part(_looks(request), caller_of(request), request, number, name)


def answer_part(
    looks: Looks, caller: Caller, request: Request, number: str, name: str, *, waits: bool = True
) -> Response:
    """Return a part of a look, or the range of it that is asked for; raises `HTTPException` 404 and 416.

    It raises `BlockingIOError` instead of waiting for a disk, a server or the catalog, without `waits`.
    """
    found = looks.find(number, caller, waits=waits)
    if name not in PARTS or PARTS[name] not in found.parts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    shown = found.parts[PARTS[name]]
    headers = {"Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked[0] == "bytes=-":  # what is no range that we know is left out of account
        begin, size_bytes, status = 0, shown.size_bytes, HTTPStatus.OK
    else:
        first, last = (int(text) if text else None for text in asked.groups())
        span = answered(shown.size_bytes, first, last)
        if span is None:
            raise HTTPException(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{shown.size_bytes}"}
            )
        (begin, size_bytes), status = span, HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {begin}-{begin + size_bytes - 1}/{shown.size_bytes}"
    headers["Content-Length"] = str(size_bytes)
    if request.method == "HEAD":
        return Response(None, status, headers, shown.media_type)
    if not waits:
        if status == HTTPStatus.OK:  # a whole film is no piece of memory
            raise BlockingIOError
        return Response(looks.at_once(found, PARTS[name], begin, size_bytes), status, headers, shown.media_type)
    began_s = time.monotonic()
    pieces = looks.pieces(found, PARTS[name], begin, size_bytes)
    if status == HTTPStatus.OK:
        return StreamingResponse(_read(pieces), status, headers, shown.media_type)
    is_near = time.monotonic() < began_s + NEAR_S
    return Short(_ready(list(pieces)) if is_near else _read(pieces), status, headers, shown.media_type)


async def _read(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := await to_thread.run_sync(next, pieces, b"", limiter=READERS):
        yield piece


async def _ready(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@PAGES.post("/looks/{number}/watched")
async def watched(request: Request, number: str) -> Response:
    """Note what the player tells that was watched; it is written down when the look ends."""
    body = await body_of(request, SPANS_BYTES_MAX)
    try:
        spans = [(float(begin), float(end)) for begin, end in json.loads(body)]
    except (ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    looks = _looks(request)
    await run_in_threadpool(lambda: looks.watched(looks.find(number, caller_of(request)), spans))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _looks(request: Request) -> Looks:
    found: Looks = request.app.state.looks
    return found
