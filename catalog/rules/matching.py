"""How surely a clip belongs to a case (关联评分): reasons, each with a weight; a person confirms.

Each thing that speaks for a case has a weight, and the score is how sure all of them together are that it is this
case, 0 to 1: officer and time of a record, the camera of its room, a number in it or beside it, a number or a party in
a folder's name, the clips right before and after. What another case fits as well is sure for neither. Nothing is
proposed by a day alone, and a time less sure than an hour says nothing. Shapes: values in, values out; times are UTC.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from math import prod

from catalog.rules.case_file import CaseFacts, ClipFacts, PaperFacts
from catalog.rules.case_numbers import number_key
from catalog.rules.numbers import bare, numbers_in

Weighed = dict[str, tuple[float, "Reason"]]

BUFFER = timedelta(minutes=5)
"""More than that before and after makes wrong matches (FACTS, trap 6)."""
UNCERTAINTY_MAX_S = 3600.0
"""A time less sure than this proposes nothing."""
PROPOSALS_MAX = 20
THRESHOLD = 0.6
"""From here on a proposal may be confirmed with others at once."""
SHOWN_MIN = 0.3
WEIGHTS: Mapping[str, float] = {
    "number": 0.9,
    "record": 0.65,
    "room": 0.65,
    "within": 0.4,
    "time": 0.5,
    "party": 0.5,
    "neighbour": 0.5,
    "day": 0.3,
    "place": 0.3,
    "name": 0.2,
    "duty": 0.1,
}
"""How much each reason says alone; `record` and `room` say that officer or room, and time, are those of a record, and
`within` is multiplied by how much of the clip lies within it."""
RIVAL_WITHIN, RIVAL_FACTOR = 0.05, 0.6
NEIGHBOUR = timedelta(minutes=2)
TIME_MAX = timedelta(hours=12)
"""What lasts longer says that a clip is of those days, and that alone proposes nothing for sure."""
WHOLE = "case:"
"""Before an officer: the times of whole cases."""
SURENESS = ((300.0, 1.0), (900.0, 0.85), (UNCERTAINTY_MAX_S, 0.6))
"""What reasons of time still weigh, by how many seconds a clip's time may be off."""
ROOMS = (("听证", "hearing"), ("询问", "讯问", "谈话", "办案", "office"))
"""Words for the same kind of room, in places of records and of cameras."""
DATES = re.compile(r"(20\d{2})[-._年]?(0?[1-9]|1[0-2])[-._月]?(0[1-9]|[12]\d|3[01]|[1-9])(?!\d)")
PARTY_CHARS_MIN, RECORDS_MAX = 4, 50


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a case (理由); its sentence is made of `facts`."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """A case proposed for a clip, how sure, and why (关联建议)."""

    clip: str
    case: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a case may be called in names of folders: its numbers, its parties, the names of its people by number."""

    numbers: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    begins_at: datetime
    ends_at: datetime
    case: CaseFacts
    paper: PaperFacts | None
    """None: it is the time of the case as a whole."""


