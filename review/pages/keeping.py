"""Keeping and letting go (保管与处置): what may be disposed of, what is held; both are ended by two people.

Shapes: what is chosen is in the address, `clip-NUMBER=on`, and `dialog` says what is to become of it. The first asks,
with a reason; the second confirms at once, beside the first, or later in a session of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Literal, TypeAlias

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.clips import classes
from catalog.clips.search import ClipSummary, Search
from catalog.keeping.holds import Hold
from catalog.people import people
from catalog.rules.callers import NUMBERED, Caller, person, person_no
from catalog.rules.rights import Action
from catalog.station_error import StationError
from docking_station.services.dispose import Due, dispose_clip, due_clips
from docking_station.services.holds import standing_holds, unhold_clip
from docking_station.services.listing import named_clips
from docking_station.services.rights import allowed, bind
from docking_station.services.search import search_clips
from docking_station.station.station import Station
from docking_station.texts.codes import KINDS
from docking_station.texts.plain import time_shown
from review.door import caller_of
from review.forms import form_of, token_of
from review.frame import OPEN_DIALOG, Words, page
from review.pages.queue import ticked
from review.second import second_of
from review.statuses import status_of
from review.toasts import done

PAGES = APIRouter()
DUE_MAX, SOON_MAX, SOON = 200, 50, timedelta(days=30)
Step = Callable[[Station, Caller, str, str | None], object]
What: TypeAlias = Literal["dispose", "unhold"]
How: TypeAlias = Literal["two", "ask", "confirm"]
STEPS: Mapping[str, Step] = {"dispose": dispose_clip, "unhold": unhold_clip}


@PAGES.get("/keeping")
def keeping(request: Request) -> Response:
    """What is due, and what is held."""
    opened, asked = request.query_params.get(OPEN_DIALOG, ""), dict(request.query_params)
    wrong = "" if not opened or ticked(asked) else Words.of(request)("queue_no_clip")
    return _page(request, asked, opened, wrong, HTTPStatus.OK)


@PAGES.post("/keeping/{what}/{how}")
async def change(request: Request, what: What, how: How) -> Response:
    """Dispose of what was chosen, or end its holds: asked for, confirmed, or both by two people."""
    form = await form_of(request)
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_refused, request, form, f"{what}-{how}", error)
    return await run_in_threadpool(_changed, request, form, what, how, second)


def _changed(request: Request, form: Mapping[str, str], what: str, how: str, second: Caller | None) -> Response:
    clips, first = ticked(form), caller_of(request)
    if form.get("count", "").strip() != str(len(clips)):
        wrong = Words.of(request)("keeping_count", count=len(clips))
        return _page(request, form, f"{what}-{how}", wrong, HTTPStatus.BAD_REQUEST)
    try:
        request.app.state.sessions.demand_fresh(token_of(request))
        step = partial(STEPS[what], request.app.state.station)
        for clip in clips:
            if how != "confirm":
                step(first, clip, form.get("reason", "").strip() or None)
            if how != "ask":
                step(first if how == "confirm" else second or first, clip, None)
    except StationError as error:
        return _refused(request, form, f"{what}-{how}", error)
    return done(request, "/keeping", f"keeping_{what}_{'asked' if how == 'ask' else 'done'}", count=len(clips))


def _refused(request: Request, form: Mapping[str, str], opened: str, error: StationError) -> Response:
    said = error.message(Words.of(request).language, request.app.state.station.settings.zone)
    return _page(request, form, opened, said, status_of(error))


def _page(request: Request, form: Mapping[str, str], opened: str, wrong: str, status: HTTPStatus) -> Response:
    station, caller = request.app.state.station, caller_of(request)
    due, disagreeing = due_clips(station, DUE_MAX)
    held, secret = standing_holds(station, caller), classes.waiting(station.database)
    every = [*(one.clip for one in due), *secret, *(str(one.facts["clip"]) for one in disagreeing)]
    may = allowed(station, caller, (Action.ROW, Action.STREAM), every)
    language, names, chosen = Words.of(request).language, people.names(station.database), ticked(form)
    own, now = {caller.person, bind(station, caller).who}, station.now()
    soon = search_clips(station, caller, Search(due=now + SOON, limit=DUE_MAX)).clips
    shown = [one for one in due if Action.ROW in may[one.clip]]
    said = {one.id: _said(request, one) for one in named_clips(station, caller, [one.clip_id for one in held])}
    return page(
        request,
        "keeping.html",
        status,
        title="keeping_title",
        due=shown,
        paths=said | {one.clip: one.path if Action.STREAM in may[one.clip] else one.clip for one in shown},
        more=len(due) == DUE_MAX,
        doubted=[one.message(language) for one in disagreeing if may[str(one.facts["clip"])]],
        secret=sum(Action.ROW in may[one] for one in secret),
        held=held,
        soon=sorted((one for one in soon if one.retain_until > now), key=lambda one: one.retain_until)[:SOON_MAX],
        own=lambda one: _asked_by(one) in own,
        who=lambda actor: names.get(person_no(actor) or "", person(actor).removeprefix(NUMBERED)),
        chosen=chosen,
        opinion=form.get("reason", ""),
        dialog_open=opened if chosen else "",
        dialog_wrong=wrong,
        asks=_asks(shown, held),
    )


def _said(request: Request, one: ClipSummary) -> str:
    """What a clip is called where nobody knows its number: when, what, of whom."""
    zone = request.app.state.station.settings.zone
    kind = Words.of(request).coded(KINDS, one.kind)
    return " ".join((time_shown(one.starts_at, zone)[:16], kind, one.officer_name or one.officer or ""))


def _asks(due: Sequence[Due], held: Sequence[Hold]) -> frozenset[str]:
    """Of which of the two something was asked for that another person may confirm."""
    asked = {"dispose": any(_asked_by(one) for one in due), "unhold": any(_asked_by(one) for one in held)}
    return frozenset(what for what, is_so in asked.items() if is_so)


def _asked_by(one: Due | Hold) -> str | None:
    by = one.asked_by if isinstance(one, Hold) else None if one.asked is None else one.asked.asked_by
    return None if by is None else person(by)
