"""`/clips/{id}` changed (资料变更): its class, the cases it belongs to, holds."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from catalog.clips import search
from catalog.rules import acts
from catalog.rules.callers import Caller
from catalog.rules.rights import Action
from docking_station.services.classes import classify_clip
from docking_station.services.holds import hold_clip, unhold_clip
from docking_station.services.links import link_clip, unlink_clip
from docking_station.services.listing import row_shown
from docking_station.services.rights import CLIP_ACTIONS, allowed, find_clip
from docking_station.station.station import Station
from review.api.answers import Body, tagged, value_of, version_of
from review.api.asking import Here, Me, marks
from review.api.changes import IfMatch, Key, change_of, once
from review.api.typed import CaseNo, ClipId, Code, Words, WordsAsked

API = APIRouter()


class ClassGiven(Body):
    """The class a clip gets, and why."""

    class_: Literal["privacy", "business", "work", "informant", "state"] = Field(alias="class")
    reason: Words


class LinkGiven(Body):
    """What a clip is linked to, and what it is there for: a part in seconds from its begin, codes of the policy."""

    case: Words
    from_s: float | None = Field(None, ge=0, le=1e7)
    to_s: float | None = Field(None, ge=0, le=1e7)
    step: Code | None = None
    proves: list[Code] = Field([], max_length=20)
    place: Words | None = None
    reason: Words | None = None


class HoldGiven(Body):
    """Why a clip is held."""

    reason: Words


ROW: dict[str, Any] = {"answer": dict[str, Any]}
MADE: dict[str, Any] = {"answer": dict[str, Any], "status": HTTPStatus.CREATED}


@API.patch("/clips/{clip}", **marks("clips:write", Action.CLASSIFY, act=(acts.CLASSIFIED,), **ROW))
def classify(me: Me, station: Here, clip: ClipId, body: ClassGiven, if_match: IfMatch = None) -> Response:
    """Give a clip a class (密级); to take one away needs two people. Answers its row."""
    return _changed(
        station, me, clip, if_match, lambda no: classify_clip(station, me, no, body.class_, reason=body.reason)
    )


@API.post("/clips/{clip}/links", **marks("clips:write", Action.LINK, act=(acts.LINK_ADDED,), **MADE))
def link(request: Request, me: Me, station: Here, clip: ClipId, body: LinkGiven, key: Key = None) -> Response:
    """Link a clip to one case more (关联案件), or confirm a proposal. Answers its row."""
    about: dict[str, Any] = {
        "from_ms": _ms(body.from_s),
        "to_ms": _ms(body.to_s),
        "step": body.step,
        "place": body.place,
    }
    about["proves"] = tuple(body.proves)

    def change() -> str:
        return link_clip(station, me, clip, body.case, about, reason=body.reason).clip

    return once(request, station, me, key, body, change, _made(station, me))


@API.delete("/clips/{clip}/links/{no}", **marks("clips:write", Action.LINK, act=(acts.LINK_ENDED,), **ROW))
def unlink(me: Me, station: Here, clip: ClipId, no: CaseNo, reason: WordsAsked, if_match: IfMatch = None) -> Response:
    """End the links of a clip to a case (解除关联). Answers its row."""
    return _changed(station, me, clip, if_match, lambda its: unlink_clip(station, me, its, no, reason=reason))


@API.post("/clips/{clip}/holds", **marks("clips:write", Action.HOLD, act=(acts.HOLD_SET,), **MADE))
def hold(request: Request, me: Me, station: Here, clip: ClipId, body: HoldGiven, key: Key = None) -> Response:
    """Hold a clip (依法保留): nothing of it goes until two people end that. Answers its row."""

    def change() -> str:
        return hold_clip(station, me, clip, body.reason).clip

    return once(request, station, me, key, body, change, _made(station, me))


@API.delete("/clips/{clip}/holds", **marks("person", Action.UNHOLD, act=(acts.HOLD_END_ASKED, acts.HOLD_ENDED), **ROW))
def unhold(me: Me, station: Here, clip: ClipId, reason: WordsAsked, if_match: IfMatch = None) -> Response:
    """Ask for the end of a clip's holds where nobody did yet, else end them, as another person."""
    return _changed(station, me, clip, if_match, lambda no: unhold_clip(station, me, no, reason))


def _changed(
    station: Station, me: Caller, clip: str, if_match: str | None, change: Callable[[str], object]
) -> Response:
    number = find_clip(station, me, clip)
    return change_of(station, number, if_match, lambda: change(number), lambda: _row(station, me, number))


def _row(station: Station, me: Caller, number: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A clip as a list shows it to this person, and its version."""
    may = allowed(station, me, CLIP_ACTIONS, [number])[number]
    version = version_of(station, number)
    shown = row_shown(search.get(station.database, number), may)
    return tagged(value_of(shown, may=sorted(may), version=version), version, status)


def _made(station: Station, me: Caller) -> Callable[[str], Response]:
    """The row of what was changed, if this person may still find it."""
    return lambda no: _row(station, me, find_clip(station, me, no), HTTPStatus.CREATED)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
