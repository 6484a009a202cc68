"""The story of one clip at every desk, in Debian's chromium: from the bay to the copy that leaves the house.

A made-up bureau (tests/footage/bureau.py) whose people have accounts of the pages alone, films whose every frame shows
its number (tests/review/numbered.py), really ingested, in H.264 and in H.265; the pages are the command. What each of
them did is asserted by the lines of the trail, in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.cases import cases
from catalog.trail import trail
from docking_station.derived.burnt import font
from docking_station.faces.board import Board, StationView
from docking_station.faces.stream import Stream
from docking_station.services.case_parts import name_reviewer
from docking_station.services.cases import open_case
from docking_station.services.ingest_card import ingest
from docking_station.services.papers import add_paper
from docking_station.services.policy import SHIPPED, adopt_policy
from docking_station.station.identity import caller_of_process
from tests.fakes.waiting import PATIENCE_S
from tests.footage.bureau import DEPUTY, KEEPER, SECRETS, enter_people, enter_recorders
from tests.review.browsing import NEEDED, prefer, quiet_page
from tests.review.conftest import COPYING, served
from tests.review.numbered import AVC_NAME, FPS, HEVC_NAME, NUMBER_OF, film_card, on_frame
from tests.review.test_case import SHOWN
from tests.review.test_keyboard import to
from tests.scenario.dock import Dock, made_dock
from tests.scenario.places import mounted

pytestmark = NEEDED
CASE, PARTY, REASON = "示民检〔2026〕11号", "松柏养老院", "附卷提交"
BEGINS = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
LATER_NAME, LATER_S = "TA00003_JX0003_20260305093006.MP4", 6
"""The film in H.265 begins so long after the one in H.264."""
RECORDS = {"site-record": 2, "question-record": 7}
"""When each record begins, in seconds: the first in the one film, the second in the other."""
PICTURE = (
    f"(number) => {{ const [film] = ({SHOWN})(); return film && !film.seeking && ({NUMBER_OF})(film) === number; }}"
)
DISK = "/mnt"
"""Where a disk for bundles is, for the station alone."""
READ = "list.read", "session.begun", "session.ended"
"""Lines of who came and went, and of lists."""


@dataclass(frozen=True)
class Desks:
    """A station with its pages open: the numbers of its films by their names, of its records by what they are."""

    dock: Dock
    address: str
    films: dict[str, str]
    records: dict[str, str]

    def lines(self, after: int = 0) -> dict[int, tuple[str, str, str]]:
        """Who did what to what, by the number of the line, behind a line of the trail."""
        with self.dock.opened() as station:
            found = trail.lines(station.database, after=after)
        return {one.line: (one.entry.actor[2:6], one.entry.action, one.entry.subject) for one in found}


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    place = tmp_path_factory.mktemp("desks")
    dock, card = made_dock(place / "home"), place / "card"
    card.mkdir()
    film_card(card)
    (card / HEVC_NAME).rename(card / LATER_NAME)
    with dock.opened() as station:
        adopt_policy(station, caller_of_process(), SHIPPED, lambda before, after: None)
        enter_people(station)
        enter_recorders(station, BEGINS - timedelta(days=60))
        said: dict[str, Any] = {"title": "养老机构消防检查", "kind": "inspection", "unit": "ylfw", "state": "open"}
        said |= {"officers": ["0003"], "parties": [{"name": PARTY}], "begins_at": BEGINS}
        said["ends_at"] = BEGINS + timedelta(minutes=30)
        case = open_case(station, KEEPER, [cases.number(CASE, "office")], said).id
        name_reviewer(station, DEPUTY, case, "0005", None, "送审")
        records = {}
        for code, at_s in RECORDS.items():
            begins = BEGINS + timedelta(seconds=at_s)
            about = {"code": code, "begins_at": begins, "ends_at": begins + timedelta(seconds=1), "officers": ["0003"]}
            records[code] = add_paper(station, KEEPER, case, about).id
        filed = ingest(station, KEEPER, card, "TA00003", "JX0003", None, None).filed
    dock.run("work", "--once", "--kinds", "viewing-copy")
    board = Board(StationView("民政执法 1 号站", clock="synchronised"))
    board.show(replace(COPYING, state="safe", officer="方外勤", left_s=None))
    with (
        mounted(f"mount -t tmpfs -o size=9g disk {DISK}") as enter,
        Stream(board, dock.home / "dock.sock"),
        served(dock.within(*enter)) as (_, address),
    ):
        yield Desks(dock, address, {one.path: one.id for one in filed}, records)


def sign_in(page: Page, account: str) -> None:
    """One leaves, the other comes."""
    if page.locator("[action='/sign-out']").count():
        page.click("[action='/sign-out'] button")
    page.goto("/sign-in")
    page.fill("[name=account]", account)
    page.fill("[name=secret]", SECRETS[account])
    page.click("main .button.main")
    expect(page.locator(".who")).to_be_visible()


def rail(page: Page, desk: str) -> None:
    page.click(f".rail [href='{desk}']")
    page.wait_for_url(f"**{desk}")


@pytest.mark.skipif(font() is None, reason="no Chinese font")
def test_each_does_their_part_at_their_desk(desks: Desks, browser: Browser) -> None:
    before = max(desks.lines())
    with quiet_page(browser, desks.address) as page:
        at_the_bay(page, desks)
        sign_in(page, "an")
        linked_from_the_queue(page, desks)
        sign_in(page, "cheng")
        reviewed(page, desks)
        sign_in(page, "fang")
        request = asked(page, desks)
        sign_in(page, "deng")
        approved(page, request)
        sign_in(page, "an")
        handed_out(page, request)
        sign_in(page, "deng")
        page.click(".rail [href='/registers']")
        page.click("main [href='/trail']")
        page.wait_for_url("**/trail")
        shown = {int(one) for one in page.locator("td:first-child a").all_inner_texts()}
    found = desks.lines(before)
    assert shown >= found.keys() - {max(found)}, "each line stands on the page"
    first, later = desks.films[AVC_NAME], desks.films[LATER_NAME]
    no = request.rpartition("/")[2]
    looks = [("0005", action, film) for action in ("clip.viewed", "clip.view-ended") for film in (first, later)]
    assert [one for one in found.values() if one[1] not in READ] == [
        ("0003", "clip.link-added", first),
        ("0002", "clip.link-added", later),
        ("0002", "clip.shown", later),
        *looks,
        ("0003", "request.asked", no),
        ("0001", "request.granted", no),
        ("0002", "clip.exported", first),
        ("0002", "copy.made", f"{no}-1"),
        ("0002", "clip.exported", first),
        ("0002", "copy.handed", f"{no}-1"),
        ("0002", "clip.exported", first),
        ("0002", "copy.made", f"{no}-2"),
        ("0002", "copy.handed", f"{no}-2"),
    ]


def at_the_bay(page: Page, desks: Desks) -> None:
    """The officer sees that the recorder may be taken, says who they are, and links one of two films."""
    page.goto("/bays")
    tile = page.locator("#bay-1")
    expect(tile).to_contain_text("可取走")
    tile.locator(".no").click()
    page.fill("[name=account]", "fang")
    page.fill("#pin [name=secret]", SECRETS["fang"])
    page.click("#pin .main")
    expect(page.locator(".cards .party").first).to_have_text(PARTY)
    page.uncheck(f"[name=clip-{desks.films[LATER_NAME]}]")
    page.click(".save .main")
    expect(page.locator(".note.ok")).to_contain_text(f"已保存：1 份关联到 {CASE}")


def linked_from_the_queue(page: Page, desks: Desks) -> None:
    """The custodian finds the other one, links it, and finds it by its case."""
    rail(page, "/queue")
    expect(page.locator(".party").first).to_contain_text(PARTY)
    page.click("[data-key=y]")
    expect(page.locator(".toast")).to_contain_text("已将 1 份关联到")
    rail(page, "/clips")
    page.fill("#case", CASE)
    page.click(".search > .button.main")
    page.click(f".when[href='/clips/{desks.films[LATER_NAME]}']")
    expect(page.locator("main")).to_contain_text(CASE)


def reviewed(page: Page, desks: Desks) -> None:
    """The reviewer sees what is missing, plays both films, and goes from record to moment and from moment to record."""
    rail(page, "/cases")
    page.click(f"text={PARTY} >> nth=0")
    expect(page.locator("[aria-labelledby=lacks-title]")).to_contain_text("记录仪时钟有误")
    page.click("#play")
    page.wait_for_function(f"() => ({SHOWN})()[0]?.currentTime > 0.2")
    page.keyboard.press("k")
    page.click(f".paper[data-r='{desks.records['site-record']}']")
    heading, officers = page.locator("#record > header h2"), page.locator("#record .said")
    expect(heading).to_contain_text("现场检查笔录")
    expect(officers).to_contain_text("方外勤")
    page.wait_for_function(PICTURE, arg=RECORDS["site-record"] * FPS)
    page.click(f".square[data-r='{desks.records['question-record']}'] rect")
    expect(heading).to_contain_text("询问笔录")
    page.wait_for_function(PICTURE, arg=(RECORDS["question-record"] - LATER_S) * FPS)


def asked(page: Page, desks: Desks) -> str:
    """The officer asks for a copy of a film; what they asked for is not theirs to approve. Its address."""
    rail(page, "/clips")
    page.check(f"[name=clip][value='{desks.films[AVC_NAME]}']")
    page.click("button[value=copy]")
    page.click("main .button.main")
    page.fill("#reason", REASON)
    page.fill("#use", "案卷")
    page.click("main .button.main")
    page.wait_for_url(re.compile("/requests/R"))
    expect(page.locator("#step-withdraw")).to_be_visible()
    expect(page.locator("#step-approve")).to_have_count(0)
    return page.url.removeprefix(desks.address)


def approved(page: Page, request: str) -> None:
    """The deputy finds it among what waits for them."""
    rail(page, "/requests")
    page.click(f"main [href='{request}']")
    page.click("#step-approve .button.main")
    expect(page.locator("#facts-title + .state")).to_have_text("已批准")


def handed_out(page: Page, request: str) -> None:
    """The custodian makes a copy, fetches its film, makes a bundle on a disk, and hands both out."""
    rail(page, "/requests")
    page.click(f"main [href='{request}']")
    for number, kind in enumerate(("copy", "bundle")):
        if kind == "bundle":
            page.select_option("[name=disk]", DISK)
        page.click(f"[action='{request}/{kind}'] button")
        hand = page.locator(f"[action='{request}/hand']")
        expect(hand).to_be_visible(timeout=PATIENCE_S * 1000)
        if kind == "copy":
            with page.expect_download() as fetched:
                page.click(f"[action='{request}/film'] button")
            assert fetched.value.path().read_bytes()[4:8] == b"ftyp"
        hand.locator("[name=medium]").fill("光盘")
        hand.locator("[name=receiver]").fill("市复议机关")
        hand.locator("button").click()
        expect(page.locator("[aria-labelledby=copies-title] .state").nth(number)).to_have_text("已交付")


def test_the_same_by_keyboard_alone(desks: Desks, browser: Browser) -> None:
    """In English: the officer finds a film, plays it to the frame and asks for a copy; the deputy approves."""
    before, film = max(desks.lines()), desks.films[AVC_NAME]
    with quiet_page(browser, desks.address) as page:
        page.goto("/sign-in")
        prefer(page, "en", "light")
        page.goto("/sign-in")
        typed_in(page, "fang")
        opened(page, ".rail [href='/clips']", "/clips")
        opened(page, f".when[href='/clips/{film}']", f"/clips/{film}")
        to(page, ".open")
        page.keyboard.press("Enter")
        page.wait_for_url("**look=*")
        page.wait_for_function("() => document.getElementById('video').currentTime > 0.2")
        to(page, "#seek")
        to(page, "[data-do=toggle]")
        page.keyboard.press("Enter")
        expect(page.locator(".when-paused")).to_be_visible()
        to(page, "#seek", "Shift+Tab")
        page.keyboard.press("Home")
        to(page, "[data-do=frame]")
        page.keyboard.press("Enter")
        on_frame(page, 1)
        opened(page, "main [href*='do=copy']", "/chosen")
        opened(page, "main .button.main", "/requests/new")
        to(page, "#reason")
        page.keyboard.type("for the file")
        opened(page, "main .button.main", "/requests/R")
        request = page.url.removeprefix(desks.address)
        opened(page, "[action='/sign-out'] button", "/sign-in")
        typed_in(page, "deng")
        opened(page, ".rail [href='/requests']", "/requests")
        opened(page, f"main [href='{request}']", request)
        to(page, "#step-approve .button.main")
        page.keyboard.press("Enter")
        expect(page.locator("#facts-title + .state")).to_have_text("granted")
    no = request.rpartition("/")[2]
    assert [one for one in desks.lines(before).values() if one[1] not in READ] == [
        ("0003", "clip.shown", film),
        ("0003", "clip.viewed", film),
        ("0003", "request.asked", no),
        ("0003", "clip.view-ended", film),
        ("0001", "request.granted", no),
    ]


def opened(page: Page, wanted: str, address: str) -> None:
    """Go there by Tab, press Enter, and wait for the page that it leads to."""
    to(page, wanted)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: address in url)


def typed_in(page: Page, account: str) -> None:
    """Sign in where the focus is already."""
    expect(page.locator("[name=account]")).to_be_focused()
    page.keyboard.type(account)
    page.keyboard.press("Tab")
    page.keyboard.type(SECRETS[account])
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_be_visible()
