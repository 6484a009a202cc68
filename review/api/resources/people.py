"""`/people` and `/units` (人员、科室): who there is, with titles and accounts; entered, changed, suspended, gone.

Titles and accounts are given by two people at the station (`evidock people grant`, `confirm`, `bind`).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from catalog.people import people, units
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services import staff, staff_lists
from docking_station.station.station import Station
from review.api.answers import Body, Json, tagged, version_of
from review.api.asking import Here, Me, marks
from review.api.changes import IfMatch, Key, change_of, once
from review.api.typed import Code, Day, Moment, Page, Words, said

API = APIRouter()
PersonNo = Annotated[
    str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,64}$", description="A number of the person.", examples=["0101"])
]
MADE: dict[str, Any] = {"answer": dict[str, Any], "status": HTTPStatus.CREATED}


class PersonChanged(Body):
    """What is known of a person; what is left out stays, null takes a value away."""

    name: Words | None = None
    unit: Code | None = None
    sex: Literal["f", "m"] | None = None
    post: Words | None = None
    kinds: list[Code] = Field([], max_length=20)
    area: Words | None = None
    card: Code | None = None
    card_until: Day | None = None
    recorder_no: Code | None = None
    since: Moment | None = Field(None, description="From when.")


class PersonMade(PersonChanged):
    """A person with their number, which is for ever."""

    no: Code
    name: Words


class Reasoned(Body):
    """Why."""

    reason: Words


@API.get("/people", **marks("people:read", Right.PEOPLE_PROPOSE, answer=Page))
def every_person(me: Me, station: Here) -> Response:
    """Everybody, with unit, titles and accounts, as `people list --json` prints them; always in one page."""
    return Json({"items": staff_lists.everybody(station, me), "next": None})


@API.get("/people/{no}", **marks("people:read", Right.PEOPLE_PROPOSE, answer=dict[str, Any]))
def one_person(me: Me, station: Here, no: PersonNo) -> Response:
    """A person with titles, delegations and accounts, as `people show --json` prints them, and `version`."""
    return _shown(station, me, no)


@API.get("/units", **marks("people:read", None, answer=Page))
def every_unit(me: Me, station: Here) -> Response:
    """The units of the bureau, by code; always in one page."""
    return Json({"items": units.every(station.database), "next": None})


@API.post("/people", **marks("people:write", Right.PEOPLE_PROPOSE, act=(acts.PERSON_ADDED,), **MADE))
def person_added(request: Request, me: Me, station: Here, body: PersonMade, key: Key = None) -> Response:
    """Enter a person (登记人员)."""

    def change() -> str:
        about = _said(station, body, "no")
        staff.change(station, me, lambda **made: people.adding(body.no, **about, **made))
        return body.no

    return once(request, station, me, key, body, change, lambda no: _shown(station, me, no, HTTPStatus.CREATED))


@API.patch(
    "/people/{no}", **marks("people:write", Right.PEOPLE_PROPOSE, act=(acts.PERSON_CHANGED,), answer=dict[str, Any])
)
def person_changed(me: Me, station: Here, no: PersonNo, body: PersonChanged, if_match: IfMatch = None) -> Response:
    """Change what is known of a person (变更人员)."""
    number = staff_lists.person_shown(station, me, no).person.no
    changed = _said(station, body, "since")

    def change() -> None:
        staff.change(station, me, lambda **made: people.changing(number, changed, since=body.since, **made))

    return change_of(station, number, if_match, change, lambda: _shown(station, me, number))


def _step(noun: str, action: str, make: Callable[..., Act], *rights: Right) -> None:
    """A person is suspended, comes back or leaves: a POST to the noun that came to be is one signed act."""

    def step(request: Request, me: Me, station: Here, no: PersonNo, body: Reasoned, key: Key = None) -> Response:
        def change() -> str:
            number = staff_lists.person_shown(station, me, no).person.no
            staff.change(station, me, lambda **made: make(number, reason=body.reason, **made), *rights)
            return number

        return once(request, station, me, key, body, change, lambda its: _shown(station, me, its, HTTPStatus.CREATED))

    step.__name__, step.__doc__ = f"person_{noun}", f"The {noun} of a person."
    API.post(f"/people/{{no}}/{noun}", **marks("people:write", rights[0], act=(action,), **MADE))(step)


for _noun, _action, _make, _rights in (
    ("suspension", acts.PERSON_SUSPENDED, people.suspending, (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM)),
    ("resumption", acts.PERSON_RESUMED, people.resuming, (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM)),
    ("departure", acts.PERSON_LEFT, lambda no, **of: people.leaving(no, since=None, **of), (Right.PEOPLE_PROPOSE,)),
):
    _step(_noun, _action, _make, *_rights)


def _said(station: Station, body: PersonChanged, *without: str) -> dict[str, Any]:
    """What was sent of a person, the unit by its code."""
    told = said(body, *without)
    return told | ({"unit": units.code_of(station.database, told["unit"])} if told.get("unit") else {})


def _shown(station: Station, me: Caller, no: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    found = staff_lists.person_shown(station, me, no)
    version = version_of(station, found.person.no)
    return tagged(staff_lists.told(found) | {"version": version}, version, status)
