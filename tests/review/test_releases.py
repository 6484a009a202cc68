"""A clip goes public at its page, in Debian's chromium: a box is drawn and moved, two people watch, one approves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.cases import cases
from catalog.requests import releases
from docking_station.derived.burnt import font
from docking_station.services.cases import open_case
from docking_station.services.ingest_card import ingest
from docking_station.services.links import link_clip
from docking_station.services.policy import SHIPPED, adopt_policy
from docking_station.station.identity import caller_of_process
from ingest.sealing import recipe_key
from tests.footage.bureau import KEEPER, enter_people, enter_recorders
from tests.footage.clips import SOUND, made
from tests.footage.coded import AAC, AVC
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.conftest import served
from tests.review.test_desks_story import BEGINS, sign_in
from tests.scenario.dock import Dock, made_dock

pytestmark = [*NEEDED, pytest.mark.skipif(font() is None, reason="no Chinese font")]
CASE, PARTY, SECONDS, MADE_MS = "示民检〔2026〕3号", "松柏养老院", 2, 60_000
WIDTHS = ((1366, 768), (683, 384))
FILM = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25")


def with_a_film(place: Path) -> tuple[Dock, str]:
    """A station of the made-up bureau with one film of a decided case, and its number."""
    dock, card = made_dock(place / "home"), place / "card"
    card.mkdir()
    film = made("mp4", SECONDS, *FILM, *SOUND, *AVC, *AAC, "-movflags", "+faststart")
    (card / "TA00003_JX0003_20260305093000.MP4").write_bytes(film)
    with dock.opened() as station:
        adopt_policy(station, caller_of_process(), SHIPPED, lambda before, after: None)
        enter_people(station)
        enter_recorders(station, BEGINS)
        said = {"kind": "inspection", "parties": [{"name": PARTY}], "decided": "2026-03-06", "unit": "ylfw"}
        case = open_case(station, KEEPER, [cases.number(CASE, "office")], said)
        (filed,) = ingest(station, KEEPER, card, "TA00003", "JX0003", None, None).filed
        link_clip(station, KEEPER, filed.id, case.id, {}, reason="x")
    return dock, filed.id


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dock, str, str]]:
    dock, clip = with_a_film(tmp_path_factory.mktemp("public"))
    with served(dock) as (_, address):
        yield dock, clip, address


def is_sound(page: Page) -> None:
    """Neither the browser nor axe complains, in both languages and themes; nothing goes sideways."""
    for language, theme in (("en", "dark"), ("zh", "light")):
        prefer(page, language, theme, "plain")
        page.reload()
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []
    page.set_viewport_size({"width": 1366, "height": 768})


def watch(page: Page) -> None:
    """Play to the end."""
    page.wait_for_function("() => !document.getElementById('transport').hidden")
    page.evaluate("() => { const film = document.getElementById('video'); film.currentTime = 0; return film.play(); }")
    page.wait_for_function("() => document.getElementById('video').ended")


def draw(page: Page) -> None:
    """A box, drawn by pointer, moved and sized by keys at another moment; a mute, from here to there."""
    expect(page.locator("#boxes")).to_have_attribute("data-ready", "yes")
    page.locator("#seek").evaluate("(seek) => { seek.value = 0.2; seek.dispatchEvent(new Event('input')); }")
    page.click("[data-redact=add]")
    place = page.locator("#boxes").bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 60, steps=4)
    page.mouse.up()
    expect(page.locator(".tracks li")).to_have_count(1)
    page.click(".tracks [data-box]")
    page.locator("#seek").evaluate("(seek) => { seek.value = 1; seek.dispatchEvent(new Event('input')); }")
    box = page.locator("#boxes [data-id]")
    before = box.get_attribute("x")
    box.focus()
    box.press("ArrowRight")
    box.press("Shift+ArrowDown")
    expect(page.locator("#saved")).to_have_text("已保存")
    assert box.get_attribute("x") != before
    sound = page.locator("section", has=page.locator("#sound-title"))
    sound.locator("[name=from]").fill("0:00.2")
    sound.locator("[data-now]").nth(1).click()
    sound.locator("[name=why]").fill("说出姓名")
    sound.locator("[value=mutes]").click()
    expect(sound.locator("li")).to_contain_text("说出姓名")


def test_a_clip_goes_public_at_its_page(public: tuple[Dock, str, str], browser: Browser) -> None:
    dock, clip, address = public
    with quiet_page(browser, address) as page:
        sign_in(page, "an")
        page.goto(f"/releases?clip={clip}&dialog=ask")
        is_sound(page)
        page.fill("#ask [name=case]", CASE)
        page.fill("#ask [name=reason]", "依法公示")
        page.check("#ask [name=cleared]")
        page.click("#ask .main")
        page.wait_for_url(re.compile(r"/releases/P\d{4}-0001$"))
        no = page.url.rpartition("/")[2]
        page.click("#player .main")
        page.wait_for_url("**look=*")
        draw(page)
        is_sound(page)
        page.click("form[action$='/draft'] button")
        expect(page.locator(".note.bad")).to_contain_text("尚未看完")
        page.click("#player .main")
        page.wait_for_url("**look=*")
        watch(page)
        page.click("form[action$='/draft'] button")
        expect(page.locator("#side .state").first).to_have_text("待复核", timeout=MADE_MS)
        sign_in(page, "deng")
        page.goto(f"/releases/{no}")
        page.click("[name=film]")
        page.wait_for_url("**look=*")
        watch(page)
        page.click("form[action$='/check'] button")
        expect(page.locator("#side .state").first).to_have_text("待审批")
        page.click("form[action$='/approve'] button")
        expect(page.locator("#side .state").first).to_have_text("待公示")
        sign_in(page, "an")
        page.goto(f"/releases/{no}")
        with page.expect_download() as fetched:
            page.click("form[action$='/film'] button")
        assert fetched.value.path().stat().st_size > 0
        page.fill("form[action$='/publish'] [name=words]", "市民政局网站")
        page.click("form[action$='/publish'] button")
        expect(page.locator("#side .state").first).to_have_text("已公示")
        page.goto("/releases")
        expect(page.locator("tbody")).to_contain_text(PARTY)
    with dock.opened() as station:
        release = releases.get(station.database, no)
        assert release.recipe is not None
        body = station.vault.open(recipe_key(release.recipe)).read().decode()
        assert "说出姓名" in body
        assert '"by":"P:0002' in body, "who drew it is who was signed in"
        assert [one["action"].partition(".")[2] for one in release.told()] == (
            ["asked", "drafted", "checked", "approved", "published"]
        )
