"""One case for whoever reads its file (案卷): how far it is, its records, its footage, what is missing, its notes.

Shapes: `clips` are rows as lists show them, in the order of their times, those that this person may view; `links` says
of each what it is linked for, and `numbers` is where a record stands in the list, from 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.cases import facts, notes, reading
from catalog.cases.notes import CaseNote
from catalog.cases.papers import Paper
from catalog.cases.reading import Link
from catalog.clips.search import ClipSummary, Search
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller, person
from catalog.trail.watched import watched
from docking_station.services.cases import CaseShown, show_case
from docking_station.services.completeness import HowFar, how_far
from docking_station.services.known_cases import readable_among
from docking_station.services.links import policy_now
from docking_station.services.listing import May, list_clips
from docking_station.services.looks import MS, Span, merged
from docking_station.services.rights import bind
from docking_station.station.station import Station

OVER = frozenset({"closed", "ended", "filed", "merged", "not-opened", "revoked", "transferred"})
"""States in which no limit of a case runs."""
CLIPS_MAX = 200


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case for reading (案卷); `names` are people's by the numbers that the case and its records have."""

    shown: CaseShown
    how_far: HowFar
    notes: tuple[CaseNote, ...]
    clips: tuple[ClipSummary, ...]
    may: May
    names: Mapping[str, str]
    policy: BureauPolicy

    @property
    def links(self) -> Mapping[str, Sequence[Link]]:
        """The standing links of each clip."""
        found = defaultdict[str, list[Link]](list)
        for one in self.shown.clips:
            found[one.clip].append(one)
        return found

    @property
    def by_stage(self) -> tuple[tuple[str, tuple[Paper, ...]], ...]:
        """The records of each stage that has any, in the order of their times; the stage is "" where none is known."""
        stages = {step.code: step.stage for step in self.policy.steps}
        order = [*(stage.code for stage in self.policy.stages), ""]
        found = defaultdict[str, list[Paper]](list)
        for one in sorted(self.shown.papers, key=_in_time):
            stage = stages.get(one.step or "", "")
            found[stage if stage in order else ""].append(one)
        return tuple((stage, tuple(found[stage])) for stage in order if found[stage])

    @property
    def numbers(self) -> Mapping[str, int]:
        """Where each record stands in the list, from 1."""
        every = (one.id for _, some in self.by_stage for one in some)
        return {paper: number for number, paper in enumerate(every, start=1)}


def case_file(station: Station, caller: Caller, case: str) -> CaseFile:
    """A case for reading; raises `NoSuchCase`, `CaseAmbiguous`, `NotAllowed`, `PolicyBad`."""
    shown = show_case(station, caller, case)
    number, database = shown.case.id, station.database
    clips, may = list_clips(station, caller, Search(case=number, limit=CLIPS_MAX))
    far = how_far(station, [number])[number]
    return CaseFile(
        shown,
        far.over() if shown.case.state in OVER else far,
        notes.of_case(database, number),
        tuple(sorted(clips, key=lambda one: (one.starts_at, one.id))),
        may,
        _names(facts.people(database), shown),
        policy_now(station),
    )


def watched_by(station: Station, caller: Caller, clips: Sequence[str]) -> dict[str, tuple[Span, ...]]:
    """What this person watched of each of these clips, in looks that have ended: from-to in seconds, in order."""
    who, since = person(bind(station, caller).actor), datetime.fromtimestamp(0, UTC)
    found = defaultdict[str, list[Span]](list)
    for one in watched(station.database, who, clips, since, station.now()):
        found[one.clip] += [(begin / MS, end / MS) for begin, end in one.watched_ms or ()]
    return {clip: merged(spans) for clip, spans in found.items()}


def called_after(station: Station, caller: Caller, cases: Collection[str]) -> dict[str, str]:
    """What people call the cases of these ids that this person may know of: after the party, else by the title."""
    every = readable_among(station, caller, reading.among(station.database, sorted(cases)))
    return {one.id: one.parties_shown or one.title or "" for one in every}


def _names(known: facts.People, shown: CaseShown) -> dict[str, str]:
    typed = {*shown.case.officers, *(one for paper in shown.papers for one in paper.officers)}
    return {one: known.names.get(known.who(one), one) for one in typed}


def _in_time(paper: Paper) -> tuple[str, str, int]:
    day = paper.day or (paper.begins_at.isoformat()[:10] if paper.begins_at else "9999")
    return day, paper.begins_at.isoformat() if paper.begins_at else "", paper.position or 0
