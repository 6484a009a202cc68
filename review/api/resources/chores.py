"""`/chores` (后台任务): work for later; called off, done again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from catalog.clips.chores import State
from catalog.rules.house_rights import Right
from docking_station.services.chores import cancel_chore, every_chore, one_chore, retry_chore
from review.api.answers import Json, Limit
from review.api.asking import Here, Me, marks

API = APIRouter()
ChoreId = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$", description="The chore's ID.", examples=["0" * 12])]


class Chores(BaseModel):
    """Chores as `chores list --json` prints them."""

    items: list[dict[str, Any]]


@API.get("/chores", **marks("station:read", Right.CHORES, answer=Chores))
def chores(me: Me, station: Here, state: State | None = None, limit: Limit = 50) -> Response:
    """Work for later: what is held first, then what runs and waits."""
    return Json({"items": every_chore(station, me, state, limit)})


@API.get("/chores/{chore}", **marks("station:read", Right.CHORES, answer=dict[str, Any]))
def chore(me: Me, station: Here, chore: ChoreId) -> Response:
    """One chore."""
    return Json(one_chore(station, me, chore))


@API.delete("/chores/{chore}", **marks("station:write", Right.CHORES, status=HTTPStatus.NO_CONTENT))
def chore_end(me: Me, station: Here, chore: ChoreId) -> Response:
    """Let nobody do a chore any more (取消任务); what is done stays done."""
    cancel_chore(station, me, chore)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@API.post("/chores/{chore}/attempts", **marks("station:write", Right.CHORES, answer=dict[str, Any]))
def chore_attempt(me: Me, station: Here, chore: ChoreId) -> Response:
    """Have a chore done again, whatever came of it (重试任务). Answers it."""
    retry_chore(station, me, chore)
    return Json(one_chore(station, me, chore))
