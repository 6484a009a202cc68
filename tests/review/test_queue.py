"""What waits to be linked: a group at a time, why in words, linked as it is ticked, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from http import HTTPStatus
from pathlib import Path

import pytest

from docking_station.station.station import Station
from tests.review.bureau import enter_bureau, signed_in
from tests.review.conftest import asking
from tests.review.desk import FILES, HOME_VISIT, SEAL, Filed, enter_cases


@pytest.fixture
def station(filed_dock: Filed, tmp_path: Path) -> Iterator[Station]:
    with filed_dock(tmp_path / "home", FILES).opened() as opened:
        enter_cases(opened)
        yield opened


def form(text: str) -> dict[str, str]:
    """What a browser sends of the page's form when nothing was changed on it."""
    inside = text.partition('action="/queue/link"')[2].partition("</form>")[0]
    hidden = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', inside)
    }
    boxes = re.findall(r'type="checkbox" name="([^"]*)" value="on" checked', inside)
    radios = re.findall(r'type="radio" name="case" value="([^"]*)" checked', inside)
    return {**hidden, **dict.fromkeys(boxes, "on"), "case": radios[0], "other": ""}


def links(station: Station) -> list[tuple[str, str]]:
    sql = "SELECT path, no FROM link JOIN clip ON clip.id = clip_id JOIN law_case ON law_case.id = case_id "
    return [(row["path"], row["no"]) for row in station.database.query(sql + "WHERE ended_at IS NULL ORDER BY 1", {})]


def test_a_group_is_linked_as_it_is_ticked_and_taken_back(station: Station) -> None:
    pages = asking(station)
    first = pages.get("/queue")
    assert first.status_code == HTTPStatus.OK
    assert re.search(r'class="party">某社会组织 .*青民立〔2026〕2号', first.text)
    assert "承办人 JX0003 在案件办理期间采集" in first.text
    later = pages.post("/queue/later", data=form(first.text))
    both = pages.get(later.headers["location"]).text
    assert both.count('type="checkbox"') == 2, "clips that follow each other are one group"
    wanted = form(both)
    untick = next(name for name in wanted if name.startswith("clip-"))
    done = pages.post("/queue/link", data={name: value for name, value in wanted.items() if name != untick})
    assert done.status_code == HTTPStatus.SEE_OTHER
    assert [case for _, case in links(station)] == [HOME_VISIT]
    said = pages.get(done.headers["location"]).text
    assert f"已将 1 份关联到 {HOME_VISIT}。" in said
    fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', said.partition("/queue/undo")[2]))
    pages.post("/queue/undo", data=fields)
    assert links(station) == []
    again = pages.get("/queue").text
    assert again.count(">某养老院 <span") == 1, "what was taken back is proposed again"
    assert 0 < again.index("某养老院 <span") < again.index("某社会组织 <span"), "what was passed over comes last today"


def test_another_case_is_typed_and_what_cannot_be_done_is_said_and_changes_nothing(station: Station) -> None:
    pages = asking(station)
    wanted = form(pages.get("/queue").text) | {"case": "other"}
    for typed, says in (("", "请填写案件。"), ("no such case", "no such case")):
        answer = pages.post("/queue/link", data=wanted | {"other": typed})
        assert (answer.status_code, says in answer.text) == (HTTPStatus.BAD_REQUEST, True)
        assert 'id="wrong"' in answer.text
    assert "请至少勾选一份。" in pages.post("/queue/link", data={"case": "other", "other": SEAL}).text
    assert links(station) == []
    assert pages.post("/queue/link", data=wanted | {"other": HOME_VISIT}).status_code == HTTPStatus.SEE_OTHER
    assert [case for _, case in links(station)] == [HOME_VISIT]


def test_who_passes_a_case_over_is_asked_for_another(station: Station) -> None:
    pages = asking(station)
    (other,) = re.findall(r'href="(/queue[^"]*)" data-key="n"', pages.get("/queue").text)
    text = pages.get(unescape(other)).text
    assert "像是这个案件" not in text
    assert 'value="other" checked' in text


def test_who_may_see_no_clip_is_shown_none_and_links_none(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = form(asking(station).get("/queue").text)
    enter_bureau(station, monkeypatch)
    pages = asking(station)
    assert signed_in(pages, "deputy", to="/queue") == HTTPStatus.SEE_OTHER
    answer = pages.post("/queue/link", data=wanted)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert links(station) == []
