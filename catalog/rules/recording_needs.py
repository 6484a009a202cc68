"""Which written records want footage, and how (应录环节): the list of recording matters of the bureau's policy.

The first row that fits a record counts. A case has one main kind and may contain others, as a measure within a penalty:
a row fits if any of them fits, and a record that only another kind knows tells that the case contains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_file import CaseFacts, PaperFacts
from catalog.rules.procedure import Paper, Recording

EVERY = "*"
OFFICES = ("询问室", "听证室", "办案区", "办案中心", "办案场所", "谈话室", "讯问室", "office", "hearing-room")
"""Words of a place that is one of the bureau's own rooms (执法办案场所); any other is on site."""
WHEN: dict[str, Callable[[CaseFacts, PaperFacts], bool]] = {
    "": lambda _case, _paper: True,
    "witness": lambda _case, paper: paper.witness,
    "no-witness": lambda _case, paper: not paper.witness,
}


@dataclass(frozen=True, slots=True)
class Need:
    """A record that wants footage (应录文书): by which row of the list, from when to when.

    `is_day`: the record has a day alone; anything on it will do.
    """

    case: CaseFacts
    paper: PaperFacts
    rule: Recording
    begins_at: datetime
    ends_at: datetime
    is_day: bool = False

    @property
    def officers(self) -> frozenset[str]:
        """Whose footage counts."""
        return frozenset((*self.case.officers, *self.paper.officers))


def is_office(place: str) -> bool:
    """Whether a place is one of the bureau's own rooms."""
    return any(word in place for word in OFFICES)


def kinds_of(case: CaseFacts, types: dict[str, Paper]) -> frozenset[str]:
    """The kinds of procedure in a case: its own, and those that alone know one of its records."""
    found = set(case.kinds)
    for paper in case.papers:
        known = types.get(paper.type)
        if known is not None and EVERY not in known.kinds and not found & set(known.kinds):
            found |= set(known.kinds)
    return frozenset(found)


def stepped(case: CaseFacts, policy: BureauPolicy) -> CaseFacts:
    """The case, each record with its step: where nobody said it, the first its type has."""
    if all(paper.step for paper in case.papers):
        return case
    first = {one.code: one.steps[0] for one in policy.papers.every if one.steps}
    filled = (replace(paper, step=paper.step or first.get(paper.type, "")) for paper in case.papers)
    return replace(case, papers=tuple(filled))


def needs_of(case: CaseFacts, policy: BureauPolicy, zone: tzinfo) -> Iterator[Need]:
    """The records of a case that want footage, in their order; each has its step."""
    types = {one.code: one for one in policy.papers.every}
    kinds = kinds_of(case, types)
    for paper in case.papers:
        rule = _rule(case, paper, kinds, policy)
        spec = types.get(paper.type)
        if rule is None or spec is None or rule.mode == "text":
            continue
        if spec.time == "span" and paper.begins_at is not None:
            yield Need(case, paper, rule, paper.begins_at, paper.ends_at or paper.begins_at)
        elif spec.time != "span" and paper.day is not None and "image" in rule.media:
            begins_at = datetime.combine(paper.day, time(), zone)
            yield Need(case, paper, rule, begins_at, begins_at + timedelta(days=1), is_day=True)


def timeless(case: CaseFacts, policy: BureauPolicy) -> Iterator[tuple[PaperFacts, Recording]]:
    """The records that want footage and should say from when to when, but do not."""
    types = {one.code: one for one in policy.papers.every}
    kinds = kinds_of(case, types)
    for paper in case.papers:
        if paper.begins_at is None and paper.type in types and types[paper.type].time == "span":
            rule = _rule(case, paper, kinds, policy)
            if rule is not None and rule.mode != "text":
                yield paper, rule


def _rule(case: CaseFacts, paper: PaperFacts, kinds: frozenset[str], policy: BureauPolicy) -> Recording | None:
    """The first row of the list that fits a record."""
    for rule in policy.recordings.every:
        holds = WHEN.get(rule.when, lambda case, _paper, fact=rule.when: fact in case.facts)
        if (
            (EVERY in rule.kinds or kinds & set(rule.kinds))
            and paper.step in rule.steps
            and (EVERY in rule.matters or case.matter in rule.matters)
            and (not rule.papers or paper.type in rule.papers)
            and (rule.place == "any" or (rule.place == "office") == is_office(paper.place))
            and holds(case, paper)
        ):
            return rule
    return None
