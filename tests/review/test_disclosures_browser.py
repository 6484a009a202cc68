"""The pages of decisions in Debian's chromium: sound in both themes and languages at every width, and by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.conftest import listening
from tests.review.decisions import enter_decisions
from tests.review.test_browser import WIDTHS
from tests.scenario.dock import made_dock

pytestmark = NEEDED
PREFERENCES = (("en", "light", "plain"), ("zh", "dark", "large"))
"""Of a page; its dialogs are seen in the last."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages of a station with these decisions are served."""
    with made_dock(tmp_path_factory.mktemp("disclosures") / "home").opened() as station:
        enter_decisions(station)
        with listening(station) as address:
            yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address) as page:
        yield page


def dialog(name: str) -> Callable[[Page], None]:
    def opened(page: Page) -> None:
        page.click(f"[data-dialog^={name}] >> nth=0")
        expect(page.locator(f"dialog[id^={name}][open]")).to_be_visible()

    return opened


PAGES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "what is due": ("", None),
    "a person's": ("王小明", None),
    "to be published": ("王小明", dialog("publish-credit")),
    "not to be published": ("安泰殡仪服务部", dialog("except")),
    "to be taken down": ("示范养老院", dialog("withdraw")),
    "that fell": ("示范养老院", dialog("end")),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(page: Page, name: str) -> None:
    party, opened = PAGES[name]
    page.goto("/disclosures")
    where = page.get_attribute(f"a:has-text('{party}')", "href") if party else "/disclosures"
    for language, theme, size in PREFERENCES if opened is None else PREFERENCES[-1:]:
        prefer(page, language, theme, size)
        page.goto(str(where))
        if opened is not None:
            opened(page)
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []


def test_what_is_late_is_published_by_mouse(page: Page) -> None:
    page.goto("/disclosures")
    late = page.locator("tr", has_text="安泰殡仪服务部").first
    expect(late).to_contain_text("逾期")
    late.locator("a").click()
    page.click("[data-dialog=publish-website]")
    box = page.locator("dialog[open]")
    box.locator("[name=field-facts]").fill("未公示服务价格")
    box.locator("[name=field-result]").fill("罚款2000元")
    box.locator("button.main").click()
    expect(page.locator(".toast")).to_contain_text("已登记公示")
    expect(page.locator("section", has_text="政府网站").first).to_contain_text("已公示")
