"""By keyboard alone, from the first page to a verified clip and back: whoever does it always sees where they are."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.docking_station.services.test_looks import closed_trail
from tests.review.browsing import NEEDED
from tests.review.numbered import HEVC_NAME, on_frame
from tests.scenario.dock import Dock

pytestmark = NEEDED
STOPS_MAX = 80
SEEN = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    const x = Math.min(box.right, innerWidth) / 2 + Math.max(box.left, 0) / 2;
    const y = Math.min(box.bottom, innerHeight) / 2 + Math.max(box.top, 0) / 2;
    const top = document.elementFromPoint(x, y);
    if (at === document.body) return "nowhere";
    if (style.boxShadow === "none" && style.outlineStyle === "none") return "no ring: " + at.outerHTML.slice(0, 120);
    if (!at.contains(top) && !top?.contains(at)) return "out of sight: " + at.outerHTML.slice(0, 120);
    return "";
}"""
"""What is wrong with where the focus is: it must be somewhere, on the screen, with a ring around it."""
IS_AT = "(wanted) => document.activeElement.matches(wanted)"


def to(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there; every stop on the way must be seen."""
    for _ in range(STOPS_MAX):
        page.keyboard.press(key)
        assert page.evaluate(SEEN) == "", f"on the way to {wanted}"
        if page.evaluate(IS_AT, wanted):
            return
    raise AssertionError(f"{wanted} is no stop")


def test_from_the_first_page_to_a_verified_clip_and_back_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    to(page, ".skip")
    page.keyboard.press("Enter")
    to(page, ".rail [href='/bays']", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bays")
    to(page, ".skip")
    page.keyboard.press("Enter")
    to(page, "ul.bays")
    to(page, ".rail [href='/clips']", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clips")
    to(page, ".search summary")
    page.keyboard.press("Enter")
    to(page, "#recorder")
    page.keyboard.type("TA00003")
    to(page, "#kind")
    page.keyboard.press("ArrowDown")
    to(page, ".search .button", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_count(2)
    to(page, "tbody tr:nth-child(2) .when")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/clips/c"))
    to(page, ".open")
    page.keyboard.press("Enter")
    page.wait_for_url("**look=*")
    playing(page)
    dialog(page)
    verifying(page)
    to(page, ".rail [href='/clips']", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clips")
    expect(page.locator(".when")).to_have_count(4)


def playing(page: Page) -> None:
    """Play, pause, step, A–B, speed: each button by Tab and Enter, with the focus kept."""
    page.wait_for_function("() => document.getElementById('video').currentTime > 0.2")
    to(page, "#seek")
    to(page, "[data-do=toggle]")
    page.keyboard.press("Enter")
    expect(page.locator(".when-paused")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".when-playing")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".when-paused")).to_be_visible()
    to(page, "#seek", "Shift+Tab")
    page.keyboard.press("Home")
    to(page, "[data-do=frame]")
    for number in (1, 2, 3):
        page.keyboard.press("Enter")
        on_frame(page, number)
    to(page, "[data-do=frame-back]", "Shift+Tab")
    page.keyboard.press("Enter")
    on_frame(page, 2)
    to(page, "#rate")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.getElementById('video').playbackRate === 1.5")
    to(page, "#ab")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#ab")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(SEEN) == ""


def dialog(page: Page) -> None:
    """The keys: the focus goes into the dialog, stays there and comes back; they can be switched off, which is kept."""
    to(page, "[data-do=keys]")
    for opens, closes in (("Enter", "Escape"), ("?", "Escape"), ("Enter", "Enter")):
        page.keyboard.press(opens)
        expect(page.locator("#keys")).to_be_visible()
        assert page.evaluate(IS_AT, "#keys *")
        assert page.evaluate(SEEN) == ""
        page.keyboard.press(closes)
        expect(page.locator("#keys")).to_be_hidden()
        assert page.evaluate(IS_AT, "[data-do=keys]")
        assert page.evaluate(SEEN) == ""
    for checked in (False, True):
        page.keyboard.press("Enter")
        assert page.evaluate(IS_AT, "#keys-on")
        page.keyboard.press("Space")
        page.keyboard.press("Escape")
        page.reload()  # it is remembered
        expect(page.locator("#keys-on")).to_be_checked(checked=checked)
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible(visible=checked)
        page.keyboard.press("Escape")
        page.focus("[data-do=keys]")


def verifying(page: Page) -> None:
    """What is verified takes the place of its button, and the focus is not lost."""
    to(page, "#verify")
    page.keyboard.press("Enter")
    expect(page.locator("#integrity")).to_have_class(re.compile("ok"))
    expect(page.locator("#verify")).to_be_focused()
    assert page.evaluate(SEEN) == ""
    to(page, "#integrity summary")
    page.keyboard.press("Enter")
    expect(page.locator("#integrity details")).not_to_have_attribute("open", "")


def test_where_verifying_fails_it_is_said_and_the_button_keeps_the_focus(page: Page, station: Dock) -> None:
    (clip,) = (one["id"] for one in station.every_clip() if one["path"] == HEVC_NAME)
    page.goto(f"/clips/{clip}")
    to(page, "#verify")
    with station.opened() as opened, closed_trail(opened):
        page.keyboard.press("Enter")
        expect(page.locator("#integrity")).to_contain_text("catalog.unreachable")
    assert page.evaluate(IS_AT, "#verify")
    assert page.evaluate(SEEN) == ""
    page.keyboard.press("Enter")
    expect(page.locator("#integrity")).to_have_class(re.compile("ok"))
    expect(page.locator("#integrity")).not_to_contain_text("catalog.unreachable")
