"""A station is set up from the pages: disk, policy, people; from then on a page asks who is there."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from devices.places import Mount
from docking_station.services import first_run, policy
from docking_station.station.settings import home_from_environment, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from review.app import make_app
from review.begin import Begin
from tests.fakes.callers import ME
from tests.review.conftest import HOST, served
from tests.scenario.dock import Dock

FIRST, NEW = "kaitong-3-Zhan", "ziji-de-7-Mima"
PEOPLE = {
    "no-1": "1",
    "name-1": "甲",
    "title-1": "custodian",
    "account-1": "Keeper",
    "secret-1": FIRST,
    "again-1": FIRST,
    "no-2": "2",
    "name-2": "乙",
    "title-2": "deputy",
    "account-2": "chief",
    "secret-2": FIRST,
    "again-2": FIRST,
    "no-3": "3",
    "name-3": "丙",
    "title-3": "officer",
    "unit-3": "养老服务科",
    "recorder_no-3": "JX0003",
}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk, as large as the one that tests lie on."""
    place = tmp_path / "disk"
    place.mkdir()
    monkeypatch.setattr(first_run, "mounts", lambda: iter([Mount("1", "8:1", Path("/"), place)]))
    monkeypatch.setattr(first_run, "NOT_FOR_FILES", ())
    monkeypatch.setattr(first_run, "DISK_BYTES_MIN", 1 << 20)
    monkeypatch.setenv("EVIDOCK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(first_run, "EXAMPLE", EXAMPLE.replace('immutable = "auto"', 'immutable = "never"'))
    return place


@pytest.fixture
def opened() -> Iterator[list[Station]]:
    """Stations that the form opened."""
    found = list[Station]()
    yield found
    for one in found:
        one.close()


@pytest.fixture
def pages(disk: Path, opened: list[Station]) -> TestClient:
    """Pages where there is no station."""

    def station_pages() -> ASGIApp:
        opened.append(Station(read_settings(home_from_environment())))
        return make_app(opened[-1], ME)

    return TestClient(Begin(ME, station_pages), HOST, raise_server_exceptions=False, follow_redirects=False)


def text_of(pages: TestClient, address: str) -> str:
    answer = pages.get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_two_people_sign_in_after_the_four_forms(pages: TestClient, disk: Path, opened: list[Station]) -> None:
    assert "开通采集站" in text_of(pages, "/clips")
    small = {"name": '城东 "1" 站', "disk": str(disk), "recorders": "1", "hours": "0,01"}
    assert pages.post("/setup", data=small).status_code == 303
    assert opened[0].settings.station == '城东 "1" 站'
    assert 'name="short"' in text_of(pages, "/setup")
    told = {"name": '某"市"民政局', "short": "某民", "mark-39": "on"}
    assert pages.post("/setup/policy", data=told).status_code == 303
    text = policy.text_of(opened[0])
    assert text is not None
    assert (text.count("[核"), 'name = "某\\"市\\"民政局"' in text) == (policy.shipped().count("[核") - 1, True)
    wrong = pages.post("/setup/people", data=PEOPLE | {"again-2": "x"})
    assert wrong.status_code == 422
    assert ("两次输入不一致" in wrong.text, 'value="Keeper"' in wrong.text, FIRST in wrong.text) == (True, True, False)
    assert pages.post("/setup/people", data=PEOPLE).status_code == 303
    assert pages.get("/setup").headers["location"] == "/sign-in?to=/setup"
    asked = pages.post("/sign-in", data={"account": "keeper", "secret": FIRST, "to": "/setup"})
    (step,) = re.findall(r'name="step" value="([^"]+)"', asked.text)
    answer = pages.post("/sign-in/step", data={"step": step, "answer": NEW, "again": NEW, "to": "/setup"})
    assert answer.headers["location"] == "/setup", answer.text
    copy = pages.post("/setup/copy", data={"disk": str(disk)}, headers={"x-csrf-token": token(pages)})
    assert copy.status_code == 409, "that is the disk the station itself is on"
    assert "本机没有其他磁盘" in text_of(pages, "/setup")
    assert not (disk / "EVIDOCK-BACKUP").exists()


def token(pages: TestClient) -> str:
    (found,) = re.findall(r'name="form-token" content="([^"]*)"', pages.get("/setup").text)
    return str(found)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"recorders": "1000", "hours": "24"}, "须锁定 6 个月"),
        ({"recorders": "nan", "hours": "inf"}, "须锁定 6 个月"),
        ({"disk": "/nowhere"}, "不能用于此处"),
    ],
)
def test_a_disk_that_is_too_small_or_is_none_makes_no_station(
    pages: TestClient, disk: Path, told: dict[str, str], said: str
) -> None:
    answer = pages.post("/setup", data={"name": "a", "disk": str(disk), "recorders": "1", "hours": "0.01"} | told)
    assert answer.status_code == 409
    assert said in answer.text
    assert not Path(os.environ["EVIDOCK_HOME"]).exists()


def test_no_other_site_sets_a_station_up(pages: TestClient, disk: Path) -> None:
    answer = pages.post("/setup", data={"disk": str(disk)}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not first_run.is_begun()


def test_the_command_serves_the_form_where_there_is_no_station(tmp_path: Path) -> None:
    with served(Dock(tmp_path / "none")) as (_, address):
        with pytest.raises(urllib.error.HTTPError), urllib.request.urlopen(f"{address}/static/none") as answer:
            answer.read()
        with urllib.request.urlopen(f"{address}/", timeout=60) as answer:
            assert 'name="disk"' in answer.read().decode()
    assert not (tmp_path / "none").exists()
