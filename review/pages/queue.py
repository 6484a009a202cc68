"""Clips that wait to be linked (待关联), a group at a time: the surest case first, why, and every other it may be.

Shapes: the address says where one is: `after` a page, `from` the first clip of a group, `not` the cases that were
looked at and passed over. What is linked can be taken back from the page that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.cases.errors import CaseAmbiguous
from catalog.errors import NoSuchCase, NotLinked
from catalog.station_error import StationError
from docking_station.services.known_cases import case_typed
from docking_station.services.links import policy_now
from docking_station.services.listing import SHOWN
from docking_station.services.queue import Group, Waiting, link_group, take_group_back, waiting
from docking_station.services.rights import allowed
from docking_station.station.errors import NotAllowed
from docking_station.texts.codes import KINDS
from review.door import caller_of
from review.forms import Sent
from review.frame import Words, named, page
from review.pages.clips import rows
from review.pages.home import is_own
from review.toasts import done

PAGES = APIRouter()
SHOWN_NEXT, PASSED_MAX = 8, 5000
TICK = "clip-"
STATES = {"sure": ("ok", "circle-check"), "likely": ("run", "circle-help"), "unsure": ("warn", "triangle-alert")}
WRONG = (NoSuchCase, CaseAmbiguous, NotAllowed, NotLinked)


@PAGES.get("/queue")
def queue(request: Request) -> Response:
    """The group that is next, or the one that the address names."""
    return _page(request, request.query_params)


@PAGES.post("/queue/link")
def link(request: Request, form: Sent) -> Response:
    """Link what is ticked."""
    words, caller, station = Words.of(request), caller_of(request), request.app.state.station
    clips = ticked(form)
    case = (form.get("other") if form.get("case", "other") == "other" else form["case"]) or ""
    if not clips or not case.strip():
        return _page(request, form, words("queue_no_case" if clips else "queue_no_clip"))
    try:
        linked_now = link_group(station, caller, clips, case_typed(station, caller, case).id)
    except WRONG as error:
        return _page(request, form, _said(request, error))
    case, linked = linked_now[0].called, ".".join(one.clip for one in linked_now)
    place = {"after": form.get("after", ""), "from": form.get("from", "")}
    undo = "/queue/undo", {"linked": linked, "case": case, **place}
    return done(request, _onward(form), "queue_linked", undo=undo, case=case, count=len(linked_now))


@PAGES.post("/queue/undo")
def undo(request: Request, form: Sent) -> Response:
    """Take back what was linked last."""
    clips, case = form.get("linked", "").split("."), form.get("case", "")
    try:
        take_group_back(request.app.state.station, caller_of(request), clips, case)
    except WRONG as error:
        return _page(request, {"after": form.get("after", "")}, _said(request, error))
    return done(request, _address(**{name: form.get(name, "") for name in ("after", "from")}), "queue_undone")


@PAGES.post("/queue/later")
def later(request: Request, form: Sent) -> Response:
    """Pass a group over: for this person it comes last today."""
    passed = _passed(request)
    passed |= {clip for clip in form.get("group", "").split() if len(passed) < PASSED_MAX}
    to = form.get("skip", "")
    return RedirectResponse(to if is_own(to) else "/queue", HTTPStatus.SEE_OTHER)


def _passed(request: Request) -> set[str]:
    """The clips this person passed over today."""
    station, every = request.app.state.station, request.app.state.passed
    today = station.now().astimezone(station.settings.zone).date()
    if today not in every:
        every.clear()
    found: set[str] = every.setdefault(today, {}).setdefault(caller_of(request).actor, set())
    return found


def _said(request: Request, error: StationError) -> str:
    language = Words.of(request).language
    return f"{error.message(language)} {error.hint_at_page(language) or ''}".strip()


def _onward(form: Mapping[str, str]) -> str:
    return _address(after=form.get("after", ""), **{"from": form.get("next", "")})


def _address(**asked: str) -> str:
    kept = {name: value for name, value in asked.items() if value}
    return f"/queue?{urlencode(kept)}" if kept else "/queue"


def ticked(form: Mapping[str, str]) -> list[str]:
    """The clips that are ticked in a form."""
    return [name.removeprefix(TICK) for name in form if name.startswith(TICK)]


def _page(request: Request, asked: Mapping[str, str], wrong: str = "") -> Response:
    station, caller = request.app.state.station, caller_of(request)
    after, start = asked.get("after", ""), asked.get("from", "")
    found, passed_over = waiting(station, caller, after or None), _passed(request)
    late = {group.clips[0].id for group in found.groups if passed_over.issuperset(one.id for one in group.clips)}
    found = replace(found, groups=tuple(sorted(found.groups, key=lambda one: one.clips[0].id in late)))
    at = _index(found, start)
    group = found.groups[at] if at < len(found.groups) else None
    passed = [one for one in asked.get("not", "").split(",") if one]
    candidates = [] if group is None else [one for one in group.candidates if one.id not in passed]
    clips = () if group is None else group.clips
    may = allowed(station, caller, SHOWN, [one.id for one in clips])
    first, rest = candidates[:1], candidates[1:]
    here = {"after": after, "from": _first(found.groups[at:])}
    return page(
        request,
        "queue.html",
        HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        title="queue_title",
        group=group,
        rows=rows(station, clips, may),
        first=first[0] if first else None,
        rest=rest,
        coming=found.groups[at + 1 : at + 1 + SHOWN_NEXT],
        others=len(found.others),
        place=here | {"not": ",".join(passed), "next": _first(found.groups[at + 1 : at + 2])},
        skip=_next(found, at, after, late),
        pass_over=_address(**here, **{"not": ",".join([*passed, *(one.id for one in first)])}),
        older=_address(after=found.after or "") if found.after else "",
        ticked=frozenset(ticked(asked) or (one.id for one in clips)),
        other=asked.get("other", ""),
        how_sure=lambda one: (*STATES[one.sureness], f"queue_{one.sureness}"),
        kinds=KINDS,
        steps=named(policy_now(station).steps),
        wrong=wrong,
        address_of=lambda one: _address(after=after, **{"from": _first([one])}),
    )


def _index(found: Waiting, start: str) -> int:
    every = (at for at, group in enumerate(found.groups) if any(one.id == start for one in group.clips))
    return next(every, 0)


def _first(groups: Sequence[Group]) -> str:
    """What a group is named by in an address: its first clip."""
    return groups[0].clips[0].id if groups else ""


def _next(found: Waiting, at: int, after: str, late: Collection[str]) -> str:
    """Where "later" leads: the next group, but the next page before one that was passed over today; else none."""
    if at + 1 < len(found.groups) and not (found.after and _first(found.groups[at + 1 :]) in late):
        return _address(after=after, **{"from": _first(found.groups[at + 1 :])})
    return _address(after=found.after) if found.after else ""
