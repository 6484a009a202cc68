"""A request over HTTP: asked for by one person, decided by another, each of them signed in; no token does it."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from docking_station.station.station import Station
from tests.review.api.conftest import ROOT, signed_in


def test_a_request_is_asked_for_decided_and_taken_back(bureau: Station) -> None:
    keeper, deputy = signed_in(bureau, "keeper"), signed_in(bureau, "deputy")
    (row,) = bureau.database.query("SELECT id FROM clip WHERE kind = 'video'", {})
    body = {"wanted": "copy", "reason": "a court asks", "clips": [row["id"]]}
    key = {"idempotency-key": "request-1"}
    asked = keeper.post(f"{ROOT}/requests", json=body, headers=key)
    again = keeper.post(f"{ROOT}/requests", json=body, headers=key)
    assert (asked.status_code, asked.json()["state"], again.content) == (201, "asked", asked.content)
    no = asked.json()["no"]

    def step(who: TestClient, noun: str, **body: Any) -> tuple[int, str]:
        answer = who.post(f"{ROOT}/requests/{no}/{noun}", json=body).json()
        return answer.get("status", 201), answer.get("code") or answer["state"]

    assert step(keeper, "approval") == (403, "station.not-allowed")
    assert [one["no"] for one in deputy.get(f"{ROOT}/requests?for_me=true").json()["items"]] == [no]
    assert step(deputy, "approval", days=3) == (201, "granted")
    assert step(deputy, "refusal", reason="late") == (409, "catalog.request-state")
    assert step(deputy, "revocation", reason="done") == (201, "revoked")
    assert keeper.get(f"{ROOT}/requests/{no}").json()["revoked_reason"] == "done"
    body |= {"wanted": "look"}
    second = keeper.post(f"{ROOT}/requests", json=body).json()["no"]
    pages = [keeper.get(f"{ROOT}/requests?limit=1").json()]
    pages.append(keeper.get(f"{ROOT}/requests", params={"limit": 1, "after": pages[0]["next"]}).json())
    assert [page["items"][0]["no"] for page in pages] == [second, no]
    assert pages[1]["next"] is None
    assert keeper.get(f"{ROOT}/requests/R2026-9999").json()["code"] == "catalog.no-such-request"
    assert keeper.post(f"{ROOT}/requests/{no}/nothing", json={}).status_code == 404
    assert keeper.post(f"{ROOT}/copies/{no}-1/handing", json={"medium": "x", "receiver": "y"}).status_code == 404