class Matcher:
    """Everything that clips are compared with, found by officer, by room, and by number."""

    def __init__(
        self,
        cases: Mapping[str, tuple[CaseFacts, Named]],
        zone: tzinfo,
        *,
        buffer: timedelta = BUFFER,
        names: Mapping[str, str] | None = None,
        duty: Mapping[date, frozenset[str]] | None = None,
    ) -> None:
        self._cases, self._zone, self._buffer = cases, zone, buffer
        self._names, self._duty = names or {}, duty or {}
        self._of = defaultdict[str, list[_Record]](list)
        self._numbers = defaultdict[str, set[str]](set)
        for case, named in cases.values():
            for number in named.numbers:
                self._numbers[number_key(number)].add(case.id)
            for paper in case.papers:
                if paper.begins_at is not None:
                    record = _Record(paper.begins_at, paper.ends_at or paper.begins_at, case, paper)
                    for who in {*case.officers, *paper.officers}:
                        self._of[who].append(record)
                    for room in _rooms(paper.place):
                        self._of[room].append(record)
            if case.begins_at is not None:
                whole = _Record(case.begins_at, case.ends_at or case.begins_at, case, None)
                for who in case.officers:
                    self._of[f"{WHOLE}{who}"].append(whole)
        for found in self._of.values():
            found.sort(key=lambda record: record.begins_at)
        self._begins = {who: [record.begins_at for record in found] for who, found in self._of.items()}
        every = ((case.id, bare(party), party) for case, named in cases.values() for party in named.parties)
        self._parties = tuple(one for one in every if len(one[1]) >= PARTY_CHARS_MIN)
        self._told = dict[str, tuple[tuple[str, str], ...]]()
        self._longest = max(
            (one.ends_at - one.begins_at for found in self._of.values() for one in found), default=BUFFER
        )

    def scored(self, clip: ClipFacts, words: Sequence[str] = (), beside: Sequence[Scored] = ()) -> tuple[Scored, ...]:
        """The cases a clip may belong to, the surest first.

        `words` are the names of the folders it lay in, its own, and what stands in notes and sidecars; `beside` is what
        was proposed for the clips right before and after it on the same recorder.
        """
        found = defaultdict[str, Weighed](dict)
        self._by_time(clip, found)
        self._by_words(tuple(map(bare, words)), found)
        for one in beside:
            if one.score >= THRESHOLD and any(reason.code != "neighbour" for reason in one.reasons):
                _say(found[one.case], "neighbour", clip=one.clip)
        for case in found:
            self._by_duty(clip, case, found[case])
        scored = [_scored(clip.id, case, reasons) for case, reasons in found.items()]
        ranked = sorted(_with_rivals(scored), key=lambda one: (-one.score, one.case))
        return tuple(one for one in ranked[:PROPOSALS_MAX] if one.score >= SHOWN_MIN)

    def _by_time(self, clip: ClipFacts, found: dict[str, Weighed]) -> None:
        sure = next((factor for most, factor in SURENESS if clip.uncertainty_s <= most), None)
        if sure is None:
            return
        slack = self._buffer + timedelta(seconds=clip.uncertainty_s)
        asked = [("room", room) for room in _rooms(clip.room or "")]
        if clip.holder is not None:
            asked = [("record", clip.holder), ("time", f"{WHOLE}{clip.holder}")]
        for code, who in asked:
            for record in self._near(who, clip, slack):
                reasons, share = found[record.case.id], _share(clip, record)
                weight = sure * (1 - (1 - WEIGHTS[code]) * (1 - WEIGHTS["within"] * share))
                is_told = code == "time" and "record" in reasons
                if weight > reasons.get(code, (0.0, None))[0] and not is_told:
                    reasons[code] = weight, Reason(code, {"who": clip.holder, **_told(record)})

    def _near(self, who: str, clip: ClipFacts, slack: timedelta) -> Sequence[_Record]:
        begins = self._begins.get(who, [])
        first = bisect_left(begins, clip.starts_at - slack - self._longest)
        last = bisect_right(begins, clip.until + slack)
        return [one for one in self._of[who][first:last] if clip.touches(one.begins_at, one.ends_at, slack)][
            :RECORDS_MAX
        ]

    def _by_words(self, words: tuple[str, ...], found: dict[str, Weighed]) -> None:
        """What names of folders, notes and sidecars say: a number of a case, else its party with day, place, people."""
        for text in words:
            for key in keys_in(text):
                meant = self._numbers.get(key, set())
                for number in meant:
                    _say(found[number], "number" if len(meant) == 1 else "party", text=text)
        joined = "\n".join(text for text in words if not text.isascii())
        if not joined:
            return  # neither parties nor people are named in plain letters
        for text in words:
            for case, party in self._parties_in(text):
                _say(found[case], "party", text=party)
        days = {date(*map(int, parts)) for parts in DATES.findall("\n".join(words)) if _is_day(parts)}
        for case, reasons in found.items():
            _beside(self._cases[case][0], joined, days, self._names, reasons)

    def _parties_in(self, text: str) -> Sequence[tuple[str, str]]:
        """The cases whose party a text names; a folder is looked at once, however much lies in it."""
        if text not in self._told:
            these = () if text.isascii() else self._parties
            self._told[text] = tuple((case, party) for case, name, party in these if name in text)
        return self._told[text]

    def _by_duty(self, clip: ClipFacts, case: str, reasons: Weighed) -> None:
        on_duty = self._duty.get(clip.starts_at.astimezone(self._zone).date(), frozenset())
        who = on_duty & {clip.holder} if clip.holder else on_duty & set(self._cases[case][0].officers)
        if who and clip.uncertainty_s <= UNCERTAINTY_MAX_S:
            _say(reasons, "duty", who=min(who))


