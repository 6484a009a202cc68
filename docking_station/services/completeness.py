"""Checking cases (应录环节核查): each record against its footage, each case against limits, gates and papers.

The version of the policy that was in force on a record's day decides; for a day before the first version, that one.
Shapes: a `Checked` a record that wants footage, and one for each other thing that is wrong; nothing is changed. A
finding is answered by a signed note, of the day it is written, and never goes away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from functools import cached_property

from catalog.acts import policy
from catalog.cases import facts, notes, reading
from catalog.errors import WordsUnfit
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_file import CaseFacts, PaperFacts
from catalog.rules.case_limits import Judge
from catalog.rules.case_numbers import opened_by
from catalog.rules.completeness import Finding, Footage, judged
from catalog.rules.house_rights import Right
from catalog.rules.recording_needs import needs_of, stepped, timeless
from catalog.rules.working_days import WorkingDays
from docking_station.services.known_cases import demand_case
from docking_station.services.papers import demand_paper
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from docking_station.texts.completeness import VERDICTS, said


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at (核查结果): what was found, by which version, and what its case is called."""

    finding: Finding
    called: str
    by: BureauPolicy
    station: Station

    @property
    def says(self) -> dict[str, str]:
        """The sentence in both languages."""
        return said(self.finding, self.by, self.station.settings.zone)

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `cases check --json`."""
        found = self.finding
        told = {name: getattr(found, name) for name in ("paper", "recording", "verdict", "clips", "seconds")}
        more = {"case_id": found.case, "answered": found.answered, **_told(found)}
        return {"case": self.called, **told, "says": self.says, **more}


def _told(found: Finding) -> dict[str, object]:
    """What else is told: whose recorder it was then, the rule that was broken, the days."""
    names = ("holders", "cases", "rule", "due", "done")
    return {name: _plain(found.facts[name]) for name in names if name in found.facts}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@dataclass
class Policies:
    """The bureau's policy by the day of what is judged, each version read once."""

    station: Station
    _read: dict[int, BureauPolicy] = field(default_factory=dict)

    @cached_property
    def _versions(self) -> tuple[policy.Adopted, ...]:
        return policy.history(self.station.database)

    def on(self, day: date | None) -> BureauPolicy:
        """What was in force on a day, the first version before any was; empty where none was adopted. Today: None."""
        zone, every = self.station.settings.zone, self._versions
        if not every:
            return BureauPolicy()
        until = [one for one in every if day is None or one.at.astimezone(zone).date() <= day]
        chosen = until[-1] if until else every[0]
        if chosen.version not in self._read:
            self._read[chosen.version] = chosen.whole
        return self._read[chosen.version]


def check_cases(
    station: Station, case: str | None = None, progress: Progress = silent, closing: date | None = None
) -> tuple[Checked, ...]:
    """Look at one case, or at all; `closing`: as if it were closed on that day, with the steps that asks for.

    Raises `NoSuchCase`, `CaseAmbiguous`, `PolicyBad`.
    """
    database, zone = station.database, station.settings.zone
    number = None if case is None else reading.case_id(database, case)
    people = facts.people(database)
    known = facts.cases(database, people, None if number is None else [number])
    near = None if number is None else known[number][0]
    footage = Footage((clip for clip, _ in facts.clips(database, people, near)), facts.holdings(database, people))
    shown = reading.every(database) if number is None else reading.among(database, [number])
    called = {one.id: one.called for one in shown}
    policies, judges, found = Policies(station), dict[int, Judge](), list[Checked]()
    today = station.now().astimezone(zone).date()
    with progress("check_cases", len(known), in_bytes=False) as done:
        for plain in sorted((one for one, _ in known.values()), key=lambda one: called[one.id]):
            by = policies.on(plain.decided or plain.opened)
            one = stepped(plain if closing is None else replace(plain, closed=closing), by)
            found += [Checked(each, called[one.id], by_, station) for by_, each in _found(one, policies, footage, zone)]
            if id(by) not in judges:
                judges[id(by)] = Judge(by, WorkingDays(by.calendar), zone, today, people.cards)
            judge = judges[id(by)]
            wrong = (*judge.findings(one), *(() if closing is None else judge.steps_missing(one)))
            found += [Checked(each, called[one.id], by, station) for each in wrong]
            done(1)
    return tuple(found)


def _found(
    case: CaseFacts, policies: Policies, footage: Footage, zone: tzinfo
) -> Iterator[tuple[BureauPolicy, Finding]]:
    """What is found of each record, by the version of its day."""
    by_version = {id(by): by for by in (policies.on(paper.day) for paper in case.papers)}
    for number, by in by_version.items():
        for need in needs_of(case, by, zone):
            if _is_of(need.paper, policies, number):
                yield by, judged(need, footage, by.recordings)
        for paper, rule in timeless(case, by):
            if _is_of(paper, policies, number):
                about = {"type": paper.type, "step": paper.step, "at": paper.day or "?"}
                yield by, Finding(case.id, "time-missing", paper.id, rule.code, facts=about)


def _is_of(paper: PaperFacts, policies: Policies, version: int) -> bool:
    return id(policies.on(paper.day)) == version


def open_ones(found: Iterable[Checked]) -> tuple[Checked, ...]:
    """What still wants an answer."""
    return tuple(one for one in found if one.finding.verdict not in ("met", "noted") and not one.finding.answered)


def note_case(
    station: Station, caller: Caller, case: str, text: str, *, paper: str | None = None, verdict: str | None = None
) -> notes.CaseNote:
    """Answer what was found of a case, or of one of its records, with a note of today.

    Raises `NotAllowed`, `NoSuchCase`, `CaseAmbiguous`, `NoSuchPaper`, `PaperAmbiguous`, `WordsUnfit`.
    """
    if verdict is not None and verdict not in VERDICTS:
        able = ", ".join(VERDICTS)
        raise WordsUnfit(field="verdict", what=f"is none of: {able}", what_zh=f"应为下列之一：{able}")
    database = station.database
    its, who = demand_case(station, caller, Right.NOTE_WRITE, case)
    about = None if paper is None else demand_paper(station, caller, paper, Right.CASE_READ)[0].id
    with station.changing("acts", wait=True):
        act = notes.noting(its.id, text, paper=about, verdict=verdict, at=station.now(), actor=who.actor)
        done = opened_by(station.act_writer.carry_out(act))
    return next(one for one in notes.of_case(database, its.id) if one.id == done)
