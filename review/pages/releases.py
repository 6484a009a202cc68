"""Releases (音像公示): the register, and of each what it shows, the boxes over it, and the steps it still has to go.

The page works without script: boxes are entered with times and pixels; a script lets them be drawn over the film.
Shapes: `?look=` is a look of this person, at the clip while it is edited, else at the film that was made; what was
watched of it counts once it has ended, so whoever hands on or checks ends it. Times are typed as `m:ss` or seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from catalog.clips import search
from catalog.rules.callers import Caller
from catalog.rules.redaction import WHATS, Recipe
from catalog.rules.releases import EDITED, WORDS, Release
from catalog.station_error import StationError
from docking_station.derived.redacted import RELEASE, film_of
from docking_station.services import redaction, releases
from docking_station.services.case_file import called_after
from docking_station.services.links import policy_now
from docking_station.services.looks import Looks
from docking_station.services.release_steps import steps
from docking_station.station.errors import LookOver
from docking_station.station.station import Station
from docking_station.texts.codes import ACTIONS
from review.door import caller_of
from review.edits import changed
from review.forms import Sent, body_of, token_of
from review.frame import Words, page
from review.pages.copies import film_sent
from review.pages.requests import ASKED_AGAIN_S
from review.playing import film_player
from review.register import names_of
from review.statuses import status_of
from review.toasts import done

PAGES = APIRouter()
Form = Mapping[str, str]
Step: TypeAlias = Literal[
    "draft", "suggest", "edit", "check", "send-back", "approve", "publish", "correct", "withdraw", "drop"
]
EDIT_BYTES_MAX, MS = 8 << 20, 1000
STATES: Mapping[str, tuple[str, str]] = {
    "asked": ("run", "square-pen"), "drafted": ("warn", "hourglass"), "sent-back": ("bad", "undo-2"),
    "checked": ("warn", "hourglass"), "approved": ("ok", "check"), "published": ("ok", "circle-check"),
    "withdrawn": ("idle", "circle-x"), "dropped": ("idle", "circle-x"),
}  # fmt: skip
"""How a state looks: its kind and its icon."""
FRESH = ("approve", "publish")
"""The steps before which a second factor is asked for anew, where a person has one."""
SAID: Mapping[str, Callable[[Station, Caller, str, str], object]] = {
    "send-back": releases.send_back,
    "publish": releases.publish,
    "correct": releases.correct,
    "withdraw": releases.withdraw,
    "drop": releases.drop,
    "check": lambda station, me, no, _: releases.check(station, me, no),
    "approve": lambda station, me, no, _: releases.approve(station, me, no),
}
"""What each step does with the words of its form."""
WORKS = {"draft": (redaction.demand_ready, redaction.draft), "suggest": (redaction.demand_editor, redaction.suggest)}
"""What takes a while: what is demanded before it is begun, and the work."""


@PAGES.get("/releases")
def every(request: Request) -> Response:
    """The releases of clips this person may know of, and the form that asks for one."""
    return _register(request, dict(request.query_params))


@PAGES.post("/releases/new")
def ask(request: Request, form: Sent) -> Response:
    """Ask for a clip to be made public (申请公示)."""
    said = [form.get(name, "").strip() for name in ("clip", "case", "reason")]
    try:
        no = releases.ask(request.app.state.station, caller_of(request), *said, cleared="cleared" in form)
    except StationError as error:
        return _register(request, form, error)
    return done(request, f"/releases/{no}", "rel_asked", no=no)


def _register(request: Request, typed: Form, wrong: StationError | None = None) -> Response:
    station, me = request.app.state.station, caller_of(request)
    found = releases.every_release(station, me)
    opened = {} if wrong is None else {"dialog_open": "ask", "dialog_wrong": wrong.message(Words.of(request).language)}
    return page(
        request,
        "releases.html",
        HTTPStatus.OK if wrong is None else status_of(wrong),
        title="rel_title",
        found=found,
        parties=called_after(station, me, {one.case_id for one in found}),
        called=names_of(request),
        never=[one.zh for one in policy_now(station).disclosure.never],
        states=STATES,
        words=WORDS,
        typed=typed,
        **opened,
    )


@PAGES.get("/releases/{no}")
def one(request: Request, no: str, look: str = "") -> Response:
    """One release."""
    return _page(request, no, look)


@PAGES.post("/releases/{no}/look")
def look(request: Request, no: str, form: Sent) -> Response:
    """Open a look at the clip while it is edited, else at the film that was made."""
    station, me = request.app.state.station, caller_of(request)
    release = releases.shown(station, me, no)
    try:
        film = film_of(station, release) if "film" in form else None
        opened = _looks(request).open(me, release.clip, reason=releases.reason_for(station, me, release), film=film)
    except StationError as error:
        return _page(request, no, "", error)
    return RedirectResponse(f"/releases/{no}?look={opened.id}", HTTPStatus.SEE_OTHER)


@PAGES.post("/releases/{no}/recipe")
async def recipe(request: Request, no: str) -> Response:
    """Keep the boxes as a script drew them; answers how many wait for a person."""
    body = await body_of(request, EDIT_BYTES_MAX)
    return await run_in_threadpool(_kept, request, no, body)


def _kept(request: Request, no: str, body: bytes) -> Response:
    try:
        said: dict[str, Any] = dict(json.loads(body))
    except (ValueError, TypeError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    kept = redaction.save(request.app.state.station, caller_of(request), no, said)
    return JSONResponse({"open": sum(box.verdict == "open" for box in kept.boxes)})


@PAGES.post("/releases/{no}/film")
def film(request: Request, no: str) -> Response:
    """Hand over the film of an approved release; the line is on the trail."""
    try:
        _, path = releases.outgoing(request.app.state.station, caller_of(request), no, to="browser")
    except StationError as error:
        return _page(request, no, "", error)
    return film_sent(path, path.stat().st_size, f"{no}.mp4")


@PAGES.post("/releases/{no}/{step}")
def step(request: Request, no: str, step: Step, form: Sent) -> Response:
    """Take a step, or change one thing of the recipe."""
    station, me, seen = request.app.state.station, caller_of(request), form.get("look", "")
    releases.shown(station, me, no)  # what is not theirs to see is not there
    if step in FRESH:
        request.app.state.sessions.demand_fresh(token_of(request))
    try:
        if step == "edit":
            redaction.save(station, me, no, changed(redaction.working(station, me, no), form))
            return RedirectResponse(f"/releases/{no}?look={seen}" if seen else f"/releases/{no}", HTTPStatus.SEE_OTHER)
        if step in ("draft", "check") and seen:
            with suppress(LookOver):  # what was watched counts once it is written
                _looks(request).close(_looks(request).find(seen, me))
        if step in ("draft", "suggest"):
            demand, work = WORKS[step]
            demand(station, me, no)
            request.app.state.makings.start(f"release {no}", lambda share: work(station, me, no, share))
        else:
            SAID[step](station, me, no, form.get("words", ""))
    except StationError as error:
        return _page(request, no, seen, error, step)
    return RedirectResponse(f"/releases/{no}", HTTPStatus.SEE_OTHER)


def _page(request: Request, no: str, look: str, wrong: StationError | None = None, went_wrong: str = "") -> Response:
    station, me = request.app.state.station, caller_of(request)
    release = releases.shown(station, me, no)
    due, seen = steps(station, me, release), None
    with suppress(LookOver):
        seen = _looks(request).find(look, me) if look else None
    is_editor = release.state in EDITED and due["draft"] is None
    making = request.app.state.makings.of(f"release {no}")
    recipe = redaction.working(station, me, no) if is_editor else None
    is_film = seen is not None and seen.choice.note["way"] == RELEASE
    clip, shown_film = search.get(station.database, release.clip), release.film is not None and not is_editor
    answer = page(
        request,
        "release.html",
        HTTPStatus.OK if wrong is None else status_of(wrong),
        title="rel_title",
        its=release,
        clip=clip,
        party=called_after(station, me, {release.case_id}).get(release.case_id, ""),
        steps=due,
        recipe=recipe if making is None or making.is_over else None,
        drawn="" if recipe is None else _drawn(recipe),
        player=None if seen is None else film_player(station, seen, None if is_film else clip.starts_at),
        is_film=is_film,
        shows_film=shown_film or is_film,
        gaps=_gaps(station, me, release, recipe),
        called=names_of(request),
        states=STATES,
        words=WORDS,
        actions=ACTIONS,
        whats=WHATS,
        finder=redaction.detector(),
        making=making,
        wrong=wrong,
        went_wrong=went_wrong,
        looked_at=station.now(),
    )
    if making is not None and not making.is_over:
        answer.headers["Refresh"] = str(ASKED_AGAIN_S)
    return answer


def _gaps(station: Station, me: Caller, release: Release, recipe: Recipe | None) -> list[tuple[int, int]]:
    """What this person has still to watch before they hand the copy on, or check it; in milliseconds."""
    if recipe is not None:
        return releases.unwatched(station, me, release, recipe.duration_ms, release.asked_at)
    if release.state != "drafted" or release.film is None:
        return []
    with suppress(StationError):
        return releases.unwatched_film(station, me, release)
    return []


def _drawn(recipe: Recipe) -> str:
    """What a script draws: boxes, mutes and cuts as JSON."""
    said = json.loads(recipe.body())
    return json.dumps({name: said[name] for name in ("boxes", "mutes", "cuts")}, ensure_ascii=False)


def _looks(request: Request) -> Looks:
    looks: Looks = request.app.state.looks
    return looks
