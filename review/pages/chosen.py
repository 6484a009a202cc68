"""Several clips at once (批量办理): linked to a case, held, or put into a request for copies; each by an act.

Shapes: what is chosen is named in the address, so that a page can be gone back to. What was done is done: the page says
which clips remain and why, each in its row, and its form holds those alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.cases.errors import CaseAmbiguous
from catalog.errors import NoSuchCase
from catalog.rules.callers import Caller
from catalog.rules.requests import Request as Asking
from catalog.station_error import StationError
from docking_station.services.case_file import called_after
from docking_station.services.holds import hold_clip
from docking_station.services.known_cases import case_typed
from docking_station.services.links import link_clip, policy_now
from docking_station.services.listing import named_clips
from docking_station.services.request_steps import steps
from docking_station.services.requests import for_me
from docking_station.station.station import Station
from docking_station.texts.codes import CLASSES, KINDS
from review.asked import ROWS
from review.door import caller_of
from review.forms import Sent
from review.frame import Words, named, page
from review.toasts import done as said_done

PAGES = APIRouter()
CHOSEN_MAX = 4 * ROWS
Do = Literal["link", "hold", "copy"]
NEEDS: Mapping[str, tuple[str, ...]] = {"link": ("case",), "hold": ("reason",)}
"""What must be typed."""


@PAGES.get("/chosen")
def chosen(request: Request, do: Do = "link", clip: list[str] = Query(default=[])) -> Response:  # noqa: B008
    """The clips that were chosen, and what is still to be said before it is done."""
    return _page(request, do, clip[:CHOSEN_MAX], {}, {})


@PAGES.post("/chosen")
def done(request: Request, form: Sent) -> Response:
    """Do it with each clip; those that it could not be done with remain, with why."""
    do: Do = "hold" if form.get("do") == "hold" else "link"
    clips, typed = form.get("clips", "").split()[:CHOSEN_MAX], {name: text.strip() for name, text in form.items()}
    if missing := [name for name in NEEDS[do] if not typed.get(name)]:
        return _page(request, do, clips, typed, dict.fromkeys(missing, Words.of(request)("chosen_missing")))
    station, caller, wrong = request.app.state.station, caller_of(request), dict[str, str]()

    def said(error: StationError) -> str:
        return error.message(Words.of(request).language, station.settings.zone)

    try:
        typed |= {"case": case_typed(station, caller, typed["case"]).called} if do == "link" else {}
    except (NoSuchCase, CaseAmbiguous) as error:
        return _page(request, do, clips, typed, {"case": said(error)})
    act: Mapping[str, Callable[[str], object]] = {
        "hold": lambda clip: hold_clip(station, caller, clip, typed["reason"]),
        "link": lambda clip: link_clip(
            station,
            caller,
            clip,
            typed["case"],
            {"step": typed.get("step") or None},
            reason=typed.get("reason") or None,
        ),
    }
    for clip in clips:
        try:
            act[do](clip)
        except StationError as error:
            if error.reach == "all":
                raise
            wrong[clip] = said(error)
    if wrong:
        return _page(request, do, list(wrong), typed, wrong)
    where = {"case": typed["case"]} if do == "link" else {"is": "hold"}
    return said_done(request, f"/clips?{urlencode(where)}", f"chosen_done_{do}", count=len(clips))


def _page(
    request: Request, do: Do, clips: Sequence[str], typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Response:
    station: Station = request.app.state.station
    caller, known = caller_of(request), policy_now(station)
    found = named_clips(station, caller, clips)
    never = {one.code for one in known.secrecy.classes if one.release == "never"}
    return page(
        request,
        "chosen.html",
        HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        title=f"chosen_{do}",
        do=do,
        clips=found,
        typed=typed,
        wrong=wrong,
        never=never,
        warned=[one for one in found if one.class_ in never],
        kinds=KINDS,
        classes=CLASSES,
        steps=named(known.steps),
        fills=_described(station, caller) if do == "copy" else [],
        copies=f"/requests/new?{urlencode({'clip': [one.id for one in found]}, doseq=True)}",
        parties=called_after(station, caller, {case.id for one in found for case in one.cases}),
    )


def _described(station: Station, caller: Caller) -> list[Asking]:
    """The requests in words that wait for this person to name the clips."""
    return [one.request for one in for_me(station, caller) if steps(station, caller, one).get("fill", one) is None]
