"""Whether each written record has its footage (应录环节是否齐全, R5, R6): by officer, time, medium; pure.

For a record whose step is recorded: is there footage of an officer of the case, at that time, playable, of the right
medium, that covers it? Only what a person confirmed for the case counts; the rest is told, as what might be confirmed.
What footage falls short in is named by the first thing that, left out, breaks a whole cover: the medium, that it plays,
who had the recorder, its clock. Shapes: needs and footage in, one `Finding` a need out. Units: seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from catalog.rules.case_file import ClipFacts, NoteFacts
from catalog.rules.procedure import Recordings
from catalog.rules.recording_needs import Need
from catalog.rules.register import Assignment

MET, NOTED = "met", "noted"
WHOLE = frozenset({MET, NOTED})
"""What needs no answer."""
CLIP_MAX = timedelta(hours=24)
"""Longer footage is not looked for among what is linked elsewhere."""
Fits = Callable[[Need, ClipFacts, Recordings], bool]
SIEVES: tuple[tuple[str, Fits], ...] = (
    ("wrong-medium", lambda need, clip, _: clip.medium in need.rule.media),
    ("unplayable", lambda _need, clip, _: clip.playable),
    ("wrong-holder", lambda need, clip, _: clip.holder is None or clip.holder in need.officers),
    ("clock-wrong", lambda _need, clip, by: clip.uncertainty_s <= by.clock_unsure_s),
)
"""What footage must be, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a record, or of a case (核查结果); its sentence is made of `facts`.

    `verdict` is a code for ever; `recording` the row of the list of recording matters. `seconds` is how much of the
    record is without footage; `answered` the notes that answer it.
    """

    case: str
    verdict: str
    paper: str | None = None
    recording: str | None = None
    clips: tuple[str, ...] = ()
    seconds: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
    answered: tuple[str, ...] = ()


class Footage:
    """All footage, found by the case it was confirmed for and by who had the recorder then; and who had which when."""

    def __init__(self, clips: Iterable[ClipFacts], holdings: Iterable[Assignment] = ()) -> None:
        self._holdings = defaultdict[str, list[Assignment]](list)
        for one in holdings:
            self._holdings[one.officer].append(one)
        self._by_case = defaultdict[str, list[ClipFacts]](list)
        self._by_holder = defaultdict[str, list[ClipFacts]](list)
        for clip in sorted(clips, key=lambda clip: (clip.starts_at, clip.id)):
            for case in clip.cases:
                self._by_case[case].append(clip)
            if clip.holder is not None:
                self._by_holder[clip.holder].append(clip)
        self._starts = {who: [clip.starts_at for clip in held] for who, held in self._by_holder.items()}

    def of_case(self, case: str) -> Sequence[ClipFacts]:
        """What was confirmed for a case, oldest first."""
        return self._by_case.get(case, ())

    def holding(self, who: Iterable[str], at: datetime) -> list[tuple[str, str]]:
        """Which recorders these people had at a moment."""
        return sorted((one.officer, one.serial) for each in set(who) for one in self._holdings[each] if one.covers(at))

    def of_holders(self, who: Iterable[str], begins_at: datetime, ends_at: datetime) -> list[ClipFacts]:
        """What these people's recorders took within a time."""
        found = list[ClipFacts]()
        for one in sorted(set(who) & self._starts.keys()):
            starts = self._starts[one]
            first, last = bisect_left(starts, begins_at - CLIP_MAX), bisect_right(starts, ends_at)
            found += [clip for clip in self._by_holder[one][first:last] if clip.touches(begins_at, ends_at)]
        return found


def judged(need: Need, footage: Footage, by: Recordings) -> Finding:
    """What footage a record has."""
    slack = timedelta(minutes=by.propose_minutes)
    near = [one for one in footage.of_case(need.case.id) if one.touches(need.begins_at, need.ends_at, slack)]
    for verdict, fits in SIEVES:
        kept = [clip for clip in near if fits(need, clip, by)]
        fallen = [clip for clip in near if clip not in kept]
        if fallen and _cover(need, kept, by)[0] != MET and (not kept or _cover(need, near, by)[0] == MET):
            return _finding(need, verdict, fallen, facts=_about(fallen))
        near = kept
    if not near:
        return _unfilmed(need, footage, by)
    verdict, seconds = _cover(need, near, by)
    if verdict == "missing":
        return _finding(need, _absent(need), near)
    return _finding(need, verdict, near, seconds)


