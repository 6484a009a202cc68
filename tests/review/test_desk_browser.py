"""The queues in Debian's chromium: sound in both themes and languages at every width, and by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from docking_station.services.holds import hold_clip
from tests.fakes.callers import ME
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.conftest import listening
from tests.review.desk import FILES, Filed, enter_cases
from tests.review.test_browser import WIDTHS
from tests.scenario.keeping import Years

pytestmark = NEEDED
HALF_A_YEAR = 185


@pytest.fixture(scope="module")
def address(filed_dock: Filed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages of a station are served half a year from now: clips of no case, two due, one held."""
    with Years(filed_dock(tmp_path_factory.mktemp("desk") / "home", FILES)).at(HALF_A_YEAR) as station:
        enter_cases(station)
        held = station.database.query("SELECT id FROM clip WHERE kind = 'log'", {})[0]["id"]
        hold_clip(station, ME, held, "投诉")
        with listening(station) as address:
            yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address) as page:
        yield page


def chosen(page: Page) -> None:
    page.locator("[name^=clip-]").first.check()
    page.locator("button[value=dispose-two]").click()
    expect(page.locator("dialog")).to_be_visible()


PAGES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "to be linked": ("/queue", None),
    "held": ("/held", None),
    "two people": ("/keeping", chosen),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(page: Page, name: str) -> None:
    where, opened = PAGES[name]
    page.goto(where)
    for language, theme, size in (("en", "light", "plain"), ("zh", "dark", "large")):
        prefer(page, language, theme, size)
        page.goto(where)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        if opened is not None:
            opened(page)
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []


def test_a_key_links_and_a_key_takes_back(page: Page) -> None:
    page.goto("/queue")
    expect(page.locator(".party").first).to_contain_text("某社会组织")
    page.keyboard.press("s")
    expect(page.locator(".party").first).to_contain_text("某养老院")
    page.wait_for_load_state()  # what the server wrote is there before the script that hears keys
    page.keyboard.press("y")
    expect(page.locator(".toast")).to_contain_text("已将 2 份关联到")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("已撤销")
    expect(page.locator(".party").first).to_contain_text("某养老院")
