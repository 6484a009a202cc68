"""One clip's page: each look is on the trail before it, what a card says is escaped, and ranges are RFC 9110's."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.clips import search
from catalog.clips.chores import VIEWING_COPY, CatalogChores, Chore
from catalog.clips.tables import ClipRow
from catalog.errors import CatalogUnreachable
from catalog.trail import trail
from docking_station.services import permits
from docking_station.services.looks import ANSWER_BYTES_MAX, Looks
from docking_station.services.viewable import Making, Viewable
from docking_station.station.station import Station
from media.errors import ToolFailed
from review.app import make_app
from review.frame import Words
from review.libraries import Libraries
from review.pages.clip import TRAIL_LINES, why_not
from tests.docking_station.running import fill
from tests.fakes.callers import ME
from tests.footage.clips import avi, made
from tests.footage.coded import AVC, PICTURE, coded
from tests.review.conftest import HOST, asking
from tests.scenario.dock import Dock

FILM = "DCIM/EV00001_JY0001_20260311093620.MP4"
UNDATED = "DCIM/EV00001_JY0001_20260311100000.MP4"
STATED = ("-metadata", "com.apple.quicktime.creationdate=9999-12-31T20:00:00Z")
HOSTILE = "<img src=x>\u202e.log"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station with a clip that plays as it is, and a text with a hostile name."""
    place = tmp_path_factory.mktemp("clip")
    dock, card = new_dock(place / "home"), fill(place / "card", {HOSTILE: 100})
    (card / FILM).parent.mkdir()
    (card / FILM).write_bytes(coded(seconds=2))
    (card / UNDATED).write_bytes(made("mp4", 1, *PICTURE, *AVC, "-movflags", "+use_metadata_tags", *STATED))
    dock.ingest(card, "--recorder", "EV00001", "--officer", "<script>")
    dock.run("work", "--once", "--kinds", "viewing-copy")
    return dock


@pytest.fixture
def station(filed: Dock) -> Iterator[Station]:
    with filed.opened() as station:
        yield station


@pytest.fixture
def pages(station: Station) -> TestClient:
    return asking(station)


@pytest.fixture
def film(station: Station) -> str:
    return clip_at(station, FILM)


def clip_at(station: Station, path: str) -> str:
    return next(one.id for one in search.search(station.database, search.Search()) if one.path == path)


def actions(station: Station, clip: str) -> list[str]:
    return [line.entry.action for line in trail.lines(station.database, subject=clip)]


def making(word: str, *, ahead: int = 0, progress: float = 0.0) -> Viewable:
    """A clip whose viewing copy is still to come."""
    return Viewable("c", "making", word, making=Making("chore", "waiting", ahead, progress, None, None, None))


def opened(pages: TestClient, clip: str) -> str:
    """Open a look; its number."""
    answer = pages.post(f"/clips/{clip}/look")
    assert answer.status_code == 303
    return answer.headers["location"].partition("?look=")[2]


def test_to_open_the_page_is_a_look_and_to_play_is_one_more(pages: TestClient, station: Station, film: str) -> None:
    before = actions(station, film)
    text = pages.get(f"/clips/{film}").text
    assert 'action="/clips/' in text
    assert "<video" not in text
    look = opened(pages, film)
    for _ in range(2):  # a reload belongs to the same look
        assert f'src="/looks/{look}/content"' in pages.get(f"/clips/{film}?look={look}").text
    assert actions(station, film) == [*before, "clip.shown", "clip.viewed"]


@pytest.mark.parametrize("path", [FILM, UNDATED])
def test_a_look_at_the_sheet_alone_or_at_another_clip_does_not_open_the_page(
    pages: TestClient, station: Station, film: str, path: str
) -> None:
    other = clip_at(station, path)
    sheet = pages.post(f"/clips/{other}/sheet").json()["sheet"].split("/")[2]
    look = sheet if other == film else opened(pages, other)
    before = actions(station, film)
    text = pages.get(f"/clips/{film}?look={look}").text
    assert "<video" not in text
    assert actions(station, film) == [*before, "clip.shown"]


