"""Who asks the API: a token, or a session with the word of its pages; what is not theirs to see is as if not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from catalog.trail import trail
from docking_station.station.station import Station
from review.api.app import BODY_BYTES_MAX
from tests.review.api.conftest import ROOT, signed_in
from tests.review.conftest import asking

NOWHERE = "c" + "a" * 20
Bearer = Callable[..., TestClient]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (None, "station.sign-in-needed"),
        ("Bearer x", "station.token-bad"),
        ("Basic eDp5", "station.token-bad"),
        ("Bearer", "station.token-bad"),
    ],
)
def test_nobody_known_is_told_how_to_ask(bureau: Station, sent: str | None, code: str) -> None:
    client = asking(bureau)
    answer = client.get(f"{ROOT}/clips", headers={} if sent is None else {"authorization": sent})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


AS_JSON = {"content-type": "application/json"}


def test_of_what_nobody_known_sends_no_more_is_read_than_anybody_may_send(bureau: Station) -> None:
    answer = asking(bureau).post(f"{ROOT}/imports/cases", content=b"[" * (BODY_BYTES_MAX + 1), headers=AS_JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "station.sign-in-needed"), "it is not even parsed"


def test_a_program_is_told_whom_it_asks_for(bearer: Bearer) -> None:
    told = bearer("0105", "clips:read").get(f"{ROOT}/session").json()
    assert (told["account"], told["no"], told["name"], told["scopes"]) == (
        "deputy",
        "0105",
        "Name 0105",
        ["clips:read"],
    )
    assert told["roles"][0]["role"] == "supervisor"
    assert ("trail.read" in told["may"], "import" in told["may"]) == (True, False)


def test_a_token_does_what_its_scopes_say_alone(bearer: Bearer, footage: str) -> None:
    client = bearer("0104", "clips:read")
    assert client.get(f"{ROOT}/clips").status_code == 200
    refused = client.post(f"{ROOT}/clips/{footage}/looks", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "station.scope-lacks")
    assert "clips:look" in refused.json()["title"]
    signs = bearer("0104").post(f"{ROOT}/requests", json={"wanted": "look", "reason": "x", "clips": [footage]})
    assert (signs.status_code, signs.json()["code"]) == (403, "station.person-needed")


def test_a_look_by_a_token_is_its_persons_own_and_names_it(bureau: Station, bearer: Bearer, footage: str) -> None:
    mine, others = bearer("0104"), bearer("0105")
    look = mine.post(f"{ROOT}/clips/{footage}/looks", json={}).json()
    content = next(part["url"] for part in look["parts"] if part["name"] == "content")
    assert [client.get(content).status_code for client in (mine, others)] == [200, 404]
    line = trail.newest(bureau.database)
    assert line is not None
    assert line.entry.actor.startswith("P:0104 as ")
    assert ", token " in line.entry.actor
    assert mine.get(f"{ROOT}/trail").json()["code"] == "station.not-allowed"
    assert others.get(f"{ROOT}/trail").status_code == 200


@pytest.mark.parametrize("what", ["", "/manifest", "/trail", "/poster", "/looks"])
def test_what_is_not_visible_is_answered_like_what_is_not_there(bearer: Bearer, footage: str, what: str) -> None:
    client = bearer("0102")

    def asked(clip: str) -> tuple[int, bytes, object]:
        address = f"{ROOT}/clips/{clip}{what}"
        answer = client.post(address, json={}) if what == "/looks" else client.get(address)
        return answer.status_code, answer.content.replace(clip.encode(), b"CLIP"), answer.headers["content-type"]

    assert asked(footage) == asked(NOWHERE)
    assert asked(footage)[0] == 404
    assert client.get(f"{ROOT}/clips").json()["items"] == []


def test_a_session_changes_something_with_the_word_of_its_pages_alone(bureau: Station, footage: str) -> None:
    client = signed_in(bureau, "keeper")
    told = client.get(f"{ROOT}/session").json()
    assert (told["no"], told["how"], told["scopes"]) == ("0104", "secret", None)
    assert client.post(f"{ROOT}/clips/{footage}/looks", json={}).status_code == 201
    del client.headers["x-csrf-token"]
    refused = client.post(f"{ROOT}/clips/{footage}/looks", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "station.form-not-ours")
