"""`/clips/{id}/looks` and `/looks/{id}` (观看): a look is opened by a person, its line is on the trail before any byte.

The parts of a look are given out by what gives them to pages (review/pages/looks.py): one range an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from catalog.rules.rights import Action
from docking_station.services.looks import IDLE_S, Look, Looks
from docking_station.services.permits import LINES
from docking_station.services.rights import find_clip
from review.api.answers import OF_BYTES, PREFIX, Body, Json
from review.api.asking import Here, Me, marks
from review.api.typed import ClipId, Words
from review.pages.looks import PARTS, READERS, answer_part

API = APIRouter()
LookId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The look's number.", examples=["0" * 32])]
PartName = Literal["content", "sub", "sheet", "peaks", "poster"]
SHOWS = LINES[Action.STREAM]
BYTES: Mapping[int | str, Any] = {
    status: {"description": what, "content": {"application/octet-stream": OF_BYTES}}
    for status, what in ((200, "All of it."), (206, "The range that was asked for, or its beginning."))
}


class Opening(Body):
    """Why somebody looks, where the rights ask for it."""

    reason: Words | None = None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part: where it is, how long, its digest; `derived` where it is no original."""

    name: str
    url: str
    size_bytes: int
    sha256: str
    media_type: str
    derived: bool


@dataclass(frozen=True, slots=True)
class LookShown:
    """A look that goes on, until nobody has read it for `idle_s` seconds."""

    id: str
    clip: str
    idle_s: float
    parts: tuple[ShownPart, ...]


def _shown(look: Look) -> LookShown:
    names = {part: name for name, part in PARTS.items()}
    parts = tuple(
        ShownPart(
            names[part],
            f"{PREFIX}/looks/{look.id}/{names[part]}",
            one.size_bytes,
            one.sha256,
            one.media_type,
            one.derived,
        )
        for part, one in look.parts.items()
    )
    return LookShown(look.id, look.clip, IDLE_S, parts)


def _looks(request: Request) -> Looks:
    found: Looks = request.app.state.looks
    return found


@API.post(
    "/clips/{clip}/looks",
    **marks("clips:look", Action.STREAM, look=SHOWS, answer=LookShown, status=HTTPStatus.CREATED),
)
def open_look(request: Request, me: Me, station: Here, clip: ClipId, body: Opening) -> Response:
    """Open a look: its line is on the trail before this answers; parts are then read at their `url`."""
    request.app.state.looked.take(me.who)
    opened = _looks(request).open(me, find_clip(station, me, clip), reason=body.reason)
    return Json(_shown(opened), HTTPStatus.CREATED, {"Location": f"{PREFIX}/looks/{opened.id}"})


@API.get("/looks/{look}", **marks("clips:look", Action.STREAM, answer=LookShown))
def look(request: Request, me: Me, look: LookId) -> Response:
    """A look of yours that goes on."""
    return Json(_shown(_looks(request).find(look, me)))


@API.delete("/looks/{look}", **marks("clips:look", Action.STREAM, status=HTTPStatus.NO_CONTENT))
def close(request: Request, me: Me, look: LookId) -> Response:
    """End a look; what was read of it is written down."""
    _looks(request).close(_looks(request).find(look, me))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@API.get("/looks/{look}/{part}", **marks("clips:look", Action.STREAM, other=BYTES))
async def part(
    request: Request,
    me: Me,
    look: LookId,
    part: PartName,
    range_: Annotated[str | None, Header(alias="Range", max_length=100, description="One range of bytes.")] = None,
) -> Response:
    """A part of a look, or a range of it, 2 MiB at most; its line was written when the look was opened."""
    return await to_thread.run_sync(answer_part, _looks(request), me, request, look, part, limiter=READERS)
