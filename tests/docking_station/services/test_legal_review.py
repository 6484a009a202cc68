"""A major decision waits for a passed legal review, whoever enters it and how; rounds are judged, answered, kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.acts import dispatch, policy
from catalog.cases import cases, decisions, reviews
from catalog.cases.errors import NoSuchReview, NotReviewed, ReviewIncomplete, ReviewState, ReviewUnfit
from catalog.errors import WordsUnfit
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_numbers import opened_by
from catalog.rules.completeness import Finding
from catalog.station_error import StationError
from docking_station.derived.official import Line, docx_of
from docking_station.services import legal_review
from docking_station.services.cases import change_case, check, told_to
from docking_station.services.completeness import Checked
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.imports import read_import
from docking_station.services.known_cases import find_case
from docking_station.services.opinions import file_opinion, give_opinion, letter
from docking_station.services.papers import add_paper, change_paper, show_paper
from docking_station.services.policy import shipped
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from ingest.custody.timestamps import Timestamper
from ingest.sealing import scan_manifest_key
from tests.fakes.people import caller, enter
from tests.scenario.dock import Dock
from vault.timestamp import Authority

OFFICER, STRANGER, REVIEWER, KEEPER, DEPUTY = (caller(f"010{number}") for number in range(1, 6))
FILES = ("review-request", "final-report")
TEN = tuple(f"R{number}" for number in range(1, 11))


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    """A station of five people under the policy that is shipped."""
    with dock.opened() as opened:
        enter(opened.database, opened.act_writer.carry_out, opened.now())
        opened.act_writer.carry_out(policy.adopting(shipped(), at=opened.now(), actor="root"))
        yield opened


def ban(station: Station, *files: str, **more: Any) -> str:
    """A ban, which the shipped policy wants reviewed, with these records; its id."""
    said = {"title": "取缔某协会", "kind": "ban", "unit": "A", "officers": ["0101"], "parties": [{"name": "某协会"}]}
    act = cases.opening([], said | more, at=station.now(), actor="P:0104")
    case = opened_by(station.act_writer.carry_out(act))
    for code in files:
        add_paper(station, KEEPER, case, {"code": code})
    return case


def judged(station: Station, no: str, *failing: str) -> None:
    """Every point judged by what was sent."""
    paper = reviews.get(station.database, no).papers[0]
    for code in TEN:
        legal_review.judge(
            station, REVIEWER, no, code, "fail" if code in failing else "pass", [{"paper": paper}], "依据"
        )


def passed(station: Station, case: str) -> str:
    no = legal_review.send(station, OFFICER, case)
    judged(station, no)
    assert legal_review.give(station, REVIEWER, no, "agree", "同意").state == "passed"
    return no


def test_a_listed_decision_is_refused_by_every_way_until_a_round_passed(station: Station) -> None:
    case = ban(station, *FILES)
    who: dict[str, Any] = {"at": station.now(), "actor": "P:0101"}
    made = decisions.deciding(case, "2026-03-20", review="F2026-0009", approved_by=None, reason=None, **who)
    by_hand = (
        made,
        cases.changing(case, {"state": "decided"}, reason=None, **who),
        cases.opening([], {"title": "x", "kind": "ban", "decided": "2026-03-20"}, **who),
    )
    ways: list[Callable[[], object]] = [
        lambda: legal_review.decide(station, OFFICER, case, "2026-03-20"),
        lambda: change_case(station, OFFICER, case, {"decided": "2026-03-20"}, reason=None),
        *(partial(station.act_writer.carry_out, act) for act in by_hand),
    ]
    for way in ways:
        with pytest.raises(NotReviewed):
            way()
    no = passed(station, case)
    with pytest.raises(NoSuchReview):
        station.act_writer.carry_out(made)  # it names a round that never was
    with pytest.raises(WordsUnfit, match="still to come"):
        legal_review.decide(station, OFFICER, case, "2199-01-01")
    done = legal_review.decide(station, OFFICER, case, "2026-03-20", approved_by="0105")
    assert (done.state, done.decided) == ("decided", "2026-03-20")
    (line,) = station.database.query("SELECT details FROM trail WHERE action = 'case.decided'", {})
    assert no in str(line["details"])


def test_the_opinion_lies_in_the_secondary_volume_as_pdf_and_is_owed_a_stamp(station: Station) -> None:
    no = legal_review.send(station, OFFICER, ban(station, *FILES))
    judged(station, no, "R3")
    paper = give_opinion(station, REVIEWER, no, "procedure", "请补正程序")
    shown = show_paper(station, OFFICER, paper.id)
    assert (paper.volume, paper.number, paper.code) == ("secondary", no, "review-opinion")
    assert shown.scan is not None
    assert (shown.scan.format, shown.scan.pages) == ("pdf", 1)
    words = letter(station, legal_review.shown(station, OFFICER, no))
    assert [one.text for one in words if isinstance(one, Line) and "存在问题" in one.text]
    with zipfile.ZipFile(io.BytesIO(docx_of(words))) as packed:
        assert "请补正程序" in packed.read("word/document.xml").decode()
    assert file_opinion(station, REVIEWER, no).scan == shown.scan.id
    stamper = Timestamper(station.vault, station.database, cast(Authority, None), station.now)
    assert scan_manifest_key(shown.scan.id) in stamper.owed()
    seen, _, _ = reviews.now(station.database, paper.case, station.now())
    assert [one.passes for one in seen.papers if one.type == "review-opinion"] == [False]


def test_what_changed_after_the_review_is_reviewed_again(station: Station) -> None:
    case = ban(station, *FILES)
    passed(station, case)
    change_case(station, KEEPER, case, {"place": "别处"}, reason="no fact of law")
    opinion = add_paper(station, OFFICER, case, {"code": "decision-form"})
    change_paper(station, OFFICER, opinion.id, {"note": "after the review"}, reason=None)
    assert legal_review.ready_for(station, case).is_passed
    change_case(station, KEEPER, case, {"facts": ["major"]}, reason="found later")
    with pytest.raises(NotReviewed, match="facts"):
        legal_review.decide(station, OFFICER, case, "2026-03-20")
    change_case(station, KEEPER, case, {"facts": []}, reason="a mistake")
    add_paper(station, OFFICER, case, {"code": "question-record", "day": "2026-03-19"})
    with pytest.raises(NotReviewed, match="paper"):
        legal_review.decide(station, OFFICER, case, "2026-03-20")


def test_a_fine_decides_and_must_be_entered(station: Station) -> None:
    case = ban(station, kind="penalty", matter="C0102")
    with pytest.raises(NotReviewed, match="fine"):
        legal_review.decide(station, OFFICER, case, "2026-03-20")
    change_case(station, OFFICER, case, {"fine": 200_000, "penalty": "罚款"}, reason=None)
    with pytest.raises(NotReviewed, match="F03"):
        legal_review.decide(station, OFFICER, case, "2026-03-20")
    change_case(station, OFFICER, case, {"kind": "inspection", "procedures": ["penalty"]}, reason=None)
    with pytest.raises(NotReviewed, match="F03"):
        legal_review.decide(station, OFFICER, case, "2026-03-20")
    change_case(station, OFFICER, case, {"fine": 0, "penalty": "警告"}, reason=None)
    assert legal_review.decide(station, OFFICER, case, "2026-03-20").state == "decided"


def test_cents_of_an_imported_fine_are_reviewed_too(station: Station) -> None:
    assert legal_review.send(station, OFFICER, ban(station, *FILES, reported={"fine": "2000.5"}))


def test_problems_are_answered_one_by_one_before_it_is_sent_again(station: Station) -> None:
    case = ban(station, FILES[0])
    with pytest.raises(ReviewIncomplete) as lacks:
        legal_review.send(station, OFFICER, case)
    assert "案件调查终结报告" in lacks.value.message("zh")
    add_paper(station, OFFICER, case, {"code": FILES[1]})
    no = legal_review.send(station, OFFICER, case)
    with pytest.raises(ReviewState):
        legal_review.send(station, OFFICER, case)
    legal_review.give_back(station, REVIEWER, no, "缺附件")
    no = legal_review.send(station, OFFICER, case)
    legal_review.extend(station, REVIEWER, no, "疑难")
    for wrong in (
        lambda: legal_review.judge(station, REVIEWER, no, "R3", "pass"),
        lambda: legal_review.judge(station, REVIEWER, no, "R11", "pass", (), "x"),
        lambda: legal_review.judge(station, REVIEWER, no, "R3", "pass", [{"paper": "0" * 12}]),
        lambda: legal_review.judge(station, REVIEWER, no, "R1", "pass", [{"clip": "c" + "0" * 20}]),
        lambda: legal_review.give(station, REVIEWER, no, "agree", "同意"),
    ):
        with pytest.raises(ReviewUnfit):
            wrong()
    judged(station, no, "R3", "R9")
    with pytest.raises(ReviewUnfit, match="does not hold"):
        legal_review.give(station, REVIEWER, no, "agree", "同意")
    assert legal_review.give(station, REVIEWER, no, "procedure", "补正").state == "failed"
    with pytest.raises(NotReviewed):
        legal_review.decide(station, OFFICER, case, "2026-03-20")
    legal_review.answer(station, OFFICER, no, "R3", "已补送达", adopted=True)
    with pytest.raises(ReviewUnfit, match="not answered"):
        legal_review.send(station, OFFICER, case)
    legal_review.answer(station, OFFICER, no, "R9", "文书已签", adopted=False)
    last = legal_review.again(station, OFFICER, no, "请复审")
    judged(station, last, "R9")
    legal_review.give(station, REVIEWER, last, "papers", "仍缺")
    with pytest.raises(ReviewState):
        legal_review.again(station, OFFICER, last, "once more")
    legal_review.answer(station, OFFICER, last, "R9", "已补", adopted=True)
    passed(station, case)
    states = [one.state for one in reviews.of_case(station.database, case)]
    assert states == ["returned", "answered", "answered", "passed"]


def test_each_role_does_its_own_part_and_nobody_reviews_their_own_case(station: Station) -> None:
    case = ban(station, *FILES)
    for who in (STRANGER, REVIEWER, KEEPER, DEPUTY):
        with pytest.raises(StationError, match=r"role|no case"):
            legal_review.send(station, who, case)
    no = legal_review.send(station, OFFICER, case)
    for who in (OFFICER, KEEPER, DEPUTY):
        with pytest.raises(NotAllowed):
            legal_review.judge(station, who, no, "R1", "pass", (), "x")
    with pytest.raises(NoSuchReview):
        legal_review.shown(station, STRANGER, no)
    assert legal_review.every_round(station, STRANGER) == ()
    assert [one.round.no for one in legal_review.every_round(station, REVIEWER)] == [no]
    own = ban(station, *FILES, officers=["0101", "0103"])
    no = legal_review.send(station, OFFICER, own)
    with pytest.raises(NotAllowed):
        legal_review.judge(station, REVIEWER, no, "R1", "pass", (), "x")
    said = {"point": "R1", "verdict": "pass", "note": "x", "rests": []}
    by_hand: Act = reviews.stating(acts.REVIEW_JUDGED, no, said, at=station.now(), by=REVIEWER)
    with pytest.raises(ReviewUnfit):
        station.act_writer.carry_out(by_hand)


def test_a_round_names_no_clip_to_somebody_who_may_not_find_it(station: Station) -> None:
    no = legal_review.send(station, OFFICER, ban(station, *FILES))
    part: dict[str, Any] = {"clip": "c1", "from_ms": 0, "to_ms": 900}
    said = {"point": "R3", "verdict": "fail", "note": "x", "rests": [part, {"paper": "p1"}]}
    with station.database.transaction() as session:  # as a clip that became a state secret since
        dispatch.apply(session, reviews.stating(acts.REVIEW_JUDGED, no, said, at=station.now(), by=REVIEWER))
    for who in (OFFICER, REVIEWER):
        (point,) = legal_review.shown(station, who, no).round.points
        assert point.rests == ({"paper": "p1"},)
    assert reviews.get(station.database, no).clips == {"c1"}
    finding = Checked(Finding("1", "doubtful", clips=("c1",)), "1", BureauPolicy(), station, {})
    assert told_to(station, REVIEWER, [finding])[0].finding.clips == ()


def test_the_days_are_working_days_from_complete_material(station: Station) -> None:
    no = legal_review.send(station, OFFICER, ban(station, *FILES))
    first = legal_review.shown(station, REVIEWER, no)
    assert first.days == 5
    legal_review.extend(station, REVIEWER, no, "疑难")
    more = legal_review.shown(station, REVIEWER, no)
    assert (more.days, more.due > first.due) == (10, True)
    with pytest.raises(ReviewUnfit):
        legal_review.extend(station, REVIEWER, no, "仍然疑难")


def test_a_decision_of_another_system_is_stored_as_reported_and_becomes_a_finding(
    station: Station, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("案件编号,案件名称,执法类别,当事人,决定日期\n2026-7,取缔某协会,取缔,某协会,2026-03-20\n")
    read = partial(read_import, of="cases", path=path)
    applied = apply_import(station, may_apply(station, KEEPER, "cases"), read).applied
    assert applied is not None
    assert len(applied.rows) == 1
    case = find_case(station, KEEPER, "2026-7")
    assert (case.state, case.reported["decided"]) == ("open", "2026-03-20")
    assert "not-reviewed" in {one.finding.verdict for one in check(station, KEEPER, case.id)}
