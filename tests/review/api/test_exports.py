"""Copies of a request over HTTP: begun, told how far they are, and each film fetched with its line; and a policy."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.rules.policy_text import TEXT_BYTES_MAX
from catalog.trail import trail
from docking_station.derived.burnt import font
from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.fakes.waiting import until
from tests.review.api.conftest import ROOT, by_token, signed_in
from tests.review.api.test_operations import Watched, closed_trail

ERASING = '[clearing]\nwhen = "after-receipt"\n'


def granted(station: Station, clip: str) -> tuple[TestClient, TestClient, str]:
    """Who asked for a copy of a clip, who granted it, and its number."""
    keeper, deputy = signed_in(station, "keeper"), signed_in(station, "deputy")
    body = {"wanted": "copy", "reason": "a court asks", "clips": [clip]}
    no: str = keeper.post(f"{ROOT}/requests", json=body).json()["no"]
    assert deputy.post(f"{ROOT}/requests/{no}/approval", json={}).status_code == 201
    return keeper, deputy, no


@pytest.mark.skipif(font() is None, reason="no Chinese font")
def test_a_copy_is_made_and_each_film_is_on_the_trail_before_its_first_byte(bureau: Station, footage: str) -> None:
    keeper, deputy, no = granted(bureau, footage)
    key = {"idempotency-key": f"export-{no}"}

    def export(who: TestClient, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return who.post(f"{ROOT}/exports", json={"request": no} | more, headers=headers)

    assert export(deputy).json()["code"] == "station.not-allowed"
    assert export(by_token(bureau, caller("0104"))).json()["code"] == "station.person-needed"
    assert export(keeper, disk=str(bureau.home.root)).json()["code"] == "station.no-such-disk"
    assert keeper.get(f"{ROOT}/exports/{no}").json()["state"] == "none"
    begun = export(keeper, key, spans=[{"clip": footage, "begins": "09:36:20"}])
    assert (begun.status_code, begun.headers["location"]) == (202, f"{ROOT}/exports/{no}")
    until(lambda: keeper.get(f"{ROOT}/exports/{no}").json()["state"] == "made", "the copy")
    shown = keeper.get(f"{ROOT}/exports/{no}").json()
    ((film,),) = (one["films"] for one in shown["copies"])
    again = export(keeper, key, spans=[{"clip": footage, "begins": "09:36:20"}])
    assert (again.content, again.headers["idempotent-replayed"]) == (begun.content, "true"), "no second copy"

    watched, before = Watched(keeper.app, bureau), trail.size(bureau.database)
    reader = TestClient(watched, headers=dict(keeper.headers), cookies=keeper.cookies, base_url=str(keeper.base_url))
    fetched = reader.get(film)
    assert (fetched.content[4:8], watched.sizes) == (b"ftyp", [before + 1])
    with closed_trail(bureau):
        refused = reader.get(film)
    assert (refused.status_code, refused.json()["code"]) == (503, "catalog.unreachable")
    assert deputy.get(film).status_code == 403, "who asked, or the custodian"
    assert keeper.get(film.replace("_01", "_02")).status_code == 404
    assert deputy.post(f"{ROOT}/requests/{no}/revocation", json={"reason": "over"}).status_code == 201
    assert keeper.get(film).json()["code"] == "catalog.not-granted"


def test_a_policy_is_compared_and_adopted_where_one_person_may(api: TestClient) -> None:
    def adopt(text: str, **more: Any) -> Any:
        return api.post(f"{ROOT}/policy", json={"text": text} | more)

    told = api.post(f"{ROOT}/policy/check", json={"text": ERASING}).json()
    assert (told["is_new"], told["version"], told["two_people"], told["needs_two"]) == (True, 0, False, ["erases"])
    assert {"name": "clearing", "before": "never", "after": "after-receipt"} in told["settings"]
    assert api.get(f"{ROOT}/policy/check").headers["allow"] == "POST", "it is no version"
    too_long = adopt("\U000a4cad" * (TEXT_BYTES_MAX + 1))
    assert (too_long.status_code, too_long.json()["code"]) == (422, "review.request-unfit")
    assert adopt("[clearing]\nwhen = 1\n").json()["code"] == "catalog.policy-bad"
    assert (adopt(ERASING).status_code, adopt(ERASING).json()["code"]) == (409, "station.not-confirmed")
    assert api.get(f"{ROOT}/policy").json()["items"] == []
    first, second = adopt(ERASING, erases_sooner=True), adopt(ERASING)
    assert [(one.status_code, one.json()["version"], one.json()["is_new"]) for one in (first, second)] == [
        (201, 1, True),
        (201, 1, False),
    ]


def test_a_policy_that_two_people_adopt_is_refused_to_one_and_to_a_token(bureau: Station) -> None:
    deputy, token = signed_in(bureau, "deputy"), by_token(bureau, caller("0105"))
    body = {"text": ERASING, "erases_sooner": True}
    assert token.post(f"{ROOT}/policy/check", json={"text": ERASING}).json()["two_people"] is True
    assert token.post(f"{ROOT}/policy", json=body).json()["code"] == "station.person-needed"
    refused = deputy.post(f"{ROOT}/policy", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.policy-needs-another")
