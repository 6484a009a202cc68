"""`/exports` (对外副本): films or a bundle of what a request was granted, made while one waits, and each film fetched.

Shapes: an export is known by the number of its request; what is made of it stands in the register with a number of its
own. It is begun as on the page of the request, which shows the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from catalog.rules import acts
from catalog.rules.requests import COPIES, Copy
from catalog.rules.rights import Action
from docking_station.bundle.burnt import BURNT, there
from docking_station.bundle.granted import disks_outside
from docking_station.services import requests
from docking_station.services.permits import LINES
from docking_station.station.station import Station
from review.api.answers import OF_BYTES, PREFIX, Body, Json
from review.api.asking import Here, Me, marks
from review.api.changes import Key, once
from review.api.resources.requests import CopyNo, RequestNo
from review.api.typed import Words
from review.frame import Words as Language
from review.pages.copies import FROM, UNTIL, begin, film_answer

API = APIRouter()
FilmName = Annotated[
    str,
    Path(pattern=r"^R\d{4}-\d{4,8}-\d{1,6}_\d{2,4}\.mp4$", description="Its name.", examples=["R2026-0001-1_01.mp4"]),
]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$")]
FILM: Mapping[int | str, Any] = {200: {"description": "The film.", "content": {"video/mp4": OF_BYTES}}}


class CopySpan(Body):
    """From which time of day to which a clip is copied."""

    clip: Annotated[str, StringConstraints(pattern=r"^c[a-z2-7]{20}$")]
    begins: Clock | None = None
    ends: Clock | None = None


class ExportAsked(Body):
    """Of which request; films cut as `spans` say or, where a `disk` of the station is named, the bundle on that."""

    request: Annotated[str, StringConstraints(pattern=r"^R\d{4}-\d{4,8}$")]
    spans: Annotated[tuple[CopySpan, ...], Field(max_length=200)] = ()
    disk: Words | None = None


@dataclass(frozen=True, slots=True)
class ExportFailed:
    """Why the last making ended without a copy."""

    code: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class ExportShown:
    """How far an export is: `share` from 0 to 1 while it is made, the copies there are, and the disks for a bundle.

    A copy has the addresses of its films that still lie at the station.
    """

    request: str
    state: Literal["none", "making", "failed", "made"]
    share: float | None
    failed: ExportFailed | None
    copies: tuple[dict[str, Any], ...]
    disks: tuple[str, ...]


@API.post(
    "/exports",
    **marks("person", Action.EXPORT, act=(acts.COPY_MADE,), answer=ExportShown, status=HTTPStatus.ACCEPTED),
)
def export(request: Request, me: Me, station: Here, body: ExportAsked, key: Key = None) -> Response:
    """Begin to make the copies that a request was granted (制作副本); `Location` says how far they are."""
    no = body.request
    form = {} if body.disk is None else {"disk": body.disk}
    for one in body.spans:
        form |= {f"{FROM}{one.clip}": one.begins or "", f"{UNTIL}{one.clip}": one.ends or ""}

    def change() -> str:
        begin(request.app.state.makings, station, me, requests.shown(station, me, no).request, form)
        return no

    def show(no: str) -> Response:
        location = {"Location": f"{PREFIX}/exports/{no}"}
        return Json(_shown(request, station, requests.shown(station, me, no)), HTTPStatus.ACCEPTED, location)

    return once(request, station, me, key, body, change, show)


@API.get("/exports/{no}", **marks("requests:read", None, answer=ExportShown))
def export_state(request: Request, me: Me, station: Here, no: RequestNo) -> Response:
    """How far the export of a request is, and what was made of it."""
    return Json(_shown(request, station, requests.shown(station, me, no)))


@API.get("/copies/{no}/films/{film}", **marks("person", Action.EXPORT, look=LINES[Action.EXPORT], other=FILM))
def copy_film(me: Me, station: Here, no: CopyNo, film: FilmName) -> Response:
    """One film of a copy, for who makes it, while the grant stands; its line is on the trail before its first byte."""
    requests.shown(station, me, no.rpartition("-")[0])  # what is not theirs to see is not there
    return film_answer(station, me, no, film)


def _shown(request: Request, station: Station, its: requests.Shown) -> ExportShown:
    making, language = request.app.state.makings.of(its.request.no), Language.of(request).language
    error = None if making is None else making.error
    goes_on = making is not None and not making.is_over
    is_open = its.state == "granted" and its.request.wanted in COPIES
    return ExportShown(
        its.request.no,
        "making" if goes_on else "failed" if error is not None else "made" if its.copies else "none",
        making.share if goes_on else None,
        None
        if error is None
        else ExportFailed(error.code, error.message(language, station.settings.zone), error.hint(language)),
        tuple(asdict(one) | {"films": _films(station, one)} for one in its.copies),
        tuple(str(one.point) for one in disks_outside(station)) if is_open else (),
    )


def _films(station: Station, copy: Copy) -> list[str]:
    names = there(station, copy) if copy.kind == BURNT else []
    return [f"{PREFIX}/copies/{copy.no}/films/{name}" for name in names]
