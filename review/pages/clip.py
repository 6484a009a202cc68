"""One clip (一段音像资料): what plays, every time claim, where it was, whether it is what was sealed, and who looked.

To open the page is a look at all that is known of a clip, as `clips show` is, and its line is written first. To play it
is another look (review/pages/looks.py), which the address then names; while that goes on the page belongs to it. To
verify writes a line of its own.
"""

from __future__ import annotations

from contextlib import suppress

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.clips.clips import ClipDetails
from catalog.errors import AlreadyDisposed
from catalog.keeping import disposals, fixity
from catalog.rules.access import Action
from docking_station.services.links import policy_now, words_in
from docking_station.services.listing import clip_details, newest_lines
from docking_station.services.looks import Look
from docking_station.services.permits import permit
from docking_station.services.rights import allowed, find_clip
from docking_station.services.verify import Verdict, verify_clips
from docking_station.services.viewable import Viewable, viewable
from docking_station.station.errors import LookOver
from docking_station.station.station import Station
from docking_station.texts.codes import ACTIONS, CLASSES, KINDS, LINKS, REFERS_TO, SOURCES
from review.door import caller_of
from review.frame import named, page
from review.integrity import Integrity, integrity
from review.playing import player
from review.track import drawing

PAGES = APIRouter()
CODES = {
    "actions": ACTIONS,
    "classes": CLASSES,
    "kinds": KINDS,
    "links": LINKS,
    "refers": REFERS_TO,
    "sources": SOURCES,
}
TRAIL_LINES = 50
VERIFYING = CapacityLimiter(2)
"""So many threads at most read whole clips: each takes minutes for a long one, and every other page needs some too."""
SAID = {
    "view_again": "page_copy_again",
    "view_cancelled": "page_copy_cancelled",
    "view_disposed": "page_disposed",
    "view_held": "page_copy_held",
    "view_no_chore": "page_copy_to_come",
    "view_no_footage": "page_no_picture",
    "view_running": "page_copy_runs",
    "view_waiting": "page_copy_waits",
}
"""What the page says of why nothing plays, where it says more than when it will."""


@PAGES.get("/clips/{clip}")
def clip(request: Request, clip: str, look: str = "") -> Response:
    """All that is known of a clip."""
    station: Station = request.app.state.station
    number, going_on = find_clip(station, caller_of(request), clip), None
    with suppress(LookOver):
        found = request.app.state.looks.find(look, caller_of(request)) if look else None
        going_on = found if found is not None and found.clip == number and "view" in found.parts else None
    if going_on is None:
        permit(station, caller_of(request), Action.HISTORY, number)
    return _page(request, number, going_on, None)


@PAGES.post("/clips/{clip}/verification")
async def verification(request: Request, clip: str) -> Response:
    """Read the clip again from the vault, now, and show what was found."""
    return await to_thread.run_sync(_verified, request, clip, limiter=VERIFYING)


def _verified(request: Request, clip: str) -> Response:
    station: Station = request.app.state.station
    number = find_clip(station, caller_of(request), clip)
    return _page(request, number, None, verify_clips(station, caller_of(request), [number]))


def _page(request: Request, number: str, look: Look | None, verdict: Verdict | None) -> Response:
    station: Station = request.app.state.station
    caller = caller_of(request)
    details = clip_details(station, caller, number)
    newest, older = newest_lines(station, caller, details, TRAIL_LINES)
    may = allowed(station, caller, (Action.POSTER,), [number])[number]
    shown = viewable(station, number)
    known = policy_now(station)
    opinion = details.opinion or {"times": (), "track": (), "tool": ""}
    return page(
        request,
        "clip.html",
        clip=details,
        trail=newest,
        older=older,
        codes=CODES | {"units": words_in(known), "steps": named(known.steps), "proves": named(known.proves)},
        claims=[*details.times, *opinion["times"]],
        disposal=disposals.of(station.database, number),
        integrity=_integrity(station, details, verdict),
        is_locked=details.retain_until > station.now(),
        player=None if look is None else player(station, details, look),
        shown=shown,
        why_not="" if look is not None else why_not(shown),
        has_poster="poster" in shown.parts and Action.POSTER in may,
        drawing=drawing(details.track or opinion["track"], details.starts_at),
        track_by="" if details.track else opinion["tool"],
        verified=verdict is not None,
        looked_at=station.now(),
    )


def _integrity(station: Station, details: ClipDetails, verdict: Verdict | None) -> Integrity:
    fault = fixity.damaged_among(station.database, (details.id,)).get(details.id)
    has_stamps = bool(station.settings.timestamp_url)
    try:
        since = fixity.of_clip(station.database, details.id).since
    except AlreadyDisposed:
        return integrity(details, verdict, reread=None, fault=fault, has_stamps=has_stamps, is_gone=True)
    reread = since if since > details.sealed_at else None
    return integrity(details, verdict, reread=reread, fault=fault, has_stamps=has_stamps)


def why_not(shown: Viewable) -> str:
    """The name of the text that says why nothing plays, or when it will; empty where something does."""
    if shown.state == "now":
        return ""
    return SAID.get(shown.word, "page_cannot_play")
