"""What is wrong with a case besides its footage (案件问题): limits, the gate of legal review, papers, cards; pure.

Sources: the policy's limits, calendar and catalogue of reviews; 行政强制法 43 (nothing is executed at night or on a day
off). Shapes: a case in, findings out. `facts` of a finding: `rule`, and where it is a limit `due` and `done`, days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from math import ceil

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_file import CaseFacts, NoteFacts, PaperFacts
from catalog.rules.completeness import Finding
from catalog.rules.disclosure import PUBLISH, is_owed
from catalog.rules.legal_review import OPINION, asked
from catalog.rules.procedure import Limit
from catalog.rules.recording_needs import EVERY, kinds_of
from catalog.rules.working_days import WorkingDays

Days = Mapping[str, list[date]]
LATE = {"decide": "decision-late", "publish": "publish-late", "preserve-decision": "preserve-late"}
"""The code of a limit that was passed, by what ends it; else `limit-late`, and `limit-early` for what came early."""
DATES = ("decide", "publish")
"""Steps that are dates of a case, so that it is known where they are still owed."""
CLOSE = "close"
REVIEW_BEFORE_DECISION, NOT_BY_NIGHT, WITHDRAWN_BY = "R15", "行政强制法43", "行政处罚法48"
DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Judge:
    """What a case is judged by: the policy, working days, the zone, today, and until when each person's card holds."""

    policy: BureauPolicy
    working_days: WorkingDays
    zone: tzinfo
    today: date
    cards: Mapping[str, date]

    def findings(self, case: CaseFacts) -> Iterator[Finding]:
        """Everything that is wrong with a case besides its footage; what a note answers says so."""
        kinds = kinds_of(case, {one.code: one for one in self.policy.papers.every})
        yield from self._limits(case, kinds)
        yield from self._withdrawn(case)
        yield from self._review(case)
        yield from self._forced(case)
        yield from self._papers(case, kinds)
        yield from self._cards(case)

    def steps_missing(self, case: CaseFacts) -> Iterator[Finding]:
        """Steps without which a case is not closed (结案必经步骤); the closing is one of its own.

        Asked where somebody closes a case here: what other systems closed, their lists do not tell step by step.
        """
        kinds = kinds_of(case, {one.code: one for one in self.policy.papers.every})
        steps = {CLOSE, *(one.step for one in case.papers), *(step for step, days in days_of(case).items() if days)}
        for kind in (one for one in self.policy.kinds if one.code in kinds):
            for code in (one for one in kind.must if one not in steps):
                yield _found(case, "step-missing", step=code, done=case.closed)

    # ------------------------------------------------------------------ limits

    def running(self, case: CaseFacts) -> Iterator[tuple[Limit, date]]:
        """The limits that a case still has to keep (在办期限), each with its last day, which may be over."""
        kinds = kinds_of(case, {one.code: one for one in self.policy.papers.every})
        yield from ((limit, due) for limit, due, done in self._each(case, kinds) if done is None and limit.n >= 0)

    def _limits(self, case: CaseFacts, kinds: frozenset[str]) -> Iterator[Finding]:
        for limit, due, done in self._each(case, kinds):
            is_broken = done is not None and done < due if limit.n < 0 else (done or self.today) > due
            if is_broken:
                late = "limit-early" if limit.n < 0 else LATE.get(limit.to, "limit-late")
                yield _found(case, late, rule=limit.code, zh=limit.zh, due=due, done=done)

    def _each(self, case: CaseFacts, kinds: frozenset[str]) -> Iterator[tuple[Limit, date, date | None]]:
        """Each time that a limit ran or runs: its last day, and when what it asks for was done."""
        days = days_of(case)
        for limit in self.policy.limits.every:
            if kinds.isdisjoint(limit.kinds) and EVERY not in limit.kinds:
                continue
            if limit.to == PUBLISH and (case.is_kept_back or not is_owed(self.policy, kinds)):
                continue
            for begun, done in _spans(days.get(limit.from_, []), days.get(limit.to, []), limit.to in DATES):
                yield limit, self._due(begun, limit), done

    def _due(self, begun: date, limit: Limit) -> date:
        count = abs(limit.n)
        if limit.unit == "hours":
            return self.working_days.due(begun, ceil(count / DAY_HOURS), "days").day
        if limit.unit == "working-days" or limit.n < 0:
            return self.working_days.after(begun, count).day
        return self.working_days.due(begun, count, "months" if limit.unit == "months" else "days").day

    def _withdrawn(self, case: CaseFacts) -> Iterator[Finding]:
        """What stood in public for longer than the policy lets after its decision had fallen."""
        for fell, done in case.withdrawals:
            due = self.working_days.after(fell, self.policy.disclosure.withdraw_days).day
            if (done or self.today) > due:
                yield _found(case, "withdraw-late", rule=WITHDRAWN_BY, due=due, done=done)

    # ------------------------------------------------------------------ legal review

    def _review(self, case: CaseFacts) -> Iterator[Finding]:
        told = (one.day for one in case.papers if one.step == "decide" and one.day)  # else a record alone tells of it
        decided = case.decided or min(told, default=None)
        if decided is None:
            return
        reviewed = max((one.day for one in case.papers if one.type == OPINION and one.day and one.passes), default=None)
        reviewed = reviewed or case.reviewed
        if reviewed is not None:
            if reviewed > decided:
                rule = REVIEW_BEFORE_DECISION
                yield _found(case, "decided-before-review", rule=rule, due=reviewed, done=decided)
            return
        wanted = asked(case, self.policy)
        if wanted.rows:
            first = wanted.rows[0]
            yield _found(case, "not-reviewed", rule=first.code, zh=first.zh, done=decided)
        elif wanted.unsure == "party":
            yield _found(case, "review-unsure", fine=case.fine, done=decided)
        if wanted.matter is not None:
            yield _found(case, "matter-not-reviewed", rule=case.matter, done=decided)

    # ------------------------------------------------------------------ records and people

    def _forced(self, case: CaseFacts) -> Iterator[Finding]:
        """Executions at night or on a day off."""
        for paper in case.papers:
            if paper.step != "force" or paper.day is None:
                continue
            moments = (paper.begins_at, paper.ends_at)
            if not self.working_days.is_working(paper.day):
                yield _found(case, "force-on-day-off", paper, rule=NOT_BY_NIGHT, done=paper.day)
            elif any(at is not None and self._is_night(at) for at in moments):
                yield _found(case, "force-at-night", paper, rule=NOT_BY_NIGHT, done=paper.day)

    def _is_night(self, at: datetime) -> bool:
        limits, clock = self.policy.limits, at.astimezone(self.zone).time()
        begins, ends = time.fromisoformat(limits.night_begins), time.fromisoformat(limits.night_ends)
        return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends

    def _papers(self, case: CaseFacts, kinds: frozenset[str]) -> Iterator[Finding]:
        """Records that a closed case cannot do without."""
        there = {one.type for one in case.papers}
        for kind in (one for one in self.policy.kinds if one.code in kinds and case.closed is not None):
            for code in (one for one in kind.papers if one not in there):
                yield _found(case, "paper-missing", rule=code, done=case.closed)

    def _cards(self, case: CaseFacts) -> Iterator[Finding]:
        """Officers whose card had ended on the day of a record."""
        for paper in case.papers:
            for officer in paper.officers if paper.day is not None else ():
                until = self.cards.get(officer)
                if until is not None and paper.day is not None and until < paper.day:
                    yield _found(case, "card-ended", paper, officer=officer, due=until, done=paper.day)


