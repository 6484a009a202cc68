"""Cases, their written records and parties, chores and the policy over HTTP: changed by signed acts, and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.clips.chores import VIEWING_COPY, CatalogChores, Chore
from catalog.trail import trail
from docking_station.services.chores import one_chore
from docking_station.services.policy import adopt_policy
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.review.api.conftest import ROOT

NO = "示民罚立字〔2026〕第1号"
CASE = {
    "title": "一个案件",
    "numbers": [{"number": NO, "kind": "opening"}],
    "parties": [{"name": "小明商行"}, {"name": "小红商行"}],
    "officers": ["0101"],
    "begins_at": "2026-03-05T09:30:00+08:00",
    "inspected": "2026-03-05",
}


def acts(station: Station, action: str) -> int:
    return sum(line.entry.action == action for line in trail.lines(station.database))


@pytest.fixture(scope="module")
def case(api: TestClient) -> str:
    """The id of a case that was opened by a program."""
    made = api.post(f"{ROOT}/cases", json=CASE, headers={"idempotency-key": "case-number-1"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_a_case_is_opened_once_and_corrected(api: TestClient, station: Station, case: str) -> None:
    again = api.post(f"{ROOT}/cases", json=CASE, headers={"idempotency-key": "case-number-1"})
    assert (again.status_code, again.json()["id"], acts(station, "case.added")) == (201, case, 1)
    seen = api.get(f"{ROOT}/cases/示民罚立2026-1")
    shown = seen.json()
    assert (shown["id"], shown["subject"], shown["inspected"]) == (case, "小明商行", "2026-03-05")
    assert shown["begins_at"] == "2026-03-05T01:30:00.000000Z"
    address, body = f"{ROOT}/cases/{case}", {"place": "there", "inspected": None, "numbers": [{"number": "A7"}]}
    assert api.patch(address, json=body).json()["code"] == "review.version-needed"
    changed = api.patch(address, json=body, headers={"if-match": seen.headers["etag"]})
    told = changed.json()
    assert (changed.status_code, told["place"], told["inspected"], told["title"]) == (200, "there", None, "一个案件")
    assert [one["number"] for one in told["numbers"]] == [NO, "A7"]
    assert api.patch(address, json=body, headers={"if-match": seen.headers["etag"]}).status_code == 412
    noted = api.post(f"{address}/notes", json={"text": "the film is with the court"})
    assert (noted.status_code, acts(station, "case.noted")) == (201, 1)


@pytest.mark.parametrize(
    ("method", "address", "body", "status", "code"),
    [
        ("POST", "/cases", {"title": "x", "numbers": [{"number": "1.5E+17"}]}, 409, "catalog.words-unfit"),
        ("POST", "/cases", CASE, 409, "catalog.case-exists"),
        ("POST", "/cases", {}, 422, "review.request-unfit"),
        ("PATCH", "/cases/A0", {"place": "x"}, 404, "catalog.no-such-case"),
        ("POST", "/cases/A0/closing", {"day": "2026-03-06"}, 404, "catalog.no-such-case"),
        ("POST", "/cases/A0/notes", {"text": "x"}, 404, "catalog.no-such-case"),
        ("POST", "/cases/A0/papers", {"code": "site-record"}, 404, "catalog.no-such-case"),
        ("GET", "/papers?case=A0", None, 404, "catalog.no-such-case"),
        ("PATCH", "/papers/A0", {"place": "x"}, 404, "catalog.no-such-paper"),
        ("GET", "/papers/A0", None, 404, "catalog.no-such-paper"),
        ("GET", "/chores/0000000000", None, 404, "catalog.no-such-chore"),
        ("POST", "/chores/0000000000/attempts", None, 404, "catalog.no-such-chore"),
        ("GET", "/policy/9", None, 404, "catalog.no-such-policy"),
    ],
)
def test_what_cannot_be_is_a_problem(
    api: TestClient, case: str, method: str, address: str, body: Any, status: int, code: str
) -> None:
    answer = api.request(method, ROOT + address, json=body)
    assert case
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_written_records_are_entered_listed_and_corrected(api: TestClient, station: Station, case: str) -> None:
    for number in "12":
        key = {"idempotency-key": f"paper-key-{number}"}
        body = {"code": "site-record", "number": f"示民检〔2026〕{number}号", "day": "2026-03-05", "pages": 2}
        added = api.post(f"{ROOT}/cases/{case}/papers", json=body, headers=key)
        assert (added.status_code, added.json()["day"]) == (201, "2026-03-05")
    made = api.get(f"{ROOT}/papers/示民检2026-2")
    address = f"{ROOT}/papers/{made.json()['id']}"
    changed = api.patch(address, json={"pages": None, "note": "torn"}, headers={"if-match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["pages"], changed.json()["note"]) == (200, None, "torn")
    assert changed.json()["code"] == "site-record"
    assert api.get(address).headers["etag"] == changed.headers["etag"]
    first = api.get(f"{ROOT}/papers", params={"case": NO, "limit": 1}).json()
    second = api.get(f"{ROOT}/papers", params={"case": NO, "limit": 1, "after": first["next"]}).json()
    assert [page["items"][0]["number"][-2] for page in (first, second)] == ["1", "2"]
    assert second["next"] is None
    assert f'"{second["items"][0]["version"]}"' == changed.headers["etag"]


def test_parties_are_found_by_a_part_of_their_name(api: TestClient, case: str) -> None:
    first = api.get(f"{ROOT}/parties", params={"name": "商行", "limit": 1}).json()
    second = api.get(f"{ROOT}/parties", params={"name": "商行", "limit": 1, "after": first["next"]}).json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["小明商行", "小红商行"]
    assert first["items"][0]["cases"][0]["id"] == case
    assert api.get(f"{ROOT}/parties", params={"name": "大明"}).json() == {"items": [], "next": None}


def test_chores_are_called_off_and_done_again(api: TestClient, station: Station, film: str) -> None:
    chore = CatalogChores(station.database).submit(Chore(VIEWING_COPY, film), station.now())
    assert chore in {one["id"] for one in api.get(f"{ROOT}/chores").json()["items"]}
    assert api.delete(f"{ROOT}/chores/{chore}").status_code == 204
    assert api.get(f"{ROOT}/chores/{chore}").json()["state"] == one_chore(station, ME, chore)["state"] == "cancelled"
    again = api.post(f"{ROOT}/chores/{chore}/attempts")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")


def test_a_case_is_closed_and_every_version_of_the_policy_is_shown(
    api: TestClient, station: Station, case: str, tmp_path: Path
) -> None:
    closed = api.post(f"{ROOT}/cases/{case}/closing", json={"day": "2026-03-06", "reason": "done"})
    assert (closed.status_code, closed.json()["closed"]) == (201, "2026-03-06")
    again = api.post(f"{ROOT}/cases/{case}/closing", json={"day": "2026-03-07"})
    assert (again.status_code, again.json()["code"]) == (409, "catalog.case-closed")
    assert api.get(f"{ROOT}/policy").json() == {"items": []}
    text = "[retention]\nmonths = 7\n"
    (tmp_path / "policy.toml").write_text(text)
    adopt_policy(station, ME, tmp_path / "policy.toml", lambda _before, _after: None)
    version = api.get(f"{ROOT}/policy/1").json()
    assert (version["text"], version["adopted_by"]) == (text, ME.actor)
    assert api.get(f"{ROOT}/policy").json()["items"] == [version]
