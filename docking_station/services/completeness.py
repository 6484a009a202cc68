"""Checking cases (应录环节核查): each record against its footage, each case against limits, gates and papers.

The version of the policy that was in force on a record's day decides; for a day before the first version, that one.
Shapes: a `Checked` a record that wants footage, and one for each other thing that is wrong; nothing is changed. A
finding is answered by a signed note, of the day it is written, and never goes away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from functools import cached_property

from catalog.acts import policy
from catalog.cases import facts, notes, reading
from catalog.errors import WordsUnfit
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.case_file import CaseFacts, PaperFacts
from catalog.rules.case_limits import Judge, days_of
from catalog.rules.case_numbers import opened_by
from catalog.rules.completeness import Finding, Footage, judged
from catalog.rules.house_rights import Right
from catalog.rules.procedure import Stage
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
    names: Mapping[str, str]
    """What people are called, by number."""

    @property
    def is_of_footage(self) -> bool:
        """Whether it is about the footage that a record wants."""
        return self.finding.recording is not None

    @property
    def says(self) -> dict[str, str]:
        """The sentence in both languages."""
        return said(self.finding, self.by, self.station.settings.zone, self.names)

    @property
    def says_here(self) -> dict[str, str]:
        """The sentence as it is said at the record itself, which need not be named there."""
        facts = {name: value for name, value in self.finding.facts.items() if name != "at"}
        return said(replace(self.finding, facts=facts), self.by, self.station.settings.zone, self.names)

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


@dataclass
class Judges:
    """What each case is judged by: the version of the policy that was in force on its day, as of today."""

    station: Station
    people: facts.People
    policies: Policies
    _made: dict[int, Judge] = field(default_factory=dict)

    def of(self, case: CaseFacts) -> Judge:
        """By the day of the decision, else of the opening."""
        by = self.policies.on(case.decided or case.opened)
        if id(by) not in self._made:
            zone = self.station.settings.zone
            today = self.station.now().astimezone(zone).date()
            self._made[id(by)] = Judge(by, WorkingDays(by.calendar), zone, today, self.people.cards)
        return self._made[id(by)]


@dataclass(frozen=True, slots=True)
class Running:
    """A limit that a case still has to keep (在办期限): its row in the policy, the step that ends it, its last day.

    `days`: how many working days are left, 0 on the last; fewer than 0 since it is over.
    """

    rule: str
    zh: str
    to: str
    due: date
    days: int


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far a case is (办理进度): the limits that run, the nearest first; of each stage its days, the first first."""

    running: tuple[Running, ...]
    stages: tuple[tuple[Stage, tuple[date, ...]], ...]

    @property
    def is_late(self) -> bool:
        """Whether a limit that runs is over."""
        return any(one.days < 0 for one in self.running)

    @property
    def stage(self) -> Stage | None:
        """The last stage of which there is anything; None where nothing is known of it."""
        return next((stage for stage, days in reversed(self.stages) if days), None)

    def over(self) -> HowFar:
        """How far a case is in which no limit runs any more."""
        return replace(self, running=())


def how_far(station: Station, cases: Collection[str]) -> dict[str, HowFar]:
    """How far each of these cases is; raises `PolicyBad`."""
    people = facts.people(station.database)
    judges, found = Judges(station, people, Policies(station)), dict[str, HowFar]()
    for number, (plain, _) in facts.cases(station.database, people, cases).items():
        judge = judges.of(plain)
        case, steps = stepped(plain, judge.policy), judge.policy.steps
        running = (
            Running(limit.code, limit.zh, limit.to, due, judge.working_days.left(judge.today, due))
            for limit, due in judge.running(case)
        )
        days = days_of(case)
        stages = (
            (
                stage,
                tuple(sorted({day for step in steps if step.stage == stage.code for day in days.get(step.code, ())})),
            )
            for stage in judge.policy.stages
        )
        found[number] = HowFar(tuple(sorted(running, key=lambda one: (one.due, one.rule))), tuple(stages))
    return found


def check_cases(
    station: Station,
    case: str | None = None,
    progress: Progress = silent,
    closing: date | None = None,
    among: Sequence[str] | None = None,
) -> tuple[Checked, ...]:
    """Look at one case, or at all, or `among` these ids, told without what might yet be confirmed for them.

    `closing`: as if it were closed on that day, with the steps that asks for.

    Raises `NoSuchCase`, `CaseAmbiguous`, `PolicyBad`.
    """
    database, zone = station.database, station.settings.zone
    number = None if case is None else reading.case_id(database, case)
    people = facts.people(database)
    only = among if number is None else [number]
    known = facts.cases(database, people, only)
    near = None if number is None else known[number][0]
    every = facts.clips(database, people, near, among)
    footage = Footage((clip for clip, _ in every), facts.holdings(database, people))
    shown = reading.every(database) if only is None else reading.among(database, only)
    called = {one.id: one.called for one in shown}
    policies, found = Policies(station), list[Checked]()
    judges = Judges(station, people, policies)
    with progress("check_cases", len(known), in_bytes=False) as done:
        for plain in sorted((one for one, _ in known.values()), key=lambda one: called[one.id]):
            judge = judges.of(plain)
            by, one = judge.policy, plain if closing is None else replace(plain, closed=closing)
            one = stepped(one, by)
            each_by = [*_found(one, policies, footage, zone)]
            wrong = (*judge.findings(one), *(() if closing is None else judge.steps_missing(one)))
            each_by += [(by, each) for each in wrong]
            found += [Checked(each, called[one.id], by_, station, people.names) for by_, each in each_by]
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
