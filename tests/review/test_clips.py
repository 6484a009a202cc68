"""The list of clips: its filters, what is wrong at its field, older ones behind the last, and no line on the trail."""

from __future__ import annotations

import html
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from catalog.cases.reading import InCase
from catalog.clips.search import ClipSummary, Search
from catalog.keeping.disposals import Disposal
from catalog.rules.rights import Action
from catalog.station_error import Language
from catalog.trail import trail
from docking_station.commands.search import search
from docking_station.services.viewable import Making, Viewable
from docking_station.station.station import Station
from review import asked
from review.asked import FIELDS, PLACES, ROWS, asked_in
from review.days import Bars, bars
from review.frame import Words
from review.pages import clips
from review.rows import COPY, Row, beside, row
from tests.docking_station.running import fill
from tests.review.bureau import signed_in
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
    found = asked_in(query, ZONE)
    assert (found.wrong, found.search) == (wrong, None)


def test_the_address_is_the_search() -> None:
    one = asked_in(QueryParams("case= 2026-0311 &officer=JX1%26x&after=c1&kind=&is=hold&is=marked"), ZONE)
    assert one.address() == "/clips?case=2026-0311&officer=JX1%26x&is=hold&is=marked"
    assert one.address(officer="", is_="", after="c9") == "/clips?case=2026-0311&after=c9"


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
        clip = re.findall(r"/clips/(c[a-z2-7]{20})", one)[0]
        assert "没有" in pages.get("/clips", params={"along": f"{clip},50"}).text, (
            "its look is written, then it has no track"
        )
        short = pages.get("/clips", params={"text": "-"})
        assert (short.status_code, "请至少输入两个字" in short.text) == (400, True)


def test_some_of_a_text_is_shown_around_what_was_looked_for() -> None:
    text = "x" * 100 + " 消防通道 " + "y" * 100
    assert clips.excerpt(text, ("消防",)).startswith("…xxxxxxxxxxx 消防通道 yyy")
    assert clips.excerpt("消防\n通道", ("消防",)) == "消防 通道"


def test_older_ones_come_behind_the_last(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "ROWS", 2)
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


def test_a_log_stands_beneath_the_one_film_of_its_name_and_recorder() -> None:
    log = replace(CLIP, id="l1", kind="log", path="a.NMEA")
    assert dict(beside([log, CLIP])) == {"c1": [log]}
    for one in (replace(log, recorder="TA00002"), replace(log, path="b.NMEA"), replace(log, path="")):
        assert not beside([CLIP, one])
    assert not beside([CLIP, log, replace(CLIP, id="c2", path="a.MOV")]), "of which of the two nobody knows"


def test_the_cases_of_the_rows_are_a_facet_by_their_parties() -> None:
    cases = [InCase(one, number, step) for one, number, step in (("a", "1", "x"), ("a", "1", "y"), ("b", None, None))]
    found = [replace(CLIP, cases=tuple(its)) for its in (cases[:1], cases[1:], [])]
    here = clips.cases_here(asked_in({"case": "1"}, ZONE), found, {"a": "某养老院", "b": ""})
    assert [(one.called, one.count, one.on) for one in here] == [("某养老院 1", 2, True), ("b", 1, False)]
    assert [one.address for one in here] == ["/clips", "/clips?case=b"]


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


@pytest.mark.parametrize("field", [one for one in FIELDS if one != "is"])
def test_what_cannot_be_read_stays_in_its_field(pages: TestClient, field: str) -> None:
    answer = pages.get("/clips", params={"since": "x", field: "<nix"})
    assert answer.status_code == 400
    assert '"&lt;nix"' in answer.text
    assert 'href="#since"' in answer.text


def test_every_filter_of_the_command_is_a_field_of_the_page(pages: TestClient) -> None:
    named = {{"flag": "is", "level": "class"}.get(one, one) for one in inspect.signature(search).parameters}
    assert named - {"limit", "after", "count", "to", "save", "saved", "as_json"} == {*FIELDS}
    text = pages.get("/clips").text
    assert all(f'name="{field}"' in text for field in {*FIELDS} - {"mine", *PLACES})


def test_a_saved_search_means_the_same_on_the_command_line(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"a.log": 100}), "--recorder", "EV00001")
    with pages_of(dock) as pages:
        typed = "recorder=EV00001&since=2000-01-01&until=2099-12-31&is=unlinked"
        assert pages.post("/searches", data={"search": typed, "name": "<mine>"}).status_code == 303
        text = pages.get("/clips").text
        (address,) = re.findall(r'href="([^"]+)">&lt;mine&gt;', text)
        assert pages.get(html.unescape(address)).text.count('class="when"') == 1
    (kept,) = dock.run("clips", "searches", "--json").document
    assert kept["typed"]["until"] == ["2100-01-01 00:00"], "a day alone is included here, and not there"
    assert len(dock.run("clips", "search", "--saved", "<mine>", "--json").document["clips"]) == 1
    with pages_of(dock) as pages:
        pages.post("/searches", data={"name": "<mine>", "drop": "1"})
        assert "&lt;mine&gt;" not in pages.get("/clips").text


def test_what_clips_are_is_counted_and_each_count_is_a_filter(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"a.log": 100, "b.log": 101, "c.bin": 102}), "--recorder", "EV00001", "--officer", "JX1")
    with pages_of(dock) as pages:
        text = pages.get("/clips?kind=log").text
        assert re.search(r'href="/clips" aria-current="true"><span class="cut">日志</span> <span class="num">2<', text)
        assert re.search(r'href="/clips\?kind=other"><span class="cut">其他</span> <span class="num">1<', text), (
            "of the other kinds too, to choose another"
        )


def test_what_was_found_is_a_file_and_its_lines_are_on_the_trail(bureau: Station) -> None:
    pages = asking(bureau)
    signed_in(pages)
    lines = trail.size(bureau.database)
    answer = pages.get("/found?form=csv&kind=video")
    assert answer.headers["content-disposition"] == 'attachment; filename="clips.csv"'
    assert answer.text.count("\n") == 1
    newest = trail.newest(bureau.database)
    assert newest is not None
    assert newest.entry.action == "list.read"
    assert trail.size(bureau.database) == lines + 1


def test_days_are_bars_and_many_are_weeks() -> None:
    assert bars({}) == Bars((), 0)
    one, other = bars({"2026-03-05": 1, "2026-03-07": 4}).bars
    assert (one.x, one.height, other.x, other.height) == (0, 25.0, 2, 100.0)
    weeks = bars({"2026-01-01": 1, "2026-04-30": 1})
    assert [(bar.since.isoformat(), bar.until.isoformat()) for bar in weeks.bars] == [
        ("2025-12-29", "2026-01-04"), ("2026-04-27", "2026-05-03"),
    ]  # fmt: skip
    assert bars({"0001-01-01": 1, "9999-12-31": 1}).width <= 63