def test_a_date_at_the_end_of_the_calendar_is_said_in_utc(pages: TestClient, filed: Dock, station: Station) -> None:
    clip, never = clip_at(station, UNDATED), "9999-12-31 20:00:00"
    answer = pages.get(f"/clips/{clip}")
    assert (answer.status_code, f"{never} UTC" in answer.text) == (200, True)
    assert f"{never} UTC" in filed.run("clips", "show", clip).stdout
    changed = "UPDATE clip SET starts_at = ?, retain_until = ? WHERE id = ?"
    with closing(sqlite3.connect(filed.home / "catalog.db", isolation_level=None)) as catalog:
        (before,) = catalog.execute("SELECT starts_at, retain_until FROM clip WHERE id = ?", (clip,))
        catalog.execute(changed, (never, never, clip))
        asked = ["/clips", f"/clips/{clip}", f"/clips/{clip}?look={opened(pages, clip)}"]
        statuses = [pages.get(address).status_code for address in asked]
        catalog.execute(changed, (*before, clip))
    assert statuses == [200] * 3


def test_of_a_clip_that_many_looked_at_the_newest_lines_are_shown_and_the_others_counted(
    pages: TestClient, station: Station
) -> None:
    clip = clip_at(station, HOSTILE)
    with station.database.transaction() as session:
        for number in range(trail.PAGE_LINES):
            trail.append(session, trail.Entry(station.now(), "x", "clip.shown", clip, {"number": number}, is_look=True))
    text = pages.get(f"/clips/{clip}").text
    numbers = [int(number) for number in re.findall(r'<td class="num">(\d+)</td>', text)]
    newest = trail.size(station.database)
    assert numbers == list(range(newest, newest - TRAIL_LINES, -1))
    every = [line for line in trail.every_line(station.database) if line.entry.subject == clip]
    assert f"另有 {len(every) - TRAIL_LINES} 条" in text


def test_a_beginning_of_the_number_is_enough_and_one_that_is_none_is_not(pages: TestClient, film: str) -> None:
    assert pages.get(f"/clips/{film[:12]}").status_code == 200
    assert pages.get("/clips/nope").status_code == 404


def test_what_a_card_says_is_escaped_and_written_out(pages: TestClient, station: Station) -> None:
    clip = next(one for one in search.search(station.database, search.Search()) if one.kind == "log")
    text = pages.get(f"/clips/{clip.id}").text
    assert "&lt;img src=x&gt;\\u202e.log" in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"<img src=x>|<script>(?!</)|\u202e", text)
    assert "此文件是文本或数据" in text


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (Viewable("c", "now", "view_copy", derived=True), ""),
        (making("view_running", progress=0.25), "观看副本正在制作，已完成 25%。"),
        (making("view_waiting", ahead=3), "观看副本等待制作，前面还有 3 项。"),
        (making("view_no_chore"), "观看副本尚未制作。"),
        (Viewable("c", "no", "view_disposed"), "原件已处置。"),
        (Viewable("c", "no", "view_no_footage"), "此文件是文本或数据，不能播放。"),
        (Viewable("c", "no", "view_nothing_in_it"), "此文件无法播放。"),
    ],
)
def test_why_nothing_plays_and_when_it_will_is_said(shown: Viewable, says: str) -> None:
    name = why_not(shown)
    assert (Words("zh")(name, **shown.facts("zh")) if name else "") == says