def days_of(case: CaseFacts) -> Days:
    """On which days each step or record was; a date of the case goes before what its records say."""
    days = defaultdict[str, list[date]](list)
    for paper in sorted((one for one in case.papers if one.day), key=lambda one: one.day or date.max):
        assert paper.day is not None
        for code in {paper.type, paper.step}:
            days[code].append(paper.day)
    for code, day in (("opening", case.opened), ("decide", case.decided)):
        if day is not None:
            days[code] = [day]
    days["publish"] = [] if case.published is None else [case.published]  # a form that asks for it is not yet it
    return days


def _spans(begun: list[date], ended: list[date], is_owed: bool) -> Iterator[tuple[date, date | None]]:
    """Each end with the last begin before it; a begin without an end too, where there must be one."""
    for done in ended:
        before = [day for day in begun if day <= done]
        if before:
            yield before[-1], done
    if begun and is_owed and not ended:
        yield begun[0], None


def _found(case: CaseFacts, verdict: str, paper: PaperFacts | None = None, **facts: object) -> Finding:
    number = None if paper is None else paper.id
    about = {} if paper is None else {"type": paper.type}
    return Finding(case.id, verdict, number, facts=about | facts, answered=_answering(case.notes, number, verdict))


def _answering(notes: tuple[NoteFacts, ...], paper: str | None, verdict: str) -> tuple[str, ...]:
    return tuple(one.id for one in notes if one.paper in (None, paper) and one.verdict == verdict)
