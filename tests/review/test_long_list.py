"""A long list in Debian's chromium: older rows come by themselves, far ones are put aside, what is chosen stays so."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.review.browsing import NEEDED, quiet_page
from tests.review.conftest import served
from tests.scenario.dock import Dock, made_dock

pytestmark = NEEDED
CLIPS, SLICES, DAY_S = 110, 3, 86_400


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """A station with more clips than a page has, each of a day of its own."""
    place = tmp_path_factory.mktemp("long")
    dock, card = made_dock(place / "home"), place / "card"
    card.mkdir()
    for number in range(CLIPS):
        file = card / f"{number}.log"
        file.write_text(f"{number}\n")
        os.utime(file, (1_770_000_000 + number * DAY_S,) * 2)
    dock.ingest(card, "--recorder", "TA00003")
    return dock


@pytest.fixture(scope="module")
def address(long: Dock) -> Iterator[str]:
    with served(long) as (_, address):
        yield address


def test_a_range_is_chosen_in_the_order_shown_over_rows_that_came_and_rows_that_were_put_aside(
    browser: Browser, address: str
) -> None:
    with quiet_page(browser, address) as page:
        page.goto("/clips")
        boxes, count = page.locator("[name=clip]"), page.locator("#chosen-count")
        expect(page.get_by_role("button", name="依法保留")).to_be_disabled()
        second = boxes.nth(1).input_value()
        boxes.first.click()
        expect(count).to_have_text("1")
        page.evaluate("document.activeElement.blur()")  # what has the focus is not put aside
        for slices in range(2, SLICES + 1):
            page.locator("#list").evaluate("list => list.scrollTop = 1e6")
            expect(page.locator(".slice")).to_have_count(slices, timeout=30_000)
        page.locator("#list").evaluate("list => list.scrollTop = 1e6")
        expect(page.locator(f"[value={second}]")).to_have_count(0)
        boxes.last.click(modifiers=["Shift"])
        expect(count).to_have_text(str(CLIPS))
        page.locator("#list").evaluate("list => list.scrollTop = 0")
        expect(boxes.nth(1)).to_be_checked()
        boxes.nth(1).click()
        expect(count).to_have_text(str(CLIPS - 1))
        page.get_by_role("button", name="依法保留").click()
        expect(page.get_by_role("button", name=f"依法保留 {CLIPS - 1} 条")).to_be_visible()
