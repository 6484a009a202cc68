"""The page of a case: its records and what was recorded on one line of time; a page of a scan is a look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

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
from tests.review.numbered import FPS, NUMBER_OF, actions
from tests.review.test_browser import WIDTHS
from tests.scenario.dock import Dock, made_dock

pytestmark = NEEDED
SHOWN = "() => [...document.querySelectorAll('video.film')].filter((one) => !one.hidden && one.readyState >= 2)"


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
        assert "and its second page" in pages.get(f"/papers/{record}?page=2").text
        assert pulled(station, record)[len(before) :] == [1, 2]
        assert "没有这一页" in pages.get(f"/papers/{record}?page=3").text
        assert [pages.get(f"/papers/{record}/pages/{one}").status_code for one in (0, 3)] == [404, 404]


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
    clips = [replace(one, marks=("important",)) if one.recorder == "TA00002" else one for one in found[0]]
    shown = line(clips, file.shown.papers, file.numbers, file.shown.completeness, file.notes)
    assert [(one.at_s, one.lane, one.text is None) for one in shown.flags] == [(3, 1, True), (28, None, False)]
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


@pytest.mark.parametrize(
    "where", ["/cases/{no}", "/cases/{no}?r={record}&dialog=change-paper", "/papers/{record}", "/new-case"]
)
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
    expect(page.locator("#record > header h2")).to_contain_text("现场检查笔录")
    page.click("#record nav a")
    expect(page.locator("#record")).to_contain_text("第 2 页，共 2 页")
    page.keyboard.press("n")
    expect(page.locator(".flag")).to_be_focused()
    expect(page.locator(".flag text")).to_be_visible()


def test_each_recording_that_is_shown_is_a_look_whose_line_is_there_before_its_bytes(station: Dock) -> None:
    with station.opened() as opened:
        clips = [one.id for one in case_file(opened, ME, NO).clips]
    before = [actions(station, one).count("clip.viewed") for one in clips]
    with pages_of(station) as pages:
        shown = ",".join(clips[:2])
        to = pages.post(f"/cases/{NO}/looks", data={"show": shown, "view": "film"}).headers["location"]
        after = [actions(station, one).count("clip.viewed") for one in clips]
        assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 0, 0, 0]
        text = pages.get(to).text
        for address in re.findall(r'src="(/looks/[0-9a-f]+/content)"', text):
            assert pages.get(address, headers={"range": "bytes=0-9"}).status_code == 206
        assert (text.count("<video"), 'class="panes film"' in text) == (2, True)


def plays(page: Page) -> None:
    """Open the case and press the button; all four play."""
    page.goto(f"/cases/{NO}")
    page.click("#play")
    page.wait_for_function(f"() => ({SHOWN})().length === 4", timeout=60_000)


def spreads(page: Page, seconds: float) -> list[float]:
    """How far apart the shown recordings are, in ms, ten times a second while the clock runs."""
    found: list[float] = page.evaluate(
        f"""(ms) => new Promise((end) => {{
            const found = [], begun = performance.now(), timer = setInterval(() => {{
                const at = ({SHOWN})().map((one) => one.currentTime + Number(one.dataset.start));
                if (at.length > 1) found.push(1000 * (Math.max(...at) - Math.min(...at)));
                if (performance.now() - begun > ms) {{ clearInterval(timer); end(found); }}
            }}, 100); }})""",
        seconds * 1000,
    )
    return sorted(found)


def test_four_recordings_play_on_one_clock_to_the_frame(page: Page, record: str) -> None:
    plays(page)
    page.wait_for_function(f"() => ({SHOWN})().every((one) => one.currentTime > 2)")  # those that join are drawn near
    found = spreads(page, 5)
    assert found[len(found) // 2] < 40, found
    page.keyboard.press("k")
    for at in (9.5, 17.02, 12.26, 7.98):
        page.locator("#seek").evaluate("(seek, at) => { seek.value = at; seek.dispatchEvent(new Event('input')); }", at)
        numbers_are(page, at)
    page.keyboard.press(".")
    numbers_are(page, 8.02)
    page.keyboard.press(",")
    numbers_are(page, 7.98)
    page.click(f".square[data-r='{record}'] rect")
    expect(page.locator("#now")).to_have_text("09:30:02.0")
    expect(page.locator("#record > header h2")).to_contain_text("现场检查笔录")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#record > header h2")).to_contain_text("询问笔录")
    expect(page.locator("#now")).to_have_text("09:30:28.0")
    expect(page.locator(".nothing").first).to_contain_text("09:30:32 继续")
    page.wait_for_url("**t=28.00*")
    page.keyboard.press("p")
    expect(page.locator(".panes")).to_have_class("panes")
    expect(page.locator(".cells")).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("?")
    assert faults(page) == []
    assert sideways(page, WIDTHS) == []


def numbers_are(page: Page, at: float) -> None:
    """Wait until each shown recording shows the picture of that moment of the clock."""
    page.wait_for_function(
        f"""(at) => {{ const shown = ({SHOWN})(); return shown.length === 4 && shown.every((one) => !one.seeking &&
            ({NUMBER_OF})(one) === Math.floor((at - one.dataset.start) * {FPS} + 1e-3) % 256); }}""",
        arg=at,
    )


@pytest.mark.slow
def test_two_minutes_of_four_stay_together_and_a_hundred_seeks_show_the_right_pictures(
    browser: Browser, tmp_path: Path
) -> None:
    dock = made_dock(tmp_path / "home")
    file_case(dock, tmp_path, 150)
    with served(dock) as (_, address), quiet_page(browser, address) as page:
        plays(page)
        page.wait_for_function(f"() => ({SHOWN})().every((one) => one.currentTime > 2)")
        found = spreads(page, 120)
        assert found[len(found) * 95 // 100] < 40, found[-20:]
        page.keyboard.press("k")
        for number in range(100):
            at = 8 + number * 37 % 120 + number % 25 / 25 + 0.02
            page.locator("#seek").evaluate(
                "(seek, at) => { seek.value = at; seek.dispatchEvent(new Event('input')); }", at
            )
            numbers_are(page, at)
