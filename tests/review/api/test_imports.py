"""Lists are sent to the API: each row's fate is told, and only what is asked for is taken in."""

from __future__ import annotations

import base64
from typing import Any

from starlette.testclient import TestClient

from catalog.cases import reading
from docking_station.station.station import Station
from tests.review.api.conftest import ROOT

ROWS = "案件编号,案件名称,当事人\n示民罚立字〔2026〕第1号,一个案件,某店\n"


def sent(api: TestClient, text: str, dry: bool, kind: str = "cases", name: str = "cases.csv") -> Any:
    body = {"name": name, "content": base64.b64encode(text.encode()).decode()}
    return api.post(f"{ROOT}/imports/{kind}", params={"dry": dry}, json=body)


def test_a_dry_run_changes_nothing_and_a_list_is_taken_in_once(api: TestClient, station: Station) -> None:
    dry = sent(api, ROWS, dry=True)
    assert dry.status_code == 200, dry.text
    assert (dry.json()["file"], [one["verdict"] for one in dry.json()["rows"]][-1]) == ("cases.csv", "new")
    assert "applied" not in dry.json()
    assert reading.every(station.database) == []
    for taken in (1, 0):
        assert sent(api, ROWS, dry=False).json()["applied"]["rows"] == taken
    assert [one.title for one in reading.every(station.database)] == ["一个案件"]
    assert api.get(f"{ROOT}/cases/示民罚立2026-1").json()["title"] == "一个案件"
    listed = api.get(f"{ROOT}/imports/cases").json()
    (taken_in,) = listed["items"]
    assert (taken_in["file"], taken_in["rows"], listed["next"]) == ("cases.csv", 1, None)
    told = api.get(f"{ROOT}/imports/cases/{taken_in['id']}", params={"limit": 1}).json()
    assert (told["list"], told["next"]) == (taken_in, None)
    assert [(one["refused"], one["subject"] is None, one["said"]["title"]) for one in told["items"]] == [
        (None, False, "一个案件")
    ]
    absent = api.get(f"{ROOT}/imports/people/{taken_in['id']}")
    assert (absent.status_code, absent.json()["code"]) == (404, "station.no-such-import")


def test_what_is_no_list_is_a_problem_that_names_the_file_as_it_was_sent(api: TestClient) -> None:
    refused = sent(api, "x,y\n1,2\n", dry=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "station.import-heads")
    assert " cases.csv " in refused.json()["title"]
    body = {"name": "cases.csv", "content": base64.b64encode(ROWS.encode()).decode(), "map": "nobodys"}
    assert api.post(f"{ROOT}/imports/cases", json=body).json()["code"] == "station.import-heads"
    assert sent(api, ROWS, dry=True, name="../cases.csv").status_code == 422
    assert sent(api, ROWS, dry=True, kind="lunches").status_code == 422
    assert sent(api, "x" * (9 << 20), dry=True).status_code == 413
    assert sent(api, "x" * 70_000, dry=True).status_code == 409
