"""The case register (案件台账), page by page and as a table; and all cases, records and clips of one party (执法对象).

Shapes: a filter stands in the address; `show` is `mine`, `late` or `wanting`; a page begins behind the case
`after`. A party is known by a case and its place there: `<id of the case>-<from 0>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from catalog.cases.cases import STATES
from catalog.cases.finding import OVER, CaseSearch
from docking_station.services.case_register import (
    CLIPS,
    Entry,
    late_among,
    party_file,
    register,
    units_of,
    whole_register,
)
from docking_station.services.known_cases import find_case
from docking_station.services.links import policy_now, words_now
from docking_station.services.recent import Answers
from docking_station.services.rights import bind
from docking_station.services.table_files import table_bytes
from docking_station.texts.codes import CASE_STATES
from review.door import caller_of
from review.frame import Words, page

PAGES = APIRouter()
ROWS, EVERY = 25, "all"
SHOWS = ("mine", "late", "wanting")
SOON_DAYS = 5
"""A limit that ends within so many working days is shown as one to look after."""
KINDS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
COLUMNS = (
    *("number", "title", "party", "unit", "officers", "state", "stage", "opened", "due", "days", "missing", "clips"),
)


def _asked(request: Request) -> dict[str, str]:
    """The filters of an address, as far as they are any; those that are not asked for are not there."""
    query = request.query_params
    asked = {name: query.get(name, "").strip() for name in ("text", "unit")}
    state, show = query.get("state", ""), query.get("show", "")
    asked |= {"state": state if state in (*STATES, EVERY) else "", "show": show if show in SHOWS else ""}
    return {name: value for name, value in asked.items() if value}


def _wanted(request: Request, asked: Mapping[str, str]) -> CaseSearch:
    recent: Answers = request.app.state.recent
    state, show, after = asked.get("state"), asked.get("show"), request.query_params.get("after")
    wanted = CaseSearch(asked.get("text"), unit=asked.get("unit"), newest=True, after=after or None, limit=ROWS)
    wanted = (
        replace(wanted, running=True) if state is None else replace(wanted, state=None if state == EVERY else state)
    )
    if show == "mine":
        return replace(wanted, officer=bind(request.app.state.station, caller_of(request)).no or "-")
    if show is None:
        return wanted
    return replace(wanted, only=late_among(recent.limits()) if show == "late" else recent.wanting())


def _address(asked: Mapping[str, str], **changed: str) -> str:
    said = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"/cases?{urlencode(said)}" if said else "/cases"


@PAGES.get("/cases")
def cases(request: Request) -> Response:
    """A page of the register, with its filters above."""
    station, caller, asked = request.app.state.station, caller_of(request), _asked(request)
    found, words = register(station, caller, _wanted(request, asked)), Words.of(request)
    running = sum(count for state, count in found.states.items() if state not in OVER)
    state = asked.get("state", "")
    chips = [(words("page_cases_live"), running, _address(asked, state=""), not state)]
    chips += [
        (words.coded(CASE_STATES, one), found.states[one], _address(asked, state=one), state == one)
        for one in STATES
        if one in found.states and len(found.states) > 1  # else it is what the chip of all says
    ]
    chips.append((words("page_cases_every"), sum(found.states.values()), _address(asked, state=EVERY), state == EVERY))
    shows = [
        (words(f"page_cases_{one}"), _address(asked, show="" if is_on else one), is_on)
        for one, is_on in ((one, asked.get("show") == one) for one in SHOWS)
    ]
    return page(
        request,
        "cases.html",
        title="page_cases",
        asked=asked,
        entries=found.entries,
        units=units_of(station, caller),
        called=words_now(station),
        states=CASE_STATES,
        chips=[(words("page_cases_counted", word=word, count=count), to, chosen) for word, count, to, chosen in chips],
        shows=shows,
        soon=SOON_DAYS,
        older="" if found.after is None else _address(asked, after=found.after),
        is_first="after" not in request.query_params,
        first=_address(asked),
        tables=[(kind, f"/cases.{kind}?{urlencode(asked)}") for kind in KINDS],
    )


@PAGES.get("/cases.{kind}")
def as_table(request: Request, kind: str) -> Response:
    """The register as a table for Excel, of what fits the filters; it stands on the trail before its first byte."""
    if kind not in KINDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    station, words = request.app.state.station, Words.of(request)
    name = f"{words('page_cases')}.{kind}"
    entries = whole_register(station, caller_of(request), _wanted(request, _asked(request)), name)
    heads = [words(f"case_column_{one}") for one in COLUMNS]
    units = words_now(station)
    body = table_bytes(Path(name), (heads, *(_row(words, units, one) for one in entries)))
    answer = Response(body, media_type=KINDS[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _row(words: Words, units: Mapping[str, tuple[str, str]], entry: Entry) -> list[object]:
    case, far = entry.case, entry.how_far
    due = far.running[0] if far.running else None
    stage = far.stage
    return [
        case.no,
        case.title,
        case.parties_shown,
        words.coded(units, case.unit) if case.unit else None,
        "、".join(entry.officers),
        words.coded(CASE_STATES, case.state),
        "" if stage is None else {"zh": stage.zh, "en": stage.en}[words.language],
        case.opened,
        None if due is None else due.due,
        None if due is None else due.days,
        len(entry.missing),
        case.clips,
    ]


@PAGES.get("/parties/{party}")
def party(request: Request, party: str) -> Response:
    """All that somebody may know of a party."""
    station, caller = request.app.state.station, caller_of(request)
    case, _, place = party.rpartition("-")
    found = party_file(station, caller, case, int(place)) if place.isdecimal() and len(place) < 4 else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return page(
        request,
        "party.html",
        title="page_party",
        found=found,
        whose=find_case(station, caller, case),
        papers={one.code: (one.code, one.zh) for one in policy_now(station).papers.every},
        states=CASE_STATES,
        most=CLIPS,
    )
