"""A bureau of five at the pages; two of them have a secret."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from catalog.rules.callers import LOGIN, Account, Caller
from docking_station.services import people
from docking_station.services.people import Typed, set_secret
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.people import enter

UIDS = {"first": 1001, "keeper": 1004, "deputy": 1005}
SECRET = "a secret of one's own"
KEEPER, DEPUTY = Typed("keeper", SECRET), Typed("deputy", SECRET)


def enter_bureau(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter the five, with accounts of this machine for some of them."""
    found = {name: Account(uid, name) for name, uid in UIDS.items()}
    monkeypatch.setattr(people, "account_called", found.get)
    enter(station.database, station.act_writer.carry_out, station.now())
    for name in ("keeper", "deputy"):
        set_secret(station, ME, name, SECRET, [Caller(name, name, LOGIN)])


def signed_in(pages: TestClient, account: str = "keeper", secret: str = SECRET, to: str = "/clips") -> int:
    answer = pages.post("/sign-in", data={"account": account, "secret": secret, "to": to})
    pages.headers["x-csrf-token"] = form_token(pages)
    return answer.status_code


def form_token(pages: TestClient) -> str:
    """What the pages of this browser carry."""
    (found,) = re.findall(r'name="form-token" content="([^"]*)"', pages.get("/sign-in").text)
    return str(found)
