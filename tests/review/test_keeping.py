"""Held files and what may be disposed of, at their pages: two people, the number typed again, the trail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.errors import NoSuchClip
from catalog.keeping import disposals
from docking_station.services.dispose import dispose_clip
from docking_station.services.holds import hold_clip
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.bureau import SECRET, enter_bureau, signed_in
from tests.review.conftest import asking, pages_of
from tests.review.desk import FILES, Filed
from tests.scenario.dock import Dock
from tests.scenario.keeping import Later, Years

HALF_A_YEAR = 185


@pytest.fixture
def later(filed_dock: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    """A station half a year from now, with a custodian and a deputy: one clip is held, the others are due."""
    with Years(filed_dock(tmp_path / "home", FILES)).at(HALF_A_YEAR) as station:
        held = station.database.query("SELECT id FROM clip WHERE kind = 'log'", {})[0]["id"]
        hold_clip(station, ME, held, "a complaint")
        enter_bureau(station, monkeypatch)
        yield station


def due_in(text: str) -> list[str]:
    return re.findall(r'name="(clip-[a-z0-9]+)"', text.partition('id="held-title"')[0])


def keeper_of(station: Later) -> TestClient:
    pages = asking(station)
    assert signed_in(pages, "keeper", to="/keeping") == HTTPStatus.SEE_OTHER
    return pages


def gone(station: Later) -> int:
    return len(list(disposals.gone(station.database)))


def test_two_people_dispose_of_what_they_chose_and_the_number_is_typed(later: Later) -> None:
    pages = keeper_of(later)
    two = due_in(pages.get("/keeping").text)[:2]
    opened = pages.get("/keeping", params={**dict.fromkeys(two, "on"), "dialog": "dispose-two"}).text
    assert '<dialog id="dispose-two"' in opened
    assert "鉴定意见" in opened
    sent = {**dict.fromkeys(two, "on"), "reason": "time over", "second_account": "deputy", "second_secret": SECRET}
    wrong = {"count": "3", "second_secret": "no secret of theirs", "second_account": "keeper"}
    for name, value in wrong.items():
        refused = pages.post("/keeping/dispose/two", data={**sent, "count": "2", name: value})
        assert refused.status_code >= HTTPStatus.BAD_REQUEST
        assert ('<dialog id="dispose-two"' in refused.text, gone(later)) == (True, 0), name
    done = pages.post("/keeping/dispose/two", data={**sent, "count": "2"})
    assert (done.status_code, gone(later)) == (HTTPStatus.SEE_OTHER, 2)
    assert "已由两人处置 2 份" in pages.get("/keeping").text


def test_another_confirms_later_what_one_asked_for_and_nobody_their_own(later: Later) -> None:
    pages = keeper_of(later)
    one = due_in(pages.get("/keeping").text)[0]
    sent = {one: "on", "count": "1"}
    pages.post("/keeping/dispose/ask", data={**sent, "reason": "time over"})
    assert "您已申请，待另一人确认" in pages.get("/keeping").text
    assert pages.post("/keeping/dispose/confirm", data=sent).status_code == HTTPStatus.FORBIDDEN
    assert gone(later) == 0
    other = asking(later)
    assert signed_in(other, "deputy", to="/keeping") == HTTPStatus.SEE_OTHER
    assert "Name 0104 已申请，待另一人确认" in other.get("/keeping").text
    assert other.post("/keeping/dispose/confirm", data=sent).status_code == HTTPStatus.SEE_OTHER
    assert gone(later) == 1


def test_what_is_due_is_told_of_no_clip_that_is_not_theirs_to_see(later: Later) -> None:
    due = due_in(keeper_of(later).get("/keeping").text)[0].removeprefix("clip-")
    for clip in (due, due[:9], "0" * 12):
        with pytest.raises(NoSuchClip):
            dispose_clip(later, caller("0101"), clip, None)


def test_a_hold_is_ended_by_two_people(later: Later) -> None:
    pages = keeper_of(later)
    text = pages.get("/keeping").text.partition('id="held-title"')[2]
    assert "a complaint" in text
    (held,) = re.findall(r'name="(clip-[a-z0-9]+)"', text)
    sent = {held: "on", "count": "1", "reason": "settled", "second_account": "deputy", "second_secret": SECRET}
    assert pages.post("/keeping/unhold/two", data=sent).status_code == HTTPStatus.SEE_OTHER
    assert "没有依法保留的资料" in pages.get("/keeping").text


def test_what_ends_soon_is_told_and_cannot_be_chosen(filed_dock: Filed, tmp_path: Path) -> None:
    with Years(filed_dock(tmp_path / "home", FILES)).at(HALF_A_YEAR - 20) as station:
        text = asking(station).get("/keeping").text
    assert (text.count("暂不能处置"), due_in(text)) == (len(FILES), [])


def test_a_held_file_is_struck_off_with_a_reason(dock: Dock, card: Path) -> None:
    (card / "link").symlink_to("/etc/hostname")
    dock.ingest(card, status=3)
    with pages_of(dock) as pages:
        text = pages.get("/held").text
        assert "devices.not-a-file" in text
        (number,) = re.findall(r'name="held" value="([^"]*)"', text)
        refused = pages.post("/held/release", data={"held": number, "reason": " "})
        assert refused.status_code >= HTTPStatus.BAD_REQUEST
        assert 'aria-invalid="true"' in refused.text
        pages.post("/held/release", data={"held": number, "reason": "a prank"})
        assert "没有待处理的文件" in pages.get("/held").text
