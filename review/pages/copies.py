"""Copies of a request (对外副本): made while one waits, with number, receiver and use in every picture, and fetched.

Each film that is fetched has its line on the trail before its first byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from catalog.errors import RequestState
from catalog.rules.callers import Caller
from catalog.rules.requests import Request as Granted
from catalog.rules.requests import demand_open
from catalog.rules.typed_times import seconds_typed
from catalog.station_error import StationError
from docking_station.bundle.burnt import Spans, make_burnt, open_film, pieces
from docking_station.bundle.granted import disks_outside, make_on_disk
from docking_station.services import requests
from docking_station.services.errors import NoSuchDisk
from docking_station.station.errors import BadTime
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import Sent, token_of
from review.makings import Makings, Work
from review.pages.requests import request_page

PAGES = APIRouter()
FROM, UNTIL = "from-", "until-"


@PAGES.post("/requests/{no}/copy")
@PAGES.post("/requests/{no}/bundle")
def make(request: Request, no: str, form: Sent) -> Response:
    """Begin to make films of a request, or its bundle on a disk of the station; its page says how far it is."""
    station, me = request.app.state.station, caller_of(request)
    shown = requests.shown(station, me, no)
    request.app.state.sessions.demand_fresh(token_of(request))
    try:
        begin(request.app.state.makings, station, me, shown.request, form)
    except StationError as error:
        return request_page(request, no, error, "copy", form)
    return RedirectResponse(f"/requests/{no}", HTTPStatus.SEE_OTHER)


def begin(makings: Makings, station: Station, me: Caller, its: Granted, form: Mapping[str, str]) -> None:
    """Begin to make what a form asks for; raises `RequestState` while one is made, else as its service."""
    requests.demand_maker(station, me, demand_open(its, its.no, station.now()))
    if not makings.start(its.no, _work(station, me, its.no, form)):
        raise RequestState(request=its.no, state="being copied", state_zh="正在制作副本")


def _work(station: Station, me: Caller, no: str, form: Mapping[str, str]) -> Work:
    """Films, or a bundle on the disk that was chosen; raises `BadTime`, `NoSuchDisk` before anything is begun."""
    if (point := form.get("disk")) is None:
        spans = spans_typed(form)
        return lambda share: make_burnt(station, me, no, spans, share)
    if point not in {str(one.point) for one in disks_outside(station)}:
        raise NoSuchDisk(disk=point)
    return lambda share: make_on_disk(station, me, no, point, share)


def spans_typed(form: Mapping[str, str]) -> Spans:
    """From which time of day to which of each clip; raises `BadTime` for what is none."""
    found = dict[str, tuple[int | None, int | None]]()
    for name in form:
        if name.startswith(FROM):
            clip = name.removeprefix(FROM)
            begin, end = (_clock(form.get(f"{which}{clip}", "")) for which in (FROM, UNTIL))
            if (begin, end) != (None, None):
                found[clip] = begin, end
    return found


def _clock(text: str) -> int | None:
    if not text.strip():
        return None
    if (seconds := seconds_typed(text)) is None:
        raise BadTime(text=text)
    return seconds


@PAGES.post("/requests/{no}/film")
def film(request: Request, no: str, form: Sent) -> Response:
    """Fetch one film of a copy."""
    station, me = request.app.state.station, caller_of(request)
    requests.shown(station, me, no)
    try:
        return film_answer(station, me, form.get("copy", ""), form.get("film", ""))
    except StationError as error:
        return request_page(request, no, error, "copy")


def film_answer(station: Station, me: Caller, copy: str, name: str) -> Response:
    """One film of a copy; its line is on the trail. Raises as `open_film`."""
    return film_sent(*open_film(station, me, copy, name), name)


def film_sent(path: Path, size_bytes: int, name: str) -> Response:
    """A film as a browser takes it, under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size_bytes)}
    return StreamingResponse(pieces(path), headers=headers, media_type="video/mp4")