def _cover(need: Need, clips: Sequence[ClipFacts], by: Recordings) -> tuple[str, int]:
    """How far footage covers a record, and how many seconds of it are without."""
    begins_at, ends_at = need.begins_at, need.ends_at
    here = sorted((clip for clip in clips if clip.touches(begins_at, ends_at)), key=lambda clip: clip.starts_at)
    if not here:
        return "missing", _seconds(ends_at - begins_at)
    if need.is_day or any(clip.medium == "image" and "image" in need.rule.media for clip in here):
        return MET, 0
    late = here[0].starts_at - begins_at
    if late > timedelta(seconds=by.begin_tolerance_s):
        return "late-start", _seconds(late)
    reach, holes = here[0].until, timedelta()
    for clip in here[1:]:
        hole = clip.starts_at - max(reach, begins_at)
        holes += hole if hole > timedelta(seconds=by.gap_tolerance_s) else timedelta()
        reach = max(reach, clip.until)
    if holes:
        return "gap", _seconds(holes)
    early = ends_at - reach
    return ("early-end", _seconds(early)) if early > timedelta(seconds=by.end_tolerance_s) else (MET, 0)


def _unfilmed(need: Need, footage: Footage, by: Recordings) -> Finding:
    """What there is of a record for which nothing at its time was confirmed."""
    mine = footage.of_case(need.case.id)
    unsure = [clip for clip in mine if clip.uncertainty_s > by.clock_unsure_s and clip.medium in need.rule.media]
    if unsure:
        return _finding(need, "clock-wrong", unsure, facts=_about(unsure))
    slack = timedelta(minutes=by.propose_minutes)
    taken = footage.of_holders(need.officers, need.begins_at - slack, need.ends_at + slack)
    fitting = [clip for clip in taken if clip.medium in need.rule.media]
    elsewhere = [clip for clip in fitting if clip.cases]
    if any(clip.touches(need.begins_at, need.ends_at) for clip in elsewhere):
        cases = sorted({case for clip in elsewhere for case in clip.cases})
        return _finding(need, "linked-elsewhere", elsewhere, facts=_about(elsewhere) | {"cases": cases})
    excused = any(one.type == by.excuse_paper and one.day == need.paper.day for one in need.case.papers)
    if need.rule.mode == "as-needed" and (excused or _answers(need.case.notes, need.paper.id, "no-reason")):
        return _finding(need, NOTED, ())
    free = [clip for clip in fitting if not clip.cases]
    had = footage.holding(need.officers, need.begins_at)
    return _finding(need, _absent(need), free, facts=_about(free) | {"holders": had})


def _absent(need: Need) -> str:
    return "no-reason" if need.rule.mode == "as-needed" else "missing"


def _finding(
    need: Need,
    verdict: str,
    clips: Sequence[ClipFacts],
    seconds: int | None = None,
    facts: Mapping[str, object] = MappingProxyType({}),
) -> Finding:
    """The finding of a record; where it does not say otherwise, all of the record is without footage."""
    wanted = 0 if verdict in WHOLE or need.is_day else _seconds(need.ends_at - need.begins_at)
    told = {"step": need.paper.step, "type": need.paper.type, "at": need.begins_at, "is_day": need.is_day}
    return Finding(
        need.case.id,
        verdict,
        need.paper.id,
        need.rule.code,
        tuple(clip.id for clip in clips),
        wanted if seconds is None else seconds,
        {**told, **facts},
        () if verdict in WHOLE else _answers(need.case.notes, need.paper.id, verdict),
    )


def _answers(notes: Iterable[NoteFacts], paper: str, verdict: str) -> tuple[str, ...]:
    """The notes that answer what was found of a record."""
    return tuple(one.id for one in notes if one.paper == paper and one.verdict in (None, verdict))


def _about(clips: Sequence[ClipFacts]) -> dict[str, object]:
    """Who had which recorder then, and how far the clips' times may be off."""
    holders = {(clip.holder, clip.recorder or "") for clip in clips if clip.holder is not None}
    return {"holders": sorted(holders), "unsure_s": max((int(clip.uncertainty_s) for clip in clips), default=0)}


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))
