"""`/parties` (当事人): whom the cases that somebody may know of are about, by name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.rules.house_rights import Right
from docking_station.services.known_cases import readable_cases
from review.api.answers import After, Json, Limit, place_in, sealed
from review.api.asking import Here, Me, marks
from review.api.typed import Words

API = APIRouter()
Part = Annotated[Words | None, Query(description="What stands in the name.")]


@dataclass(frozen=True, slots=True)
class CaseOf:
    """A case of a party, by its id and what it is shown as."""

    id: str
    called: str


@dataclass(frozen=True, slots=True)
class PartyItem:
    """A party of a page, with its cases."""

    name: str
    cases: tuple[CaseOf, ...]


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
    found, behind = defaultdict[str, list[CaseOf]](list), "" if after is None else str(place_in(request, after))
    for case in readable_cases(station, me):
        for called in dict.fromkeys(str(one.get("name") or "") for one in case.parties):
            if called > behind and (name or "") in called:
                found[called].append(CaseOf(case.id, case.called))
    names = sorted(found)
    items = tuple(PartyItem(one, tuple(found[one])) for one in names[:limit])
    return Json(PartyPage(items, sealed(request, items[-1].name) if len(names) > limit else None))
