"""Setting up (开通): the disk of a station that is not there yet, then policy, people, second copy.

The first form is answered by `review/begin.py`, before there is a station; the others ask its services, as whoever runs
the pages until the first person is entered. Shapes: a row of people is `no-1`, `name-1` … in one form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import isnan
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.station_error import StationError
from docking_station.services import first_run, founding
from docking_station.services.errors import SeatsBad
from docking_station.services.links import policy_now
from docking_station.services.people import FIRST_PEOPLE, NOT_THE_SAME
from docking_station.services.policy import text_of
from docking_station.services.rights import rights_held
from docking_station.station.errors import SecretNotSet
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import Sent, form_of
from review.frame import Words, page
from review.statuses import status_of

PAGES, BEGIN = APIRouter(), APIRouter()
ADDRESS = "/setup"
ROWS = 6
FIELDS = ("no", "name", "unit", "title", "account", "card", "recorder_no")
FIRST_TITLES = ("custodian", "deputy", "officer")
RECORDERS, HOURS = 5, 2.0
"""What is asked for unless somebody says more."""


@BEGIN.get("/{any:path}")
def ask_for_disk(request: Request) -> Response:
    """Ask what the station is called and where its originals are locked, whatever was asked for."""
    return _disk_form(request, {})


@BEGIN.post(ADDRESS)
def make(request: Request, form: Sent) -> Response:
    """Make the station, and go on with its own pages."""
    try:
        wanted = first_run.Wanted(
            form.get("name", "").strip() or "station-1",
            Path(form.get("disk", "")),
            *_recorded(form),
            small=form.get("size") != "large",
        )
        first_run.begin(wanted)
    except StationError as error:
        return _disk_form(request, form, error)
    request.app.state.begun()
    return RedirectResponse(ADDRESS, HTTPStatus.SEE_OTHER)


@PAGES.get(ADDRESS)
def setup(request: Request) -> Response:
    """Show what is done and what is left, with the form of the next step."""
    return _steps(request)


@PAGES.post(f"{ADDRESS}/policy")
async def policy(request: Request) -> Response:
    """Put the policy that comes with the program into force, as far as it was checked."""
    form = await form_of(request)
    checked = frozenset(line for line, _ in first_run.marked() if f"mark-{line}" in form)
    return await _done(request, form, lambda station, by: first_run.adopt_shipped(station, by, form, checked))


@PAGES.post(f"{ADDRESS}/people")
async def people(request: Request) -> Response:
    """Enter the first people; the first two with their secrets."""
    form = await form_of(request)

    def enter(station: Station, by: Caller) -> None:
        rows = [{name: form.get(f"{name}-{n}", "").strip() for name in FIELDS} for n in range(1, ROWS + 1)]
        rows = [row | {"account": row["account"].lower()} for row in rows if row["no"] or row["name"]]
        if missing := [row for row in rows if not (row["no"] and row["name"])]:
            what = {"what": "each person has a number and a name", "what_zh": "人员编号和姓名均须填写"}
            raise SeatsBad(path=missing[0]["name"] or missing[0]["no"], **what)
        secrets = {}
        for n, row in enumerate(rows[:FIRST_PEOPLE], 1):
            if form.get(f"secret-{n}") != form.get(f"again-{n}"):
                raise SecretNotSet(**NOT_THE_SAME)
            secrets[row["account"]] = form.get(f"secret-{n}", "")
        founding.found_seats(station, by, rows, secrets)

    return await _done(request, form, enter)


@PAGES.post(f"{ADDRESS}/copy")
async def copy(request: Request) -> Response:
    """Mark a disk for the second copy, which the dock makes each night."""
    form = await form_of(request)
    disk = Path(form.get("disk", ""))
    return await _done(request, form, lambda station, by: first_run.mark_for_copies(station, by, disk))


def _keeper(request: Request) -> Caller:
    """Who keeps the station, or sets it up; for anybody else there is no such page."""
    station, caller = request.app.state.station, caller_of(request)
    if Right.BACKUP not in rights_held(station, caller)[1]:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return caller


async def _done(request: Request, form: Mapping[str, str], step: Callable[[Station, Caller], None]) -> Response:
    """Do a step, and show the next; what goes wrong is said at its form, which keeps what was typed."""
    caller = await run_in_threadpool(_keeper, request)
    try:
        await run_in_threadpool(step, request.app.state.station, caller)
    except StationError as error:
        return await run_in_threadpool(_steps, request, form, error)
    return RedirectResponse(ADDRESS, HTTPStatus.SEE_OTHER)


def _recorded(form: Mapping[str, str]) -> tuple[int, float]:
    """How many recorders, and how many hours each records a working day."""
    return int(_number(form, "recorders", RECORDERS, 1)), _number(form, "hours", HOURS, 0.01)


def _number(form: Mapping[str, str], name: str, usual: float, least: float) -> float:
    try:
        typed = float(form.get(name, "").replace("，", ".").replace(",", ".") or usual)
    except ValueError:
        return usual
    return usual if isnan(typed) else max(least, min(typed, 1000.0))


def _disk_form(request: Request, form: Mapping[str, str], error: StationError | None = None) -> Response:
    recorders, hours = _recorded(form)
    disks = [(one, first_run.months_held(one.free_bytes, recorders, hours)) for one in first_run.disks()]
    facts = {"lock": first_run.lock_months(), "disks": disks, "recorders": recorders, "hours": f"{hours:g}"}
    return _said(request, "setup_disk.html", form, error, **facts)


def _steps(request: Request, form: Mapping[str, str] | None = None, error: StationError | None = None) -> Response:
    station = request.app.state.station
    _keeper(request)
    done = first_run.steps(station)
    others = () if done["copy"] else first_run.copy_disks(station)
    known, is_adopted = policy_now(station), text_of(station) is not None
    return _said(
        request,
        "setup.html",
        form or {},
        error,
        done=done,
        next=next((name for name, is_done in done.items() if not is_done and name not in first_run.OPTIONAL), None),
        marks=[] if is_adopted else first_run.marked(),
        units=known.units,
        titles=known.roles.every,
        first_titles=FIRST_TITLES,
        rows=range(1, ROWS + 1),
        with_secret=FIRST_PEOPLE,
        disks=[one for one in others if not one.is_copy],
        copies=[one for one in others if one.is_copy],
    )


def _said(
    request: Request, template: str, form: Mapping[str, str], error: StationError | None, **facts: object
) -> Response:
    """A page of setting up, with what was typed and what was wrong with it."""
    language = Words.of(request).language
    wrong = error and {
        "sentence": error.message(language, request.app.state.station.settings.zone),
        "hint": error.hint_at_page(language) or "",
        "code": error.code,
    }
    status = HTTPStatus.OK if error is None else status_of(error)
    return page(request, template, status, title="setup_title", typed=form, wrong=wrong, **facts)
