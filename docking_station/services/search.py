"""Searching clips (检索): by texts, facts and places, of what the person who asks may find, and see.

What a row shows only to whoever may `stream` is searched over those clips alone: texts, cases, steps; a place over
those whose `position` may be seen. Where people are entered a page writes one line, as a list does. Before it searches,
a little of what is due is brought into the index; the dock does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from catalog.clips import clips, finding, search_index
from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import Counts, Found, Page, Within
from catalog.clips.search import Search
from catalog.errors import CatalogUnreachable
from catalog.people import people, units
from catalog.rules.callers import Caller
from catalog.rules.manifest import position_deg
from catalog.rules.places import POINTS_MAX, Area
from catalog.rules.rights import Action
from docking_station.services.known_cases import case_filtered, known_to
from docking_station.services.links import policy_now, words_now
from docking_station.services.listing import SHOWN, note_list, row_shown
from docking_station.services.permits import STATION, permit
from docking_station.services.rights import allowed, find_clip, reason_stands, seen
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station

OF_CASES = ("case", "matter", "party", "step", "text")
BRING_S = 0.3
"""So long a search goes on indexing what is due first."""
WRITTEN_MAX, PAGE_ROWS = 10_000, 1_000


def search_clips(station: Station, caller: Caller, wanted: Search, **details: object) -> Page:
    """A page of the clips that fit and may be found, newest first; `details` are for the line it writes.

    Raises `SearchUnfit`, `CaseAmbiguous`, `NoSuchUnit`, `ClockWrong`, `ClockDoubted`, `CatalogUnreachable`.
    """
    wanted, names = _known(station, caller, wanted), _names(station)
    with suppress(CatalogUnreachable):  # a catalog that may only be read is searched as it is
        bring_due(station, BRING_S)
    page = finding.page(station.database, wanted, _within(station, caller, wanted), names)
    may = allowed(station, caller, SHOWN, [one.id for one in page.clips])
    note_list(station, caller, repr(wanted), page.clips, **details)
    shown = (row_shown(one, may[one.id]) for one in page.clips)
    texts = (one if Action.STREAM in may[one.id] else replace(one, texts=()) for one in shown)
    return replace(page, clips=tuple(texts))


def count_clips(station: Station, caller: Caller, wanted: Search) -> Counts:
    """How many fit of what may be found, and of what they are; raises as `search_clips`."""
    wanted = _known(station, caller, wanted)
    return finding.counts(station.database, wanted, _within(station, caller, wanted), _names(station))


def every_page(station: Station, caller: Caller, wanted: Search, to: str) -> Iterator[Found]:
    """Yield all that fits, `WRITTEN_MAX` at most, for a file: each page's line is there before its first row is."""
    left = min(wanted.limit, WRITTEN_MAX)
    while left > 0:
        page = search_clips(station, caller, replace(wanted, limit=min(left, PAGE_ROWS)), to=to)
        yield from page.clips
        left -= len(page.clips)
        if page.after is None:
            return
        wanted = replace(wanted, after=page.after)


def area_along(station: Station, caller: Caller, clip: str, metres: float) -> Area:
    """What lies within so many metres of a clip's sealed track; that is a look at its positions.

    Raises `NoSuchClip`, `SearchUnfit` where none were sealed, and as `permit`.
    """
    number = find_clip(station, caller, clip)
    looked = permit(station, caller, Action.POSITION, number, search=metres)
    track = clips.manifest(station.database, looked.demand(Action.POSITION)).track
    points = [(position_deg(lat), position_deg(lon)) for _, lat, lon, *_ in track]
    if not points:
        raise SearchUnfit(what=f"{number} has no sealed position", what_zh=f"{number} 没有封存的定位点")
    kept = points[:: -(-len(points) // POINTS_MAX)]
    return Area((*kept, points[-1]), metres)


def index_clips(
    station: Station, caller: Caller, *, anew: bool, check: bool, progress: Progress = silent
) -> tuple[int, tuple[search_index.Fault, ...]]:
    """Bring the index up to date, or make it anew; with `check` compare it with the rows afterwards.

    Returns how many changes were taken in, and what is wrong. The line is that of a proof of all the station keeps.
    """
    database, names = station.database, _names(station)
    if check:
        permit(station, caller, Action.VERIFY, STATION, what="index")
    if anew:
        search_index.forget(database)
    with progress("indexing", search_index.due(database), in_bytes=False) as counter:
        done = search_index.bring_all(database, names, counter, lambda: False)
    return done, tuple(search_index.check(database, names)) if check else ()


def bring_due(station: Station, seconds: float) -> int:
    """Index what is due, for so long at most; return how many changes were taken in."""
    until = time.monotonic() + seconds
    return search_index.bring_all(station.database, _names(station), lambda _: None, lambda: time.monotonic() > until)


def _names(station: Station) -> dict[str, str]:
    return {code: zh for code, (_, zh) in words_now(station).items()}


def _known(station: Station, caller: Caller, wanted: Search) -> Search:
    """The search with the unit's code, the case's id, and the hours after which the policy says a clip came late."""
    unit = None if wanted.unit is None else units.code_of(station.database, wanted.unit)
    case = None if wanted.case is None else case_filtered(station, caller, wanted.case)
    return replace(wanted, unit=unit, case=case, overdue_hours=policy_now(station).dock.overdue_hours)


def _within(station: Station, caller: Caller, wanted: Search) -> Within:
    if not people.are_entered(station.database):
        return Within()
    of_cases = "unlinked" in wanted.flags or any(getattr(wanted, name) for name in OF_CASES)
    actions = [Action.STREAM if of_cases else Action.ROW]
    actions += [Action.POSITION] if wanted.area is not None else []
    told = reason_stands(station, caller)
    every = (seen(station, caller, action, reasoned=told) for action in actions)
    return Within(tuple(one for one in every if one is not None), known_to(station, caller))
