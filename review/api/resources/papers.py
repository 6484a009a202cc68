"""`/papers` (执法文书): the written records of the cases somebody may know of; entered and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from catalog.cases.papers import Paper
from catalog.rules import acts
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by
from catalog.rules.house_rights import Right
from catalog.trail.versions import versions
from docking_station.services.papers import add_paper, change_paper, demand_paper, readable_papers, show_paper
from docking_station.station.station import Station
from review.api.answers import After, Body, Json, Limit, behind, fields_of, sealed, tagged, value_of, version_of
from review.api.asking import Here, Me, marks
from review.api.changes import IfMatch, Key, change_of, once
from review.api.typed import CaseNo, Code, Day, Moment, Words, said

API = APIRouter()
OFFICERS_MAX = 50
PAGES_MAX = 100_000
PaperNo = Annotated[
    str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="The record's number, or its id.", examples=["0" * 12])
]
SHOWN: dict[str, Any] = {"answer": dict[str, Any]}
MADE: dict[str, Any] = {"answer": dict[str, Any], "status": HTTPStatus.CREATED}
OfCase = Annotated[Words | None, Query(description="A number of the case, or its id.")]


class PaperSaid(Body):
    """What is said of a written record; what is left out stays as it is, null strikes it out."""

    number: Words | None = None
    step: Code | None = None
    day: Day | None = None
    begins_at: Moment | None = None
    ends_at: Moment | None = None
    place: Words | None = None
    officers: list[Code] = Field([], max_length=OFFICERS_MAX)
    party: Words | None = None
    pages: int | None = Field(None, ge=0, le=PAGES_MAX)
    note: Words | None = None


class PaperGiven(PaperSaid):
    """A written record: its type is a code of the policy."""

    code: Code


class PaperChanged(PaperSaid):
    """What is corrected of a written record, and why."""

    code: Code = Field(default_factory=str)
    reason: Words | None = None


@dataclass(frozen=True, slots=True)
class PaperItem(Paper):
    """A written record of a page; `version` is its ETag."""

    version: int = 0


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page of written records, case by case, as they lie in the files."""

    items: tuple[PaperItem, ...]
    next: str | None


@API.get("/papers", **marks("cases:read", Right.CASE_READ, answer=PaperPage))
def papers(
    request: Request, me: Me, station: Here, case: OfCase = None, limit: Limit = 50, after: After = None
) -> Response:
    """The written records of a case, or of all that may be known of."""
    every = behind(request, readable_papers(station, me, case), after)
    version = versions(station.database, [one.id for one in every[:limit]])
    items = tuple(PaperItem(**fields_of(one), version=version.get(one.id, 0)) for one in every[:limit])
    return Json(PaperPage(items, sealed(request, items[-1].id) if len(every) > limit else None))


@API.get("/papers/{paper}", **marks("cases:read", Right.CASE_READ, answer=dict[str, Any]))
def paper_details(me: Me, station: Here, paper: PaperNo) -> Response:
    """A written record as `papers show --json` prints it, and its `version`."""
    return _shown(station, me, paper)


@API.post("/cases/{no}/papers", **marks("cases:write", Right.PAPER_WRITE, act=(acts.PAPER_ADDED,), **MADE))
def new_paper(request: Request, me: Me, station: Here, no: CaseNo, body: PaperGiven, key: Key = None) -> Response:
    """Enter a written record of a case (文书登记). Answers it as `GET /papers/{paper}`."""
    return once(
        request,
        station,
        me,
        key,
        body,
        lambda: add_paper(station, me, no, said(body)).id,
        lambda paper: _shown(station, me, paper, HTTPStatus.CREATED),
        made=opened_by,
    )


@API.patch("/papers/{paper}", **marks("cases:write", Right.PAPER_WRITE, act=(acts.PAPER_CHANGED,), **SHOWN))
def corrected_paper(me: Me, station: Here, paper: PaperNo, body: PaperChanged, if_match: IfMatch = None) -> Response:
    """Correct a written record (文书更正). Answers it as `GET /papers/{paper}`."""
    found, _ = demand_paper(station, me, paper, Right.PAPER_WRITE)
    return change_of(
        station,
        found.id,
        if_match,
        lambda: change_paper(station, me, found.id, said(body), reason=body.reason),
        lambda: _shown(station, me, found.id),
    )


def _shown(station: Station, me: Caller, paper: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    found = show_paper(station, me, paper)
    version = version_of(station, found.paper.id)
    return tagged(value_of(found, version=version), version, status)