def test_a_copy_that_nobody_is_making_is_not_promised_and_its_cause_is_said(dock: Dock, card: Path) -> None:
    (card / "old.avi").write_bytes(avi())
    dock.ingest(card)
    with dock.opened() as station:
        chores, pages, now = CatalogChores(station.database), asking(station), station.now()
        (one,) = search.search(station.database, search.Search())

        def said() -> str:
            text = pages.get(f"/clips/{one.id}").text
            return text[text.index('id="player"') : text.index('id="times-title"')]

        def fails(again_at: datetime | None) -> str:
            claim = chores.claim("worker", [VIEWING_COPY], now + timedelta(hours=2))
            assert claim is not None
            chores.fail(claim, ToolFailed(tool="ffmpeg", why="<broken>"), now, again_at)
            return claim.chore.id

        assert "尚未制作" in said()
        chores.submit(Chore(VIEWING_COPY, one.id), now)
        fails(now + timedelta(hours=1))
        assert re.search("未制成，将再次制作。.*&lt;broken&gt;", said())
        chore = fails(None)
        assert re.search("未制成。.*&lt;broken&gt;", said())
        assert "请告知保管员" in said()
        chores.cancel(chore, now)
        assert "观看副本已取消制作。" in said()
        assert "正在制作" not in said()


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-", 0, None), ("bytes=10-19", 10, 20), ("bytes=-5", -5, None), ("bytes=10-99999999", 10, None)],
)
def test_a_range_is_answered_as_it_is_asked(
    pages: TestClient, film: str, asked: str, begin: int, end: int | None
) -> None:
    look, content = opened(pages, film), coded(seconds=2)
    answer = pages.get(f"/looks/{look}/content", headers={"range": asked})
    wanted = content[begin:end][:ANSWER_BYTES_MAX]
    first = begin % len(content)
    assert (answer.status_code, answer.content) == (206, wanted)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(content)}"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("asked", ["", "bytes=-", "bytes=1-2,4-5", "pages=1-2"])
