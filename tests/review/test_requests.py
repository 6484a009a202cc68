"""The pages of requests: who may decide what, and that a page says why not where somebody may not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.clips import classes
from catalog.requests import requests
from catalog.trail import trail
from docking_station.bundle.burnt import paths
from docking_station.derived.burnt import font
from docking_station.services.request_steps import steps
from docking_station.services.requests import shown
from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.fakes.waiting import until
from tests.footage.coded import coded
from tests.review.bureau import enter_bureau, signed_in
from tests.review.conftest import asking
from tests.scenario.dock import Dock

FILM = coded(seconds=1)
FILES = {"EV00001_JY0001_20260311093620.MP4": FILM, "EV00002_990105_20260311103620.MP4": coded(seconds=2)}
"""The second was recorded by the deputy, by the number of the card."""


@pytest.fixture(scope="module")
def station(
    filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Station]:
    """A station with a film of somebody, one of the deputy, and five people."""
    with (
        filed_dock(tmp_path_factory.mktemp("requests") / "home", FILES).opened() as opened,
        pytest.MonkeyPatch.context() as patch,
    ):
        enter_bureau(opened, patch)
        yield opened


@pytest.fixture
def keeper(station: Station) -> TestClient:
    return browser(station, "keeper")


@pytest.fixture
def deputy(station: Station) -> TestClient:
    return browser(station, "deputy")


def browser(station: Station, account: str) -> TestClient:
    """A browser in which somebody signed in."""
    pages = asking(station)
    assert signed_in(pages, account) == 303
    return pages


def film_of(station: Station, officer: str) -> str:
    (row,) = station.database.query("SELECT id FROM clip WHERE officer = :officer", {"officer": officer})
    return str(row["id"])


def ask(pages: TestClient, clip: str, **said: str) -> str:
    """The address of a request that was just made."""
    body = {"clips": clip, "reason": "行政复议", "use": "复议", "wanted": "copy"} | said
    answer = pages.post("/requests/new", data=body)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_ones_own_request_is_never_shown_for_approval(station: Station, keeper: TestClient, deputy: TestClient) -> None:
    mine = ask(deputy, film_of(station, "JY0001"))
    text = deputy.get(mine).text
    assert (f"{mine}/withdraw" in text, f"{mine}/approve" in text, f"{mine}/refuse" in text) == (True, False, False)
    assert mine not in deputy.get("/requests?show=for-me").text
    assert mine in deputy.get("/requests?show=mine").text
    for step in ("approve", "refuse"):
        answer = deputy.post(f"{mine}/{step}", data={"reason": "x"})
        assert (answer.status_code, "本人的申请须由他人审批" in answer.text) == (409, True)
    text = keeper.get(mine).text
    assert re.search(r'<button class="button main" disabled aria-describedby="why-approve"', text), "never hidden"
    assert "您的岗位没有此项权限" in text


def test_who_recorded_does_not_approve(station: Station, keeper: TestClient, deputy: TestClient) -> None:
    asked = ask(keeper, film_of(station, "990105"))
    text = deputy.get(asked).text
    assert re.search(r'<button class="button main" disabled aria-describedby="why-approve"', text)
    assert "本人经办或应当回避" in text
    who = caller("0105")
    due = steps(station, who, shown(station, who, asked.rpartition("/")[2]))
    assert {step for step, error in due.items() if error is not None} == {"approve", "refuse"}
    assert asked not in deputy.get("/requests?show=for-me").text
    assert deputy.post(f"{asked}/approve", data={}).status_code == 403
    assert "待审批" in deputy.get(asked).text


def test_redaction_does_not_open_what_is_never_released(
    station: Station, keeper: TestClient, deputy: TestClient
) -> None:
    clip = film_of(station, "JY0001")
    asked = ask(keeper, clip, wanted="redact")
    act = classes.classifying(clip, "informant", reason="r", at=station.now(), actor="P:0105")
    station.act_writer.carry_out(act)
    text = deputy.get(asked).text
    assert ("涉及举报人的资料不得对外提供" in text, 'aria-describedby="why-approve"' in text) == (True, True)
    assert deputy.post(f"{asked}/approve", data={}).status_code == 409
    again = keeper.post("/requests/new", data={"clips": clip, "reason": "公示", "wanted": "redact"})
    assert (again.status_code, "该类资料不得提供" in again.text) == (403, True)
    assert deputy.post(f"{asked}/refuse", data={"reason": "涉及举报人"}).status_code == 303


def test_a_request_is_decided_and_its_form_says_what_is_wrong(
    station: Station, keeper: TestClient, deputy: TestClient
) -> None:
    nothing = keeper.post("/requests/new", data={"reason": "x", "days": "soon"})
    assert (nothing.status_code, 'href="#clips"' in nothing.text, 'href="#days"' in nothing.text) == (400, True, True)
    blank = keeper.post("/requests/new", data={"clips": film_of(station, "990105"), "reason": " "})
    assert (blank.status_code, 'href="#reason"' in blank.text) == (409, True)
    asked = ask(keeper, film_of(station, "JY0001"), organ="区人民法院", letter="〔2026〕7 号")
    assert asked in deputy.get("/requests").text
    assert deputy.post(f"{asked}/approve", data={"days": "2"}).headers["location"] == asked
    text = deputy.get(asked).text
    assert ("已批准" in text, "区人民法院" in text, f"{asked}/revoke" in text) == (True, True, True)
    assert deputy.post(f"{asked}/revoke", data={"reason": "撤诉"}).status_code == 303
    assert browser(station, "keeper").get("/requests/R2026-9999").status_code == 404
    assert keeper.post(f"{asked}/nothing", data={}).status_code == 404
    assert keeper.get("/requests?show=register").status_code == 200


def test_clips_are_put_into_a_request_in_words_where_they_are_ticked(
    station: Station, keeper: TestClient, deputy: TestClient
) -> None:
    clip, said = film_of(station, "JY0001"), {"reason": "复议", "description": "三月的检查"}
    asked = deputy.post("/requests/new", data=said).headers["location"]
    chosen = f"/chosen?do=copy&clip={clip}"
    assert asked not in deputy.get(chosen).text, "who asks names none"
    text = keeper.get(chosen).text
    assert ("三月的检查" in text, f'action="{asked}/fill"' in text) == (True, True)
    assert keeper.post(f"{asked}/fill", data={"clips": clip}).headers["location"] == asked
    assert clip in keeper.get(asked).text


def test_an_emergency_look_is_judged_by_another(station: Station, keeper: TestClient, deputy: TestClient) -> None:
    body = {"clips": film_of(station, "990105"), "reason": "火情"}
    assert keeper.post("/requests/emergency", data=body | {"minutes": "99"}).status_code == 409
    opened = keeper.post("/requests/emergency", data=body).headers["location"]
    assert "/judge" not in keeper.get(opened).text
    text = deputy.get(opened).text
    assert ("/judge" in text, "未观看任何资料" in text) == (True, True)


@pytest.mark.skipif(font() is None, reason="no Chinese font")
def test_a_copy_carries_its_number_and_each_film_that_is_fetched_is_on_the_trail(
    station: Station, keeper: TestClient, deputy: TestClient, tmp_path: Path
) -> None:
    clip = film_of(station, "JY0001")
    asked = ask(keeper, clip, use="移送")
    no, cut = asked.rpartition("/")[2], {f"from-{clip}": "9点36分20秒", f"until-{clip}": "093621"}
    assert keeper.post(f"{asked}/copy", data=cut).status_code == 403, "not granted yet"
    assert deputy.post(f"{asked}/approve", data={}).status_code == 303
    refused = keeper.post(f"{asked}/copy", data={f"from-{clip}": "25:00"})
    assert (refused.status_code, "不是有效时间" in refused.text) == (409, True)
    assert deputy.post(f"{asked}/copy", data={}).status_code == 403, "who asked, or the custodian"
    bundle = keeper.post(f"{asked}/bundle", data={"disk": str(station.home.root)})
    assert (bundle.status_code, "不能用于此处" in bundle.text) == (409, True), "a disk of the station itself"
    assert keeper.post(f"{asked}/copy", data=cut).headers["location"] == asked
    until(lambda: requests.copies(station.database, no), "the copy")
    (copy,) = requests.copies(station.database, no)
    assert (copy.kind, copy.clips, copy.no in keeper.get("/requests?show=register").text) == ("burnt", (clip,), True)

    def looks() -> list[object]:
        lines = trail.lines_of(station.database, ("clip.exported",), clip)
        return [line.as_json()["details"] for line in lines]

    film, before = {"copy": copy.no, "film": f"{copy.no}_01.mp4"}, len(looks())
    assert deputy.post(f"{asked}/film", data=film).status_code == 403
    assert len(looks()) == before
    fetched = keeper.post(f"{asked}/film", data=film)
    assert looks()[before:] == [film | {"request": no}]
    assert corner(fetched.content, tmp_path / "copy.mp4") < corner(FILM, tmp_path / "film.mp4") - 10, (
        "a dark ground stands lower right"
    )
    ((_, path),) = paths(station, copy).values()
    path.write_bytes(fetched.content + b"x")
    assert b"ftyp" not in keeper.post(f"{asked}/film", data=film).content[:32], "it is not what the register says"
    path.unlink()
    assert "_01.mp4" not in keeper.get(asked).text
    assert deputy.post(f"{asked}/revoke", data={"reason": "撤诉"}).status_code == 303
    assert keeper.post(f"{asked}/film", data=film).status_code == 403


def corner(film: bytes, place: Path) -> float:
    """How bright the lower right corner of the first picture is, 0 to 255."""
    crop = "crop=iw/4:ih/12:iw*3/4:ih*11/12,format=gray"
    place.write_bytes(film)
    command = ["ffmpeg", "-v", "error", "-i", str(place), "-frames:v", "1", "-vf", crop, "-f", "rawvideo", "-"]
    grey = subprocess.run(command, capture_output=True, check=True).stdout
    return sum(grey) / len(grey)
