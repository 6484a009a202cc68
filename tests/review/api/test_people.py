"""People over HTTP: who reads and changes them by rights, each change a signed act of the version seen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from starlette.testclient import TestClient

from catalog.people import people
from catalog.trail import trail
from docking_station.services.people import Typed
from docking_station.services.sign_in import KNOWN_S, Sessions
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from tests.docking_station.services.test_looks import Hand
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.api.conftest import ROOT, SECRET

Bearer = Callable[..., TestClient]


def test_people_are_read_and_changed_by_rights(bureau: Station, bearer: Bearer) -> None:
    keeper, officer = bearer("0104"), bearer("0101")  # in a small bureau who keeps stands in for the administrator
    assert "0101" in [one["no"] for one in keeper.get(f"{ROOT}/people").json()["items"]]
    assert [one["code"] for one in officer.get(f"{ROOT}/units").json()["items"]] == ["A", "B"]
    assert officer.get(f"{ROOT}/people/0101").json()["name"] == "Name 0101"
    told = [officer.get(f"{ROOT}/people/{no}").json()["code"] for no in ("0102", "nobody")]
    assert told == ["station.not-allowed"] * 2, "which numbers there are is not told"
    assert keeper.get(f"{ROOT}/people/nobody").json()["code"] == "catalog.no-such-person"
    body = {"no": "0199", "name": "小明", "unit": "Unit A", "card": "990199", "card_until": "2027-12-31"}
    added = keeper.post(f"{ROOT}/people", json=body, headers={"idempotency-key": "person-0199"})
    assert (added.status_code, added.json()["unit"], added.json()["card_until"]) == (201, "A", "2027-12-31")
    assert keeper.post(f"{ROOT}/people", json=body, headers={"idempotency-key": "person-0199"}).content == added.content
    assert officer.post(f"{ROOT}/people", json=body | {"no": "0198"}).json()["code"] == "station.not-allowed"
    address, seen = f"{ROOT}/people/0199", added.headers["etag"]
    changed = keeper.patch(address, json={"post": "clerk"}, headers={"if-match": seen})
    assert (changed.status_code, changed.json()["post"], changed.json()["card"]) == (200, "clerk", "990199")
    assert keeper.patch(address, json={"post": "x"}, headers={"if-match": seen}).status_code == 412
    for noun, key in (("suspension", "suspended_at"), ("departure", "left_at")):
        assert keeper.post(f"{address}/{noun}", json={"reason": "r"}).json()[key] is not None, noun
    said = [line.entry.action for line in trail.lines(bureau.database, subject="0199")]
    assert said == ["person.added", "person.changed", "person.suspended", "person.left"]


def test_whoever_is_suspended_is_signed_out_and_signs_in_no_more(bureau: Station) -> None:
    who, clock = caller("0105"), Hand()
    pages = Sessions(bureau, ME, clock)
    token = pages.begin(Typed(who.person, SECRET))
    assert pages.caller(token) is not None
    for act in (people.suspending, people.resuming):
        bureau.act_writer.carry_out(act("0105", reason="r", at=bureau.now(), actor="P:0104"))
        clock.at_s += KNOWN_S
        is_here = act is people.resuming
        assert (pages.caller(token) is not None) == is_here
        with nullcontext() if is_here else pytest.raises(NotAllowed):
            pages.begin(Typed(who.person, SECRET))
