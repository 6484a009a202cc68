"""Cases (案件): opened, corrected, closed, merged, and shown with their written records and clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from catalog.cases import cases, files, papers, parts, reading
from catalog.cases.cases import Number
from catalog.cases.errors import CaseUnfinished, ClosingNeedsAnother
from catalog.cases.papers import Paper
from catalog.cases.parts import Part
from catalog.cases.reading import Case, Filmed, Link
from catalog.errors import CaseExists, NoSuchCase, WordsUnfit
from catalog.people.holders import ROOT
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import number_key, opened_by
from catalog.rules.house_rights import About, Right
from docking_station.services.at_once import at_once
from docking_station.services.completeness import Checked, check_cases, open_ones
from docking_station.services.known_cases import about, demand_case, find_case, readable_cases
from docking_station.services.links import demand_codes, policy_now
from docking_station.services.people import Read, two_people
from docking_station.services.rights import asker, demand, found_among
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station

LISTED = (("kind", "kinds"), ("procedures", "kinds"), ("matter", "matters"), ("unit", "units"), ("facts", "facts"))
"""What of a case the policy lists, and in which list."""
TOLD_MOST = 5


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case with all that belongs to it (案件详情): written records in the order of the file, clips in that of time.

    `filmed`: of each clip, when and by what, by its number. `completeness`: what should have been recorded and was not.
    """

    case: Case
    papers: tuple[Paper, ...]
    clips: tuple[Link, ...]
    filmed: Mapping[str, Filmed]
    parts: tuple[Part, ...] = ()
    completeness: tuple[Checked, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `cases show --json`: a part of a clip is in seconds from its begin."""
        case = {name: getattr(self.case, name) for name in self.case.__slots__ if name not in ("clips", "added_at")}
        clips = [
            {
                "id": one.clip,
                "from": _seconds(one.from_ms),
                "to": _seconds(one.to_ms),
                **{name: getattr(one, name) for name in ("step", "proves", "place", "why", "how", "by")},
                "link": one.id,
                "linked_at": one.begins_at,
            }
            for one in self.clips
        ]
        about = {"papers": self.papers, "clips": clips, "parts": self.parts, "completeness": self.completeness}
        return {**case, "added_at": self.case.added_at, **about}


def open_case(station: Station, caller: Caller, numbers: Sequence[Number], said: Mapping[str, Any]) -> Case:
    """Open a case, which may get its number later; one that was only named gets what is said of it.

    Raises `CaseExists`, `CaseAmbiguous`, `WordsUnfit` (two numbers are that of its opening, too).
    """
    numbers, said = _one_opening(numbers), _shown_by(said)
    person = asker(station, caller)
    own = min((unit for grant in person.grants for unit in grant.units), default=ROOT) if person is not None else ROOT
    known_as = demand(station, caller, Right.CASE_WRITE, About(said.get("unit") or own))

    def act(at: datetime) -> Act:
        return cases.opening(numbers, said, at=at, actor=known_as.actor)

    with _untold(station, caller, numbers):
        done = _carry_out(station, said, act)
    known = reading.get(station.database, numbers[0]["number"]) if numbers else None
    return known or _there(station, opened_by(done))


def change_case(
    station: Station,
    caller: Caller,
    case: str,
    changes: Mapping[str, Any],
    *,
    numbers: Sequence[Number] = (),
    dropped: Sequence[str] = (),
    reason: str | None,
) -> Case:
    """Correct a case; raises `NoSuchCase`, `CaseAmbiguous`, `CaseExists` (another has the number), `WordsUnfit`."""
    found, known_as = demand_case(station, caller, Right.CASE_WRITE, case)
    changes = _shown_by(changes)
    if changes.get("state") == cases.CLOSED:
        what, what_zh = "`evidock cases close` closes a case", "请执行 `evidock cases close` 结案"
        raise WordsUnfit(field="state", what=what, what_zh=what_zh)

    def act(at: datetime) -> Act:
        about: dict[str, Any] = {"numbers": numbers, "dropped": dropped, "reason": reason}
        return cases.changing(found.id, changes, **about, at=at, actor=known_as.actor)

    with _untold(station, caller, numbers):
        _carry_out(station, changes, act)
    return _there(station, found.id)


def close_case(
    station: Station,
    caller: Caller,
    case: str,
    day: str,
    *,
    reason: str | None,
    despite: str | None = None,
    read: Read = lambda: None,
) -> Case:
    """Close a case, on a day; where the policy asks for more, or a finding is open, two people do, and say why.

    `read` asks the second for account and secret. Raises `NoSuchCase`, `CaseAmbiguous`, `CaseClosed`,
    `CaseUnfinished` (no word of why all the same), `ClosingNeedsAnother`, `PersonUnknown`, `SecretWrong`.
    """
    its, known_as = demand_case(station, caller, Right.CASE_CLOSE, case)
    said = files.about(its)
    left = open_ones(check_cases(station, its.id, closing=date.fromisoformat(day))) if its.closed is None else ()
    if left and despite is None:
        en, zh = ("; ".join(one.says[language] for one in left[:TOLD_MOST]) for language in ("en", "zh"))
        raise CaseUnfinished(case=its.called, count=len(left), what=en, what_zh=zh)
    if left:
        two = two_people(station, caller, read, lambda who: ClosingNeedsAnother(case=its.called, person=who))
        first, second = (demand(station, one, Right.CASE_CLOSE, about(its)) for one in two)
        known_as = first
        said |= cases.despite(str(despite), (one.finding.verdict for one in left), (first, second))
    made = partial(cases.closing, its.id, day, reason=reason, actor=known_as.actor, about=said)
    _carry_out(station, {}, lambda at: made(at=at))
    return _there(station, its.id)


def merge_cases(station: Station, caller: Caller, case: str, into: str, *, reason: str) -> Case:
    """Make two cases one: numbers, links and records of the first become the second's. Raises as `close_case`."""
    (gone, known_as), (kept, _) = (demand_case(station, caller, Right.CASE_WRITE, one) for one in (case, into))
    _carry_out(station, {}, lambda at: cases.merging(gone.id, kept.id, reason=reason, at=at, actor=known_as.actor))
    return _there(station, kept.id)


@at_once()
def show_case(station: Station, caller: Caller, case: str) -> CaseShown:
    """A case with its written records and clips; raises `NoSuchCase`, `CaseAmbiguous`, `NotAllowed`."""
    found, _ = demand_case(station, caller, Right.CASE_READ, case)
    database = station.database
    has_part, checked = parts.of_case(database, found.id), told_to(station, caller, check_cases(station, found.id))
    linked = reading.of_case(database, found.id)
    its = found_among(station, caller, [one.clip for one in linked])
    shown = tuple(one for one in linked if one.clip in its)
    filmed = reading.filmed(database, found.id)
    return CaseShown(found, papers.of_case(database, found.id), shown, filmed, has_part, checked)


def check(
    station: Station, caller: Caller, case: str | None = None, progress: Progress = silent
) -> tuple[Checked, ...]:
    """Look at one case, or at all that this person may know of; raises as `show_case`."""
    if case is not None:
        known = {demand_case(station, caller, Right.CASE_READ, case)[0].id}
    else:
        known = {one.id for one in readable_cases(station, caller)}
    found = check_cases(station, None if case is None else next(iter(known)), progress)
    return told_to(station, caller, [one for one in found if one.finding.case in known])


def told_to(station: Station, caller: Caller, checked: Sequence[Checked]) -> tuple[Checked, ...]:
    """The same findings, with the numbers of those clips alone that this person may find."""
    its = found_among(station, caller, {clip for one in checked for clip in one.finding.clips})

    def told(one: Checked) -> Checked:
        left = tuple(clip for clip in one.finding.clips if clip in its)
        return one if left == one.finding.clips else replace(one, finding=replace(one.finding, clips=left))

    return tuple(map(told, checked))


def _shown_by(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is said of a case; of several parties the first is whom it is shown by."""
    if "parties" not in said:
        return said
    return {**said, "subject": next((one["name"] for one in said["parties"]), None)}


def _one_opening(numbers: Sequence[Number]) -> list[Number]:
    """The numbers, each once, as it was called last; raises `WordsUnfit` where two are that of the opening."""
    every = list({number_key(one["number"]): one for one in numbers}.values())
    openings = [one["number"] for one in every if one["kind"] == "opening"]
    if len(openings) > 1:
        two, name = " and ".join(openings), f"decision={openings[0]}"
        what = f"{two} are both numbers of its opening; say what the other is: `--number {name}`"
        what_zh = f"{two.replace(' and ', ' 与 ')} 均为立案文号，请注明另一文号的种类：`--number {name}`"
        raise WordsUnfit(field="number", what=what, what_zh=what_zh)
    return every


@contextmanager
def _untold(station: Station, caller: Caller, numbers: Sequence[Number]) -> Iterator[None]:
    """That a number is taken is told; of a case that may not be known of nothing else is, neither its title."""
    try:
        yield
    except CaseExists as error:
        try:
            find_case(station, caller, str(error.facts["case"]))
        except NoSuchCase:
            typed = ", ".join(one["number"] for one in numbers)
            raise CaseExists(case=typed, title="-") from None
        raise


def _carry_out(station: Station, said: Mapping[str, Any], act: Callable[[datetime], Act]) -> Act:
    known = policy_now(station)
    for field, listed in LISTED:
        codes = said.get(field)
        demand_codes(field, codes if isinstance(codes, list | tuple) else [codes], getattr(known, listed))
    with station.changing("acts", wait=True):
        return station.act_writer.carry_out(act(station.now()))


def _there(station: Station, case: str) -> Case:
    found = reading.among(station.database, [case])
    if not found:
        raise NoSuchCase(case=case)
    return found[0]


def _seconds(value_ms: int | None) -> float | None:
    return None if value_ms is None else value_ms / 1000
