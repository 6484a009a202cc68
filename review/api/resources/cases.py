"""`/cases` (案件): those somebody may know of, and one with written records, clips and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.cases.reading import Case
from catalog.rules.house_rights import Right
from catalog.trail.versions import versions
from docking_station.services.cases import show_case
from docking_station.services.known_cases import readable_cases
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
from review.api.typed import CaseNo

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


@API.get("/cases", **marks("cases:read", Right.CASE_READ, answer=CasePage))
def cases(request: Request, me: Me, station: Here, limit: Limit = 50, after: After = None) -> Response:
    """The cases that may be known of."""
    behind = None if after is None else tuple(place_in(request, after))
    every = [one for one in readable_cases(station, me) if behind is None or _key(one) > behind]
    version = versions(station.database, [one.id for one in every[:limit]])
    items = tuple(CaseItem(**fields_of(one), version=version.get(one.id, 0)) for one in every[:limit])
    return Json(CasePage(items, sealed(request, _key(items[-1])) if len(every) > limit else None))


@API.get("/cases/{no}", **marks("cases:read", Right.CASE_READ, answer=dict[str, Any], other=NOT_MODIFIED))
def one_case(me: Me, station: Here, no: CaseNo, if_none_match: IfNoneMatch = None) -> Response:
    """A case as `cases show --json` prints it, and its `version`."""
    found = show_case(station, me, no)
    version = version_of(station, found.case.id)
    if if_none_match == tag(version):
        return not_modified(version)
    return tagged(value_of(found, version=version), version)


def _key(one: Case) -> tuple[bool, str, str]:
    """Where a case stands in a list: those without a number first."""
    return one.no is not None, one.no or "", one.id
