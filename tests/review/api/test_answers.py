"""Clips, looks, cases and the trail over HTTP: the same JSON as the commands print; problems say what to do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from catalog.cases import cases
from catalog.clips.search import Search
from catalog.rules import merkle
from catalog.trail import trail
from docking_station.services import looks
from docking_station.services.classes import classify_clip
from docking_station.services.listing import list_clips
from docking_station.station.errors import LookOver
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.printed import as_printed
from tests.review.api.conftest import FILM, ROOT

NOWHERE = "c" + "a" * 20


def test_who_asks_is_told_what_they_may(api: TestClient) -> None:
    told = api.get(f"{ROOT}/session").json()
    assert (told["account"], told["no"], told["scopes"]) == (ME.person, None, None)
    assert "policy.adopt" in told["may"]


def test_a_list_is_what_the_command_prints_and_goes_on_behind_its_page(api: TestClient, station: Station) -> None:
    first = api.get(f"{ROOT}/clips?limit=1&count=true").json()
    second = api.get(f"{ROOT}/clips", params={"limit": 1, "count": "true", "after": first["next"]}).json()
    found = as_printed(list_clips(station, ME, Search())[0])
    items = first["items"] + second["items"]
    assert first["counts"]["total"] == 2
    assert [{name: one[name] for name in found[0]} for one in items] == found
    assert {"stream", "link"} <= set(items[0]["may"])
    assert api.get(f"{ROOT}/clips?kind=log").json()["items"][0]["kind"] == "log"


@pytest.mark.parametrize(
    "change", [lambda seal: seal[:-1], lambda seal: "AB"[seal[0] == "A"] + seal[1:], lambda _: "x", lambda _: ""]
)
def test_a_page_that_nobody_gave_out_is_none(api: TestClient, change: object) -> None:
    assert callable(change)
    after = change(api.get(f"{ROOT}/clips?limit=1").json()["next"])
    refused = api.get(f"{ROOT}/clips", params={"limit": 1, "after": after})
    assert (refused.status_code, refused.json()["code"]) == (404, "review.no-such-page")


def test_a_page_goes_on_with_its_own_list_alone(api: TestClient) -> None:
    after = api.get(f"{ROOT}/clips?limit=1").json()["next"]
    assert api.get(f"{ROOT}/clips", params={"limit": 1, "kind": "log", "after": after}).status_code == 404
    assert api.get(f"{ROOT}/cases", params={"after": after}).status_code == 404


def test_one_clip_has_a_version_that_changes_with_it(api: TestClient, station: Station, film: str) -> None:
    first = api.get(f"{ROOT}/clips/{film}")
    tag = first.headers["etag"]
    assert (first.json()["id"], f'"{first.json()["version"]}"') == (film, tag)
    assert first.json()["trail"][-1]["action"] == "clip.shown"
    again = api.get(f"{ROOT}/clips/{film}", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    classify_clip(station, ME, film, "business", reason="x")
    assert api.get(f"{ROOT}/clips/{film}", headers={"if-none-match": tag}).headers["etag"] != tag


def test_a_manifest_is_given_as_it_was_signed(api: TestClient, station: Station, film: str) -> None:
    found = api.get(f"{ROOT}/clips/{film}/manifest").json()
    (row,) = station.database.query("SELECT body, signature FROM manifest WHERE clip_id = :id", {"id": film})
    assert (found["body"].encode(), found["signature"]) == (bytes(row["body"]), row["signature"])


def test_a_look_is_opened_read_in_ranges_and_closed(api: TestClient, station: Station, film: str) -> None:
    opened = api.post(f"{ROOT}/clips/{film}/looks", json={"reason": "check"})
    look = opened.json()
    assert (opened.status_code, opened.headers["location"]) == (201, f"{ROOT}/looks/{look['id']}")
    line = trail.newest(station.database)
    assert line is not None
    assert (line.entry.action, json.loads(line.details)["look"]) == ("clip.viewed", look["id"])
    (content,) = (part for part in look["parts"] if part["name"] == "content")
    part = api.get(content["url"], headers={"range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, FILM[3:10])
    assert api.get(content["url"]).content == FILM
    beyond = api.get(content["url"], headers={"range": f"bytes={len(FILM)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
    assert beyond.json()["code"] == "review.range-unfit"
    assert api.get(opened.headers["location"]).json() == look
    assert api.get(f"{ROOT}/looks/{look['id']}/sheet").status_code == 404
    assert api.delete(opened.headers["location"]).status_code == 204
    assert [api.get(address).status_code for address in (content["url"], opened.headers["location"])] == [404, 404]


def test_who_opens_many_looks_ends_their_own(station: Station, film: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "LOOKS_EACH_MAX", 2)
    every, other = looks.Looks(station), replace(ME, person="other")
    first = every.open(other, film)
    mine = [every.open(ME, film) for _ in range(3)]
    assert every.find(first.id, other) == first
    with pytest.raises(LookOver):
        every.find(mine[0].id, ME)
    assert [every.find(one.id, ME) for one in mine[1:]] == mine[1:]


def test_cases_are_listed_in_pages_and_shown(api: TestClient, station: Station, film: str) -> None:
    for no in ("A 1", "A 2"):
        act = cases.opening([cases.number(no)], {"title": no}, at=station.now(), actor=ME.actor)
        station.act_writer.carry_out(act)
    first = api.get(f"{ROOT}/cases?limit=1").json()
    second = api.get(f"{ROOT}/cases", params={"limit": 1, "after": first["next"]}).json()
    assert [page["items"][0]["no"] for page in (first, second)] == ["A 1", "A 2"]
    assert (bool(first["next"]), second["next"]) == (True, None)
    shown = api.get(f"{ROOT}/cases/A 1")
    assert (shown.json()["title"], shown.headers["etag"]) == ("A 1", f'"{first["items"][0]["version"]}"')
    assert api.get(f"{ROOT}/cases/A 3").json()["code"] == "catalog.no-such-case"


def test_the_trail_is_given_with_proofs(api: TestClient, film: str) -> None:
    page = api.get(f"{ROOT}/trail?limit=2").json()
    head = api.get(f"{ROOT}/trail/head").json()
    second = api.get(f"{ROOT}/trail", params={"limit": 2, "after": page["next"]}).json()
    assert [one["line"] for one in page["items"] + second["items"]] == [1, 2, 3, 4]
    told = api.get(f"{ROOT}/clips/{film}/trail").json()["items"]
    assert {one["subject"] for one in told} == {film}
    grown = api.get(f"{ROOT}/trail/growth", params={"first": 2, "second": head["size"]}).json()
    before, after = (bytes.fromhex(grown[name]) for name in ("first_root", "root"))
    assert merkle.consistency_is_valid(2, head["size"], before, after, [bytes.fromhex(step) for step in grown["path"]])
    assert grown["root"] == head["root"]
    proof = api.get(f"{ROOT}/trail/2/proof").json()
    assert proof["leaf_hash"] == page["items"][1]["leaf_hash"]
    assert api.get(f"{ROOT}/trail/growth?first=3&second=2").json()["code"] == "station.no-such-line"


def test_health_says_what_is_wrong(api: TestClient) -> None:
    told = api.get(f"{ROOT}/health", headers={"accept-language": "en"}).json()
    assert told["state"] in ("ok", "attention", "broken")
    assert all({"code", "severity", "message", "hint"} == one.keys() for one in told["findings"])


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/nothing", 404, "review.no-such-address"),
        ("PUT", "/clips", 405, "review.method-not-served"),
        ("GET", f"/clips/{NOWHERE}", 404, "catalog.no-such-clip"),
        ("GET", "/clips/x", 422, "review.request-unfit"),
        ("GET", "/clips?limit=0", 422, "review.request-unfit"),
        ("GET", "/clips?nothing=1", 422, "review.request-unfit"),
        ("GET", "/clips?until=0.5", 422, "review.request-unfit"),
        ("GET", "/clips?since=0001-01-01T00:00:00%2B14:00", 422, "review.request-unfit"),
        ("GET", "/clips?due=9999-12-31T23:59:59-14:00", 422, "review.request-unfit"),
        ("GET", "/clips?text=中", 409, "catalog.search-unfit"),
        ("GET", "/clips?around=91,0,5", 409, "catalog.search-unfit"),
        ("GET", "/clips?around=1,2,5&box=1,2,3,4", 409, "catalog.search-unfit"),
        ("GET", "/clips?box=here", 422, "review.request-unfit"),
        ("POST", f"/clips/{NOWHERE}/looks", 422, "review.request-unfit"),
        ("GET", f"/looks/{'0' * 32}", 404, "station.look-over"),
    ],
)
def test_what_goes_wrong_is_a_problem(api: TestClient, method: str, address: str, status: int, code: str) -> None:
    answer = api.request(method, ROOT + address)
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["instance"], bool(body["hint"])) == ((ROOT + address).partition("?")[0], True)
    assert body["type"].endswith(code)
    assert answer.headers["content-security-policy"]


def test_an_encoded_line_end_makes_an_address_no_page(api: TestClient) -> None:
    answer = api.get(f"{ROOT}/looks/%0A")
    assert (answer.status_code, answer.json()["code"]) == (422, "review.request-unfit")


def test_a_problem_speaks_the_language_asked_for_and_says_where(api: TestClient) -> None:
    zh, en = (api.get(f"{ROOT}/clips?limit=x", headers={"accept-language": one}).json() for one in ("zh", "en-GB"))
    assert (zh["title"], en["title"]) == ("请求格式不符合要求。", "The request is not of the form that is asked for.")
    assert zh["errors"][0]["place"] == "query.limit"


def test_a_method_that_is_not_served_says_which_are(api: TestClient, film: str) -> None:
    assert api.patch(f"{ROOT}/looks/{'0' * 32}").headers["allow"] == "DELETE, GET"


def test_what_is_too_long_is_not_read(api: TestClient, film: str) -> None:
    answer = api.post(f"{ROOT}/clips/{film}/looks", content=b" " * 70_000, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "review.body-too-long")


def test_a_place_is_asked_for(api: TestClient) -> None:
    for place in ("box=10,20,30,40", "around=10.5,-20.5,500"):
        assert api.get(f"{ROOT}/clips?{place}").json()["items"] == []


def test_a_fault_of_the_program_tells_nothing_of_itself(
    api: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("review.api.resources.cases.list_cases", lambda *_: 1 / 0)
    answer = api.get(f"{ROOT}/cases")
    assert (answer.status_code, answer.json()["code"]) == (500, "review.fault")
    assert "ZeroDivision" not in answer.text
    assert capsys.readouterr().err.count("ZeroDivisionError: ") == 1, "one line of the log, with its place"


def test_a_description_is_served(api: TestClient) -> None:
    assert api.get(f"{ROOT}/openapi.json").json()["openapi"] == "3.1.0"
