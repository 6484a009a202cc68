"""What waits to be linked (待关联队列): clips of no case, in groups of one sitting, each with the cases it may be of.

Shapes: a `Waiting` is one page of the clips that belong to no case, newest first; a `Group` some of them that follow
each other, of one recorder, whose surest proposal is the same case. Nothing is kept: the next look is worked out anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from catalog.cases import reading
from catalog.cases.reading import Case
from catalog.clips.finding import Found
from catalog.clips.search import Search
from catalog.rules.callers import Caller
from catalog.rules.matching import SHOWN_MIN, THRESHOLD
from docking_station.services.known_cases import find_case, readable_among
from docking_station.services.links import Linked, link_clip, unlink_clip
from docking_station.services.proposals import FEW_CLIPS, UNDONE, Proposed, confirm, propose
from docking_station.services.search import search_clips
from docking_station.station.station import Station

Sureness = Literal["sure", "likely", "unsure"]
FOOTAGE = ("video", "audio", "image")
LIKELY = (SHOWN_MIN + THRESHOLD) / 2
BY_HAND = "linked in the queue"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case a group may be of (可能案件): how sure, why; `case` is None where the person may not know more of it."""

    proposed: Proposed
    case: Case | None

    @property
    def id(self) -> str:
        """The case's id."""
        return self.proposed.scored.case

    @property
    def sureness(self) -> Sureness:
        """How sure, in three steps that people tell apart (很像、可能、拿不准)."""
        score = self.proposed.scored.score
        return "sure" if score >= THRESHOLD else "likely" if score >= LIKELY else "unsure"


@dataclass(frozen=True, slots=True)
class Group:
    """Clips that follow each other and seem to be of one case (待关联组), with every case they may be of."""

    clips: tuple[Found, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page of what waits (待关联): groups, the clips nothing is proposed for, where the next page begins."""

    groups: tuple[Group, ...]
    others: tuple[Found, ...]
    after: str | None


def waiting(station: Station, caller: Caller, after: str | None) -> Waiting:
    """The newest clips of no case this person may find, `FEW_CLIPS` at most; raises as `search_clips`."""
    wanted = Search(flags=frozenset(("unlinked",)), after=after, limit=FEW_CLIPS)
    page = search_clips(station, caller, wanted)
    clips = [one for one in page.clips if one.kind in FOOTAGE]
    groups = grouped(clips, candidates(station, caller, [one.id for one in clips]))
    in_one = {one.id for group in groups for one in group.clips}
    return Waiting(groups, tuple(one for one in clips if one.id not in in_one), page.after)


def candidates(station: Station, caller: Caller, clips: Sequence[str]) -> list[Candidate]:
    """The cases each of these clips may be of, the surest first; raises as `propose`."""
    found = propose(station, caller, clips) if clips else ()
    ids = sorted({one.scored.case for one in found})
    known = {one.id: one for one in readable_among(station, caller, reading.among(station.database, ids))}
    return [Candidate(one, known.get(one.scored.case)) for one in found]


def grouped(clips: Iterable[Found], found: Iterable[Candidate]) -> tuple[Group, ...]:
    """Return groups of clips in a row, of one recorder and one surest case; `found` has the surest first."""
    every = dict[str, list[Candidate]]()
    for one in found:
        every.setdefault(one.proposed.scored.clip, []).append(one)
    able = [clip for clip in clips if clip.id in every]
    runs = groupby(able, lambda clip: (every[clip.id][0].id, clip.recorder))
    return tuple(_group(tuple(some), every) for _, some in runs)


def _group(clips: tuple[Found, ...], every: Mapping[str, Sequence[Candidate]]) -> Group:
    first = every[clips[0].id][0].id
    order = sorted(together(one for clip in clips for one in every[clip.id]), key=lambda one: one.id != first)
    return Group(clips, tuple(order))


def together(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each case once, the surest first: as sure as the least sure of the clips that name it."""
    least = dict[str, Candidate]()
    for one in sorted(found, key=lambda one: one.proposed.scored.score):
        least.setdefault(one.id, one)
    return tuple(sorted(least.values(), key=lambda one: (-one.proposed.scored.score, one.id)))


def link_group(
    station: Station, caller: Caller, clips: Collection[str], case: str, proves: Sequence[str] = (), why: str = BY_HAND
) -> tuple[Linked, ...]:
    """Link clips to a case, as its proposals where they are some; raises as `link_clip`."""
    proposed = {one.scored.clip: one for one in propose(station, caller, tuple(clips), case)} if clips else {}
    others, about = [clip for clip in clips if clip not in proposed], {"proves": tuple(proves)}
    linked = [link_clip(station, caller, clip, case, about, reason=why) for clip in others]
    return *confirm(station, caller, proposed.values(), proves), *linked


def take_group_back(station: Station, caller: Caller, clips: Iterable[str], case: str) -> tuple[Linked, ...]:
    """End what `link_group` linked; the case is proposed again. Raises `NotLinked` and as `link_clip`."""
    known = find_case(station, caller, case).id
    return tuple(unlink_clip(station, caller, clip, known, reason=UNDONE) for clip in clips)
