"""The list of clips: its filters, what is wrong at its field, older ones behind the last, and no line on the trail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from catalog.clips.search import Search
from catalog.trail import trail
from review.pages import clips
from review.pages.clips import ROWS, asked_in
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
    assert asked_in({"since": typed}, ZONE).search == Search(since=read, limit=ROWS + 1)


def test_a_day_alone_is_included() -> None:
    assert asked_in({"until": "2026-03-05"}, ZONE).search == Search(until=utc(2026, 3, 5, 16), limit=ROWS + 1)
    assert asked_in({"until": "2026-03-05 09:30"}, ZONE).search == Search(until=utc(2026, 3, 5, 1, 30), limit=ROWS + 1)


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


def test_older_ones_come_behind_the_last(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "ROWS", 2)
    dock.ingest(fill(card, {f"{number}.log": 100 + number for number in range(5)}), "--recorder", "EV00001")
    seen, address = list[str](), "/clips?recorder=EV00001"
    with pages_of(dock) as pages:
        while address:
            text = pages.get(address).text
            seen += re.findall(r'class="when" href="/clips/(\w+)"', text)
            older = re.search(r'<a class="button" href="(/clips\?[^"]+)"', text)
            address = older[1].replace("&amp;", "&") if older else ""
        assert pages.get(f"/clips?after={seen[-1]}").text.count("没有更早的资料") == 1
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
