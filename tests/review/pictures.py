"""The pictures of the desks in `docs/desks/`, made anew: `python tests/review/pictures.py`.

Needs ffmpeg, chromium, a Chinese font, and what npm brings. A station of its own in a temporary folder, the made-up
bureau (`tests/footage/bureau.py`), and a shift played at its dock; nothing in it is real.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

from docking_station.faces.board import Board, StationView
from docking_station.faces.stream import Stream
from tests.docking_station.shift import bay_at
from tests.footage.bureau import SECRETS

ROOT = Path(__file__).parents[2]
SETTINGS = 'language = "zh"\n[station]\nname = "民政执法 1 号站"\n[vault]\nimmutable = "never"\n'
BAYS, MOMENT_S = 12, 48.0
NOW = datetime(2026, 3, 5, tzinfo=UTC)


def run(home: Path, *words: str) -> None:
    """Run a command of the station."""
    subprocess.run(
        [sys.executable, "-m", "docking_station", *words],
        cwd=ROOT,
        check=True,
        env=os.environ | {"EVIDOCK_HOME": str(home)},
    )


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of the station's pages, for as long as they are served."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = str(door.getsockname()[1])
    command = [sys.executable, "-m", "docking_station", "serve", "--port", port]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"EVIDOCK_HOME": str(home)}
    ) as program:
        try:
            assert program.stdout is not None
            program.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            program.terminate()


def shift() -> Board:
    """A board in the middle of a shift."""
    board = Board(StationView("民政执法 1 号站", clock="synchronised", spool_free_bytes=1_900_000_000_000, unsealed=3))
    for number in range(1, BAYS + 1):
        view = bay_at(number, MOMENT_S, NOW)
        board.show(replace(view, officer=view.officer and f"民执{number:03d}"))
    return board


def sign_in(page: Page, account: str) -> None:
    """Sign in as one of the made-up bureau."""
    page.goto("/sign-in")
    page.fill("[name=account]", account)
    page.fill("[name=secret]", SECRETS[account])
    page.click("main .button.main")
    page.wait_for_load_state()


def case_played(page: Page) -> None:
    """The inspection with three recorders, a record beside it, playing."""
    page.goto("/cases")
    page.click("text=松柏养老院 >> nth=0")
    page.click("text=现场检查笔录 >> nth=0")
    page.wait_for_load_state("networkidle")
    play = page.locator(".player-open, [data-do=open], .open").first
    if play.count():
        play.click()
        page.wait_for_timeout(3000)


def clip_verified(page: Page) -> None:
    """A film of one's own, playing, and verified just now."""
    page.goto("/clips?kind=video&officer=JX0003")
    page.click(".when >> nth=0")
    page.click(".open")
    page.wait_for_function("() => document.getElementById('video')?.currentTime > 1")
    page.click("[data-do=toggle]")
    page.click("#integrity button")
    page.wait_for_selector("#integrity.ok")


def round_read(page: Page) -> None:
    """A case under legal review, its report open beside the points."""
    page.goto("/reviews")
    page.click("main .strong >> nth=0")
    page.click("text=案件调查终结报告 >> nth=0")
    page.wait_for_load_state("networkidle")


def release_drawn(page: Page) -> None:
    """A film of a decided case to be made public, with a box drawn over it."""
    page.goto("/clips?kind=video&case=示民封〔2026〕2号")
    page.click(".when >> nth=0")
    page.click("a[href^='/releases?clip']")
    page.fill("#ask [name=reason]", "以案释法")
    page.check("#ask [name=cleared]")
    page.click("#ask .main")
    page.click("#player .main")
    page.wait_for_selector("[data-ready=yes]")
    page.wait_for_function("() => document.getElementById('video')?.currentTime > 2")
    page.click("[data-redact=add]")
    at = page.locator("#boxes").bounding_box()
    assert at is not None
    page.mouse.move(at["x"] + at["width"] * 0.3, at["y"] + at["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] * 0.45, at["y"] + at["height"] * 0.5, steps=5)
    page.mouse.up()
    page.wait_for_selector(".tracks li")
    page.wait_for_timeout(1500)


def year_counted(page: Page) -> None:
    """What the year looks like so far."""
    page.goto("/statistics")
    page.click("text=本年")
    page.wait_for_load_state()


DESKS: tuple[tuple[str, str, str | Callable[[Page], None]], ...] = (
    ("bays", "", "/bays"),
    ("start", "an", "/"),
    ("approvals", "deng", "/"),
    ("cases", "an", "/cases"),
    ("case", "cheng", case_played),
    ("clips", "an", "/clips"),
    ("clip", "fang", clip_verified),
    ("reviews", "cheng", round_read),
    ("releases", "an", release_drawn),
    ("queue", "an", "/queue"),
    ("held", "an", "/held"),
    ("disclosures", "an", "/disclosures"),
    ("statistics", "deng", year_counted),
    ("keeping", "an", "/keeping"),
    ("requests", "deng", "/requests"),
    ("people", "an", "/people"),
    ("trail", "deng", "/trail"),
    ("policy", "an", "/policy"),
)
"""A picture: its name, who looks, and where."""


def take(context: BrowserContext, into: Path) -> None:
    """Take each picture, as small as it can be read."""
    into.mkdir(exist_ok=True)
    for name, account, where in DESKS:
        context.clear_cookies()
        page = context.new_page()
        if account:
            sign_in(page, account)
        if callable(where):
            where(page)
        else:
            page.goto(where)
            page.wait_for_timeout(1500)
        body = io.BytesIO(page.screenshot())
        page.close()
        picture = Image.open(body).convert("RGB").quantize(64, dither=Image.Dither.NONE)
        picture.save(into / f"{name}.png", optimize=True)


def main() -> None:
    """Make the pictures in `docs/desks/`."""
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=True).stdout
    assert fonts, "without a Chinese font every character is a box: install fonts-wqy-microhei"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "station.toml").write_text(SETTINGS)
        run(home, "init")
        fill = [sys.executable, "tests/footage/bureau.py", str(Path(folder) / "cards")]
        subprocess.run(fill, cwd=ROOT, check=True, env=os.environ | {"EVIDOCK_HOME": str(home)})
        run(home, "work", "--once")
        with Stream(shift(), home / "dock.sock"), served(home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            view = {"width": 1366, "height": 768}
            with browser.new_context(base_url=address, locale="zh-CN", viewport=view) as context:  # type: ignore[arg-type]
                take(context, ROOT / "docs/desks")


if __name__ == "__main__":
    main()
