"""The pages as people meet them, in Debian's chromium: up to date, by keyboard, without complaint of browser or axe.

One browser and one station for all; a page that asks another host, or writes to the console, fails.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from docking_station.faces.board import BayView, Board, StationView
from docking_station.faces.stream import Stream
from tests.docking_station.running import fill
from tests.house.tree import ROOT
from tests.scenario.dock import Dock, made_dock

CHROMIUM = shutil.which("chromium")
AXE = ROOT / "node_modules/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None or not AXE.exists(), reason="no chromium, or npm did not bring axe-core"),
    pytest.mark.timeout(300),
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = ((1280, 800), (1366, 768), (1920, 1080), (683, 384))
"""The last one is the second at 200 %."""
NOW = datetime(2026, 3, 5, tzinfo=UTC)
SEEN = BayView("3", "usb-3", "copying", NOW, recorder="TA00003", officer="JX0003", files=4, size_bytes=4)
COPYING = replace(SEEN, files_done=1, done_bytes=1, left_s=120.0)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    place = tmp_path_factory.mktemp("pages")
    dock = made_dock(place / "home")
    (place / "card").mkdir()
    dock.ingest(fill(place / "card", {"a.log": 100, "b.log": 200}), "--recorder", "TA00003", "--officer", "JX0003")
    return dock


@pytest.fixture(scope="module")
def address(station: Dock) -> Iterator[str]:
    """Where the pages of that station are served, by the command itself."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    command, home = (
        [sys.executable, "-m", "docking_station", "serve", "--port", str(port)],
        {"EVIDOCK_HOME": str(station.home)},
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | home) as served:
        try:
            assert served.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", served.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            served.terminate()


@pytest.fixture(scope="module")
def board(station: Dock) -> Iterator[Board]:
    board = Board(StationView("城东执法站 1 号", clock="synchronised"))
    board.show(COPYING)
    board.show(replace(COPYING, bay="4", state="empty", officer=None, recorder=None))
    with Stream(board, station.home / "dock.sock"):
        yield board


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser: Browser, address: str, board: Board) -> Iterator[Page]:
    """A page that nothing may complain about."""
    with browser.new_context(base_url=address, locale="zh-CN", viewport={"width": 1366, "height": 768}) as context:
        found, complaints = context.new_page(), list[str]()
        found.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
        yield found
        # A stream that ends while its page is left is no fault, and htmx says so at times.
        assert [one for one in complaints if not one.startswith("data:") and "htmx:sse:error" not in one] == []


def faults(page: Page) -> list[str]:
    """What axe finds on a page as it is now."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.parametrize("where", ["/bays", "/clips", "/clips?since=2026-03-05&case=x"])
def test_a_page_is_sound_in_both_themes_and_languages_at_every_width(page: Page, where: str) -> None:
    page.goto(where)
    for language, theme in (("en", "light"), ("zh", "dark")):
        for wanted in (language, theme):
            if page.locator(f"button[value={wanted}]").count():  # else it is chosen already
                page.click(f"button[value={wanted}]")
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert faults(page) == []
    page.click("button[value=large]")
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (where, width)


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
    page.route("**/bays/events", lambda route: None)  # the program says nothing any more
    page.reload()
    expect(tile).to_have_class("bay safe")
    page.clock.fast_forward(16_000)
    expect(page.locator(".gone")).to_contain_text("记录仪内的录像不会丢失")
    assert "可取走" not in tile.inner_text()
    assert "状态不明" in tile.inner_text()
    board.show(COPYING)


def test_a_clip_is_found_by_keyboard_alone(page: Page) -> None:
    page.goto("/clips")
    expect(page.locator(".when")).to_have_count(2)
    page.focus("#recorder")
    page.keyboard.type("TA00004")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("没有符合这些条件的资料")
    expect(page.locator("#recorder")).to_have_value("TA00004")
    page.focus(".empty a")
    page.keyboard.press("Enter")
    expect(page.locator(".when")).to_have_count(2)
