"""A station with a film of each of two people, asked as programs ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.rules.callers import Account, Caller
from docking_station.services import people, tokens
from docking_station.services.people import set_secret
from docking_station.services.tokens import SCOPES
from docking_station.station.station import Station
from tests.fakes.people import caller, enter
from tests.footage.coded import coded
from tests.review.conftest import asking
from tests.scenario.dock import Dock

FILM = coded(seconds=2)
FILES = {"EV00001_JY0001_20260311093620.MP4": FILM, "EV00001_JY0001_20260311093720.LOG": b"log\n"}
ROOT = "/api/v1"
SECRET = "a secret of one's own"
UIDS = {"keeper": 1004, "deputy": 1005}


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


@pytest.fixture(scope="module")
def bureau(
    filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Station]:
    """A station with a film, and five people, two of whom sign in."""
    home = tmp_path_factory.mktemp("bureau") / "home"
    with filed_dock(home, FILES).opened() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "account_called", {name: Account(uid, name) for name, uid in UIDS.items()}.get)
        enter(opened.database, opened.act_writer.carry_out, opened.now())
        for who in (caller("0104"), caller("0105")):
            set_secret(opened, who, who.person, SECRET, [who])
        yield opened


@pytest.fixture(scope="module")
def footage(bureau: Station) -> str:
    """The number of their film."""
    (row,) = bureau.database.query("SELECT id FROM clip WHERE kind = 'video'", {})
    return str(row["id"])


@pytest.fixture(scope="module")
def bearer(bureau: Station) -> Callable[..., TestClient]:
    """A program that asks for somebody, with all scopes or some."""
    return lambda no, *scopes: by_token(bureau, caller(no), *scopes)


def by_token(station: Station, who: Caller, *scopes: str) -> TestClient:
    """A program that asks for a person."""
    secret, _ = tokens.issue(station, who, "tests", scopes or SCOPES, station.now() + timedelta(days=1), ())
    client = asking(station)
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def signed_in(station: Station, account: str) -> TestClient:
    """A browser in which somebody signed in."""
    client = asking(station)
    client.post("/sign-in", data={"account": account, "secret": SECRET, "to": "/clips"})
    client.headers["x-csrf-token"] = client.get(f"{ROOT}/session").json()["csrf"]
    return client
