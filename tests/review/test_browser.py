"""The pages as people meet them, in Debian's chromium: up to date, by keyboard, without complaint of browser or axe.

One browser and one station for all; a page that asks another host, or writes to the console, fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from docking_station.faces.board import Board
from tests.review.browsing import NEEDED, faults, prefer, sideways
from tests.review.conftest import COPYING
from tests.review.numbered import AVC_NAME, UNPLAYED_NAME, actions, loops, steps_to_the_frame
from tests.scenario.dock import Dock

pytestmark = NEEDED
WIDTHS = ((1280, 800), (1366, 768), (1920, 1080), (683, 384))
"""The last one is the second at 200 %."""
A_CLIP = re.compile(r"/clips/c[a-z0-9]+")


def keys_dialog(page: Page) -> None:
    page.click("[data-do=keys]")
    expect(page.locator("#keys")).to_be_visible()


def verified(page: Page) -> None:
    page.click("#integrity button")
    expect(page.locator("#integrity")).to_have_class(re.compile("ok"))


def lost(page: Page) -> None:
    page.evaluate("document.getElementById('live').classList.add('lost')")
    expect(page.locator(".gone")).to_be_visible()


def sheet_shown(page: Page) -> None:
    page.locator("[data-sheet] >> nth=0").press("ArrowRight")
    expect(page.locator(".poster canvas")).to_be_visible()


def menus(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


PAGES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "bays": ("/bays", None),
    "one bay": ("/bays/3", None),
    "no bay known": ("/bays", lost),
    "clips": ("/clips", None),
    "a sheet over its poster": ("/clips", sheet_shown),
    "no clip fits": ("/clips?since=2026-03-05&case=x", None),
    "no such filter": ("/clips?since=x&until=y&kind=z", None),
    "searched in every way": ("/clips?kind=video&is=unlinked&since=2026-01-01", menus),
    "several clips to link": ("/chosen?do=link&clip={clip}", None),
    "several clips to hold": ("/chosen?do=hold&clip={clip}", None),
    "which case to print": ("/print?case=x", None),
    "bringing in files": ("/upload", None),
    "no page": ("/nowhere", None),
    "signing in": ("/sign-in", None),
    "one's own account": ("/account", None),
    "setting up": ("/setup", None),
    "a clip": ("/clips/{clip}", None),
    "verified": ("/clips/{clip}", verified),
    "a file that cannot be played": ("/clips/{log}", None),
    "player": ("{look}", None),
    "the keys of the player": ("{look}", keys_dialog),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(page: Page, station: Dock, name: str) -> None:
    (where, opened), clips = PAGES[name], {one["path"]: one["id"] for one in station.every_clip()}
    clip, look = clips[AVC_NAME], ""
    page.goto("/clips")
    if where == "{look}":
        page.goto(f"/clips/{clip}")
        page.click(".open")
        page.wait_for_url("**look=*")
        look = page.url
    for language, theme, size in (("en", "light", "plain"), ("zh", "dark", "large")):
        prefer(page, language, theme, size)
        page.goto(where.format(clip=clip, log=clips["a.log"], look=look))
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        if opened is not None:
            opened(page)
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []


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
    unanswered = list[Route]()
    page.route("**/bays/events*", lambda route: unanswered.append(route))  # the program says nothing any more
    page.reload()
    expect(tile).to_have_class("bay safe")
    page.route("**/bays", lambda route: unanswered.append(route))
    page.clock.fast_forward(16_000)
    expect(page.locator(".gone")).to_contain_text("记录仪内的录像不会丢失")
    expect(tile).to_be_hidden()
    for route in unanswered:
        route.abort()  # for ever: what is let go on now would load the page a second time
    page.unroute_all()  # it answers again, though the stream of this page is none
    with page.expect_navigation():
        page.clock.fast_forward(16_000)
    expect(tile).to_have_class("bay safe")
    expect(page.locator(".gone")).to_be_hidden()
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", {get: () => true});
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    board.show(COPYING)
    expect(tile).to_have_class("bay copying")  # in a tab that nobody sees too


def test_a_clip_is_found_by_keyboard_alone(page: Page) -> None:
    page.goto("/clips")
    expect(page.locator(".when")).to_have_count(4)
    page.focus(".search summary")
    page.keyboard.press("Enter")
    page.focus("#recorder")
    page.keyboard.type("TA00004")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("没有符合这些条件的资料")
    expect(page.locator("#recorder")).to_have_value("TA00004")
    page.focus(".empty a")
    page.keyboard.press("Enter")
    expect(page.locator(".when")).to_have_count(4)


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
    steps_to_the_frame(page)
    expect(page.locator("#now")).to_have_text(re.compile(r"\d\d:\d\d:01\.1"))
    expect(page.locator("#own")).to_have_text(f"{name[:2]}:{name[2:4]}:01")
    loops(page)
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


def test_to_verify_may_take_long_and_is_asked_for_once_and_no_answer_is_said(page: Page, station: Dock) -> None:
    (clip,) = (one for one in station.every_clip() if "093000" in one["path"])
    asked, button = list[Route](), page.locator("#verify")
    page.clock.install()
    page.goto(f"/clips/{clip['id']}")
    page.route("**/verification?*", lambda route: asked.append(route))
    for _ in range(2):
        button.click()
    expect(page.locator("form.htmx-request")).to_have_count(1)
    page.clock.fast_forward(3_600_000)
    asked[0].continue_()
    expect(page.locator("#integrity")).to_contain_text("刚刚核验：与入库时一致")
    assert len(asked) == 1
    page.goto(f"/clips/{clip['id']}")
    page.route("**/verification?*", lambda route: route.abort())
    button.click()
    expect(page.locator("#unverified")).to_contain_text("未能核验")


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
