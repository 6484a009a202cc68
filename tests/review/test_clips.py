"""The list of clips: its filters, what is wrong at its field, older ones behind the last, and no line on the trail."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from catalog.clips.search import ClipSummary, Search
from catalog.keeping.disposals import Disposal
from catalog.rules.rights import Action
from catalog.station_error import Language
from catalog.trail import trail
from docking_station.commands.clips import list_clips
from docking_station.services.viewable import Making, Viewable
from review.frame import Words
from review.pages import clips
from review.pages.clips import FIELDS, ROWS, asked_in
from review.rows import COPY, Row, row
from tests.docking_station.running import fill
from tests.review.conftest import asking, pages_of
from tests.scenario.dock import Dock

ZONE = ZoneInfo("Asia/Shanghai")


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-03-05", utc(2026, 3, 4, 16)),
        ("2026-3-5", utc(2026, 3, 4, 16)),
        ("2026年3月5日", utc(2026, 3, 4, 16)),
        ("2026/03/05 09:30", utc(2026, 3, 5, 1, 30)),
        ("2026-03-05T01:30:00+00:00", utc(2026, 3, 5, 1, 30)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, read: datetime) -> None:
    assert asked_in({"since": typed}, ZONE).search == Search(since=read, limit=ROWS)


def test_a_day_alone_is_included() -> None:
    assert asked_in({"until": "2026-03-05"}, ZONE).search == Search(until=utc(2026, 3, 5, 16), limit=ROWS)
    assert asked_in({"until": "2026-03-05 09:30"}, ZONE).search == Search(until=utc(2026, 3, 5, 1, 30), limit=ROWS)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"since": "yesterday"}, {"since": "page_bad_time"}),
        ({"since": "2026-02-30", "until": "9999-13-31"}, {"since": "page_bad_time", "until": "page_bad_time"}),
        ({"since": "2026-03-05", "until": "2026-03-04"}, {"until": "page_bad_order"}),
        ({"kind": "film"}, {"kind": "page_bad_kind"}),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_searched(
    query: dict[str, str], wrong: dict[str, str]
) -> None:
    asked = asked_in(query, ZONE)
    assert (asked.wrong, asked.search) == (wrong, None)


def test_the_address_is_the_search() -> None:
    asked = asked_in({"case": " 2026-0311 ", "officer": "JX1&x", "after": "c1", "kind": ""}, ZONE)
    assert asked.address() == "/clips?case=2026-0311&officer=JX1%26x"
    assert asked.address(officer="", after="c9") == "/clips?case=2026-0311&after=c9"


def test_a_list_shows_what_was_filed_and_writes_no_line(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"<i>.log": 100, "b.log": 1500}), "--recorder", "EV00001", "--officer", "<b>")
    with dock.opened() as station:
        lines = trail.size(station.database)
        text = asking(station).get("/clips").text
        assert trail.size(station.database) == lines
    assert text.count('<a class="when" href="/clips/c') == 2
    assert "1.5 KB" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "未关联案件" in text


def test_words_find_a_clip_say_where_they_stand_and_how_many_there_are(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"north gate.log": 100, "south gate.log": 101}), "--recorder", "EV00001")
    with pages_of(dock) as pages:
        both, one = (pages.get("/clips", params={"text": text}).text for text in ("gate", "gate north"))
        assert (both.count('class="when"'), both.count("共 2 条")) == (2, 1)
        assert (one.count('class="when"'), one.count("共 1 条")) == (1, 1)
        assert "north gate.log" in one
        short = pages.get("/clips", params={"text": "-"})
        assert (short.status_code, "请至少输入两个字" in short.text) == (400, True)


def test_some_of_a_text_is_shown_around_what_was_looked_for() -> None:
    text = "x" * 100 + " 消防通道 " + "y" * 100
    assert clips.excerpt(text, ("消防",)).startswith("…xxxxxxxxxxx 消防通道 yyy")
    assert clips.excerpt("消防\n通道", ("消防",)) == "消防 通道"


def test_older_ones_come_behind_the_last(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "ROWS", 2)
    dock.ingest(fill(card, {f"{number}.log": 100 + number for number in range(5)}), "--recorder", "EV00001")
    seen, address = list[str](), "/clips?recorder=EV00001"
    with pages_of(dock) as pages:
        while address:
            text = pages.get(address).text
            seen += re.findall(r'class="when" href="/clips/(\w+)"', text)
            older = re.search(r'<a class="button" href="(/clips\?[^"]+after[^"]+)"', text)
            address = older[1].replace("&amp;", "&") if older else ""
        assert pages.get("/clips?after=0").text.count("没有更早的资料") == 1
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/clips", "还没有资料"),
        ("/clips?case=x", "没有符合这些条件的资料"),
        ("/clips?since=x", "不是时间"),
        ("/clips?after=x", "下一步"),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(dock: Dock, address: str, words: str) -> None:
    with pages_of(dock) as pages:
        assert words in pages.get(address).text


NOW = utc(2026, 11, 1, 0)
CLIP = ClipSummary(
    "c1", "TA00001", "JX0001", None, None, "video", "a.mp4", 10, "5a", "3b", utc(2026, 3, 5, 1), "name", 5.0, None,
    4.0, 0, None, (), utc(2026, 3, 5, 2), utc(2026, 11, 2, 0), True, (), "none", None,
)  # fmt: skip
ASKED = Disposal("c1", NOW, "one", "over", None, None)
PLAYS = Viewable("c1", "now", "view_copy", derived=True, parts=frozenset({"view", "poster", "strip"}))


def of(
    clip: ClipSummary = CLIP, view: Viewable = PLAYS, asked: Disposal | None = None, fault: str | None = None
) -> Row:
    return row(clip, view, asked, fault, NOW, frozenset(Action))


def words(one: Row, language: Language = "zh") -> list[str]:
    return [Words(language)(state.name, **state.facts) for state in one.states]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (of(), ["已入库锁定"]),
        (of(replace(CLIP, retain_until=NOW)), ["锁定已到期"]),
        (of(replace(CLIP, marks=("important",))), ["已入库锁定", "重点"]),
        (of(asked=ASKED), ["已申请处置"]),
        (of(asked=replace(ASKED, done_at=NOW), view=Viewable("c1", "no", "view_disposed")), ["原件已处置"]),
        (of(fault="other bytes"), ["原件受损，请告知保管员"]),
    ],
)
def test_a_row_says_in_words_how_its_original_is_kept(one: Row, said: list[str]) -> None:
    assert words(one) == said


@pytest.mark.parametrize("word", sorted(COPY))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_says_why_its_clip_does_not_play_or_when_it_will(word: str, language: Language) -> None:
    making = Making("1f", "waiting", 7, 0.42, None, None, None)
    kept, why = words(of(view=Viewable("c1", "making", word, making=making)), language)
    assert kept
    assert why
    assert ("7" in why) == (word == "view_waiting")
    assert ("42%" in why) == (word == "view_running")


def test_only_what_plays_and_has_a_sheet_can_be_looked_through() -> None:
    assert of().has_sheet
    assert not of(view=replace(PLAYS, parts=frozenset({"view", "poster"}))).has_sheet
    assert not of(view=replace(PLAYS, state="no")).has_sheet
    assert not of(asked=replace(ASKED, done_at=NOW)).has_poster


def test_what_is_filtered_is_named_and_each_filter_can_be_dropped_alone(pages: TestClient) -> None:
    text = pages.get("/clips?case=2026-0311&kind=audio&since=2026-03-05").text
    for label, value, without in (
        ("案件编号", "2026-0311", "/clips?since=2026-03-05&amp;kind=audio"),
        ("类型", "音频", "/clips?since=2026-03-05&amp;case=2026-0311"),
        ("开始时间自", "2026-03-05", "/clips?case=2026-0311&amp;kind=audio"),
    ):
        assert text.count(f"{label}：{value}") == 2, "as a chip, and where nothing fits"
        assert text.count(f'href="{without}"') == 2


def test_what_is_filtered_is_escaped_once(pages: TestClient) -> None:
    text = pages.get("/clips", params={"officer": "O'Neil<b>"}).text
    assert text.count("执法人员编号：O&#39;Neil&lt;b&gt;") == 2


@pytest.mark.parametrize("field", FIELDS)
def test_what_cannot_be_read_stays_in_its_field(pages: TestClient, field: str) -> None:
    answer = pages.get("/clips", params={"since": "x", field: "<nix"})
    assert answer.status_code == 400
    assert '"&lt;nix"' in answer.text
    assert 'href="#since"' in answer.text


def test_every_filter_of_the_command_is_a_field_of_the_page(pages: TestClient) -> None:
    named = {one.name for one in inspect.signature(list_clips).parameters.values()} - {"limit", "after", "as_json"}
    assert named == {*FIELDS} - {"text"}, "words are searched by another command"
    text = pages.get("/clips").text
    assert all(f'name="{field}"' in text for field in FIELDS)
