"""The start page, what waits for me and by when (我的待办); and the month on one sheet (月度情况), to be printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from catalog.clips.arrivals import COUNTED_MAX
from catalog.people import people
from catalog.rules.requests import WORDS as REQUEST_STATES
from docking_station.services.health import told_at_page
from docking_station.services.month import following, month
from docking_station.services.recent import DUE_MAX, Answers
from docking_station.services.todo import Item, todo
from docking_station.station.station import Station
from docking_station.texts.codes import KINDS
from review.door import caller_of
from review.frame import Words, page

PAGES = APIRouter()
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
FINDINGS = 3
PLACES: Mapping[str, tuple[str, str]] = {
    "request": ("/requests/{}", "stamp"),
    "answered": ("/requests/{}", "stamp"),
    "review": ("/cases/{}", "file-text"),
    "case": ("/cases/{}", "folder"),
    "cases": ("/cases?show=late", "folder"),
    "wanting": ("/cases/{}", "film"),
    "held": ("/held", "triangle-alert"),
    "unlinked": ("/queue", "repeat"),
    "due": ("/keeping", "lock"),
    "ends-asked": ("/keeping", "lock-open"),
}
"""Where each thing that waits is done, and its icon."""


@PAGES.get("/")
def start(request: Request) -> Response:
    """What waits for who is signed in; for whom nobody knows, the bays: what a station is looked at for most."""
    station: Station = request.app.state.station
    recent: Answers = request.app.state.recent
    caller = getattr(request.state, "caller", None)
    if caller is None:
        return RedirectResponse("/bays", HTTPStatus.SEE_OTHER)
    found, words = todo(station, caller, recent), Words.of(request)
    return page(
        request,
        "start.html",
        title="todo_title",
        found=found,
        rows=[(one, _said(words, one), *_place(one)) for one in found.items],
        nobody=not people.are_entered(station.database),
        oversees=found.oversees,
        worst=told_at_page(found.found[:FINDINGS], words.language, station.settings.zone),
        more=max(0, len(found.found) - FINDINGS),
        many=COUNTED_MAX,
    )


@PAGES.get("/month")
def sheet(request: Request) -> Response:
    """A month on one sheet."""
    station: Station = request.app.state.station
    words, today = Words.of(request), station.now().astimezone(station.settings.zone).date()
    asked = MONTH.fullmatch(request.query_params.get("of", f"{today:%Y-%m}"))
    if asked is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    first = date(int(asked[1]), int(asked[2]), 1)
    before, after = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1), following(first)
    return page(
        request,
        "month.html",
        title="todo_month",
        found=month(station, caller_of(request), request.app.state.recent, first),
        called=words("month_name", year=first.year, month=first.month),
        before=f"/month?of={before:%Y-%m}",
        after=f"/month?of={after:%Y-%m}" if after <= today else "",
        today=today,
        kinds=KINDS,
    )


def _said(words: Words, one: Item) -> str:
    facts = dict(one.facts or {})
    if "wanted" in facts:
        facts["wanted"] = words(f"wanted_{facts['wanted']}")
    if "state" in facts:
        facts["state"] = words.coded(REQUEST_STATES, facts["state"])
    most = {"unlinked": COUNTED_MAX, "due": DUE_MAX}.get(one.what)
    count = words("todo_or_more", count=one.count) if one.count == most else one.count
    return words(f"todo_{one.what.replace('-', '_')}", count=count, **facts)


def _place(one: Item) -> tuple[str, str]:
    address, icon = PLACES[one.what]
    return address.format(one.about), icon
