"""Lists of clips, and all that is known of one (检索与详情): what the person who asks may find, and see of it.

A row shows what its actions allow: `position` opens where it was, `stream` opens case, path and what links say; who
looked is for those who may read the trail. Where people are entered a list writes one line a page, and none before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from catalog.clips import clips, search
from catalog.clips.clips import ClipDetails, Document, Signed
from catalog.clips.search import ClipSummary, Search
from catalog.errors import NoSuchClip
from catalog.people import people
from catalog.rules.callers import Caller
from catalog.rules.rights import CLASSES, Action
from catalog.trail import trail
from docking_station.services.at_once import at_once
from docking_station.services.known_cases import case_filtered
from docking_station.services.permits import note_looks, permit
from docking_station.services.proposals import proposed_now
from docking_station.services.rights import allowed, answers, reason_stands, seen
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

READ = "list.read"
"""What the trail says of a page of a list."""
SUBJECT = "clips"
SHOWN = (Action.POSTER, Action.STREAM, Action.POSITION, Action.TRAIL)
Summary = TypeVar("Summary", bound=ClipSummary)
May = Mapping[str, frozenset[Action]]


@at_once()
def list_clips(station: Station, caller: Caller, wanted: Search) -> tuple[list[ClipSummary], May]:
    """The clips that fit and may be found, and what of `SHOWN` this person may do with each.

    Raises `BadCursor`, `CaseAmbiguous`, `ClockWrong`, `ClockDoubted`, `CatalogUnreachable`.
    """
    by = Action.ROW if wanted.case is None else Action.STREAM  # else the filter would tell what the row does not
    if wanted.case is not None:
        wanted = replace(wanted, case=case_filtered(station, caller, wanted.case))
    within = seen(station, caller, by, reasoned=reason_stands(station, caller))
    found = search.search(station.database, wanted, within)
    may = allowed(station, caller, SHOWN, [one.id for one in found])
    note_list(station, caller, repr(wanted), found)
    return [row_shown(one, may[one.id]) for one in found], may


def note_list(station: Station, caller: Caller, asked: str, found: Sequence[ClipSummary], **details: object) -> None:
    """Write the line of a page of a list, where people are entered: what was asked for as a digest, and its ends."""
    if people.are_entered(station.database):
        ends = {"first": found[0].id, "last": found[-1].id} if found else {}
        digest = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        note_looks(station, caller, READ, (SUBJECT,), {"asked": digest, "rows": len(found)} | ends | details)


@at_once()
def clip_details(station: Station, caller: Caller, clip: str) -> ClipDetails:
    """Everything known of one clip that this person may see; whoever asks has a permit, or a look that goes on."""
    details = clips.details(station.database, clip)
    may = allowed(station, caller, SHOWN, [clip])[clip]
    if Action.TRAIL not in may:
        details = replace(details, trail=[line for line in details.trail if not line.entry.is_look])
    if Action.POSITION not in may:
        details = replace(details, track=[], first_fix=None, fixes=0)
    if Action.STREAM in may:
        return replace(details, proposals=proposed_now(station, caller, clip))
    signed = Signed(details.manifest.sha256, details.manifest.signature, details.manifest.key_id, {})
    details = replace(
        details, path="", path_hex="", case=None, cases=(), times=(), opinion=None, media={}, manifest=signed
    )
    return replace(details, links=(), trail=[])


def newest_lines(station: Station, caller: Caller, details: ClipDetails, most: int) -> tuple[list[trail.Line], int]:
    """The newest lines about a clip that this person may see, and how many older ones there are."""
    if Action.TRAIL in allowed(station, caller, (Action.TRAIL,), [details.id])[details.id]:
        return trail.newest_about(station.database, details.id, most)
    newest = sorted(details.trail, key=lambda line: -line.line)
    return newest[:most], max(0, len(newest) - most)


def lines_about(
    station: Station, caller: Caller, clip: str, after: int, most: int
) -> tuple[list[trail.Line], int | None]:
    """Lines about a clip behind one that this person may see, oldest first, and the last that was looked at, if more.

    Whoever asks has a permit; who looked is for those who may read the trail.
    """
    may = allowed(station, caller, SHOWN, [clip])[clip]
    if not {Action.STREAM, Action.TRAIL} & may:
        return [], None
    found = trail.lines(station.database, subject=clip, after=after, limit=most)
    more = found[-1].line if len(found) == most else None
    return [line for line in found if Action.TRAIL in may or not line.entry.is_look], more


def signed_manifest(station: Station, caller: Caller, clip: str) -> Document:
    """The manifest of a clip as it was signed, which tells times, path and track; its line is on the trail first.

    Raises as `permit`, and `NotAllowed` for who may not see the clip itself.
    """
    number = permit(station, caller, Action.HISTORY, clip, what="manifest").demand(Action.HISTORY)
    for action in (Action.STREAM, Action.POSITION):
        if action not in allowed(station, caller, (action,), [number])[number]:
            (answer,) = answers(station, caller, action, (number,)).values()
            raise NotAllowed(action=action.value, rule=answer.code)
    return clips.document(station.database, number)


def named_clips(station: Station, caller: Caller, numbers: Sequence[str]) -> list[ClipSummary]:
    """The rows of these clips, of those that this person may know of; writes no line, for who asks named them."""
    known = [one for one, answer in answers(station, caller, Action.ROW, numbers).items() if answer.outcome == "allow"]
    may, found = allowed(station, caller, SHOWN, known), list[ClipSummary]()
    for one in known:
        with suppress(NoSuchClip):
            found.append(row_shown(search.get(station.database, one), may[one]))
    return found


def row_shown(one: Summary, may: Collection[Action]) -> Summary:
    """A row as these actions allow it to be seen."""
    if Action.POSITION not in may:
        one = replace(one, first_fix=None, fixes=0)
    if Action.STREAM in may:
        return one
    one = replace(one, path="", case=None, cases=())
    return replace(one, officer=None, officer_name=None) if one.class_ == CLASSES[-1] else one
