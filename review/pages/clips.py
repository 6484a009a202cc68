"""Clips (音像资料): found by words and by the filters that `evidock clips list` has, newest first.

A list is no look (docs/adr/0005): it shows numbers, times, names and one picture of each clip, and writes no line.
The small pictures that a poster gives way to under the pointer are one (review/pages/looks.py).
Shapes: the address is the search; what cannot be read in it is said at its field, and nothing is listed then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import Page
from catalog.clips.search import ClipSummary, Search
from catalog.keeping import disposals, fixity
from catalog.rules.canonical import local_time
from catalog.rules.rights import Action
from docking_station.services import looks
from docking_station.services.links import policy_now
from docking_station.services.listing import SHOWN, May
from docking_station.services.rights import allowed, find_clip
from docking_station.services.search import count_clips, search_clips
from docking_station.services.viewable import viewables
from docking_station.station.errors import BadTime
from docking_station.station.settings import moment
from docking_station.station.station import Station
from docking_station.texts.codes import CLASSES, KINDS
from review.door import caller_of
from review.frame import named, page
from review.rows import Row, row

PAGES = APIRouter()
ROWS = 50
FIELDS = ("text", "since", "until", "case", "officer", "recorder", "kind")
NOTHING = Page((), None, None, 0)
BEFORE_CHARS, EXCERPT_CHARS = 12, 48
LABELS = {name: f"page_{name}" for name in FIELDS}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LOOSE = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?")
"""A date as people write it: 2026-3-5, 2026/03/05, and with the characters for year, month and day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as it was typed, and for each field that cannot be read the words for it."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    search: Search | None

    @property
    def chips(self) -> tuple[str, ...]:
        """The fields by which the list is filtered."""
        return tuple(name for name in FIELDS if self.typed[name])

    def address(self, **other: str) -> str:
        """Return the address of the same search, but for what is given here; an empty value leaves a field out."""
        asked = {name: value for name, value in {**self.typed, **other}.items() if value}
        return f"/clips?{urlencode(asked)}" if asked else "/clips"


def asked_in(query: Mapping[str, str], zone: tzinfo) -> Asked:
    """Read a search out of an address. A day alone in `until` is asked for to its end."""
    typed = {name: query.get(name, "").strip() for name in FIELDS}
    times: dict[str, datetime | None] = {}
    wrong: dict[str, str] = {}
    for name in ("since", "until"):
        text = LOOSE.sub(lambda found: f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}", typed[name])
        try:
            at = moment(text, zone) if text else None
            times[name] = at + timedelta(days=1) if at is not None and name == "until" and DAY.fullmatch(text) else at
        except (BadTime, OverflowError):
            wrong[name] = "page_bad_time"
    if not wrong and times["since"] and times["until"] and times["since"] >= times["until"]:
        wrong["until"] = "page_bad_order"
    if typed["kind"] not in ("", *KINDS):
        wrong["kind"] = "page_bad_kind"
    if wrong:
        return Asked(typed, wrong, None)
    case, officer, recorder, kind = (typed[name] or None for name in ("case", "officer", "recorder", "kind"))
    after = query.get("after") or None
    wanted = Search(case, officer, recorder, kind, times["since"], times["until"], after, limit=ROWS)
    return Asked(typed, {}, replace(wanted, text=tuple(typed["text"].split())))


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
    """The clips that fit, with the search above them."""
    station: Station = request.app.state.station
    zone, caller, is_first = station.settings.zone, caller_of(request), "after" not in request.query_params
    asked, found, counts = asked_in(request.query_params, zone), NOTHING, None
    if asked.search is not None:
        try:
            found = search_clips(station, caller, asked.search)
            counts = count_clips(station, caller, asked.search) if is_first and asked.chips and found.clips else None
        except SearchUnfit:
            if not is_first:  # a place to go on from that nobody gave out
                raise
            asked = replace(asked, wrong={"text": "page_bad_words"})
    may = allowed(station, caller, SHOWN, [one.id for one in found.clips])
    words = () if asked.search is None else asked.search.text
    shown = rows(station, found.clips, may)
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
        steps=named(policy_now(station).steps),
        days=[(day, list(some)) for day, some in days],
        counts=counts,
        count=len(shown),
        older="" if found.after is None else asked.address(after=found.after),
        page=found,
        texts={one.id: [excerpt(text.text, words) for text in one.texts] for one in found.clips},
    )


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
