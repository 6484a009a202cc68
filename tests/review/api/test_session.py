"""Signing in over HTTP, one's own tokens, and how often somebody may ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from starlette.testclient import TestClient

from catalog.rules.canonical import time_text
from docking_station.services.rates import Rate
from docking_station.station.station import Station
from review.app import ASKED, LOOKED
from tests.house.tree import ROOT as TREE
from tests.review.api.conftest import ROOT, SECRET
from tests.review.conftest import asking

SENT = {"account": "keeper", "secret": SECRET}


def signed_in(station: Station) -> TestClient:
    """A browser that signed in by the API."""
    client = asking(station)
    client.headers["x-csrf-token"] = client.post(f"{ROOT}/session", json=SENT).json()["csrf"]
    return client


def test_a_session_begins_and_ends_over_http(bureau: Station) -> None:
    client = asking(bureau)
    wrong = client.post(f"{ROOT}/session", json=SENT | {"secret": "x"})
    assert (wrong.status_code, wrong.json()["code"], len(client.cookies)) == (401, "station.secret-wrong", 0)
    begun = client.post(f"{ROOT}/session", json=SENT)
    assert (begun.status_code, begun.json()["no"], begun.json()["how"]) == (201, "0104", "secret")
    assert client.get(f"{ROOT}/session").json() == begun.json()
    assert client.delete(f"{ROOT}/session").json()["code"] == "station.form-not-ours", "another site ends none"
    assert client.delete(f"{ROOT}/session", headers={"x-csrf-token": begun.json()["csrf"]}).status_code == 204
    assert client.get(f"{ROOT}/session").status_code == 401
    assert client.post(f"{ROOT}/session/steps", json={"step": "x", "answer": "y"}).status_code == 401


def test_who_signed_in_makes_tokens_and_ends_them(bureau: Station) -> None:
    client, address = signed_in(bureau), f"{ROOT}/people/me/tokens"
    until = time_text(bureau.now() + timedelta(days=1))
    body = {"name": "case system", "scopes": ["clips:read"], "ends_at": until}
    refused = client.post(address, json=body | {"addresses": ["x"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "station.token-unfit")
    made = client.post(address, json=body)
    assert made.status_code == 201
    (listed,) = (one for one in client.get(address).json()["items"] if one["name"] == "case system")
    assert made.json() == listed | {"token": made.json()["token"]}, "the token itself is told once"
    program = asking(bureau)
    program.headers["authorization"] = f"Bearer {made.json()['token']}"
    assert program.post(address, json=body).json()["code"] == "station.person-needed", "no token makes another"
    assert client.delete(f"{address}/{listed['id']}").status_code == 204
    assert client.delete(f"{address}/{listed['id']}").status_code == 404


def test_who_asks_too_often_is_told_when_to_come_again(
    bureau: Station, footage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.app.Rate", partial(Rate, clock=lambda: 0.0))
    client = signed_in(bureau)
    looks = [client.post(f"{ROOT}/clips/{footage}/looks", json={"reason": "r"}) for _ in range(LOOKED[1] + 1)]
    assert [one.status_code for one in looks] == [201] * LOOKED[1] + [429]
    assert (looks[-1].json()["code"], looks[-1].headers["retry-after"]) == ("station.too-many", "1")
    left = ASKED[1] - len(looks)
    told = [client.get(f"{ROOT}/looks/{'0' * 32}").status_code for _ in range(left + 1)]
    assert told == [404] * left + [429]


def test_the_example_of_the_documentation_is_answered(bureau: Station, bearer: Callable[..., TestClient]) -> None:
    """`curl` as docs/api.md has it."""
    (line,) = re.findall(r"^curl .*$", (TREE / "docs/api.md").read_text(), re.MULTILINE)
    headers = dict(one.split(": ") for one in re.findall(r'-H "([^"]*)"', line))
    (url,) = re.findall(r'"http://[^/]*(/[^"]*)"', line)
    client = bearer("0104")
    answer = client.get(url, headers={"accept-language": headers["Accept-Language"]})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    assert headers["Authorization"] == "Bearer $TOKEN"
