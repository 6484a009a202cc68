"""`/cases` changed (案件变更): opened, corrected, closed, noted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from catalog.cases import cases
from catalog.rules import acts
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import NumberKind, opened_by
from catalog.rules.house_rights import Right
from docking_station.services.cases import change_case, close_case, open_case, show_case
from docking_station.services.completeness import note_case
from docking_station.services.known_cases import find_case
from docking_station.station.station import Station
from review.api.answers import Body, tagged, value_of, version_of
from review.api.asking import Here, Me, marks
from review.api.changes import IfMatch, Key, change_of, once
from review.api.typed import CaseNo, Code, Day, Moment, Words, said

API = APIRouter()
MANY_MAX = 50
SHOWN: dict[str, Any] = {"answer": dict[str, Any]}
MADE: dict[str, Any] = {"answer": dict[str, Any], "status": HTTPStatus.CREATED}


class NumberGiven(Body):
    """A number of a case, and of what kind; by its form where nobody says."""

    number: Words
    kind: NumberKind | None = None


class PartyGiven(Body):
    """A party."""

    name: Words


class CaseSaid(Body):
    """What is said of a case; what is left out stays as it is, null strikes it out."""

    officers: list[Code] = Field([], max_length=MANY_MAX)
    begins_at: Moment | None = None
    ends_at: Moment | None = None
    state: Code | None = None
    kind: Code | None = None
    matter: Code | None = None
    unit: Code | None = None
    place: Words | None = None
    parties: list[PartyGiven] = Field([], max_length=MANY_MAX)
    facts: list[Code] = Field([], max_length=MANY_MAX)
    inspected: Day | None = None
    opened: Day | None = None
    decided: Day | None = None
    penalty: Words | None = None
    fine: int | None = Field(None, ge=0, le=10**12)
    numbers: list[NumberGiven] = Field([], max_length=MANY_MAX)


class CaseGiven(CaseSaid):
    """A case, and what it is called."""

    title: Words


class CaseChanged(CaseSaid):
    """What is corrected of a case: `numbers` come, `dropped` were wrong."""

    title: Words | None = None
    dropped: list[Words] = Field([], max_length=MANY_MAX)
    reason: Words | None = None


class Closing(Body):
    """The day a case was closed, and why."""

    day: Day
    reason: Words | None = None


class Note(Body):
    """What there is to say of what a check found: of one written record, of one kind of finding, or of all."""

    text: Words
    paper: Words | None = None
    verdict: Code | None = None


@API.post("/cases", **marks("cases:write", Right.CASE_WRITE, act=(acts.CASE_ADDED,), **MADE))
def new_case(request: Request, me: Me, station: Here, body: CaseGiven, key: Key = None) -> Response:
    """Open a case (登记案件); it may get its number later. Answers it as `GET /cases/{no}`."""
    return once(
        request,
        station,
        me,
        key,
        body,
        lambda: open_case(station, me, _numbers(body), said(body, "numbers", "dropped")).id,
        lambda case: _shown(station, me, case, HTTPStatus.CREATED),
        made=opened_by,
    )


@API.patch("/cases/{no}", **marks("cases:write", Right.CASE_WRITE, act=(acts.CASE_CHANGED,), **SHOWN))
def corrected_case(me: Me, station: Here, no: CaseNo, body: CaseChanged, if_match: IfMatch = None) -> Response:
    """Correct a case (案件变更). Answers it as `GET /cases/{no}`."""
    case = find_case(station, me, no).id
    about: dict[str, Any] = {"numbers": _numbers(body), "dropped": body.dropped, "reason": body.reason}
    return change_of(
        station,
        case,
        if_match,
        lambda: change_case(station, me, case, said(body, "numbers", "dropped"), **about),
        lambda: _shown(station, me, case),
    )


@API.post("/cases/{no}/closing", **marks("cases:write", Right.CASE_CLOSE, act=(acts.CASE_CLOSED,), **MADE))
def case_closing(request: Request, me: Me, station: Here, no: CaseNo, body: Closing, key: Key = None) -> Response:
    """Close a case that is in order (结案); one that is not is closed by two people, at the station."""
    return once(
        request,
        station,
        me,
        key,
        body,
        lambda: close_case(station, me, no, body.day.isoformat(), reason=body.reason).id,
        lambda case: _shown(station, me, case, HTTPStatus.CREATED),
    )


@API.post("/cases/{no}/notes", **marks("cases:write", Right.NOTE_WRITE, act=(acts.CASE_NOTED,), **MADE))
def case_note(request: Request, me: Me, station: Here, no: CaseNo, body: Note, key: Key = None) -> Response:
    """Answer what a check found, with a signed note of today (情况说明). Answers the case."""
    case = find_case(station, me, no).id

    def change() -> str:
        note_case(station, me, case, body.text, paper=body.paper, verdict=body.verdict)
        return case

    return once(request, station, me, key, body, change, lambda its: _shown(station, me, its, HTTPStatus.CREATED))


def _shown(station: Station, me: Caller, case: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    version = version_of(station, case)
    return tagged(value_of(show_case(station, me, case), version=version), version, status)


def _numbers(body: CaseSaid) -> list[cases.Number]:
    return [cases.number(one.number, one.kind) for one in body.numbers]