def neighbours(clips: Iterable[ClipFacts]) -> dict[str, tuple[str, ...]]:
    """The clips right before and after each clip on the same recorder (相邻资料)."""
    found, last = defaultdict[str, list[str]](list), dict[str, ClipFacts]()
    for clip in sorted(clips, key=lambda clip: clip.starts_at):
        before = last.get(clip.recorder or "")
        if clip.recorder is not None:
            if before is not None and clip.starts_at - before.until <= NEIGHBOUR:
                found[before.id].append(clip.id)
                found[clip.id].append(before.id)
            last[clip.recorder] = clip
    return {clip: tuple(others) for clip, others in found.items()}


def _beside(case: CaseFacts, joined: str, days: set[date], names: Mapping[str, str], reasons: Weighed) -> None:
    """What of the words speaks for a case where something else does already; a day only beside its party or number."""
    day = next((paper.day for paper in case.papers if paper.day in days), None)
    if day is not None and reasons.keys() & {"party", "number"}:
        _say(reasons, "day", day=day)
    place = next((one.place for one in case.papers if len(one.place) >= PARTY_CHARS_MIN and one.place in joined), None)
    if place is not None:
        _say(reasons, "place", text=place)
    named = next((names[who] for who in case.officers if who in names and names[who] in joined), None)
    if named is not None:
        _say(reasons, "name", who=named)


def _say(reasons: Weighed, code: str, **facts: object) -> None:
    reasons.setdefault(code, (WEIGHTS[code], Reason(code, facts)))


def _scored(clip: str, case: str, reasons: Weighed) -> Scored:
    ordered = sorted(reasons.values(), key=lambda pair: -pair[0])
    score = 1 - prod(1 - weight for weight, _ in ordered)
    return Scored(clip, case, round(score, 3), tuple(reason for _, reason in ordered))


def _with_rivals(scored: Sequence[Scored]) -> Iterable[Scored]:
    """Each less sure where another case fits as well."""
    for one in scored:
        rivals = [other for other in scored if other is not one and other.score >= one.score - RIVAL_WITHIN]
        if rivals:
            reason = Reason("rival", {"case": rivals[0].case})
            yield Scored(one.clip, one.case, round(one.score * RIVAL_FACTOR, 3), (*one.reasons, reason))
        else:
            yield one


def _share(clip: ClipFacts, record: _Record) -> float:
    """How much of a clip lies within a record; all of one that has no length does or does not. Days tell nothing."""
    if record.ends_at - record.begins_at > TIME_MAX:
        return 0.0
    length = clip.until - clip.starts_at
    if not length:
        return float(clip.touches(record.begins_at, record.ends_at))
    within = min(clip.until, record.ends_at) - max(clip.starts_at, record.begins_at)
    return max(0.0, within / length)


def _told(record: _Record) -> dict[str, object]:
    if record.paper is None:
        return {}
    return {"paper": record.paper.id, "type": record.paper.type, "step": record.paper.step, "at": record.begins_at}


def _rooms(place: str) -> tuple[str, ...]:
    """What kind of room a place is, as a key no officer has; nothing on site."""
    return tuple(f"room:{words[0]}" for words in ROOMS if any(word in place for word in words))


def keys_in(text: str) -> frozenset[str]:
    """The keys of everything in a text that may be a number of a case: all of it, its parts, what stands in it."""
    return frozenset(map(number_key, filter(None, (text, *re.split(r"[_/\\,，;；、|]+", text), *numbers_in(text)))))


def _is_day(parts: tuple[str, ...]) -> bool:
    try:
        date(*map(int, parts))
    except ValueError:
        return False
    return True
