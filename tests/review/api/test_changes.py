"""Changes: of the version that was seen, and once however often they are sent, also by who was killed in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.cases import cases
from catalog.cases.reading import of_clip
from catalog.people import answered, people
from catalog.trail import trail
from docking_station.services.classes import classify_clip
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.review.api.conftest import ROOT, signed_in


@pytest.fixture(scope="module")
def case(station: Station) -> str:
    """A case."""
    act = cases.opening([cases.number("A 9")], {"title": "x"}, at=station.now(), actor=ME.actor)
    station.act_writer.carry_out(act)
    return "A 9"


def acts(station: Station, action: str) -> int:
    return sum(line.entry.action == action for line in trail.lines(station.database))


def version(api: TestClient, film: str) -> str:
    return str(api.get(f"{ROOT}/clips/{film}").headers["etag"])


def test_a_class_is_given_to_the_version_that_was_seen(api: TestClient, station: Station, film: str) -> None:
    address, body = f"{ROOT}/clips/{film}", {"class": "privacy", "reason": "a face"}
    seen = version(api, film)
    for headers, status, code in (
        ({}, 428, "review.version-needed"),
        ({"if-match": '"0"'}, 412, "review.version-differs"),
    ):
        refused = api.patch(address, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert acts(station, "clip.classified") == 0
    changed = api.patch(address, json=body, headers={"if-match": seen})
    assert (changed.status_code, changed.json()["class"]) == (200, "privacy")
    assert changed.headers["etag"] == version(api, film) != seen
    again = api.patch(address, json=body | {"class": "business"}, headers={"if-match": seen})
    assert (again.status_code, acts(station, "clip.classified")) == (412, 1)
    same = api.patch(address, json=body, headers={"if-match": version(api, film)})
    assert (same.status_code, same.json()["code"]) == (409, "catalog.class-set")


def test_what_was_changed_while_it_waited_is_not_changed(
    api: TestClient, station: Station, film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another change comes between the first look at the version and the lock: nothing is signed."""
    size = trail.size(station.database)

    def later(*args: Any, **named: Any) -> object:
        monkeypatch.undo()
        seen = version(api, film)
        assert api.patch(address, json=body("informant"), headers={"if-match": seen}).status_code == 200
        return classify_clip(*args, **named)

    def body(name: str) -> dict[str, str]:
        return {"class": name, "reason": "x"}

    address, seen = f"{ROOT}/clips/{film}", version(api, film)
    monkeypatch.setattr("review.api.resources.clip_changes.classify_clip", later)
    refused = api.patch(address, json=body("work"), headers={"if-match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "review.version-differs")
    said = [
        line.details for line in trail.lines(station.database, after=size) if line.entry.action == "clip.classified"
    ]
    assert [json.loads(one)["class"] for one in said] == ["informant"]


def test_what_is_sent_twice_is_done_once(api: TestClient, station: Station, film: str, case: str) -> None:
    address, headers = f"{ROOT}/clips/{film}/links", {"idempotency-key": "key-number-1"}
    first = api.post(address, json={"case": case, "from_s": 0.5}, headers=headers)
    assert (first.status_code, first.json()["case"], "idempotent-replayed" in first.headers) == (201, case, False)
    again = api.post(address, json={"case": case, "from_s": 0.5}, headers=headers)
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert again.headers["etag"] == first.headers["etag"]
    other = api.post(address, json={"case": case, "from_s": 1.0}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "review.key-used")
    assert [one.from_ms for one in of_clip(station.database, film)] == [500]
    ended = api.delete(f"{address}/{case}?reason=wrong", headers={"if-match": version(api, film)})
    assert (ended.status_code, ended.json()["cases"]) == (200, [])


def test_who_was_killed_before_the_answer_is_answered_and_nothing_is_done_twice(
    api: TestClient, station: Station, film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, before = {"idempotency-key": "key-number-2"}, acts(station, "hold.set")
    with monkeypatch.context() as patch:
        patch.setattr("review.api.resources.clip_changes._row", lambda *_: 1 / 0)
        assert api.post(f"{ROOT}/clips/{film}/holds", json={"reason": "x"}, headers=headers).status_code == 500
    kept = answered.find(station.database, ME.who, "key-number-2", station.now())
    assert kept is not None
    assert kept.answer == {"made": film}
    again = api.post(f"{ROOT}/clips/{film}/holds", json={"reason": "x"}, headers=headers)
    assert (again.status_code, acts(station, "hold.set")) == (201, before + 1)


def test_an_answer_is_given_again_only_to_whoever_may_still_see_it(bureau: Station, footage: str) -> None:
    keeper, headers = signed_in(bureau, "keeper"), {"idempotency-key": "key-number-4"}

    def held() -> int:
        return keeper.post(f"{ROOT}/clips/{footage}/holds", json={"reason": "x"}, headers=headers).status_code

    assert (held(), held()) == (201, 201)
    at, actor = bureau.now(), "P:0105 as deputy"
    bureau.act_writer.carry_out(people.suspending("0104", reason="r", at=at, actor=actor))
    assert held() == keeper.get(f"{ROOT}/clips/{footage}").status_code
    assert held() in (403, 404)


def test_what_was_refused_leaves_its_key_free(api: TestClient, station: Station, film: str, case: str) -> None:
    headers = {"idempotency-key": "key-number-3"}
    refused = api.post(f"{ROOT}/clips/{film}/links", json={"case": "A 0"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "catalog.no-such-case")
    assert api.post(f"{ROOT}/clips/{film}/links", json={"case": case}, headers=headers).status_code == 201
