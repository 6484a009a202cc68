"""A station with a film of each of two people, asked as programs ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from docking_station.station.station import Station
from tests.footage.coded import coded
from tests.review.conftest import asking
from tests.scenario.dock import Dock

FILM = coded(seconds=2)
FILES = {"EV00001_JY0001_20260311093620.MP4": FILM, "EV00001_JY0001_20260311093720.LOG": b"log\n"}
ROOT = "/api/v1"


@pytest.fixture(scope="module")
def station(
    filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Station]:
    """A station with a film and a log."""
    with filed_dock(tmp_path_factory.mktemp("api") / "home", FILES).opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def api(station: Station) -> TestClient:
    """Whoever runs the pages, while nobody is entered."""
    return asking(station)


@pytest.fixture(scope="module")
def film(station: Station) -> str:
    """The number of the film."""
    (row,) = station.database.query("SELECT id FROM clip WHERE kind = 'video'", {})
    return str(row["id"])
