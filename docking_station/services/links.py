"""Linking clips to cases (关联案件): one clip to many, each link with what it is there for; and taking clips along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.acts import policy
from catalog.cases import links, reading
from catalog.cases.errors import LinkAmbiguous
from catalog.cases.reading import Link
from catalog.clips import classes
from catalog.errors import NotLinked, WordsUnfit
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.rights import LACKS, Action
from catalog.station_error import StationError
from docking_station.services.at_once import remembered
from docking_station.services.known_cases import find_case
from docking_station.services.permits import demand_change
from docking_station.services.rights import find_clip, found_among
from docking_station.station.errors import NotAllowed
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station

NEAR = 3
SAME = ("from_ms", "to_ms", "step", "place")


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of it: clip and case by their ids, whether anything changed, and what the storage refused."""

    clip: str
    case: str
    called: str
    is_new: bool
    refused: tuple[StationError, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """The clips that were linked to a case because another one had them."""

    case: str
    clips: tuple[str, ...]
    refused: tuple[StationError, ...]


@remembered
def policy_now(station: Station) -> BureauPolicy:
    """What the policy of this moment says, section by section; empty where none was adopted."""
    found = policy.in_force(policy.history(station.database), station.now())
    return BureauPolicy() if found is None else found.whole


def words_now(station: Station) -> dict[str, tuple[str, str]]:
    """What the policy of this moment calls its codes, in both languages."""
    return words_in(policy_now(station))


def words_in(known: BureauPolicy) -> dict[str, tuple[str, str]]:
    """What a policy calls its codes, in both languages."""
    lists = (known.kinds, known.papers.every, known.steps, known.proves, known.facts)
    words = {one.code: (getattr(one, "en", one.code), one.zh) for some in lists for one in some}
    named = [(one.code, one.zh) for one in known.matters] + [(one.code, one.name) for one in known.units]
    return words | {
        code: (name, name) for code, name in named
    }  # the code of neither says anything to who reads English


def demand_codes(field: str, codes: Sequence[str | None], known: Sequence[Any]) -> None:
    """Raise `WordsUnfit` for a code that the policy's list has not, where it has a list."""
    able = [one.code for one in known]
    if able and (wrong := [code for code in codes if code is not None and code not in able]):
        near, lists = nearest(wrong[0], able), "`evidock policy lists --to FILE.xlsx`"
        what = f"{wrong[0]} is none of the policy's {len(able)}; near: {', '.join(near)}; {lists} writes all"
        what_zh = f"{wrong[0]} 不在制度清单内（共 {len(able)} 项）；相近：{'、'.join(near)}；{lists} 可导出清单"
        raise WordsUnfit(field=field, what=what, what_zh=what_zh)


def nearest(typed: str, able: Sequence[str]) -> list[str]:
    """The three codes that are most like what was typed."""
    from difflib import get_close_matches

    return get_close_matches(typed, able, NEAR, cutoff=0)


def link_clip(
    station: Station, caller: Caller, clip: str, case: str, about: Mapping[str, Any], *, reason: str | None
) -> Linked:
    """Link a clip to a case, or confirm a proposal; nothing is written where it is linked so already.

    `about` says what of `catalog.cases.links.ABOUT` is known; the step gives the clip the class the policy has for it.
    Raises `NoSuchClip`, `NoSuchCase`, `CaseAmbiguous`, `WordsUnfit`, `NotAllowed`, `StateSecret`.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()  # a link on its way counts, whichever it is
        number, found = find_clip(station, caller, clip), find_case(station, caller, case)
        caller = demand_change(station, caller, Action.LINK, number)
        classes.demand_shown(station.database, number)
        into, called = found.id, found.called
        if _stands(reading.of_clip(station.database, number), into, about):
            return Linked(number, into, called, is_new=False)
        return Linked(number, into, called, is_new=True, refused=_link(station, caller, number, into, about, reason))


def unlink_clip(station: Station, caller: Caller, clip: str, case: str | None, *, reason: str) -> Linked:
    """End a clip's links to a case, or to the only one it has; raises `NotLinked`, `LinkAmbiguous`."""
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        number = find_clip(station, caller, clip)
        caller = demand_change(station, caller, Action.LINK, number)
        every = [one for one in reading.of_clip(station.database, number) if one.ended_at is None]
        from_case = None if case is None else find_case(station, caller, case).id
        ending = [one for one in every if from_case in (None, one.case_id)]
        if not ending:
            raise NotLinked(clip=number)
        if len({one.case_id for one in ending}) > 1:
            raise LinkAmbiguous(clip=number, candidates=", ".join(sorted({one.case for one in ending})))
        ids, at = [one.id for one in ending], station.now()
        act = links.unlinking(number, ending[0].case_id, ids, reason=reason, at=at, actor=caller.actor)
        station.act_writer.carry_out(act)
        return Linked(number, ending[0].case_id, ending[0].case, is_new=True)


def take_along(
    station: Station, caller: Caller, case: str, other: str, *, reason: str | None, progress: Progress = silent
) -> Taken:
    """Link to a case whatever another has, with step, part and proof: an inspection becomes a penalty.

    What is linked so already is left alone, so that a run that broke off goes on.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        into, source = (find_case(station, caller, one).id for one in (case, other))
        every, refused, clips = reading.of_case(station.database, source), list[StationError](), list[str]()
        its = found_among(station, caller, [link.clip for link in every])
        with progress("take_along", len(every), in_bytes=False) as done:
            for link in every:
                if link.clip not in its:
                    raise NotAllowed(action=Action.LINK.value, rule=LACKS.code)  # and does not say which
                caller = demand_change(station, caller, Action.LINK, link.clip)
                about = {name: getattr(link, name) for name in (*SAME, "proves")}
                if not _stands(reading.of_clip(station.database, link.clip), into, about):
                    refused += _link(station, caller, link.clip, into, about, reason)
                    clips.append(link.clip)
                done(1)
        return Taken(into, tuple(dict.fromkeys(clips)), tuple(refused))


def _stands(every: Sequence[Link], case: str, about: Mapping[str, Any]) -> bool:
    """Whether a clip has this link; one of which nothing else is said is any link to the case."""
    said = {name: value for name, value in about.items() if value not in (None, ())}
    there = (one for one in every if one.ended_at is None and one.case_id == case)
    return any(all(getattr(one, name) == value for name, value in said.items()) for one in there)


def _link(
    station: Station, caller: Caller, clip: str, case: str, about: Mapping[str, Any], reason: str | None
) -> tuple[StationError, ...]:
    """Link; what the storage refused of the longer lock."""
    known, step = policy_now(station), about.get("step")
    demand_codes("step", [step], known.steps)
    demand_codes("proves", about.get("proves", ()), known.proves)
    by_step = next((one.code for one in known.secrecy.classes if step in one.default_for), None)
    said = {**about, "proves": tuple(about.get("proves", ())), "class": by_step}
    act = links.linking(clip, case, said, reason=reason, at=station.now(), actor=caller.actor)
    station.act_writer.carry_out(act)
    return station.locks.keep_clip(clip, station.now())
