"""One story, with nothing made up but recorder and footage: a card is docked, watched, and what is on it is looked at.

The dock and the pages are the commands, the card is a file system on a loop device, the browser is Debian's chromium.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.docking_station.services.test_looks import closed_trail
from tests.fakes.bed import PRELOAD, ROOT, folder_beside, why_no_bed
from tests.fakes.loops import image, loop, need
from tests.fakes.waiting import PATIENCE_S, until
from tests.review.browsing import NEEDED, prefer, quiet_page
from tests.review.conftest import served
from tests.review.numbered import AVC_NAME, HEVC_NAME, actions, film_card, loops, on_frame, steps_to_the_frame
from tests.scenario.dock import SETTINGS, Dock, made_dock

pytestmark = NEEDED
FS, SERIAL, FILLER_BYTES = "ext4", "TA00003", 2_000_000
SLOW = "[dock]\nmegabytes_per_s = 1\n"
"""So that copying takes as long as a person needs to see it."""


@dataclass(frozen=True)
class Bay:
    """A station whose dock runs, and one bay, into which a recorder can be put."""

    dock: Dock
    _hand: IO[str]

    def put(self) -> None:
        """Dock the recorder."""
        self._act()

    def take(self) -> None:
        """Take it out."""
        self._act()

    def _act(self) -> None:
        self._hand.write("\n")
        self._hand.flush()


@contextmanager
def running(*words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A program of this tree with what it says and is told, ended in the end."""
    line = [sys.executable, "-m", *words]
    with subprocess.Popen(
        line, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as program:
        try:
            yield program
        finally:
            program.terminate()
            program.wait(PATIENCE_S)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_beside() as folder:
        yield folder


@pytest.fixture
def bay(tmp_path: Path) -> Iterator[Bay]:
    need(FS)
    if (why := why_no_bed()) is not None:
        pytest.skip(why)
    dock, card, policy = (
        made_dock(tmp_path / "home", SETTINGS.replace('"127.0.0.1:9464"', '""')),
        tmp_path / "card",
        tmp_path / "policy.toml",
    )
    card.mkdir()
    film_card(card)
    (card / "a.log").write_bytes(bytes(FILLER_BYTES))
    policy.write_text(SLOW)
    dock.run("policy", "adopt", policy)
    dock.run("recorders", "add", SERIAL, "--usb-serial", SERIAL)
    plain = dock.surroundings() | {"LD_PRELOAD": PRELOAD}
    with (
        loop(image(tmp_path / "card.img", FS, source=card)) as device,
        running("tests.fakes.docking", str(device), FS, SERIAL, **plain) as hand,
    ):
        assert hand.stdout is not None
        assert hand.stdin is not None
        with running("docking_station", "dock", **plain, UMOCKDEV_DIR=hand.stdout.readline().strip()):
            until((dock.home / "dock.sock").exists, "the dock")
            yield Bay(dock, hand.stdin)


def test_a_card_is_docked_and_what_is_on_it_is_watched(bay: Bay, browser: Browser) -> None:
    with served(bay.dock) as (_, address), quiet_page(browser, address) as page:
        seen_to_be_copied(page, bay)
        bay.dock.run("work", "--once", "--kinds", "viewing-copy")
        clips = {one["path"]: one["id"] for one in bay.dock.every_clip()}
        listed(page, clips)
        for name, language, says in (
            (AVC_NAME, "zh", "这里看到的就是原件"),
            (HEVC_NAME, "en", "A viewing copy plays"),
        ):
            prefer(page, language, "light")
            no_byte_while_the_trail_is_closed(page, bay, clips[name])
            watched(page, bay, clips[name], says)


def seen_to_be_copied(page: Page, bay: Bay) -> None:
    """The tile of the bay changes while somebody looks; the page is never loaded again."""
    page.goto("/bays")
    expect(page.locator("#live")).to_have_class("live")
    page.evaluate("window.loaded = 'once'")
    bay.put()
    tile = page.locator("#bay-1")
    expect(tile).to_have_class("bay copying", timeout=PATIENCE_S * 1000)
    expect(tile).to_contain_text("采集中")
    expect(tile).to_contain_text("人可以先走")
    expect(tile).to_have_class("bay safe", timeout=PATIENCE_S * 1000)
    expect(tile).to_contain_text("可取走")
    bay.take()
    expect(tile).to_have_class("bay empty", timeout=PATIENCE_S * 1000)
    assert page.evaluate("window.loaded") == "once"


def listed(page: Page, clips: dict[str, str]) -> None:
    """Both are in the list, with their pictures."""
    page.click(".rail [href='/clips']")
    for name in (AVC_NAME, HEVC_NAME):
        row = page.locator("tr", has=page.locator(f".when[href='/clips/{clips[name]}']"))
        expect(row).to_contain_text(SERIAL)
        assert row.locator("img").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") > 0


def no_byte_while_the_trail_is_closed(page: Page, bay: Bay, clip: str) -> None:
    """Who presses "play" then sees why, and nothing is asked for."""
    page.goto(f"/clips/{clip}")
    asked, before = list[str](), actions(bay.dock, clip)
    page.on("request", lambda one: asked.append(one.url) if "/looks/" in one.url else None)
    with bay.dock.opened() as station, closed_trail(station):
        with page.expect_response("**/look") as answered:
            page.click(".open")
        assert answered.value.status == 503
        expect(page.locator("#went-wrong")).to_be_visible()
    assert (asked, actions(bay.dock, clip)) == ([], before)


def watched(page: Page, bay: Bay, clip: str, says: str) -> None:
    """It plays to the frame; the one line of the look is on the trail before its first byte is asked for."""
    before, at_first_byte = actions(bay.dock, clip), list[list[str]]()

    def first(route: Route) -> None:
        at_first_byte.append(actions(bay.dock, clip))
        route.continue_()

    page.route("**/content", first)
    page.goto(f"/clips/{clip}")
    page.click(".open")
    expect(page.locator("#player")).to_contain_text(says)
    page.wait_for_function("() => document.getElementById('video').currentTime > 0.2")
    page.keyboard.press("k")
    expect(page.locator(".when-paused")).to_be_visible()
    steps_to_the_frame(page)
    on_frame(page, 27)
    loops(page)
    lines = [*before, "clip.shown", "clip.viewed"]
    assert at_first_byte[0] == lines
    assert actions(bay.dock, clip) == lines
