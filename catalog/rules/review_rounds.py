"""Rounds of a legal review (法制审核轮次, R18): what can follow on what, and who may; pure.

Shapes: a round is what its signed acts say one after the other. `after` is the one telling of it: the catalog's rows
and what is demanded before an act both go by it. Units: milliseconds from a clip's begin.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from catalog.cases.errors import NoSuchReview, NotReviewed, ReviewState, ReviewUnfit
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import BureauPolicy, Review
from catalog.rules.callers import person
from catalog.rules.case_file import CaseFacts
from catalog.rules.legal_review import asked, changed, substance
from catalog.rules.working_days import WorkingDays

Verdict = Literal["pass", "fail", "none"]
State = Literal["sent", "returned", "passed", "failed", "answered"]
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "none")
"""Of a point of the checklist: 合格, 不合格, 不涉及."""
STATES: Mapping[str, tuple[str, str]] = {
    "sent": ("under review", "审核中"),
    "returned": ("returned for what was missing", "已退回补正"),
    "passed": ("agreed to", "同意"),
    "failed": ("problems were found", "存在问题"),
    "answered": ("problems were found, and answered", "存在问题，已答复"),
}
NEEDS: Mapping[str, tuple[State, ...]] = {
    acts.REVIEW_RETURNED: ("sent",),
    acts.REVIEW_EXTENDED: ("sent",),
    acts.REVIEW_JUDGED: ("sent",),
    acts.REVIEW_GIVEN: ("sent",),
    acts.REVIEW_ANSWERED: ("failed",),
}
"""The states in which an act can follow."""
BEGINS = (acts.REVIEW_SENT, acts.REVIEW_AGAIN)
REVIEW_ACTIONS = (*BEGINS, *NEEDS)
OF_THE_REVIEWER = (acts.REVIEW_RETURNED, acts.REVIEW_EXTENDED, acts.REVIEW_JUDGED, acts.REVIEW_GIVEN)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the checklist as it was judged (审核要点), and what the unit answered; fields are keys of `--json`.

    `rests` has `{"paper": id}` or `{"clip": id, "from_ms": …, "to_ms": …}` for each thing the verdict rests on.
    """

    code: str
    verdict: Verdict
    note: str | None
    rests: tuple[Mapping[str, Any], ...]
    at: datetime
    by: str
    adopted: bool | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a review (审核轮次); its fields are keys of `--json`.

    `papers` were sent, `substance` is what was reviewed by name; `opened`: the reviewer's looks before the opinion,
    each `{"clip", "at", "watched_ms"}`. `reason` is the opinion's text, or why it was returned.
    """

    no: str
    case_id: str
    state: State
    policy: int
    sent_at: datetime
    sent_by: str
    note: str | None
    papers: tuple[str, ...]
    substance: Mapping[str, str]
    again_of: str | None = None
    extended: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    opinion: str | None = None
    reason: str | None = None
    opened: tuple[Mapping[str, Any], ...] = ()
    points: tuple[Point, ...] = ()

    def point(self, code: str) -> Point | None:
        """How a point was judged, if it was."""
        return next((one for one in self.points if one.code == code), None)

    @property
    def clips(self) -> frozenset[str]:
        """The clips that are named in it."""
        rests = (it for point in self.points for it in point.rests)
        return frozenset(it["clip"] for it in (*self.opened, *rests) if "clip" in it)

    def told(self, clips: Collection[str]) -> Round:
        """The round for somebody who may find these of its clips: of the others it says nothing."""
        if self.clips <= set(clips):
            return self

        def left(some: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
            return tuple(it for it in some if it.get("clip") is None or it["clip"] in clips)

        points = tuple(replace(point, rests=left(point.rests)) for point in self.points)
        return replace(self, opened=left(self.opened), points=points)

    @property
    def failing(self) -> tuple[Point, ...]:
        """The points that do not hold."""
        return tuple(one for one in self.points if one.verdict == "fail")


def demand_passed(called: str, case: CaseFacts, policy: BureauPolicy, newest: Round | None) -> None:
    """Raise `NotReviewed` unless a decision may be entered: none is asked for, or one passed after the last change."""
    wanted = asked(case, policy)
    if wanted.is_listed:
        rows = [f"{one.code} {one.zh}" for one in wanted.rows] or [str(wanted.matter)]
        if newest is None or newest.state != "passed":
            state = STATES[newest.state] if newest is not None else ("it was not sent", "尚未送审")
            raise NotReviewed(case=called, rule="; ".join(rows), what=state[0], what_zh=state[1])
        other = changed(newest.substance, substance(case, policy)) if policy.review.again_if_changed else ()
        if other:
            what, what_zh = f"{other[0]} changed since {newest.no}", f"{newest.no} 审核后有变更（{other[0]}）"
            raise NotReviewed(case=called, rule="; ".join(rows), what=what, what_zh=what_zh)
    elif wanted.unsure is not None:
        what, what_zh = UNSURE[wanted.unsure]
        raise NotReviewed(case=called, rule="review.catalogue", what=what, what_zh=what_zh)


UNSURE: Mapping[str, tuple[str, str]] = {
    "fine": ("the fine is not entered (0 for none)", "未填写罚款数额（没有罚款填 0）"),
    "party": ("whether the party is a person or an organisation is not known", "当事人是公民还是单位不明"),
}


def due(one: Round, by: Review, days: WorkingDays, zone: tzinfo) -> date:
    """The last day of a round (审核期限): working days after that on which the complete material came."""
    count = by.days + (by.more_days if one.extended else 0)
    return days.after(one.sent_at.astimezone(zone).date(), count).day


# ---------------------------------------------------------------------- act by act


def after(one: Round | None, act: Act, last: Round | None = None) -> Round:
    """A round once an act is carried out; `last` is the newest round of the case, where one begins.

    Raises `NoSuchReview`, `ReviewState`, `ReviewUnfit`.
    """
    said = act.details
    if act.action in BEGINS:
        return _begun(act, last)
    if one is None:
        raise NoSuchReview(review=act.subject)
    if one.state not in NEEDS[act.action]:
        raise state_of(one)
    if act.action in OF_THE_REVIEWER and person(act.actor) == person(one.sent_by):
        raise ReviewUnfit(review=one.no, what="who sent it does not review it", what_zh="送审人不得审核")
    if act.action == acts.REVIEW_EXTENDED:
        return replace(one, extended=said["reason"])
    if act.action == acts.REVIEW_JUDGED:
        point = Point(said["point"], said["verdict"], said["note"], tuple(said["rests"]), act.at, act.actor)
        return replace(one, points=(*(it for it in one.points if it.code != point.code), point))
    if act.action == acts.REVIEW_ANSWERED:
        return _answered(one, act)
    ended = replace(one, ended_at=act.at, ended_by=act.actor, reason=said["reason"])
    if act.action == acts.REVIEW_RETURNED:
        return replace(ended, state="returned")
    passes = bool(said["passes"])
    if passes == bool(one.failing):
        what = "a point does not hold" if passes else "no point says what is wrong"
        what_zh = "有要点不合格，不能同意" if passes else "没有不合格的要点，须先指明问题"
        raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)
    return replace(ended, state="passed" if passes else "failed", opinion=said["opinion"], opened=tuple(said["opened"]))


def _begun(act: Act, last: Round | None) -> Round:
    said = act.details
    if last is not None and last.state == "sent":
        raise state_of(last)
    if act.action == acts.REVIEW_AGAIN:
        if last is None or last.no != said["again_of"]:
            raise NoSuchReview(review=said["again_of"])
        if last.state not in ("failed", "answered") or last.again_of is not None:
            raise state_of(last)
    elif last is not None and last.state == "failed":
        what, what_zh = "what was found is not answered point by point", "上一轮问题尚未逐项答复"
        raise ReviewUnfit(review=last.no, what=what, what_zh=what_zh)
    about = {"note": said["note"], "papers": tuple(said["papers"]), "substance": dict(said["substance"])}
    about["again_of"] = said.get("again_of")
    return Round(act.subject, said["case_id"], "sent", int(said["policy"]), act.at, act.actor, **about)


def _answered(one: Round, act: Act) -> Round:
    said, point = act.details, one.point(act.details["point"])
    if point is None or point.verdict != "fail":
        what, what_zh = f"{said['point']} was not found wrong", f"要点 {said['point']} 未提出问题"
        raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)
    answered = replace(point, adopted=bool(said["adopted"]), answer=said["note"])
    answered = replace(answered, answered_at=act.at, answered_by=act.actor)
    points = tuple(answered if it.code == point.code else it for it in one.points)
    is_whole = all(it.answer is not None for it in points if it.verdict == "fail")
    return replace(one, points=points, state="answered" if is_whole else "failed")


def demand_judgement(one: Round, act: Act, by: Review) -> None:
    """Raise `ReviewUnfit` for a verdict that rests on nothing, or an opinion before all points are judged."""
    said = act.details
    if act.action == acts.REVIEW_JUDGED:
        point = next((it for it in by.points if it.code == said["point"]), None)
        if point is None or said["verdict"] not in VERDICTS:
            raise ReviewUnfit(review=one.no, what=f"no such point {said['point']}", what_zh=f"无要点 {said['point']}")
        if not point.clips and any("clip" in it for it in said["rests"]):
            raise ReviewUnfit(review=one.no, what=f"{point.code} rests on no clip", what_zh=f"{point.zh}：不引用音像")
        if said["verdict"] != "none" and not said["rests"] and (point.clips or not said["note"]):
            what, what_zh = f"{point.code} rests on nothing yet", f"{point.zh}：须写明所依据的文书或音像"
            raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)
    elif act.action == acts.REVIEW_EXTENDED and one.extended is not None:
        raise ReviewUnfit(review=one.no, what="it has its further days already", what_zh="审核期限已延长过")
    elif act.action == acts.REVIEW_GIVEN:
        opinion = next((it for it in by.opinions if it.code == said["opinion"]), None)
        if opinion is None or opinion.passes is not said["passes"]:
            raise ReviewUnfit(review=one.no, what="no such opinion", what_zh="无此审核意见")
        left = [it for it in by.points if one.point(it.code) is None]
        if left:
            names = "、".join(it.zh for it in left)
            what, what_zh = f"not judged yet: {', '.join(it.code for it in left)}", f"尚未审核：{names}"
            raise ReviewUnfit(review=one.no, what=what, what_zh=what_zh)


def state_of(one: Round) -> ReviewState:
    """What is raised where an act does not follow on a round."""
    return ReviewState(review=one.no, state=STATES[one.state][0], state_zh=STATES[one.state][1])
