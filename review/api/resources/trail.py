"""`/trail` (操作留痕): its lines, its head, and the proofs that a line stands in it and nothing was struck out.

Source: RFC 9162. Shapes: hashes as hexadecimal digits; lines count from 1, leaves from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from catalog.rules.house_rights import Right
from catalog.trail import trail
from docking_station.services.checkpoints import prove_growth, prove_line, trail_head
from docking_station.services.rights import demand
from review.api.answers import After, Json, Limit, LinePage, place_in, sealed
from review.api.asking import Here, Me, marks

API = APIRouter()
LINES_MAX = 2**53
LineNo = Annotated[int, Path(ge=1, le=LINES_MAX, description="The number of the line.")]
Size = Annotated[int, Query(ge=1, le=LINES_MAX, description="So many lines.")]
Subject = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="Only about this.")]


@dataclass(frozen=True, slots=True)
class Head:
    """The tree over all lines, and the newest checkpoint of it: where it lies in the vault, and its signed text."""

    size: int
    root: str
    checkpoint: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Growth:
    """That the tree over `second` lines begins with the one over `first` (RFC 9162, 2.1.4)."""

    first: int
    second: int
    first_root: str
    root: str
    path: tuple[str, ...]


@API.get("/trail", **marks("trail:read", Right.TRAIL_READ, answer=LinePage))
def trail_lines(
    request: Request, me: Me, station: Here, subject: Subject = None, limit: Limit = 50, after: After = None
) -> Response:
    """The lines, oldest first."""
    demand(station, me, Right.TRAIL_READ)
    behind = 0 if after is None else place_in(request, after)
    found = trail.lines(station.database, subject=subject, after=behind, limit=limit)
    return Json({"items": found, "next": sealed(request, found[-1].line) if len(found) == limit else None})


@API.get("/trail/head", **marks("trail:read", Right.TRAIL_READ, answer=Head))
def head(me: Me, station: Here) -> Response:
    """What the trail is now."""
    demand(station, me, Right.TRAIL_READ)
    return Json(Head(**trail_head(station)))


@API.get("/trail/growth", **marks("trail:read", Right.TRAIL_READ, answer=Growth))
def growth(me: Me, station: Here, first: Size, second: Size) -> Response:
    """The proof that nothing was struck out between two sizes."""
    demand(station, me, Right.TRAIL_READ)
    return Json(Growth(first, second, *prove_growth(station, first, second)))


@API.get("/trail/{line}/proof", **marks("trail:read", Right.TRAIL_READ, answer=dict[str, Any]))
def proof(me: Me, station: Here, line: LineNo) -> Response:
    """The line, its path to the oldest checkpoint over it, and from there to the tree of now: as `trail prove`."""
    demand(station, me, Right.TRAIL_READ)
    return Json(prove_line(station, line))
