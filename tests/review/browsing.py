"""Debian's chromium, and pages nothing may complain about: no console message, no other host, no fault axe finds.

A module that browses names `NEEDED` as its `pytestmark`, and has a fixture `address` where its station is served.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.house.tree import ROOT

CHROMIUM = shutil.which("chromium")
AXE = ROOT / "node_modules/axe-core/axe.min.js"
NEEDED = [
    pytest.mark.skipif(CHROMIUM is None or not AXE.exists(), reason="no chromium, or npm did not bring axe-core"),
    pytest.mark.timeout(300),
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)  # on a machine four times as busy a page takes more than the usual five seconds
OF_A_STREAM = re.compile(r"htmx:sse|/bays/events|network error|Failed to fetch")
"""A stream that ends while its page is left is no fault; browser and htmx say so at times."""


def of_its_own_status(said: ConsoleMessage) -> bool:
    """Whether the browser only says that a page, or what belongs to it, is one of an error: the page's words say it."""
    assert said.page is not None
    belongs = said.location["url"].startswith(said.page.url.partition("?")[0])
    return said.text.startswith("Failed to load resource") and belongs


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; while it runs, no other event loop runs in this thread."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def quiet_page(browser: Browser, address: str, width: int = 1366, height: int = 768) -> Iterator[Page]:
    """A page that nothing may complain about; asked for in Chinese."""
    view = {"width": width, "height": height}
    with browser.new_context(base_url=address, locale="zh-CN", viewport=view) as context:  # type: ignore[arg-type]
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda said: None if of_its_own_status(said) else complaints.append(f"{said.type} {said}"))
        page.add_init_script("addEventListener('securitypolicyviolation', (at) => console.error(at.violatedDirective))")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
        yield page
        found = [one for one in complaints if not one.startswith("data:") and not OF_A_STREAM.search(one)]
        assert not found, found


def faults(page: Page) -> list[str]:
    """What axe finds on a page as it is now."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


def prefer(page: Page, language: str, theme: str, size: str = "plain") -> None:
    """Choose language, theme and size, as the buttons of a page do."""
    chosen = {"lang": language, "theme": theme, "size": size}
    place = urljoin(page.url, "/")
    page.context.add_cookies([{"name": name, "value": value, "url": place} for name, value in chosen.items()])


def sideways(page: Page, widths: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The sizes of a window in which a page can be pushed sideways."""
    found = []
    for width, height in widths:
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append((width, height))
    return found
