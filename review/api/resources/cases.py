"""`/cases` (案件): those somebody may know of, and one with written records, clips and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from catalog.cases.finding import CaseSearch
from catalog.cases.reading import Case
from catalog.rules.house_rights import Right
from catalog.trail.versions import versions
from docking_station.services.cases import show_case
from docking_station.services.known_cases import list_cases
from review.api.answers import (
    NOT_MODIFIED,
    After,
    IfNoneMatch,
    Json,
    Limit,
    fields_of,
    not_modified,
    place_in,
    sealed,
    tag,
    tagged,
    value_of,
    version_of,
)
from review.api.asking import Here, Me, marks
from review.api.typed import CaseNo, Code, Words

API = APIRouter()


@dataclass(frozen=True, slots=True)
class CaseItem(Case):
    """A case of a page; `version` is its ETag."""

    version: int = 0


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases, in the order of their numbers."""

    items: tuple[CaseItem, ...]
    next: str | None


def _wanted(
    text: Annotated[Words | None, Query(description="What stands in title, place, a number or a name.")] = None,
    state: Annotated[Code | None, Query(description="How far it is.")] = None,
    kind: Annotated[Code | None, Query(description="Its kind, by the policy's code.")] = None,
    matter: Annotated[Code | None, Query(description="Its matter, by the policy's code.")] = None,
    unit: Annotated[Words | None, Query(description="A unit and all below it.")] = None,
    officer: Annotated[Code | None, Query(description="A number of one of its officers.")] = None,
    party: Annotated[Words | None, Query(description="The name of a party, as it is written.")] = None,
    order: Annotated[Literal["number", "newest"], Query(description="By number, or the newest first.")] = "number",
) -> CaseSearch:
    return CaseSearch(text, state, kind, matter, unit, officer, party, newest=order == "newest")


@API.get("/cases", **marks("cases:read", Right.CASE_READ, answer=CasePage))
def cases(
    request: Request,
    me: Me,
    station: Here,
    asked: Annotated[CaseSearch, Depends(_wanted)],
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """The cases that fit and may be known of."""
    behind = None if after is None else str(place_in(request, after))
    found, more = list_cases(station, me, replace(asked, after=behind, limit=limit))
    version = versions(station.database, [one.id for one in found])
    items = tuple(CaseItem(**fields_of(one), version=version.get(one.id, 0)) for one in found)
    return Json(CasePage(items, sealed(request, items[-1].id) if more else None))


@API.get("/cases/{no}", **marks("cases:read", Right.CASE_READ, answer=dict[str, Any], other=NOT_MODIFIED))
def one_case(me: Me, station: Here, no: CaseNo, if_none_match: IfNoneMatch = None) -> Response:
    """A case as `cases show --json` prints it, and its `version`."""
    found = show_case(station, me, no)
    version = version_of(station, found.case.id)
    if if_none_match == tag(version):
        return not_modified(version)
    return tagged(value_of(found, version=version), version)
