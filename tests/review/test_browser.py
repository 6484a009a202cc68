"""The pages as people meet them, in Debian's chromium: up to date, by keyboard, without complaint of browser or axe.

One browser and one station for all; a page that asks another host, or writes to the console, fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.trail import trail
from docking_station.faces.board import BayView, Board, StationView
from docking_station.faces.stream import Stream
from tests.docking_station.running import fill
from tests.footage.clips import SOUND, made
from tests.footage.coded import AAC, AVC, HEVC
from tests.review.browsing import NEEDED, chromium, faults, quiet_page
from tests.review.conftest import served
from tests.scenario.dock import Dock, made_dock

pytestmark = NEEDED
WIDTHS = ((1280, 800), (1366, 768), (1920, 1080), (683, 384))
"""The last one is the second at 200 %."""
SECONDS, FPS, BITS, BIT_PX = 4, 25, 8, 20
NUMBERED = (
    "-f",
    "lavfi",
    "-i",
    f"nullsrc=size={BITS * BIT_PX}x96:rate={FPS},geq=lum='235*mod(floor(N/pow(2,floor(X/{BIT_PX}))),2)':cb=128:cr=128",
)
"""Every frame shows its own number, a bit in each column."""
NUMBER = f"""() => {{
    const video = document.getElementById("video"), canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const paper = canvas.getContext("2d", {{willReadFrequently: true}}); paper.drawImage(video, 0, 0);
    const lit = (x) => paper.getImageData((x + 0.5) * canvas.width / {BITS}, canvas.height / 2, 1, 1).data[0] > 120;
    return Array.from({{length: {BITS}}}, (_, x) => lit(x) << x).reduce((a, b) => a + b);
}}"""
AVC_NAME, HEVC_NAME = "TA00003_JX0003_20260305093000.MP4", "TA00003_JX0003_20260305092000.MP4"
UNPLAYED_NAME = "TA00003_JX0003_20260305091000.MP4"
"""No test plays it: whoever does looks at its sheet within that look."""
A_CLIP = re.compile(r"/clips/c[a-z0-9]+")
NOW = datetime(2026, 3, 5, tzinfo=UTC)
SEEN = BayView("3", "usb-3", "copying", NOW, recorder="TA00003", officer="JX0003", files=4, size_bytes=4)
COPYING = replace(SEEN, files_done=1, done_bytes=1, left_s=120.0)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    place = tmp_path_factory.mktemp("pages")
    dock = made_dock(place / "home")
    card = fill(place / "card", {"a.log": 100})
    (card / AVC_NAME).write_bytes(made("mp4", SECONDS, *NUMBERED, *SOUND, *AVC, *AAC, "-movflags", "+faststart"))
    (card / UNPLAYED_NAME).write_bytes(made("mp4", SECONDS - 1, *NUMBERED, *AVC, "-movflags", "+faststart"))
    (card / HEVC_NAME).write_bytes(made("mp4", SECONDS, *NUMBERED, *HEVC))
    dock.ingest(card, "--recorder", "TA00003", "--officer", "JX0003")
    dock.run("work", "--once", "--kinds", "viewing-copy")
    return dock


@pytest.fixture(scope="module")
def address(station: Dock) -> Iterator[str]:
    with served(station) as (_, address):
        yield address


@pytest.fixture(scope="module")
def board(station: Dock) -> Iterator[Board]:
    board = Board(StationView("城东执法站 1 号", clock="synchronised"))
    board.show(COPYING)
    board.show(replace(COPYING, bay="4", state="empty", officer=None, recorder=None))
    with Stream(board, station.home / "dock.sock"):
        yield board


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, address: str, board: Board) -> Iterator[Page]:
    with quiet_page(browser, address) as page:
        yield page


@pytest.mark.parametrize("where", ["/bays", "/clips", "/clips?since=2026-03-05&case=x", "clip", "player"])
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(page: Page, where: str) -> None:
    page.goto(where if where.startswith("/") else "/clips?until=2026-03-05")
    if not where.startswith("/"):
        page.click(".when >> nth=0")
        page.wait_for_url(A_CLIP)
    if where == "player":
        page.click(".open")
        page.click("[data-do=keys]")
        expect(page.locator("#keys")).to_be_visible()
        assert faults(page) == []
        page.keyboard.press("Escape")
    for language, theme in (("en", "light"), ("zh", "dark")):
        for wanted, attribute in ((language, "lang"), (theme, "data-theme")):
            if page.locator(f"button[value={wanted}]").count():  # else it is chosen already
                page.click(f"button[value={wanted}]")
            expect(page.locator("html")).to_have_attribute(attribute, re.compile(wanted))
            page.wait_for_load_state()
        assert faults(page) == []
    page.click("button[value=large]")
    expect(page.locator("html")).to_have_class("large")
    page.wait_for_load_state()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (where, width)


def test_a_bay_changes_while_somebody_looks_and_is_not_known_when_the_dock_is_gone(page: Page, board: Board) -> None:
    page.goto("/bays")
    tile = page.locator("#bay-1")
    expect(tile).to_contain_text("采集中")
    expect(tile).to_contain_text("人可以先走")
    board.show(replace(COPYING, state="safe", files_done=4, done_bytes=4, left_s=None))
    expect(tile).to_contain_text("可取走")
    expect(tile).to_have_class("bay safe")
    page.clock.install()
    page.reload()
    page.route("**/bays/events", lambda route: None)  # the program says nothing any more
    page.reload()
    expect(tile).to_have_class("bay safe")
    page.clock.fast_forward(16_000)
    expect(page.locator(".gone")).to_contain_text("记录仪内的录像不会丢失")
    assert "可取走" not in tile.inner_text()
    assert "状态不明" in tile.inner_text()
    board.show(COPYING)


def test_a_clip_is_found_by_keyboard_alone(page: Page) -> None:
    page.goto("/clips")
    expect(page.locator(".when")).to_have_count(4)
    page.focus("#recorder")
    page.keyboard.type("TA00004")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("没有符合这些条件的资料")
    expect(page.locator("#recorder")).to_have_value("TA00004")
    page.focus(".empty a")
    page.keyboard.press("Enter")
    expect(page.locator(".when")).to_have_count(4)


def actions(station: Dock, clip: str) -> list[str]:
    with station.opened() as opened:
        return [line.entry.action for line in trail.lines(opened.database, subject=clip)]


def on_frame(page: Page, number: int) -> None:
    """Wait until the picture shows this frame, and the clock its time."""
    page.wait_for_function(f"() => !document.getElementById('video').seeking && ({NUMBER})() === {number}")
    assert page.evaluate("Math.floor(document.getElementById('video').currentTime * 25 + 1e-3)") == number


@pytest.mark.parametrize(("name", "is_copy"), [("093000", False), ("092000", True)])
def test_a_clip_plays_to_the_frame_and_its_look_is_on_the_trail(
    page: Page, station: Dock, name: str, is_copy: bool
) -> None:
    (clip,) = (one for one in station.every_clip() if name in one["path"])
    before = actions(station, clip["id"])
    page.goto(f"/clips/{clip['id']}")
    expect(page.locator("#player")).not_to_contain_text("观看副本，不作为证据")
    page.click(".open")
    expect(page.locator("#player")).to_contain_text("观看副本，不作为证据" if is_copy else "这里看到的就是原件")
    page.wait_for_function("() => document.getElementById('video').currentTime > 0.2")
    page.keyboard.press("k")
    expect(page.locator(".when-paused")).to_be_visible()
    page.locator("#seek").evaluate("(seek) => { seek.value = 1; seek.dispatchEvent(new Event('input')); }")
    page.keyboard.press(".")
    on_frame(page, 26)
    for number in (27, 28, 29):
        page.keyboard.press(".")
        on_frame(page, number)
    for number in (28, 27):
        page.keyboard.press(",")
        on_frame(page, number)
    expect(page.locator("#now")).to_have_text(re.compile(r"\d\d:\d\d:01\.1"))
    expect(page.locator("#own")).to_have_text(f"{name[:2]}:{name[2:4]}:01")
    page.keyboard.press("a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    expect(page.locator("#ab")).to_have_attribute("aria-pressed", "true")
    page.evaluate("""() => { window.seen = []; const video = document.getElementById('video');
        video.addEventListener('timeupdate', () => window.seen.push(video.currentTime)); }""")
    page.select_option("#rate", "4")
    page.keyboard.press("k")
    page.wait_for_function("() => window.seen.length > 8")  # at that speed far behind the end, but for the loop
    assert all(1.0 < at < 2.6 for at in page.evaluate("window.seen"))
    assert actions(station, clip["id"]) == [*before, "clip.shown", "clip.viewed"]


def test_a_clip_is_verified_without_leaving_what_plays(page: Page, station: Dock) -> None:
    (clip,) = (one for one in station.every_clip() if "093000" in one["path"])
    page.goto(f"/clips/{clip['id']}")
    page.click(".open")
    page.wait_for_url("**look=*")  # whole: before that a click is a form's, and leaves what plays
    page.wait_for_function("() => document.getElementById('video').currentTime > 0.2")
    page.click("#integrity button")
    expect(page.locator("#integrity")).to_contain_text("刚刚核验：与入库时一致")
    assert faults(page) == []
    assert page.evaluate("document.getElementById('video').currentTime") > 0.2


def drawn(page: Page) -> str:
    """The picture that stands in for a poster."""
    found: str = page.locator(".poster canvas").evaluate("canvas => canvas.toDataURL()")
    return found


def test_resting_on_a_poster_is_one_look_that_is_written_before_its_pictures_are_asked_for(
    page: Page, station: Dock
) -> None:
    (clip,) = (one for one in station.every_clip() if one["path"] == UNPLAYED_NAME)
    before, at_asking = actions(station, clip["id"]), list[list[str]]()
    page.on("request", lambda one: at_asking.append(actions(station, clip["id"])) if "/looks/" in one.url else None)
    page.clock.install()
    page.goto("/clips")
    expect(page.locator(".says")).to_contain_text("会留痕")
    poster, picture = page.locator(f"[data-sheet='/clips/{clip['id']}/sheet']"), page.locator(".poster canvas")
    box = poster.bounding_box()
    assert box is not None
    left, right, y = box["x"] + 8, box["x"] + box["width"] - 8, box["y"] + 20
    page.mouse.move(left, y)
    page.mouse.move(left, y - 200)
    page.clock.fast_forward(1000)
    assert actions(station, clip["id"]) == before, "who only passes over it looks at nothing"
    page.mouse.move(left, y)
    page.clock.fast_forward(500)
    expect(picture).to_be_visible()
    expect(page.locator("#sheet-says")).to_have_text("本次查看已留痕。")
    first = drawn(page)
    page.mouse.move(right, y)
    expect(page.locator(".poster canvas ~ .length")).to_have_text("0:02")
    assert drawn(page) != first
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(picture).to_have_count(0)
    page.mouse.move(left, y)
    page.clock.fast_forward(1000)
    expect(picture).to_have_count(0)
    page.mouse.move(left, y - 200)
    poster.focus()
    for moment in ("0:00", "0:02", "0:02"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".poster canvas ~ .length")).to_have_text(moment)
    page.keyboard.press("Tab")
    expect(picture).to_have_count(0)
    assert actions(station, clip["id"]) == [*before, "clip.viewed"]
    assert at_asking == [[*before, "clip.viewed"]], "its pictures were asked for once"


def test_a_row_without_a_sheet_keeps_its_poster_and_a_look_that_cannot_be_opened_is_said(page: Page) -> None:
    page.goto("/clips?kind=log")
    expect(page.locator(".poster")).to_have_count(1)
    expect(page.locator("[data-sheet]")).to_have_count(0)
    expect(page.locator(".says")).to_be_hidden()
    page.goto("/clips?kind=video")
    page.route("**/sheet", lambda route: route.fulfill(status=204))
    page.locator("[data-sheet] >> nth=0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#sheet-says")).to_contain_text("未能浏览")
    expect(page.locator(".poster canvas")).to_have_count(0)


def test_without_scripts_a_poster_is_a_link_and_nothing_is_promised_of_it(
    browser: Browser, address: str, station: Dock
) -> None:
    with browser.new_context(base_url=address, locale="zh-CN", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/clips?kind=video")
        expect(page.locator(".says")).to_be_hidden()
        page.locator("[data-sheet] >> nth=0").click()
        expect(page).to_have_url(A_CLIP)
        expect(page.locator(".open")).to_be_visible()
