"""`/parties` (当事人): whom the cases that somebody may know of are about, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.cases.finding import Party
from catalog.rules.house_rights import Right
from docking_station.services.known_cases import list_parties
from review.api.answers import After, Json, Limit, place_in, sealed
from review.api.asking import Here, Me, marks
from review.api.typed import Words

API = APIRouter()
Part = Annotated[Words | None, Query(description="What stands in the name.")]


@dataclass(frozen=True, slots=True)
class PartyItem(Party):
    """A party of a page."""


@dataclass(frozen=True, slots=True)
class PartyPage:
    """A page of parties, by name."""

    items: tuple[PartyItem, ...]
    next: str | None


@API.get("/parties", **marks("cases:read", Right.CASE_READ, answer=PartyPage))
def parties(
    request: Request, me: Me, station: Here, name: Part = None, limit: Limit = 50, after: After = None
) -> Response:
    """The parties whose name has this in it, each with the cases that may be known of."""
    behind = "" if after is None else str(place_in(request, after))
    found, more = list_parties(station, me, name=name, after=behind, limit=limit)
    items = tuple(PartyItem(one.name, one.cases) for one in found)
    return Json(PartyPage(items, sealed(request, items[-1].name) if more else None))
