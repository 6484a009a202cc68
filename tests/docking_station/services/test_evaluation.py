"""The evaluation of a case file and the page about its decision: filled in as far as acts and findings tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from catalog.acts import policy
from docking_station.services import legal_review
from docking_station.services.case_file import case_file
from docking_station.services.completeness import note_case
from docking_station.services.decision_page import decision_steps
from docking_station.services.evaluation import evaluated
from docking_station.services.papers import add_paper
from docking_station.services.policy import shipped
from docking_station.station.station import Station
from tests.docking_station.services.test_legal_review import DEPUTY, FILES, KEEPER, OFFICER, ban, passed
from tests.fakes.disclosed import every_change, excepted
from tests.fakes.people import enter
from tests.scenario.dock import Dock

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    with dock.opened() as opened:
        enter(opened.database, opened.act_writer.carry_out, opened.now())
        opened.act_writer.carry_out(policy.adopting(shipped(), at=opened.now(), actor="root"))
        yield opened


def test_points_are_kept_lost_or_left_to_a_person(station: Station) -> None:
    case = ban(station, *FILES)
    said = {"begins_at": AT, "ends_at": AT + timedelta(hours=1), "day": "2026-03-02", "place": "院内"}
    for code in ("ban-record", "site-record"):
        add_paper(station, KEEPER, case, {"code": code, **said})

    def points() -> dict[str, tuple[int | None, bool]]:
        return {one.item.code: (one.points, one.fails) for one in evaluated(station, case_file(station, KEEPER, case))}

    found = points()
    assert (found["E1"], found["E9"]) == ((0, True), (0, False)), "nothing was recorded of the ban, nor said why"
    assert (found["E2"], found["E3"], found["E8"], found["E10"]) == ((5, False), *[(None, False)] * 3)
    assert {found[code][0] for code in ("E5", "E6", "E7")} == {None}, "there is no clip to look at"
    (missing,) = (
        one for one in case_file(station, KEEPER, case).shown.completeness if one.finding.verdict == "missing"
    )
    note_case(station, DEPUTY, case, "设备故障", paper=missing.finding.paper, verdict="missing")
    assert points()["E1"] == (None, False), "what was answered a person weighs"


def test_a_decision_says_who_submitted_reviewed_and_approved_it(station: Station) -> None:
    case = ban(station, *FILES)
    no = passed(station, case)
    legal_review.decide(station, OFFICER, case, "2026-03-20", approved_by="0105", reason="集体讨论通过")
    steps = decision_steps(station, case_file(station, KEEPER, case))
    told = [(one.code, one.who, one.said) for one in steps if one.code != "paper"]
    assert told == [
        ("entered", "Name 0104", ""),
        ("sent", "Name 0101", ""),
        ("passed", "Name 0103", "同意"),
        ("decided", "Name 0101", "集体讨论通过"),
    ]
    facts = dict(steps[-1].facts)
    assert facts == {
        "decision_of": {"day": "2026-03-20"},
        "decision_round": {"no": no},
        "decision_approved": {"who": "Name 0105"},
    }
    told_of = [*every_change(case, station.now, (DEPUTY, KEEPER)), excepted(case, station.now, (DEPUTY, KEEPER))]
    for act in told_of:
        station.act_writer.carry_out(act)
    after = decision_steps(station, case_file(station, KEEPER, case))[len(steps) :]
    assert [one.code for one in after][:3] == ["published_website", "published_credit", "published_credit"]
    assert {"fell_changed", "kept"} <= {one.code for one in after}
    assert {one.about["paper"] for one in steps if one.code == "paper"} == {"review-request", "final-report"}
