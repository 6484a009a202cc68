"""Clips (音像资料): found by words and by the filters that `evidock clips list` has, newest first.

A list is no look (docs/adr/0005): it shows numbers, times, names and one picture of each clip, and writes no line.
The small pictures that a poster gives way to under the pointer are one (review/pages/looks.py).
Shapes: the address is the search; what cannot be read in it is said at its field, and nothing is listed then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import DAY, FACETS, Counts, Page
from catalog.clips.search import FLAGS, ClipSummary
from catalog.keeping import disposals, fixity
from catalog.people.errors import NoSuchUnit
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.canonical import local_time
from catalog.rules.rights import Action
from docking_station.services import looks
from docking_station.services.case_file import called_after
from docking_station.services.links import policy_now
from docking_station.services.listing import SHOWN, May
from docking_station.services.rights import allowed, bind, find_clip
from docking_station.services.saved_searches import save_search, saved_searches
from docking_station.services.search import (
    WRITTEN_MAX,
    area_typed,
    every_page,
    facet_counts,
    facet_names,
    own_number,
    search_clips,
    table_of,
)
from docking_station.services.table_files import table_bytes
from docking_station.services.upload import may_upload
from docking_station.services.viewable import viewables
from docking_station.station.station import Station
from docking_station.texts.codes import CLASSES, KINDS
from review.asked import LABELS, PLACES, Asked, asked_in
from review.days import bars
from review.door import caller_of
from review.forms import Sent
from review.frame import Words, named, page
from review.rows import Row, beside, row
from review.track import plan

PAGES = APIRouter()
NOTHING = Page((), None, None, 0)
BEFORE_CHARS, EXCERPT_CHARS = 12, 48
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def rows(station: Station, found: Sequence[ClipSummary], may: May) -> list[Row]:
    """Return the rows of a page; the catalog is asked as often for fifty as for one."""
    views, clips = viewables(station, found), [one.id for one in found]
    disposed, damaged = disposals.among(station.database, clips), fixity.damaged_among(station.database, clips)
    now = station.now()
    return [row(one, views[one.id], disposed.get(one.id), damaged.get(one.id), now, may[one.id]) for one in found]


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return some of a text around the first of the words that is in it."""
    at = max(
        0, min((found for one in words if (found := text.lower().find(one.lower())) >= 0), default=0) - BEFORE_CHARS
    )
    some = " ".join(text[at : at + EXCERPT_CHARS].split())
    return f"{'…' if at else ''}{some}{'…' if at + EXCERPT_CHARS < len(text) else ''}"


@PAGES.get("/clips")
def clips(request: Request) -> Response:
    """The clips that fit, with the search beside them."""
    station: Station = request.app.state.station
    zone, caller, is_first = station.settings.zone, caller_of(request), "after" not in request.query_params
    asked, found, counts = asked_here(request), NOTHING, None
    if asked.search is not None:
        try:
            found = search_clips(station, caller, asked.search)
            counts = facet_counts(station, caller, asked.search) if is_first and found.clips else None
        except SearchUnfit:
            if not is_first:  # a place to go on from that nobody gave out
                raise
            asked = replace(asked, wrong={"text": "page_bad_words"})
        except NoSuchUnit:
            asked = replace(asked, wrong={"unit": "find_no_unit"})
    may = allowed(station, caller, SHOWN, [one.id for one in found.clips])
    words = () if asked.search is None else asked.search.text
    logs, known, words_of = beside(found.clips), policy_now(station), Words.of(request)
    told = {one.id for some in logs.values() for one in some}
    shown = rows(station, [one for one in found.clips if one.id not in told], may)
    parties = called_after(station, caller, {case.id for one in found.clips for case in one.cases})
    its = cases_here(asked, found.clips, parties) if is_first else []
    days = groupby(shown, lambda one: local_time(one.clip.starts_at, zone).date())
    return page(
        request,
        "clips.html",
        HTTPStatus.BAD_REQUEST if asked.wrong else HTTPStatus.OK,
        title="page_clips",
        asked=asked,
        is_first=is_first,
        labels=LABELS,
        kinds=KINDS,
        classes=CLASSES,
        flags=sorted(FLAGS),
        steps=named(known.steps),
        said=_said(words_of, known),
        days=[(day, list(some)) for day, some in days],
        counts=counts,
        facets={**({"cases": its} if len(its) > 1 else {}), **facets(station, asked, counts, words_of)},
        bars=bars({} if counts is None else counts.facets[DAY]),
        quick=quick(station, caller),
        may_upload=may_upload(station, caller),
        saved=_saved(station, caller),
        logs=logs,
        plan=plan([one for one in found.clips if one.id not in told]) if is_first else None,
        count=len(shown),
        older="" if found.after is None else asked.address(after=found.after),
        page=found,
        parties=parties,
        texts={one.id: [excerpt(text.text, words) for text in one.texts] for one in found.clips},
    )


