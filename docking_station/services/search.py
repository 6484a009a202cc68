"""Searching clips (检索): by texts, facts and places, of what the person who asks may find, and see; and into a file.

What a row shows only to whoever may `stream` is searched over those clips alone: texts, cases, steps; a place over
those whose `position` may be seen. Where people are entered a page writes one line, as a list does. Before it searches,
a little of what is due is brought into the index; the dock does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from catalog.clips import clips, finding, search_index
from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import FACETS, Counts, Found, Page, Within
from catalog.clips.search import Search
from catalog.errors import CatalogUnreachable
from catalog.people import people, units
from catalog.rules.callers import Caller
from catalog.rules.canonical import local_time
from catalog.rules.manifest import position_deg
from catalog.rules.places import LATITUDE_MAX, POINTS_MAX, RADIUS_M_MAX, Area
from catalog.rules.rights import Action
from catalog.station_error import Language
from docking_station.services.at_once import at_once
from docking_station.services.known_cases import case_filtered, known_to
from docking_station.services.links import policy_now, words_now
from docking_station.services.listing import SHOWN, note_list, row_shown
from docking_station.services.permits import STATION, permit
from docking_station.services.rights import allowed, bind, find_clip, reason_stands, seen
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from docking_station.texts import heads
from docking_station.texts.codes import CLASSES, KINDS
from docking_station.texts.plain import span_text, time_shown

OF_CASES = ("case", "matter", "party", "step", "text")
BRING_S = 0.3
"""So long a search goes on indexing what is due first."""
WRITTEN_MAX, PAGE_ROWS = 10_000, 1_000
FILTERED = {name: "class_" if name == "class" else name for name in FACETS}
"""The field of a search that filters by a facet."""
FILE_HEADS = (
    *("id", "starts_at", "length", "kind", "class", "officer", "name_of", "unit"),
    *("recorder", "case", "size", "path", "sha256"),
)


@at_once()
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


def facet_counts(station: Station, caller: Caller, wanted: Search) -> Counts:
    """As `count_clips`; by each facet that is filtered, how many there were without that filter, to choose another."""
    found, facets = count_clips(station, caller, wanted), dict[str, Mapping[str, int]]()
    for name, field in FILTERED.items():
        if getattr(wanted, field) is not None:
            without: dict[str, Any] = {field: None}
            facets[name] = count_clips(station, caller, replace(wanted, **without)).facets[name]
    return replace(found, facets={**found.facets, **facets})


def facet_names(station: Station) -> dict[str, Mapping[str, str]]:
    """What units and officers are called, by the codes and numbers that facets have."""
    every = {one.code: one.name for one in units.every(station.database)}
    return {"unit": every, "officer": people.names(station.database)}


@at_once()
def count_clips(station: Station, caller: Caller, wanted: Search) -> Counts:
    """How many fit of what may be found, and of what they are, their days by the recorders' clock of now.

    Raises as `search_clips`.
    """
    wanted, ahead = _known(station, caller, wanted), local_time(station.now(), station.settings.zone).utcoffset()
    within, ahead_s = _within(station, caller, wanted), round(ahead.total_seconds()) if ahead else 0
    return finding.counts(station.database, wanted, within, _names(station), ahead_s)


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


def own_number(station: Station, caller: Caller) -> str:
    """By what one's own clips are searched for; nobody's where no person asks."""
    return bind(station, caller).no or "-"


def area_along(station: Station, caller: Caller, clip: str, metres: float) -> Area:
    """What lies within so many metres of a clip's sealed track; that is a look at its positions.

    Raises `NoSuchClip`, `SearchUnfit` where none were sealed, and as `permit`.
    """
    number = find_clip(station, caller, clip)
    looked = permit(station, caller, Action.POSITION, number, search=round(metres))
    track = clips.manifest(station.database, looked.demand(Action.POSITION)).track
    points = [(position_deg(lat), position_deg(lon)) for _, lat, lon, *_ in track]
    if not points:
        raise SearchUnfit(what=f"{number} has no sealed position", what_zh=f"{number} 没有入库的定位点")
    kept = points[:: -(-len(points) // POINTS_MAX)]
    return Area((*kept, points[-1]), metres)


def area_typed(station: Station, caller: Caller, name: str, text: str) -> Area:
    """Read a place, by what it is (`along`, `around`, `box`), its parts between commas; raises ValueError for none.

    Raises as `area_along` too, where it lies along a track.
    """
    parts = text.split(",")
    if name == "along":
        clip, metres = parts
        return area_along(station, caller, clip, _between(float(metres), 1.0, RADIUS_M_MAX))
    values = [float(part) for part in parts]
    if name == "around":
        lat, lon, metres_ = values
        return Area((_point(lat, lon),), _between(metres_, 1.0, RADIUS_M_MAX))
    south, west, north, east = values
    return Area((_point(south, west), _point(_between(north, south, LATITUDE_MAX), _between(east, west, 180.0))))


def _point(lat: float, lon: float) -> tuple[float, float]:
    return _between(lat, -LATITUDE_MAX, LATITUDE_MAX), _between(lon, -180.0, 180.0)


def _between(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError(value)
    return value


def table_of(found: Iterable[Found], zone: tzinfo, language: Language) -> Iterator[Sequence[object]]:
    """Yield the rows of a file of what was found, the heads first."""
    yield heads(language, *FILE_HEADS)
    for one in found:
        kind, level = (
            words[code][1] if language == "zh" and code in words else code
            for words, code in ((KINDS, one.kind), (CLASSES, one.class_))
        )
        what = (kind, level, one.officer, one.officer_name, one.unit)
        where = (one.recorder, one.case, one.size_bytes, one.path, one.sha256)
        yield one.id, time_shown(one.starts_at, zone), span_text(one.duration_s), *what, *where


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
