"""The pages of a station, asked without a browser; and the same in Debian's chromium."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from docking_station.station.station import Station
from review.app import make_app
from tests.fakes.callers import ME
from tests.scenario.dock import Dock

HOST = "http://127.0.0.1:8760"
Asking = Callable[[Station], TestClient]


def asking(station: Station, host: str = HOST) -> TestClient:
    """Whoever asks for pages of a station, as a browser on this machine does; Chinese unless it says otherwise."""
    return TestClient(make_app(station, ME), base_url=host, raise_server_exceptions=False, follow_redirects=False)


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
    command = [sys.executable, "-m", "docking_station", "serve", "--port", str(free_port())]
    home = {"EVIDOCK_HOME": str(dock.home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | home) as program:
        try:
            assert program.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", program.stdout.readline())
            assert found is not None
            yield program, found[0]
        finally:
            program.terminate()


@pytest.fixture
def pages(dock: Dock) -> Iterator[TestClient]:
    """The pages of a station that has seen nothing yet."""
    with pages_of(dock) as client:
        yield client
