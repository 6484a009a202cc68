"""The page of a case: its records and what was recorded on one line of time; a page of a scan is a look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.cases import cases
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services.case_file import case_file
from docking_station.services.cases import open_case
from docking_station.services.completeness import how_far
from docking_station.services.people import set_secret
from docking_station.station.station import Station
from review.timeline import line, sittings
from tests.fakes import people
from tests.fakes.callers import ME
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.bureau import SECRET, signed_in
from tests.review.conftest import asking, pages_of, served
from tests.review.filed import NO, PARTY, SECONDS, file_case
from tests.review.test_browser import WIDTHS
from tests.scenario.dock import Dock, made_dock

pytestmark = NEEDED


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dock, str]:
    """A station with a case, and the record of its check, which has a scan."""
    place = tmp_path_factory.mktemp("case")
    dock = made_dock(place / "home")
    return dock, file_case(dock, place)


@pytest.fixture(scope="module")
def station(filed: tuple[Dock, str]) -> Dock:
    return filed[0]


@pytest.fixture(scope="module")
def record(filed: tuple[Dock, str]) -> str:
    return filed[1]


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address) as page:
        yield page


@pytest.fixture(scope="module")
def address(station: Dock) -> Iterator[str]:
    with served(station) as (_, address):
        yield address


def pulled(dock: Dock, paper: str) -> list[object]:
    """Which pages of a record the trail says were read on a screen."""
    with dock.opened() as opened:
        lines = [one for one in trail.lines(opened.database, subject=paper) if one.entry.action == "paper.pulled"]
    return [line.as_json()["details"]["page"] for line in lines]  # type: ignore[index]


def test_a_case_is_its_party_its_stages_its_records_and_what_is_missing(station: Dock, record: str) -> None:
    with pages_of(station) as pages:
        text = pages.get(f"/cases/{NO}").text
        assert re.search(rf'class="party">{PARTY}<', text)
        assert re.search(r'class="now"[^>]*aria-current="step".*?审核决定.*?2026-03-06', text, re.DOTALL)
        assert text.index("检查通知书") < text.index("现场检查笔录") < text.index("责令改正通知书")
        assert "正卷" in text
        assert "缺 0:12" in text, "the first recorder stopped for a while"
        assert "已有情况说明" in text
        assert pulled(station, record) == [], "a list of records is no look at one"


def test_a_page_of_a_scan_is_on_the_trail_before_it_is_given_out_and_once_a_sitting(station: Dock, record: str) -> None:
    with pages_of(station) as pages:
        before = pulled(station, record)
        text = pages.get(f"/cases/{NO}?r={record}").text
        assert ">Record of the check</text>" in text, "its words can be selected"
        assert pages.get(f"/papers/{record}/pages/1").headers["content-type"] == "image/jpeg"
        assert pulled(station, record)[len(before) :] == [1]
        assert "and its second page" in pages.get(f"/papers/{record}?number=2").text
        assert pulled(station, record)[len(before) :] == [1, 2]
        assert "没有这一页" in pages.get(f"/papers/{record}?number=3").text


def test_a_case_that_is_hidden_answers_like_none(bureau: Station) -> None:
    set_secret(bureau, ME, "first", SECRET, [Caller("first", "first", LOGIN)])
    case = open_case(bureau, people.caller("0104"), [cases.number("2026-9")], {"title": "x"}).id
    answers = {}
    for who in ("keeper", "first"):
        pages = asking(bureau)
        signed_in(pages, who)
        answers[who] = pages.get(f"/cases/{case}"), pages.get("/cases/nothing")
    assert answers["keeper"][0].status_code == 200
    hidden, none = answers["first"]
    assert (hidden.status_code, none.status_code) == (404, 404)
    assert hidden.text.partition("<main")[2].replace(case, "nothing") == none.text.partition("<main")[2]


def test_clips_are_parted_where_nothing_was_recorded_for_long_and_stand_on_their_lanes(station: Dock) -> None:
    with station.opened() as opened:
        file = case_file(opened, ME, NO)
        assert [one.says_here["zh"][:4] for one in file.shown.completeness] == ["记录仪时", "持有人不"]
    found = sittings(file.clips)
    assert [len(some) for some in found] == [5]
    shown = line(found[0], file.shown.papers, file.numbers, file.shown.completeness)
    assert [(one.number, one.at_s) for one in shown.squares] == [(2, 2), (3, 28)]
    assert [(one.met, one.begin_s, one.end_s) for one in shown.bands] == [("part", 2, 24), ("miss", 28, 90)]
    assert [len(lane.pieces) for lane in shown.lanes] == [2, 1, 1, 1]
    (gap,) = shown.lanes[0].gaps
    assert gap == pytest.approx((SECONDS, 32), abs=0.1)
    assert (shown.length_s, shown.share(shown.length_s)) == (90, 100)
    assert shown.ticks[0] == 0


def test_how_far_a_case_is_and_which_limit_runs(station: Dock) -> None:
    with station.opened() as opened:
        penalty = open_case(opened, ME, [], {"title": "x", "kind": "penalty", "opened": "2026-03-05"}).id
        far = how_far(opened, [penalty])[penalty]
    (decide,) = (one for one in far.running if one.to == "decide")
    assert (decide.due, decide.days < 0) == (date(2026, 6, 3), True), "the tests' clock is later than that"
    assert far.is_late
    assert far.stage is not None
    assert far.stage.code == "start"


@pytest.mark.parametrize("where", ["/cases/{no}", "/cases/{no}?r={record}", "/papers/{record}"])
def test_it_is_sound_in_both_themes_and_languages_at_every_width(page: Page, record: str, where: str) -> None:
    page.goto("/bays")
    for language, theme, size in (("en", "light", "plain"), ("zh", "dark", "large")):
        prefer(page, language, theme, size)
        page.goto(where.format(no=NO, record=record))
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []


def test_a_record_is_opened_beside_what_was_recorded(page: Page, record: str) -> None:
    page.goto(f"/cases/{NO}")
    page.click(f".paper[data-r='{record}']")
    expect(page.locator("#record h2")).to_contain_text("现场检查笔录")
    page.click("#record nav a")
    expect(page.locator("#record")).to_contain_text("第 2 页，共 2 页")
