"""One case (案卷): its records by stage, one of them open to read, what was recorded, what is missing, what was noted.

The address is the state: `r` is the record that is open and `page` its page, `show` the clips that are on the line of
time. A page of a scan is a look, whose line is written first; so is each clip that is played.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from catalog.cases.papers import Paper
from catalog.cases.scans import Scan
from catalog.people import people
from catalog.rules.review_rounds import STATES
from catalog.station_error import StationError
from docking_station.services.case_file import CaseFile, case_file, watched_by
from docking_station.services.disclosure import lines_of
from docking_station.services.errors import ReasonNeeded
from docking_station.services.known_cases import about, find_case
from docking_station.services.legal_review import ready_for
from docking_station.services.links import policy_now, words_now
from docking_station.services.listing import clip_details
from docking_station.services.papers import show_paper
from docking_station.services.rights import rights_about
from docking_station.services.scans import PageShown, look_at_page
from docking_station.services.viewable import viewables
from docking_station.station.errors import LookOver, NoPage
from docking_station.station.station import Station
from docking_station.texts.codes import CASE_STATES, KINDS, NUMBERS, VOLUMES
from docking_station.texts.disclosure import STATE_WORDS
from review.case_view import by_record, points, way
from review.door import caller_of
from review.forms import Sent
from review.frame import Words
from review.frame import page as shown_page
from review.playing import Player, player
from review.timeline import CLIPS_MAX, Line, line, sittings

PAGES = APIRouter()
VIEWS = ("paper", "film")
"""Which of the two is large."""
ROUND = re.compile(r"F\d{4}-\d{4,8}")
"""The number of a round of legal review, whose page shows what plays beside its points."""
MARKS: Mapping[str, tuple[str, str]] = {"pass": ("ok", "check"), "fail": ("bad", "x"), "none": ("idle", "minus")}
"""How a verdict of a legal review looks."""
CODES: dict[str, dict[str, tuple[str, str]]] = {
    "states": CASE_STATES,
    "numbers": NUMBERS,
    "volumes": VOLUMES,
    "kinds": KINDS,
}


@dataclass(frozen=True, slots=True)
class Open:
    """The record that is open (当前文书): its scan, and the page of it that is shown, or what says why none is."""

    paper: Paper
    scan: Scan | None
    number: int
    shown: PageShown | None
    why_not: NoPage | None


@PAGES.get("/cases/{case}")
def case(request: Request, case: str, look: Annotated[tuple[str, ...], Query()] = ()) -> Response:
    """A case with all that belongs to it."""
    return case_page(request, case, request.query_params, look)


def case_page(
    request: Request,
    case: str,
    asked: Mapping[str, str],
    looks: Sequence[str] = (),
    status: HTTPStatus = HTTPStatus.OK,
    template: str = "case.html",
    **more: object,
) -> Response:
    """The page of a case as `asked` says: which record is open, what is on the line of time; `more` of a dialog.

    Another `template` shows the same of it beside something else: the round of a legal review.
    """
    station: Station = request.app.state.station
    file = case_file(station, caller_of(request), case)
    r, show, view = (asked.get(name, "") for name in ("r", "show", "view"))
    number = int(asked["page"]) if asked.get("page", "").isdecimal() else 1
    shown = _line(file, show)
    stages = {one.code: (one.en, one.zh) for one in file.policy.stages}
    ready = ready_for(station, file.shown.case.id)
    its = next((one for one in file.shown.papers if one.id == r), None)
    return shown_page(
        request,
        template,
        status,
        file=file,
        case=file.shown.case,
        party=file.shown.case.parties_shown,
        stages=stages,
        way=[(Words.of(request).coded(stages, code), *told) for code, told in way(file.how_far).items()],
        found=by_record(file),
        points=points(file),
        ready=ready,
        locked=ready.is_locked,
        review_states=STATES,
        marks=MARKS,
        sittings=sittings(file.clips),
        line=shown,
        show=show if shown is not None and show else "",
        players={} if shown is None else _players(request, shown, looks),
        seen={} if shown is None else watched_by(station, caller_of(request), [one.id for one in shown.clips]),
        plays={clip for clip, one in viewables(station, shown.clips if shown else ()).items() if one.state == "now"},
        looked_at=station.now(),
        view=view if view in VIEWS else VIEWS[0],
        **_paper(request, its, number),
        names=file.names,
        may=rights_about(station, caller_of(request), about(file.shown.case)),
        policy=file.policy,
        public=tuple(lines_of(station, [file.shown.case])),
        public_words=STATE_WORDS,
        **({"title": "case_page", "typed": {}, "review": ""} | more),
    )


@PAGES.post("/cases/{case}/looks")
def looks(request: Request, case: str, form: Sent) -> Response:
    """Open a look at each clip that is on the line of time, as far as it plays; where a reason is needed, ask."""
    station: Station = request.app.state.station
    caller, every = caller_of(request), request.app.state.looks
    file = case_file(station, caller, case)
    shown = _line(file, form.get("show", ""))
    opened, refused = list[str](), list[StationError]()
    for clip in () if shown is None else shown.clips:
        try:
            opened.append(every.open(caller, clip.id, reason=form.get("reason", "").strip() or None).id)
        except ReasonNeeded:
            address, fields = request.url.path, {name: form.get(name, "") for name in ("r", "show", "view", "review")}
            facts = {
                "title": "page_reason",
                "address": address,
                "fields": fields,
                "back": f"/cases/{file.shown.case.id}",
            }
            return shown_page(request, "reason.html", HTTPStatus.FORBIDDEN, **facts)
        except StationError as error:
            refused.append(error)
    if refused and not opened:
        raise refused[0]
    kept = [(name, form[name]) for name in ("r", "show", "view") if form.get(name)]
    question = urlencode([*kept, *(("look", one) for one in opened)])
    back = form.get("review", "")
    place = f"/reviews/{back}" if ROUND.fullmatch(back) else f"/cases/{file.shown.case.id}"
    return RedirectResponse(f"{place}?{question}", HTTPStatus.SEE_OTHER)


def _line(file: CaseFile, show: str) -> Line | None:
    """The line of time of the clips that are asked for, or of the first sitting."""
    asked = set(show.split(","))
    chosen = sittings(one for one in file.clips if one.id in asked) or sittings(file.clips)
    return line(chosen[0], file.shown.papers, file.numbers, file.shown.completeness, file.notes) if chosen else None


def _players(request: Request, shown: Line, numbers: Sequence[str]) -> dict[str, Player]:
    """What the player needs of each clip of the line that a look of this person goes on for."""
    station: Station = request.app.state.station
    caller, found = caller_of(request), dict[str, Player]()
    begins = {one.clip.id: one.begin_s for lane in shown.lanes for one in lane.pieces}
    for number in numbers[:CLIPS_MAX]:
        with suppress(LookOver):
            look = request.app.state.looks.find(number, caller)
            if look.clip in begins and "view" in look.parts:
                found[look.clip] = player(station, clip_details(station, caller, look.clip), look, begins[look.clip])
    return found


@PAGES.get("/papers/{paper}")
def paper(request: Request, paper: str, page: int = 1) -> Response:
    """One written record, with a page of its scan."""
    station: Station = request.app.state.station
    caller = caller_of(request)
    its = show_paper(station, caller, paper).paper
    case = find_case(station, caller, its.case)
    facts: dict[str, Any] = {
        "case": case,
        "names": people.names(station.database),
        "typed": {},
        "policy": policy_now(station),
    }
    facts |= {"may": rights_about(station, caller, about(case)), **_paper(request, its, page)}
    return shown_page(request, "paper.html", title="case_paper", **facts)


@PAGES.get("/papers/{paper}/pages/{number}")
def picture(request: Request, paper: str, number: int) -> Response:
    """The picture of a page of a scan; its line is on the trail."""
    shown = look_at_page(request.app.state.station, caller_of(request), paper, number)
    return Response(shown.jpeg, media_type="image/jpeg")


def _paper(request: Request, paper: Paper | None, number: int) -> dict[str, Any]:
    """What every page with an open record knows; a page of its scan is looked at here."""
    station: Station = request.app.state.station
    opened: Open | None = None
    if paper is not None:
        scan, shown, why_not = show_paper(station, caller_of(request), paper.id).scan, None, None
        if scan is not None and scan.pages is not None:
            try:
                shown = look_at_page(station, caller_of(request), paper.id, number)
            except NoPage as error:
                why_not = error
        opened = Open(paper, scan, number, shown, why_not)
    return {"open": opened, "codes": CODES | {"policy": words_now(station)}}
