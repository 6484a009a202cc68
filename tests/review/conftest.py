"""The pages of a station, asked without a browser; and the same in Debian's chromium."""

from __future__ import annotations

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


@pytest.fixture
def pages(dock: Dock) -> Iterator[TestClient]:
    """The pages of a station that has seen nothing yet."""
    with pages_of(dock) as client:
        yield client
