"""The pictures of the README, made anew: `python tests/review/pictures.py`. Needs ffmpeg,
chromium, a Chinese font, and what npm brings.

A station of its own in a temporary folder, a made-up card, and a shift played at its dock; nothing in it is real.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Page, sync_playwright

from docking_station.faces.board import Board, StationView
from docking_station.faces.stream import Stream
from tests.docking_station.shift import bay_at

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


def take(page: Page, into: Path) -> None:
    """Take both pictures."""
    page.goto("/bays")
    page.wait_for_selector(".bay.safe")
    page.screenshot(path=into / "bays.png")
    page.goto("/clips?kind=video&until=2026-04-30 15:05")
    page.click(".when >> nth=0")
    page.click(".open")
    page.wait_for_url("**look=*")
    page.wait_for_function("() => document.getElementById('video').currentTime > 1")
    page.click("[data-do=toggle]")
    page.click("#integrity button")
    page.wait_for_selector("#integrity.ok")
    page.screenshot(path=into / "clip.png")


def main() -> None:
    """Make the pictures in `docs/`."""
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=True).stdout
    assert fonts, "without a Chinese font every character is a box: install fonts-wqy-microhei"
    with tempfile.TemporaryDirectory() as folder:
        home, card = Path(folder) / "home", Path(folder) / "made"
        home.mkdir()
        (home / "station.toml").write_text(SETTINGS)
        make = [sys.executable, "tests/footage/card.py", "--out", str(card), "--seed", "7"]
        subprocess.run(make, cwd=ROOT, check=True)
        run(home, "init")
        run(home, "cases", "add", "2026-0311", "--title", "养老机构消防检查", "--subject", "某养老院")
        run(home, "ingest", str(card / "card"), "--case", "2026-0311")
        run(home, "work", "--once", "--kinds", "viewing-copy")
        with Stream(shift(), home / "dock.sock"), served(home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            view = {"width": 1280, "height": 720}
            with browser.new_context(base_url=address, locale="zh-CN", viewport=view) as context:  # type: ignore[arg-type]
                take(context.new_page(), ROOT / "docs")


if __name__ == "__main__":
    main()
