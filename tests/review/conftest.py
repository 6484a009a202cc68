"""The pages of a station, asked without a browser; and the same in Debian's chromium."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from docking_station.faces.board import BayView, Board, State, StationView
from docking_station.faces.stream import Stream
from docking_station.station.station import Station
from review.app import make_app
from tests.docking_station.running import fill
from tests.docking_station.shift import HELD
from tests.fakes.callers import ME
from tests.fakes.waiting import until
from tests.footage.clips import made
from tests.footage.coded import AVC
from tests.review.browsing import chromium, quiet_page
from tests.review.bureau import enter_bureau
from tests.review.numbered import NUMBERED, SECONDS, UNPLAYED_NAME, film_card
from tests.scenario.dock import Dock, made_dock

HOST = "http://127.0.0.1:8760"
COPYING = BayView(
    "3", "usb-3", "copying", datetime(2026, 3, 5, tzinfo=UTC), recorder="TA00003", officer="JX0003", files=4,
    size_bytes=4, files_done=1, done_bytes=1, left_s=120.0,
)  # fmt: skip
Asking = Callable[[Station], TestClient]


def asking(station: Station, host: str = HOST, **parts: Any) -> TestClient:
    """Whoever asks for pages of a station, as a browser on this machine does; Chinese unless it says otherwise."""
    app = make_app(station, ME, **parts)
    return TestClient(app, base_url=host, raise_server_exceptions=False, follow_redirects=False)


@contextmanager
def pages_of(dock: Dock) -> Iterator[TestClient]:
    """The pages of a station that is opened for it."""
    with dock.opened() as station:
        yield asking(station)


def free_port() -> int:
    """A port nothing is served at."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@contextmanager
def served(dock: Dock) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command `evidock serve` while it runs, and the address it says."""
    command = dock.line("serve", "--port", str(free_port()))
    home = {"EVIDOCK_HOME": str(dock.home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | home) as program:
        try:
            assert program.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", program.stdout.readline())
            assert found is not None
            yield program, found[0]
        finally:
            program.terminate()


@contextmanager
def listening(station: Station) -> Iterator[str]:
    """The address of a station's pages, served by this process to whoever runs it."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(asking(station).app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, "the pages")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def pages(dock: Dock) -> Iterator[TestClient]:
    """The pages of a station that has seen nothing yet."""
    with pages_of(dock) as client:
        yield client


@pytest.fixture
def bureau(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    """A station with five people, two of whom have a secret; it has seen nothing yet."""
    with dock.opened() as opened:
        enter_bureau(opened, monkeypatch)
        yield opened


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """A station with clips whose frames show their numbers (tests/review/numbered.py), and their viewing copies."""
    place = tmp_path_factory.mktemp("pages")
    dock = made_dock(place / "home")
    card = fill(place / "card", {"a.log": 100})
    film_card(card)
    (card / UNPLAYED_NAME).write_bytes(made("mp4", SECONDS - 1, *NUMBERED, *AVC, "-movflags", "+faststart"))
    dock.ingest(card, "--recorder", "TA00003", "--officer", "JX0003")
    dock.run("work", "--once", "--kinds", "viewing-copy")
    return dock


@pytest.fixture(scope="session")
def address(station: Dock) -> Iterator[str]:
    """Where its pages are served."""
    with served(station) as (_, address):
        yield address


@pytest.fixture(scope="session")
def board(station: Dock) -> Iterator[Board]:
    """Its bays, told as a dock tells them: the first is being copied, then one in every state."""
    board = Board(StationView("城东执法站 1 号", clock="synchronised"))
    board.show(COPYING)
    views = [*(replace(COPYING, state=state) for state in get_args(State)), replace(COPYING, clearing=True)]
    for number, view in enumerate(views, 4):
        why = HELD if view.state in ("held", "full", "unknown") else None
        board.show(replace(view, bay=str(number), port=f"usb-{number}", why=why))
    with Stream(board, station.home / "dock.sock"):
        yield board


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; while a module has it, no other event loop runs in its thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, address: str, board: Board) -> Iterator[Page]:
    """A page of that station that nothing may complain about."""
    with quiet_page(browser, address) as page:
        yield page
