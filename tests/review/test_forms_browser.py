"""Forms of people, recorders, policy, requests and print in Debian's chromium: sound in both themes and languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.cases import cases
from docking_station.services import recorders
from docking_station.services.cases import open_case
from docking_station.services.requests import Asked, ask
from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.footage.clips import rmc
from tests.footage.coded import coded
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.bureau import SECRET, enter_bureau
from tests.review.conftest import listening
from tests.review.test_browser import WIDTHS
from tests.scenario.dock import made_dock

pytestmark = NEEDED
FILM = "TA00900_0101_20260311093620"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A bureau with a recorder, a case, and a request for what somebody describes."""
    place = tmp_path_factory.mktemp("forms")
    dock, at = made_dock(place / "home"), datetime(2026, 3, 11, 1, 36, 20, tzinfo=UTC)
    (place / "card").mkdir()
    (place / "card" / f"{FILM}.MP4").write_bytes(coded(seconds=1))
    (place / "card" / f"{FILM}.NMEA").write_text(rmc(at, 40.8, 111.7))
    dock.ingest(place / "card", "--recorder", "TA00900")
    with dock.opened() as opened, pytest.MonkeyPatch.context() as patch:
        enter_bureau(opened, patch)
        recorders.enter(opened, caller("0104"), "TA00900", {})
        open_case(
            opened, caller("0104"), [cases.number("2026-0311")], {"title": "x", "parties": [{"name": "某养老院"}]}
        )
        ask(opened, caller("0101"), Asked("look", reason="复核", description="三月五日的检查"))
        yield opened


def sent(page: Page) -> None:
    """Send a policy that changes rights, and open the dialog of two."""
    page.locator("summary").first.click()
    text = b"[access]\nask_days = 4\n"
    page.set_input_files("[name=policy]", {"name": "制度.toml", "mimeType": "text/plain", "buffer": text})
    page.click("form[action='/policy/reading'] button")
    page.click("[data-dialog=adopt]")
    expect(page.locator("dialog[open]")).to_be_visible()


def mapped(page: Page) -> None:
    """Draw a box around the point of a film, then one where nothing is."""
    page.set_viewport_size({"width": 1366, "height": 768})
    for share, width, rows in ((0.5, 60, 1), (0.1, 20, 0)):
        page.wait_for_load_state()  # a box drawn before the page's script is there is none
        if page.locator(".map").get_attribute("open") is None:
            page.click(".map summary")
        box = page.locator("#map").bounding_box()
        assert box is not None
        before = page.url
        x, y = box["x"] + box["width"] * share - width / 2, box["y"] + box["height"] * share - width / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + width, y + width, steps=3)
        page.mouse.up()
        expect(page).not_to_have_url(before)
        expect(page.locator(".when")).to_have_count(rows)
        page.go_back() if not rows else None


FORMS: dict[str, Callable[[Page], None] | None] = {
    "/people/0102?dialog=change": None,
    "/recorders/TA00900?dialog=change": None,
    "/recorders/TA00900?dialog=issue": None,
    "/policy": sent,
    "/requests": lambda page: page.click("td a.strong"),
    "/requests/new?case=2026-0311": None,
    "/clips": mapped,
    "/print?case=某养老院&form=all": None,
}


def test_forms_are_sound_in_both_themes_and_languages_at_every_width(browser: Browser, station: Station) -> None:
    with listening(station) as address, quiet_page(browser, address) as page:
        page.goto("/sign-in")
        page.fill("[name=account]", "keeper")
        page.fill("[name=secret]", SECRET)
        page.click("main .button.main")
        page.wait_for_load_state()
        for number, (where, opened) in enumerate(FORMS.items()):
            prefer(page, *(("en", "light", "plain"), ("zh", "dark", "large"))[number % 2])
            page.goto(where)
            if opened is not None:
                opened(page)
                page.wait_for_load_state()
            assert faults(page) == [], where
            assert sideways(page, WIDTHS) == [], where
