"""The print centre (打印中心): the forms of a case on paper, filled from what is known of it; the browser prints them.

Shapes: one address a form; `form=all` is all of them, each on a page of its own. What only a person can say is left
empty for a pen. To open it is to open the case: its list of clips writes its line.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from catalog.station_error import StationError
from docking_station.services.case_file import case_file
from docking_station.services.decision_page import decision_steps
from docking_station.services.evaluation import evaluated
from docking_station.services.known_cases import case_typed
from docking_station.services.links import words_now
from docking_station.services.printing import code_of, issues, requests_about
from docking_station.station.station import Station
from docking_station.texts.codes import KINDS, NUMBERS, VOLUMES
from review.door import caller_of
from review.frame import Words, page

PAGES = APIRouter()
FORMS = (
    *("cover", "contents", "notes", "reasons", "approval", "handover", "issue", "phrases"),
    *("evaluation", "decision_page"),
)


@PAGES.get("/print")
def printed(request: Request, case: str = "", form: str = "cover") -> Response:
    """A form, or all, of a case; without one it asks which."""
    station, wrong = request.app.state.station, ""
    assert isinstance(station, Station)
    caller, file = caller_of(request), None
    try:
        file = case_file(station, caller, case_typed(station, caller, case).id) if case.strip() else None
    except StationError as error:
        if error.reach == "all":
            raise
        wrong = error.message(Words.of(request).language, station.settings.zone)
    facts: dict[str, Any] = {}
    if file is not None:
        facts = {
            "party": file.shown.case.parties_shown,
            "issues": issues(station, file.clips),
            "requests": requests_about(station, caller, file),
            "code": Markup(code_of(file.shown.case.id) or ""),
            "scored": evaluated(station, file),
            "steps": decision_steps(station, file),
        }
    return page(
        request,
        "print.html",
        title="print_title",
        typed=case if file is None else file.shown.case.called,
        wrong=wrong,
        file=file,
        forms=FORMS,
        chosen=[one for one in FORMS if form in ("all", one)],
        codes={"kinds": KINDS, "numbers": NUMBERS, "volumes": VOLUMES, "policy": words_now(station)},
        now=station.now(),
        **facts,
    )
