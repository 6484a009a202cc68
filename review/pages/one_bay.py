"""One bay (仓位办理): what its recorder just brought, which case it is of, what is missing, who takes the recorder.

Looking needs no one; to change something an officer says who they are, by PIN or by their secret, for this bay and a
few minutes (`review/bay_keys.py`). Whoever is signed in, or runs a station nobody was entered at, needs neither. While
the catalog is away a bay is looked at, and nothing is saved.
Shapes: a form is answered by the page, which says what was done: its key is nowhere but in the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from catalog.errors import CatalogUnreachable
from catalog.recorders import recorders
from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.faces.board import BayView
from docking_station.services import at_bay, hand_out, pins
from docking_station.services.errors import SignInNeeded
from docking_station.services.known_cases import case_typed
from docking_station.services.links import policy_now
from docking_station.services.people import Typed
from docking_station.station.station import Station
from docking_station.texts.bays import REASONS
from docking_station.texts.codes import KINDS
from review.bay_screen import ICONS
from review.door import caller_if_known
from review.forms import form_of
from review.frame import Words, page
from review.pages.bays import screen_of
from review.pages.queue import STATES, ticked
from review.pages.sign_in import SIGNING_IN, browser_of, whence
from review.statuses import status_of

PAGES = APIRouter()
Form = Mapping[str, str]
NEW = "new"
TYPED = ("key", "account", "serial", "other", "party", "where", "finding", "paper", "more")
"""What stands in the forms of a page as it was sent."""


@PAGES.get("/bays/{bay}")
def bay(request: Request, bay: str) -> Response:
    """What came in, for everybody; what to do with it, for whoever is known."""
    return _page(request, bay, {})


@PAGES.post("/bays/{bay}/{what}")
async def act(request: Request, bay: str, what: str) -> Response:
    """Say who one is, or do something as who one said."""
    if what not in ACTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    form = await form_of(request)
    limiter = SIGNING_IN if what == "in" else None
    return await to_thread.run_sync(_acted, request, bay, what, form, limiter=limiter)


def _acted(request: Request, bay: str, what: str, form: Form) -> Response:
    try:
        done = ACTS[what](request, _view(request, bay), form)
    except StationError as error:
        return _page(request, bay, form, wrong=error, at_fault="in" if isinstance(error, SignInNeeded) else what)
    return _page(request, bay, done)


# ---------------------------------------------------------------------- what is done: each returns fields of a page


def _enter(request: Request, view: BayView, form: Form) -> Form:
    account, state = form.get("account", "").strip(), request.app.state
    browser = browser_of(request, account)
    state.sign_ins.take(browser or whence(request))
    caller = state.sessions.at_bay(Typed(account, form.get("secret", "")), browser)
    return {"key": screen_of(request).keys.give(view.bay, caller)}


def _link(request: Request, view: BayView, form: Form) -> Form:
    station, caller, words = request.app.state.station, _known(request, view.bay, form), Words.of(request)
    clips, case, recorder = ticked(form), form.get("case", ""), view.recorder or ""
    if case == NEW:
        about = (form.get(name, "").strip() for name in ("party", "where"))
        case = at_bay.inspection(station, caller, recorder, clips, *about).id
    elif case == "other":
        case = case_typed(station, caller, form.get("other", "")).id
    proves = [one] if (one := form.get("proves", "")) else []
    done = at_bay.link(station, caller, (view.bay, recorder), clips, case, proves)
    return {"key": form.get("key", ""), "said": words("bay_linked", count=len(done), case=done[0].called)}


def _explain(request: Request, view: BayView, form: Form) -> Form:
    words, caller = Words.of(request), _known(request, view.bay, form)
    reason, more = form.get("why", ""), form.get("more", "").strip()
    text = "：".join(one for one in (REASONS[reason][1] if reason in REASONS else "", more) if one)
    finding = (form.get("finding", ""), form.get("paper") or None, form.get("verdict", ""))
    at_bay.explain(request.app.state.station, caller, view.recorder or "", finding, text)
    return {"key": form.get("key", ""), "said": words("bay_explained")}


def _loan(act: Callable[[Station, Caller, str], None], said: str) -> Callable[[Request, BayView, Form], Form]:
    """Take or give back the recorder whose label was scanned, else the one that stands here."""

    def loan(request: Request, view: BayView, form: Form) -> Form:
        serial = form.get("serial") or view.recorder or ""
        act(request.app.state.station, _known(request, view.bay, form), serial)
        return {"key": form.get("key", ""), "said": Words.of(request)(said, recorder=serial)}

    return loan


def _scan(request: Request, view: BayView, form: Form) -> Form:
    """What a scanner typed (扫码): the label of a recorder, else whatever a case is known by, as its cover has it."""
    station, caller = request.app.state.station, _known(request, view.bay, form)
    key, scanned = {"key": form.get("key", "")}, form.get("scan", "").strip()
    if (serial := recorders.meant(station.database, scanned)) is not None:
        return key | {"serial": serial}
    case = case_typed(station, caller, scanned)
    return key | {"other": case.called, "said": Words.of(request)("bay_scanned", case=f"{case.named} {case.called}")}


ACTS: Mapping[str, Callable[[Request, BayView, Form], Form]] = {
    "in": _enter,
    "link": _link,
    "explain": _explain,
    "scan": _scan,
    "take": _loan(hand_out.take, "bay_taken"),
    "return": _loan(hand_out.give_back, "bay_given_back"),
}


def _known(request: Request, bay: str, form: Form) -> Caller:
    if (caller := _caller(request, bay, form)) is None:
        raise SignInNeeded
    return caller


def _caller(request: Request, bay: str, form: Form) -> Caller | None:
    """Whoever said so at this bay, else who is signed in at this browser."""
    return screen_of(request).keys.caller(form.get("key", ""), bay) or caller_if_known(request)


def _view(request: Request, bay: str) -> BayView:
    screen = screen_of(request)
    screen.wait()
    found = next((one for one in screen.follower.now()[1] if one.bay == bay), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


# ---------------------------------------------------------------------- the page


def _page(request: Request, bay: str, form: Form, wrong: StationError | None = None, at_fault: str = "") -> Response:
    view, words, station = _view(request, bay), Words.of(request), request.app.state.station
    facts = _facts(request, view, form)
    return page(
        request,
        "bay.html",
        HTTPStatus.OK if wrong is None else status_of(wrong),
        title="page_bay",
        tile=next(one for one in screen_of(request).tiles(words) if one.bay == bay),
        icons=ICONS,
        kinds=KINDS,
        reasons={code: said[words.language == "zh"] for code, said in REASONS.items()},
        form={name: form.get(name, "") for name in TYPED},
        ticked=frozenset(ticked(form)),
        said=form.get("said", ""),
        wrong="" if wrong is None else wrong.message(words.language, station.settings.zone),
        at_fault=at_fault,
        how_sure=lambda one: (*STATES[one.sureness], f"queue_{one.sureness}"),
        recorder=view.recorder,
        **facts,
    )


def _facts(request: Request, view: BayView, form: Form) -> dict[str, object]:
    """What the catalog says; while it is away the bay is shown all the same, and that nothing can be saved."""
    station, nothing = request.app.state.station, dict.fromkeys(("desk", "known", "holder"))
    try:
        caller = _caller(request, view.bay, form)
        desk = None if caller is None else at_bay.look(station, caller, view.recorder)
        able = pins.having_pins(station)
        return {
            "is_away": False,
            "copied": at_bay.copied(station, view.recorder),
            "desk": desk,
            "known": caller,
            "people": sorted((one.name, account) for account, one in able.items()),
            "proves": policy_now(station).proves,
            "is_holder": caller is not None and _holds(request, form.get("serial") or view.recorder, caller),
        }
    except CatalogUnreachable:
        return {**nothing, "is_away": True, "copied": (), "people": [], "proves": (), "is_holder": False}


def _holds(request: Request, serial: str | None, caller: Caller) -> bool:
    return None not in (serial, caller.no) and hand_out.holder(request.app.state.station, serial or "") == caller.no