def test_without_a_range_the_answer_is_whole(pages: TestClient, film: str, asked: str) -> None:
    answer = pages.get(f"/looks/{opened(pages, film)}/content", headers={"range": asked} if asked else {})
    assert (answer.status_code, answer.content) == (200, coded(seconds=2))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=20-10", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(pages: TestClient, film: str, asked: str) -> None:
    answer = pages.get(f"/looks/{opened(pages, film)}/content", headers={"range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(coded(seconds=2))}")


def test_who_asks_for_the_head_alone_is_told_the_size_and_reads_nothing(
    pages: TestClient, station: Station, film: str
) -> None:
    look, size = opened(pages, film), len(coded(seconds=2))
    for headers, status, length in (({}, 200, size), ({"range": "bytes=10-19"}, 206, 10)):
        answer = pages.head(f"/looks/{look}/content", headers=headers)
        assert (answer.status_code, answer.headers["content-length"], answer.content) == (status, str(length), b"")
    pages.app._app._app.state.looks.close_all()  # type: ignore[attr-defined]  # behind the policy
    last = json.loads(trail.lines(station.database, subject=film)[-1].details)
    assert (last["look"], last["read_ms"]) == (look, [])


def test_the_catalog_is_asked_beside_the_loop_that_serves_everybody(station: Station, film: str) -> None:
    on_the_loop = list[bool]()

    def clock() -> float:
        with suppress(RuntimeError):
            on_the_loop.append(asyncio.get_running_loop().is_running())
        return 0.0

    pages = asking(station, looks=Looks(station, clock))
    look = opened(pages, film)
    assert pages.post(f"/looks/{look}/watched", content="[[0, 1]]").status_code == 204
    assert on_the_loop == []


def test_with_the_trail_closed_there_is_no_look_and_no_byte(
    pages: TestClient, film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise CatalogUnreachable(reason="closed")

    monkeypatch.setattr(permits, "note_looks", closed)
    for answer in (pages.post(f"/clips/{film}/look"), pages.get(f"/clips/{film}")):
        assert answer.status_code == 503
        assert "catalog.unreachable" in answer.text
        back = f'name="back" value="/clips/{film}"'
        assert back in answer.text, "what answers a form is no page to come back to"
        assert film not in answer.text.replace(back, "")


def test_nobody_reads_without_a_look_of_their_own(pages: TestClient, station: Station, film: str) -> None:
    look = opened(pages, film)
    assert pages.get("/looks/0/content").status_code == 404
    assert pages.get(f"/looks/{look}/nope").status_code == 404
    assert asking(station).get(f"/looks/{look}/content").status_code == 404  # another process
    assert "播放会留痕" in pages.get(f"/clips/{film}?look=0").text


def test_what_was_watched_is_written_down_when_the_look_ends(pages: TestClient, station: Station, film: str) -> None:
    look = opened(pages, film)
    pages.get(f"/looks/{look}/content")
    assert pages.post(f"/looks/{look}/watched", content="[[0, 1.5]]").status_code == 204
    for body, status in (("x", 400), ("[1]", 400), (f"[[1{'0' * 400}, 2]]", 400), ("[[0, 1]]" + " " * 20_000, 413)):
        assert pages.post(f"/looks/{look}/watched", content=body).status_code == status
    pages.app._app._app.state.looks.close_all()  # type: ignore[attr-defined]  # behind the policy
    last = list(trail.lines(station.database, subject=film))[-1].as_json()
    assert last["action"] == "clip.view-ended"
    assert '"watched_ms":[[0,1500]]' in json.dumps(last["details"], separators=(",", ":"))


def test_to_verify_reads_the_clip_again_and_says_what_differs(pages: TestClient, station: Station, film: str) -> None:
    answer = pages.post(f"/clips/{film}/verification").text
    assert "刚刚核验" in answer
    assert answer.count("一致</span>") == 5
    assert actions(station, film)[-1] == "clip.verified"
    assert f'name="back" value="/clips/{film}"' in answer


def test_a_row_that_somebody_changed_is_named(pages: TestClient, filed: Dock, film: str) -> None:
    for officer, words in (("x", "与入库时不符"), ("<script>", "刚刚核验")):
        with closing(sqlite3.connect(filed.home / "catalog.db")) as catalog, catalog:
            catalog.execute("UPDATE clip SET officer = ? WHERE id = ?", (officer, film))
        assert words in pages.post(f"/clips/{film}/verification").text


def test_a_lock_that_is_over_is_not_said_to_hold(pages: TestClient, station: Station, film: str) -> None:
    assert "到期前任何人都不能" in pages.get(f"/clips/{film}").text
    for days, words in ((-3650, "原件的锁定已于 20"), (3650, "到期前任何人都不能")):
        with station.database.transaction() as session:
            row = session.get_one(ClipRow, film)
            row.retain_until += timedelta(days=days)
        text = pages.get(f"/clips/{film}").text
        assert words in text
        assert ("到期前" in text) == (days > 0)


def test_the_language_of_an_address_holds_for_what_is_fetched_later(pages: TestClient, film: str) -> None:
    text = pages.get(f"/clips/{film}?lang=en").text
    (address,) = re.findall('hx-post="([^"]+)"', text)
    assert "Verified just now" in pages.post(address).text


def test_what_is_verified_comes_into_a_live_region_that_stays(pages: TestClient, film: str) -> None:
    text = pages.get(f"/clips/{film}").text
    assert re.search(r'<div aria-live="polite">\s*<section[^>]* id="integrity"', text)
    assert text.count("aria-live") == 1


def test_a_tab_is_named_after_its_clip(pages: TestClient, film: str) -> None:
    text = pages.get(f"/clips/{film}").text
    (heading,) = re.findall("<h1[^>]*>(视频 [^<]+)</h1>", text)
    assert f"<title>{heading} · " in text


@pytest.mark.parametrize("libraries", [None, Libraries(())])
def test_a_button_of_the_player_has_a_word_also_where_icons_are_missing(
    station: Station, film: str, libraries: Libraries | None
) -> None:
    pages = TestClient(make_app(station, ME, libraries=libraries), base_url=HOST, follow_redirects=False)
    text = pages.get(f"/clips/{film}?look={opened(pages, film)}").text
    hidden = re.findall('<span class="(.*?)">(?:后退|前进)(?: 5 秒|一帧)</span></button>', text)
    assert hidden == 4 * ["hide" if libraries is None and Libraries().scripts else ""]
    assert '<select id="rate" autocomplete="off">' in text, "a browser keeps a choice, its player does not"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "± 0.1 秒"), (0.04, "± 0.1 秒"), (0.26, "± 0.3 秒"), (119.0, "± 119 秒"), (7199.0, "± 120 分钟"),
     (172_799.0, "± 48 小时"), (172_800.0, "± 2 天"), (366 * 86_400.0, "± 366 天")],
)  # fmt: skip
def test_how_far_a_time_may_be_off_is_as_coarse_as_it_is_and_never_nothing(seconds: float, said: str) -> None:
    assert Words("zh").doubt(seconds) == said
