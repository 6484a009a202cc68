"""The start page: what waits for me, and by when (我的待办)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from catalog.clips.arrivals import COUNTED_MAX
from catalog.people import people
from catalog.rules.requests import WORDS as REQUEST_STATES
from docking_station.services.health import told_at_page
from docking_station.services.recent import DUE_MAX, Answers
from docking_station.services.todo import Item, todo
from docking_station.station.station import Station
from review.frame import Words, page

PAGES = APIRouter()
FINDINGS = 3
PLACES: Mapping[str, tuple[str, str]] = {
    "request": ("/requests/{}", "stamp"),
    "answered": ("/requests/{}", "stamp"),
    "review": ("/cases/{}", "file-text"),
    "round": ("/reviews/{}", "scale"),
    "answer": ("/reviews/{}", "scale"),
    "case": ("/cases/{}", "folder"),
    "cases": ("/cases?show=late", "folder"),
    "wanting": ("/cases/{}", "film"),
    "held": ("/held", "triangle-alert"),
    "unlinked": ("/queue", "repeat"),
    "due": ("/keeping", "lock"),
    "withdraw": ("/disclosures/{}", "octagon-alert"),
    "publish": ("/disclosures", "eye"),
    "release": ("/releases/{}", "megaphone"),
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
