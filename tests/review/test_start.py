"""The start page of each role; that, the statistics, the register and a party in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from catalog.acts import policy
from catalog.cases import cases
from catalog.rules.callers import LOGIN, Caller
from docking_station.services.case_parts import name_reviewer
from docking_station.services.cases import open_case
from docking_station.services.policy import shipped
from docking_station.services.recent import Answers, Recent
from docking_station.services.requests import Asked, ask
from docking_station.services.todo import todo
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.bureau import signed_in
from tests.review.conftest import asking, listening
from tests.review.test_browser import WIDTHS
from tests.scenario.dock import made_dock

pytestmark = NEEDED
PARTY = "松柏养老院"


def make_late(station: Station, by: Caller, **said: Any) -> str:
    """A case that should have been decided long ago; its id."""
    days_ago = station.now().astimezone(station.settings.zone).date() - timedelta(days=200)
    said = {"title": "消防检查", "kind": "penalty", "opened": str(days_ago), "parties": [{"name": PARTY}], **said}
    return open_case(station, by, [cases.number("示民罚〔2026〕1号")], said).id


def adopt(station: Station) -> None:
    two = (Caller("keeper", "keeper", LOGIN), Caller("deputy", "deputy", LOGIN))
    station.act_writer.carry_out(policy.adopting(shipped(), at=station.now(), actor="keeper", two=two))


def test_each_sees_what_waits_for_them_requests_first_then_what_is_due(bureau: Station) -> None:
    case = make_late(bureau, caller("0104"), unit="A", officers=["0101"])
    adopt(bureau)
    no = ask(bureau, caller("0101"), Asked("look", reason="复核", description="三月五日的检查"))
    found = {
        who: [(one.what, one.about) for one in todo(bureau, caller(who), Answers.of(bureau)).items]
        for who in ("0101", "0102", "0104", "0105")
    }
    assert found["0101"] == [("case", case)], "their own request waits for others"
    assert found["0102"] == [], "the case is another's"
    assert ("request", no) == found["0104"][0]
    assert ("case", case) in found["0104"]
    assert found["0105"][-1] == ("case", case)
    name_reviewer(bureau, caller("0105"), case, "0103", None, "送审")
    assert [(one.what, one.about) for one in todo(bureau, caller("0103"), Answers.of(bureau)).items] == [
        ("review", case)
    ]
    wanting = replace(Answers.of(bureau), wanting=Recent(lambda: frozenset((case,)), 60.0))
    items = {who: {one.what for one in todo(bureau, caller(who), wanting).items} for who in ("0101", "0102", "0104")}
    assert ["wanting" in items[who] for who in items] == [True, False, False], "their own alone is asked of an officer"
    (late,) = todo(bureau, caller("0101"), Answers.of(bureau)).items
    assert (late.days or 0) < -50
    pages = asking(bureau)
    assert pages.get("/").headers["location"] == "/bays"
    signed_in(pages)
    text = pages.get("/").text
    assert text.index("待您办理") < text.index(PARTY)
    assert "采集服务" in text, "who keeps the station is told how it is"
    signed_in(pages, "deputy")
    text = pages.get("/").text
    assert ("故障" in text, "采集服务" in text, 'href="/statistics"' in text) == (True, False, True)


def test_who_has_entered_nobody_is_told_what_comes_next(pages: TestClient) -> None:
    text = pages.get("/").text
    assert 'href="/setup"' in text
    assert "没有待办事项" in text


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the pages of a station are served that whoever runs it looks at, and the id of an overdue case there."""
    with made_dock(tmp_path_factory.mktemp("start") / "home").opened() as station:
        case = make_late(station, ME)
        adopt(station)
        with listening(station) as address:
            yield address, case


@pytest.mark.parametrize(
    "where", ["/", "/cases", "/cases?text=nothing", "/parties/{}-0", "/statistics", "/statistics?of=2026"]
)
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(
    browser: Browser, served: tuple[str, str], where: str
) -> None:
    address, case = served
    with quiet_page(browser, address) as page:
        page.goto(where.format(case))
        for language, theme, size in (("en", "light", "plain"), ("zh", "dark", "large")):
            prefer(page, language, theme, size)
            page.goto(where.format(case))
            assert faults(page) == []
            assert sideways(page, WIDTHS) == []
