"""Each record is judged by the footage there is: by officer, time, medium, and only what was confirmed for its case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_file import CaseFacts, ClipFacts, NoteFacts, PaperFacts
from catalog.rules.case_limits import Judge
from catalog.rules.completeness import Finding, Footage, judged
from catalog.rules.policy_text import read_whole
from catalog.rules.recording_needs import needs_of, timeless
from catalog.rules.register import Assignment
from catalog.rules.working_days import WorkingDays
from docking_station.services.policy import shipped
from docking_station.texts.completeness import said
from tests.footage.caseload import ZONE, load, needs_shared

TEN = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
"""Ten in the morning there."""
MINUTE = timedelta(minutes=1)
DAY = date(2026, 3, 5)
SEEDS = (7, 11, 23, 42, 77, 101)


@cache
def policy() -> BureauPolicy:
    return read_whole(shipped())


def record(**what: object) -> PaperFacts:
    """A questioning in the office, from ten to eleven: recorded in full, on video."""
    plain = PaperFacts("p1", "question-record", "questioning", DAY, TEN, TEN + 60 * MINUTE, "局询问室", ("A", "B"))
    return replace(plain, **what)  # type: ignore[arg-type]


def film(begins: float = -2, ends: float = 62, **what: object) -> ClipFacts:
    plain = ClipFacts("c1", "video", TEN + begins * MINUTE, TEN + ends * MINUTE, 5.0, holder="A", cases=("k",))
    return replace(plain, **what)  # type: ignore[arg-type]


HELD = (Assignment("R1", "B", None, TEN - 90 * MINUTE, TEN + 90 * MINUTE), Assignment("R2", "X", None, TEN, None))


def judge(*clips: ClipFacts, paper: PaperFacts | None = None, notes: Sequence[NoteFacts] = ()) -> list[Finding]:
    case = CaseFacts("k", ("penalty",), "C0102", ("A", "B"), papers=(paper or record(),), notes=tuple(notes))
    footage = Footage(clips, HELD)
    return [judged(need, footage, policy().recordings) for need in needs_of(case, policy(), ZONE)]


SITE = record(type="site-record", step="site-check", place="某区某路")
OTHER = ("j",)


@pytest.mark.parametrize(
    ("clips", "verdict", "seconds"),
    [
        ((film(),), "met", 0),
        ((film(-2, 30), film(30.5, 62, id="c2", holder="B")), "met", 0),
        ((film(2, 58),), "met", 0),
        ((film(19, 62),), "late-start", 19 * 60),
        ((film(-2, 48),), "early-end", 12 * 60),
        ((film(-2, 28), film(35, 62, id="c2")), "gap", 7 * 60),
        ((film(-9, -6), film(-4, 62, id="c2")), "met", 0),
        ((film(-4, -1),), "missing", 3600),
        ((film(70, 90),), "missing", 3600),
        ((), "missing", 3600),
        ((film(holder="X"),), "wrong-holder", 3600),
        ((film(holder="X"), film(id="c2")), "met", 0),
        ((film(holder="X"), film(19, 62, id="c2")), "wrong-holder", 3600),
        ((film(holder=None, room="office"),), "met", 0),
        ((film(playable=False),), "unplayable", 3600),
        ((film(-2, 28, playable=False), film(28, 62, id="c2")), "unplayable", 3600),
        ((film(playable=False), film(19, 62, id="c2", holder="X")), "unplayable", 3600),
        ((film(medium="audio"),), "wrong-medium", 3600),
        ((film(medium="audio"), film(19, 62, id="c2", medium="image")), "wrong-medium", 3600),
        ((film(uncertainty_s=900.0),), "clock-wrong", 3600),
        ((film(9000, 9060, uncertainty_s=9e6),), "clock-wrong", 3600),
        ((film(cases=OTHER),), "linked-elsewhere", 3600),
        ((film(cases=OTHER, holder="X"),), "missing", 3600),
        ((film(cases=("j", "k")),), "met", 0),
        ((film(cases=()),), "missing", 3600),
    ],
)
def test_footage_covers_a_record_or_falls_short(clips: tuple[ClipFacts, ...], verdict: str, seconds: int) -> None:
    (found,) = judge(*clips)
    assert (found.verdict, found.seconds, found.recording, found.paper) == (verdict, seconds, "M02", "p1")


def test_what_might_be_confirmed_is_told_and_does_not_count() -> None:
    (found,) = judge(film(cases=()))
    assert (found.verdict, found.clips) == ("missing", ("c1",))
    assert "1" in said(found, policy(), ZONE)["zh"]


def test_who_had_a_recorder_then_is_told_where_nothing_was_recorded() -> None:
    (found,) = judge()
    assert found.facts["holders"] == [("B", "R1")]
    assert all("B R1" in sentence for sentence in said(found, policy(), ZONE).values())
    assert "方外勤 R1" in said(found, policy(), ZONE, {"B": "方外勤"})["zh"]


@pytest.mark.parametrize(
    ("paper", "clips", "expected"),
    [
        (SITE, (), ("M10", "no-reason")),
        (SITE, (film(30, 30, medium="image"),), ("M10", "met")),
        (record(place="当事人住所"), (film(medium="audio"),), ("M11", "met")),
        (record(type="service-receipt", step="serve-lien"), (), ("M07", "missing")),
        (record(type="service-receipt", step="serve-lien", witness=True), (), ("M08", "no-reason")),
        (record(type="seal-record", step="seal"), (), ("M01", "missing")),
        (record(type="service-notice", step="serve-notice", begins_at=None), (film(medium="image"),), ("M09", "met")),
    ],
)
def test_the_list_of_matters_says_how_a_record_is_recorded(
    paper: PaperFacts, clips: tuple[ClipFacts, ...], expected: tuple[str, str]
) -> None:
    assert [(found.recording, found.verdict) for found in judge(*clips, paper=paper)] == [expected]


@pytest.mark.parametrize(
    "paper", [record(type="final-report", step="report"), record(type="service-receipt", step="serve-direct")]
)
def test_where_text_suffices_nothing_is_wanted(paper: PaperFacts) -> None:
    assert judge(paper=paper) == []


def test_a_record_without_its_times_cannot_be_judged_and_is_told() -> None:
    paper = record(begins_at=None, ends_at=None)
    assert judge(film(), paper=paper) == []
    case = CaseFacts("k", ("penalty",), papers=(paper,))
    assert [(one.id, rule.code) for one, rule in timeless(case, policy())] == [("p1", "M02")]


def test_a_note_excuses_what_may_be_left_out_and_answers_the_rest() -> None:
    note = NoteFacts("n1", "p1", None, "A")
    assert [one.verdict for one in judge(paper=SITE, notes=[note])] == ["noted"]
    (found,) = judge(notes=[note])
    assert (found.verdict, found.answered) == ("missing", ("n1",))
    assert judge(notes=[replace(note, paper="p2")])[0].answered == ()


WORKING_DAYS = WorkingDays(policy().calendar)


def wrong(case: CaseFacts, today: date = date(2026, 12, 31), **cards: date) -> list[tuple[str, object]]:
    found = list(Judge(policy(), WORKING_DAYS, ZONE, today, cards).findings(case))
    assert all(len(set(said(one, policy(), ZONE).values())) == 2 for one in found)
    return [(one.verdict, one.facts.get("rule")) for one in found]


def penalty(**what: object) -> CaseFacts:
    plain = CaseFacts("k", ("penalty",), "C0102", ("A", "B"), opened=date(2026, 1, 5), is_organisation=True)
    return replace(plain, **what)  # type: ignore[arg-type]


def paper(kind: str, step: str, day: date, **what: object) -> PaperFacts:
    return replace(PaperFacts(kind, kind, step, day, officers=("A", "B")), **what)  # type: ignore[arg-type]


DECIDED = penalty(decided=date(2026, 2, 10), published=date(2026, 2, 26))
OPINION = paper("review-opinion", "legal-review", date(2026, 2, 12))
FORCED = paper("force-record", "force", date(2026, 9, 30))
PAPER_ALONE = paper("penalty-decision", "decide", date(2026, 2, 10))
NIGHT = datetime(2026, 9, 30, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (DECIDED, []),
        (replace(DECIDED, published=date(2026, 2, 27)), [("publish-late", "L08")]),
        (replace(DECIDED, published=None), [("publish-late", "L08")]),
        (replace(DECIDED, opened=date(2025, 11, 1)), [("decision-late", "L01")]),
        (penalty(), [("decision-late", "L01")]),
        (penalty(opened=date(2026, 12, 1)), []),
        (replace(DECIDED, fine=100_000), [("not-reviewed", "F03")]),
        (penalty(fine=100_000, papers=(PAPER_ALONE,), published=date(2026, 2, 26)), [("not-reviewed", "F03")]),
        (replace(DECIDED, fine=20_000), []),
        (replace(DECIDED, fine=20_000, is_organisation=False), [("review-unsure", None)]),
        (replace(DECIDED, facts=frozenset({"major"})), [("not-reviewed", "F07")]),
        (replace(DECIDED, matter="C0101"), [("matter-not-reviewed", "C0101")]),
        (replace(DECIDED, fine=100_000, reviewed=date(2026, 2, 9)), []),
        (replace(DECIDED, fine=100_000, papers=(OPINION,)), [("decided-before-review", "R15")]),
        (replace(DECIDED, papers=(replace(FORCED, day=date(2026, 10, 3)),)), [("force-on-day-off", "行政强制法43")]),
        (replace(DECIDED, papers=(replace(FORCED, begins_at=NIGHT),)), [("force-at-night", "行政强制法43")]),
        (replace(DECIDED, papers=(FORCED,)), []),
        (
            penalty(
                papers=(paper("hearing-notice", "hearing", DAY), paper("hearing-record", "hearing", date(2026, 3, 9)))
            ),
            [("decision-late", "L01"), ("limit-early", "L04")],
        ),
    ],
)
def test_limits_and_gates_that_were_broken_are_found(case: CaseFacts, found: list[tuple[str, object]]) -> None:
    assert wrong(case) == found


def test_a_closed_case_lacks_what_its_kind_cannot_do_without() -> None:
    case = replace(DECIDED, kinds=("penalty-simple",), closed=date(2026, 3, 1))
    assert wrong(case) == [("paper-missing", "spot-decision")]
    seal = paper("seal-record", "seal", DAY)
    lacking = dict(wrong(replace(case, papers=(paper("spot-decision", "decide", DAY), seal))))
    assert lacking == {"paper-missing": "unseal-decision"}, "a measure within a penalty has papers of its own"


def test_a_card_that_had_ended_on_the_day_is_found() -> None:
    case = replace(DECIDED, papers=(paper("site-record", "site-check", DAY),))
    assert wrong(case, A=date(2026, 3, 4), B=DAY) == [("card-ended", None)]


# ---------------------------------------------------------------------- the caseload

STAGED_LATER = {"review-unsure", "matter-not-reviewed"}
"""What the truth of the caseload does not stage, and the policy asks for: fines of persons, matters always reviewed."""


@needs_shared
@pytest.mark.parametrize("seed", SEEDS)
def test_all_that_is_staged_is_found_and_nothing_else(seed: int) -> None:
    have = load(seed)
    footage, by = Footage(have.clips(linked=True)), have.policy.recordings
    twice = {row["id"] for row in have.recordings if row["same_bytes_as"]}
    cases = [case for case, _ in have.cases.values()]
    found = [judged(need, footage, by) for case in cases for need in needs_of(case, have.policy, ZONE)]
    told = {(one.case, one.paper, one.recording, one.verdict, frozenset(one.clips)) for one in found}
    assert told == {
        (one["case"], one["paper"], one["matter"], one["verdict"], frozenset(one["recordings"]) - twice)
        for one in have.world.needs
    }
    judging = Judge(have.policy, WorkingDays(have.policy.calendar), ZONE, date(2026, 11, 20), {})
    broken = {(one.case, one.verdict) for case in cases for one in judging.findings(case)}
    staged = {(one["case"], one["code"]) for one in have.world.findings}
    assert {one for one in broken if one[1] not in STAGED_LATER} == staged
