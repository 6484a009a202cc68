"""What an officer does at a bay (仓位办理): own clips of the recorder that stands there get their case, or a reason.

Shapes: whoever looks sees times and lengths of what came in since a day ago. What may be changed of it is decided by
the same services as everywhere; who is known by a PIN alone may only change what they recorded themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from catalog.cases import finding, reading
from catalog.cases.finding import CaseSearch
from catalog.cases.reading import Case
from catalog.clips import arrivals
from catalog.clips.arrivals import Copied
from catalog.errors import NoSuchCase, NoSuchClip, WordsUnfit
from catalog.people import people
from catalog.rules.callers import Caller
from catalog.rules.rights import Action
from docking_station.services.cases import check, open_case
from docking_station.services.completeness import Checked, note_case, open_ones
from docking_station.services.known_cases import known_to
from docking_station.services.links import Linked
from docking_station.services.proposals import FEW_CLIPS
from docking_station.services.queue import Candidate, candidates, link_group, together
from docking_station.services.rights import allowed, bind
from docking_station.station.station import Station

LATELY, OWN_CASES, MISSING_MOST = timedelta(days=1), 4, 3
"""Who docks in the evening may come back in the morning; so many of an officer's newest cases are offered; so
much that is missing is told."""
AT_BAY = "linked at bay {bay}"


@dataclass(frozen=True, slots=True)
class AtBay:
    """What somebody may do about what came in (仓位办理内容): clips, likely cases, own cases, what lacks."""

    clips: tuple[Copied, ...]
    first: frozenset[str]
    """The clips that the surest case is proposed for; without one, all that no case has."""
    candidates: tuple[Candidate, ...]
    cases: tuple[Case, ...]
    missing: tuple[Checked, ...]


def copied(station: Station, recorder: str | None) -> tuple[Copied, ...]:
    """What a recorder brought since a day ago; nothing of one nobody knows. Raises `CatalogUnreachable`."""
    return () if recorder is None else arrivals.of_recorder(station.database, recorder, station.now() - LATELY)


def own(station: Station, caller: Caller, recorder: str | None) -> tuple[Copied, ...]:
    """Of these, what somebody may link: by a PIN what they recorded, else whatever the rule says."""
    known = bind(station, caller)
    is_by_pin = known.how is None and known.no is not None
    found = [one for one in copied(station, recorder) if not is_by_pin or one.person == known.no]
    may = allowed(station, known, (Action.LINK,), [one.id for one in found])
    return tuple(one for one in found if may[one.id])


def look(station: Station, caller: Caller, recorder: str | None) -> AtBay:
    """What there is to do; raises as `propose`."""
    clips, no = own(station, caller, recorder), bind(station, caller).no
    left = [one.id for one in clips if not one.linked]
    found = candidates(station, caller, left[:FEW_CLIPS])
    offered = together(found)
    cases = () if no is None else _newest(station, caller, no, {one.id for one in offered})
    first = {one.proposed.scored.clip for one in found if one.id == offered[0].id} if offered else left
    return AtBay(clips, frozenset(first), offered, cases, missing(station, caller, clips))


def _newest(station: Station, caller: Caller, no: str, but: Collection[str]) -> tuple[Case, ...]:
    wanted = CaseSearch(officer=no, newest=True, limit=OWN_CASES)
    found, _ = finding.page(station.database, wanted, known_to(station, caller))
    return tuple(one for one in found if one.id not in but)


def missing(station: Station, caller: Caller, clips: Sequence[Copied]) -> tuple[Checked, ...]:
    """What the cases of these clips should have footage of and have not, as far as this person may know of them."""
    found = list[Checked]()
    for case in sorted(_cases_of(station, clips)):
        try:
            found += [one for one in open_ones(check(station, caller, case)) if one.finding.recording is not None]
        except NoSuchCase:
            continue
    return tuple(found[:MISSING_MOST])


def link(
    station: Station, caller: Caller, place: tuple[str, str], clips: Sequence[str], case: str, proves: Sequence[str]
) -> tuple[Linked, ...]:
    """Link own clips of a recorder at a bay, `place` is both; raises `NoSuchClip` for others, and as `link_clip`."""
    bay, recorder = place
    _demand_own(station, caller, recorder, clips)
    return link_group(station, caller, clips, case, proves, AT_BAY.format(bay=bay))


def _demand_own(station: Station, caller: Caller, recorder: str, clips: Sequence[str]) -> list[Copied]:
    """What was chosen, all of it one's own; raises `NoSuchClip`, `WordsUnfit` for nothing."""
    if not clips:
        raise WordsUnfit(field="clip", what="choose at least one", what_zh="请至少选择一份")
    known = {one.id: one for one in own(station, caller, recorder)}
    if wrong := [clip for clip in clips if clip not in known]:
        raise NoSuchClip(clip=wrong[0])
    return [known[clip] for clip in clips]


def inspection(station: Station, caller: Caller, recorder: str, clips: Sequence[str], party: str, where: str) -> Case:
    """Open an inspection that has no number yet (新检查), for own clips of which at least one has no case.

    So the same form sent twice opens one. Raises `NoSuchClip`, `WordsUnfit`, `NotAllowed`.
    """
    if not party:
        raise WordsUnfit(field="party", what="say who is inspected", what_zh="请填写检查对象名称")
    if all(one.linked for one in _demand_own(station, caller, recorder, clips)):
        raise WordsUnfit(field="case", what="all of these have a case", what_zh="所选资料均已关联案件")
    known = bind(station, caller)
    unit = next((one.unit for one in people.every(station.database) if one.no == known.no), None)
    today = station.now().astimezone(station.settings.zone).date().isoformat()
    said: Mapping[str, object] = {"parties": [{"name": party}], "place": where or None, "inspected": today}
    return open_case(station, caller, [], {**said, "officers": [known.no] if known.no else [], "unit": unit})


def explain(station: Station, caller: Caller, recorder: str, finding: tuple[str, str | None, str], text: str) -> None:
    """Answer what is missing, `finding` is case, record and verdict; raises `NoSuchCase` for a case of others.

    Else as `note_case`.
    """
    case, paper, verdict = finding
    if case not in _cases_of(station, own(station, caller, recorder)):
        raise NoSuchCase(case=case)
    note_case(station, caller, case, text, paper=paper, verdict=verdict)


def _cases_of(station: Station, clips: Sequence[Copied]) -> set[str]:
    links = reading.of_clips(station.database, [one.id for one in clips])
    return {one.id for its in links.values() for one in its}