def _said(words: Words, known: BureauPolicy) -> dict[str, dict[str, str]]:
    """What the codes are called that fields let one choose, by field."""
    every = {"kind": KINDS, "class": CLASSES, "step": named(known.steps)}
    said = {field: {code: words.coded(codes, code) for code in codes} for field, codes in every.items()}
    return said | {"matter": {one.code: one.zh for one in known.matters}}


def asked_here(request: Request) -> Asked:
    """The search of an address, with what only the station knows: a place along a track, and who oneself is."""
    station: Station = request.app.state.station
    asked, caller = asked_in(request.query_params, station.settings.zone), caller_of(request)
    if asked.search is None:
        return asked
    search, place = asked.search, next((name for name in PLACES if asked.typed[name]), None)
    if place is not None:
        try:
            search = replace(search, area=area_typed(station, caller, place, asked.typed[place]))
        except ValueError:
            return replace(asked, wrong={place: "find_bad_place"}, search=None)
    whose = own_number(station, caller) if asked.typed["mine"] else None
    return replace(asked, search=replace(search, person=whose))


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: what it is called, how many clips have it, where they are listed; `on`: it is filtered."""

    called: str
    count: int
    address: str
    on: bool


def facets(station: Station, asked: Asked, counts: Counts | None, words: Words) -> dict[str, list[Value]]:
    """What the clips are that fit, the commonest first, by the field that filters it."""
    if counts is None:
        return {}
    names = facet_names(station)
    said = {"kind": KINDS, "class": CLASSES}

    def value(field: str, code: str, count: int) -> Value:
        called = words.coded(said[field], code) if field in said else names.get(field, {}).get(code) or code
        on = asked.typed[field] == code
        return Value(called, count, asked.address(**{f"{field}_": "" if on else code}), on)

    return {
        name: [value(name, code, count) for code, count in its.items()]
        for name in FACETS
        if len(its := counts.facets[name]) > 1 or asked.typed[name]
    }


def cases_here(asked: Asked, found: Sequence[ClipSummary], parties: Mapping[str, str]) -> list[Value]:
    """The cases of the rows that are shown, after their parties, the commonest first: as much as the rows tell."""
    every = Counter((case.id, case.called) for one in found for case in one.cases)
    return [
        Value(
            " ".join(filter(None, (parties.get(case), called))),
            count,
            asked.address(case="" if asked.typed["case"] == called else called),
            asked.typed["case"] == called,
        )
        for (case, called), count in every.most_common()
    ]


def quick(station: Station, caller: Caller) -> dict[str, str]:
    """Searches that people begin with, by the name of their text; one's own only for whoever wears a recorder."""
    today = local_time(station.now(), station.settings.zone).date()
    asked = {
        "find_today": {"since": today.isoformat()},
        "find_yesterday": dict.fromkeys(("since", "until"), (today - timedelta(days=1)).isoformat()),
        "find_this_week": {"since": (today - timedelta(days=today.weekday())).isoformat()},
        **({} if bind(station, caller).no is None else {"find_mine": {"mine": "1"}}),
        "find_is_unlinked": {"is": "unlinked"},
        "find_is_marked": {"is": "marked"},
        "find_is_hold": {"is": "hold"},
    }
    return {name: f"/clips?{urlencode(fields)}" for name, fields in asked.items()}


def _saved(station: Station, caller: Caller) -> dict[str, str]:
    """The searches this person saved, as addresses by name."""
    every = saved_searches(station, caller)
    return {name: f"/clips?{urlencode(typed, doseq=True)}" for name, typed in sorted(every.items())}


@PAGES.post("/searches")
def save(request: Request, form: Sent) -> Response:
    """Save the search of an address under a name, or drop the one of that name; then back to where one was."""
    station: Station = request.app.state.station
    asked, name = asked_in(QueryParams(form.get("search", "")), station.settings.zone), form.get("name", "").strip()
    if asked.search is not None:
        kept = None if "drop" in form else asked.to_keep(station.settings.zone)
        save_search(station, caller_of(request), name, kept)
    return RedirectResponse(asked.address(), HTTPStatus.SEE_OTHER)


@PAGES.get("/found")
def file(request: Request, form: Literal["xlsx", "csv"] = "xlsx") -> Response:
    """All that fits, as a file; each thousand's line is on the trail first."""
    station: Station = request.app.state.station
    asked, name = asked_here(request), Path(f"clips.{form}")
    if asked.search is None:
        return RedirectResponse(asked.address(), HTTPStatus.SEE_OTHER)
    wanted = replace(asked.search, limit=WRITTEN_MAX)
    found = tuple(every_page(station, caller_of(request), wanted, str(name)))
    body = table_bytes(name, table_of(found, station.settings.zone, Words.of(request).language))
    return Response(body, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=TYPES[form])


@PAGES.get("/clips/{clip}/poster")
def poster(request: Request, clip: str) -> Response:
    """The one picture of a clip that lists show."""
    station, caller = request.app.state.station, caller_of(request)
    number = find_clip(station, caller, clip)
    is_shown = Action.POSTER in allowed(station, caller, (Action.POSTER,), [number])[number]
    found = looks.poster(station, number) if is_shown else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    shown, picture = found
    return Response(picture, media_type=shown.media_type)
