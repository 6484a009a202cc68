"""Cases proposed for clips (关联建议): worked out of what is known now, confirmed by people, and taken back.

Nothing is kept of a proposal: whenever a clip, a case, a record, the register or the roster changed, what is proposed
is what fits now. What a person decided is not proposed again: neither where a link stands, nor where one was ended.
Shapes: a `Proposed` a clip and case, the surest first; what a person confirms becomes a link like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from catalog.cases import facts, reading
from catalog.errors import NotLinked
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_file import ClipFacts
from catalog.rules.matching import THRESHOLD, Matcher, Reason, Scored, neighbours
from catalog.rules.rights import Action
from docking_station.services.completeness import Policies
from docking_station.services.links import Linked, link_clip, unlink_clip
from docking_station.services.rights import allowed, find_clip
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from docking_station.texts.completeness import reason_said

PROPOSED = "proposal confirmed"
"""Why a link stands that was proposed, and by which it is found again where it is taken back."""
UNDONE = "confirmation undone"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A case proposed for a clip, by its number and its id, how sure, and why (关联建议)."""

    scored: Scored
    called: str
    by: BureauPolicy
    station: Station

    @property
    def is_sure(self) -> bool:
        """Whether it may be confirmed with others at once."""
        return self.scored.score >= THRESHOLD

    def says(self, reason: Reason) -> dict[str, str]:
        """A reason in both languages."""
        return reason_said(reason, self.by, self.station.settings.zone)

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `clips proposals --json`."""
        one = self.scored
        reasons = [{**self.says(reason), "code": reason.code} for reason in one.reasons]
        return {"clip": one.clip, "case": self.called, "score": one.score, "reasons": reasons, "case_id": one.case}


def propose(
    station: Station,
    caller: Caller,
    chosen: Sequence[str] = (),
    case: str | None = None,
    progress: Progress = silent,
) -> tuple[Proposed, ...]:
    """Propose cases for these clips, or for all that belong to none and may be found; only one case, if one is given.

    Raises `NoSuchClip`, `AmbiguousClip`, `NoSuchCase`, `CaseAmbiguous`; `NotAllowed` for who sees no clip.
    """
    database = station.database
    only = None if case is None else reading.case_id(database, case)
    wanted = {find_clip(station, caller, clip) for clip in chosen}
    people, by = facts.people(database), Policies(station).on(None)
    known = facts.cases(database, people)
    buffer = timedelta(minutes=by.recordings.propose_minutes)
    matcher = Matcher(known, station.settings.zone, buffer=buffer, names=people.names, duty=people.duty)
    every = list(facts.clips(database, people))
    closed = facts.decided_by_people(database, UNDONE)
    called = {one.id: one.called for one in reading.every(database)}
    found = list[Proposed]()
    for scored in _scored(matcher, every, wanted, progress):
        if (scored.clip, scored.case) not in closed and only in (None, scored.case):
            found.append(Proposed(scored, called[scored.case], by, station))
    may = allowed(station, caller, (Action.ROW,), sorted({one.scored.clip for one in found}))
    found = [one for one in found if may[one.scored.clip]]
    return tuple(sorted(found, key=lambda one: (-one.scored.score, one.scored.clip, one.called)))


def _scored(
    matcher: Matcher, every: Sequence[tuple[ClipFacts, str]], wanted: set[str], progress: Progress
) -> Iterable[Scored]:
    """What fits each clip, first by itself, then with its neighbours; not what it is linked to already."""
    beside = neighbours(clip for clip, _ in every)
    asked = [clip for clip, _ in every if (clip.id in wanted if wanted else not clip.cases)]
    needed = {clip.id for clip in asked} | {other for clip in asked for other in beside.get(clip.id, ())}
    words = {clip.id: path.split("/") for clip, path in every if clip.id in needed}
    alone = dict[str, tuple[Scored, ...]]()
    with progress("propose", len(needed) + len(asked), in_bytes=False) as done:
        for clip, _ in every:
            if clip.id in needed:
                alone[clip.id] = matcher.scored(clip, words[clip.id])
                done(1)
        for clip in asked:
            near = [one for other in beside.get(clip.id, ()) for one in alone[other]]
            yield from (one for one in matcher.scored(clip, words[clip.id], near) if one.case not in clip.cases)
            done(1)


def surest(found: Sequence[Proposed], *, chosen: bool) -> tuple[Proposed, ...]:
    """The surest proposal of each clip: of those somebody chose whatever it is, else only what is sure."""
    first = {one.scored.clip: one for one in reversed(found) if chosen or one.is_sure}
    return tuple(first[clip] for clip in sorted(first))


def confirm(station: Station, caller: Caller, chosen: Iterable[Proposed]) -> tuple[Linked, ...]:
    """Make links of proposals, each with the step of the record that it fits; raises as `link_clip`."""
    done = list[Linked]()
    for one in chosen:
        codes = {step.code for step in one.by.steps}
        steps = [str(reason.facts["step"]) for reason in one.scored.reasons if reason.facts.get("step") in codes]
        about = {"step": steps[0]} if steps else {}
        reason = f"{PROPOSED} ({one.scored.score:.2f})"
        done.append(link_clip(station, caller, one.scored.clip, one.scored.case, about, reason=reason))
    return tuple(done)


def take_back(station: Station, caller: Caller, clips: Sequence[str]) -> tuple[Linked, ...]:
    """End the links of these clips that were made of proposals; they are proposed again. Raises `NotLinked`."""
    done = list[Linked]()
    for clip in clips:
        number = find_clip(station, caller, clip)
        links = reading.of_clip(station.database, number)
        made = {one.case_id for one in links if one.ended_at is None and (one.why or "").startswith(PROPOSED)}
        if not made:
            raise NotLinked(clip=number)
        done += [unlink_clip(station, caller, number, case, reason=UNDONE) for case in sorted(made)]
    return tuple(done)
