"""Cases proposed for clips (关联建议): worked out of what is known now, confirmed by people, and taken back.

Nothing is kept of a proposal: whenever a clip, a case, a record, the register or the roster changed, what is proposed
is what fits now. What a person decided is not proposed again: neither where a link stands, nor where one was ended.
Shapes: a `Proposed` a clip and case, the surest first; what a person confirms becomes a link like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from catalog.cases import facts, reading
from catalog.clips import classes
from catalog.clips.clips import Proposal
from catalog.errors import NotLinked
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_file import ClipFacts
from catalog.rules.matching import THRESHOLD, Matcher, Scored, neighbours
from catalog.rules.rights import Action
from docking_station.services.completeness import Policies
from docking_station.services.known_cases import find_case, knows
from docking_station.services.links import Linked, link_clip, unlink_clip
from docking_station.services.rights import allowed, find_clip
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from docking_station.texts.completeness import proposal_said, reason_said

PROPOSED = "proposal confirmed"
"""Why a link stands that was proposed, and by which it is found again where it is taken back."""
UNDONE = "confirmation undone"
RULE, FEW_CLIPS = "scored", 50
TELLING = ("number", "record", "time")
"""The reasons by which a case may be proposed also to who could not look it up."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A case proposed for a clip, by its number and its id, how sure, and why (关联建议)."""

    scored: Scored
    called: str
    by: BureauPolicy
    station: Station
    names: Mapping[str, str]
    """What people are called, by number."""

    @property
    def is_sure(self) -> bool:
        """Whether it may be confirmed with others at once."""
        return self.scored.score >= THRESHOLD

    @property
    def is_told_by_itself(self) -> bool:
        """Whether a record names who had the recorder, or the clip a number: a party's name alone asks for cases."""
        return any(reason.code in TELLING for reason in self.scored.reasons)

    @property
    def reasons(self) -> list[dict[str, str]]:
        """Every reason in both languages, with its code."""
        said = partial(reason_said, policy=self.by, zone=self.station.settings.zone, names=self.names)
        return [{**said(reason), "code": reason.code} for reason in self.scored.reasons]

    @property
    def says(self) -> dict[str, str]:
        """Score and reasons in one sentence, in both languages."""
        return proposal_said(self.scored.score, self.reasons)

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `clips proposals --json`."""
        one, told = self.scored, {"reasons": self.reasons, "case_id": self.scored.case, "says": self.says}
        return {"clip": one.clip, "case": self.called, "score": one.score, **told}


def propose(
    station: Station,
    caller: Caller,
    chosen: Sequence[str] = (),
    case: str | None = None,
    progress: Progress = silent,
) -> tuple[Proposed, ...]:
    """Propose cases for these clips, or for all that belong to none and may be found; only one case, if one is given.

    Told to who may see what the clip holds and may know of the case, or where the clip itself tells of it. Raises
    `NoSuchClip`, `AmbiguousClip`, `NoSuchCase`, `CaseAmbiguous`; `NotAllowed` for who sees no clip.
    """
    only = None if case is None else find_case(station, caller, case).id
    wanted = frozenset(find_clip(station, caller, clip) for clip in chosen)
    found = _fitting(station, wanted, progress)
    if only is not None:
        found = [one for one in found if one.scored.case == only]
    may = allowed(station, caller, (Action.STREAM,), sorted({one.scored.clip for one in found}))
    known = knows(station, caller, {one.scored.case for one in found})
    found = [one for one in found if may[one.scored.clip] and (one.scored.case in known or one.is_told_by_itself)]
    return tuple(sorted(found, key=lambda one: (-one.scored.score, one.scored.clip, one.called)))


def proposed_now(station: Station, caller: Caller, clip: str) -> tuple[Proposal, ...]:
    """What is told of a clip's proposals where it is shown: the surest first, none once a case has it."""
    if reading.of_clips(station.database, [clip]):
        return ()
    found = [(one, one.says) for one in propose(station, caller, [clip])]
    return tuple(Proposal(one.called, RULE, says["en"], one.scored.score, says) for one, says in found)


def _fitting(station: Station, wanted: frozenset[str], progress: Progress) -> list[Proposed]:
    """What fits these clips, or all that no case has; for a few, only what may fit them is read."""
    database, zone = station.database, station.settings.zone
    people, by, few = facts.people(database), Policies(station).on(None), 0 < len(wanted) <= FEW_CLIPS
    every = list(facts.clips(database, people, sorted(wanted) if few else None))
    beside = neighbours(clip for clip, _ in every)
    hidden = classes.locked_away(database, sorted(wanted) if few else None)
    asked = [clip for clip, _ in every if (clip.id in wanted if wanted else not clip.cases) and clip.id not in hidden]
    needed = {clip.id for clip in asked} | {other for clip in asked for other in beside.get(clip.id, ())}
    compared = [(clip, words) for clip, words in every if clip.id in needed]
    buffer = timedelta(minutes=by.recordings.propose_minutes)
    only = facts.cases_near(database, compared, buffer) if few else None
    known = facts.cases(database, people, only)
    matcher = Matcher(
        known, zone, buffer=buffer, names=people.names, duty=facts.on_duty(database, [one for one, _ in compared])
    )
    with progress("propose", len(compared) + len(asked), in_bytes=False) as done:
        scored = list(_scored(matcher, compared, asked, beside, done))
    ended = facts.decided_by_people(database, UNDONE, sorted(wanted) if few else None)
    called = {one.id: one.called for one in reading.among(database, sorted({one.case for one in scored}))}
    left = (one for one in scored if (one.clip, one.case) not in ended)
    return [Proposed(one, called[one.case], by, station, people.names) for one in left]


def _scored(
    matcher: Matcher,
    compared: Sequence[tuple[ClipFacts, tuple[str, ...]]],
    asked: Iterable[ClipFacts],
    beside: Mapping[str, tuple[str, ...]],
    done: Callable[[int], None],
) -> Iterator[Scored]:
    """What fits each clip, first by itself, then with its neighbours; not what it is linked to already."""
    words, alone = {clip.id: said for clip, said in compared}, dict[str, tuple[Scored, ...]]()
    for clip, said in compared:
        alone[clip.id] = matcher.scored(clip, said)
        done(1)
    for clip in asked:
        near = [one for other in beside.get(clip.id, ()) for one in alone[other]]
        found = matcher.scored(clip, words[clip.id], near) if near else alone[clip.id]
        yield from (one for one in found if one.case not in clip.cases)
        done(1)


def surest(found: Sequence[Proposed], *, chosen: bool) -> tuple[Proposed, ...]:
    """The surest proposal of each clip: of those somebody chose whatever it is, else only what is sure."""
    first = {one.scored.clip: one for one in reversed(found) if chosen or one.is_sure}
    return tuple(first[clip] for clip in sorted(first))


def confirm(
    station: Station, caller: Caller, chosen: Iterable[Proposed], proves: Sequence[str] = ()
) -> tuple[Linked, ...]:
    """Make links of proposals, each with the step of the record that it fits; raises as `link_clip`."""
    done = list[Linked]()
    for one in chosen:
        codes = {step.code for step in one.by.steps}
        steps = [str(reason.facts["step"]) for reason in one.scored.reasons if reason.facts.get("step") in codes]
        about = {"proves": tuple(proves), **({"step": steps[0]} if steps else {})}
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
