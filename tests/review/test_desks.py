"""Requests and registers in a browser: each page, and each dialog, is sound in both themes and languages."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.review.browsing import NEEDED, faults, prefer, sideways

pytestmark = NEEDED
PAGES = (
    "/requests",
    "/requests/new",
    "/requests/emergency",
    "/people",
    "/people?dialog=new",
    "/people?dialog=unit",
    "/recorders",
    "/recorders?dialog=new",
    "/stations",
    "/imports",
    "/trail",
    "/trail/1",
    "/policy",
)
NARROW = ((683, 384), (1366, 768))


def test_requests_and_registers_are_sound(page: Page) -> None:
    """One page in one language and theme, the next in the other: the parts are the same everywhere."""
    page.goto("/bays")
    for number, address in enumerate(PAGES):
        language, theme = (("en", "light"), ("zh", "dark"))[number % 2]
        prefer(page, language, theme)
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert (address, faults(page)) == (address, [])
        assert (address, sideways(page, NARROW)) == (address, [])
