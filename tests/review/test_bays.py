"""The bay screen says what an officer has to know, and never an old "safe to take"."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from catalog.clips.arrivals import Arrived
from catalog.station_error import Language
from docking_station.faces.bay_words import Spoken
from docking_station.faces.board import STATES, BayView, Board, StationView
from docking_station.faces.stream import Stream
from review.bay_screen import ICONS, STREAMS_MAX, BayScreen, tile
from review.frame import Words
from review.libraries import SCRIPTS, Libraries
from tests.docking_station.running import fill
from tests.docking_station.shift import HELD, UNKNOWN, VAULT
from tests.fakes.waiting import until
from tests.review.conftest import asking, pages_of
from tests.scenario.dock import Dock

VIEW = BayView(
    "3", "usb-3", "copying", datetime(2026, 3, 5, tzinfo=UTC), recorder="TA00703", officer="JX0003", files=40,
    files_done=10, size_bytes=100, done_bytes=25, left_s=720.0,
)  # fmt: skip


def spoken(language: Language) -> Spoken:
    return Spoken(language, Words(language), ZoneInfo("Asia/Shanghai"))


ZH = spoken("zh")


def said(view: BayView, in_words: Spoken = ZH) -> str:
    found = tile(view, in_words)
    return "\n".join((found.word, *found.lines))


def test_a_copying_bay_says_how_long_still_and_that_one_may_go() -> None:
    assert said(VIEW) == "采集中\n还需约 12 分钟 · 10/40 个文件\n请勿拔出，人可以先走。"
    assert said(VIEW, spoken("en")) == "Copying\n12 min left · 10 of 40 files\nLeave it in. You may go."
    assert tile(VIEW, ZH).share == 0.25


@pytest.mark.parametrize(
    ("files", "zh", "en"),
    [
        (0, "没有新文件，可以取走。", "Take it. There was no new file on it."),
        (1, "1 个文件已采集，可以取走。", "Take it. Files safe: 1."),
    ],
)
def test_a_recorder_with_nothing_new_is_not_told_of_no_files(files: int, zh: str, en: str) -> None:
    view = replace(VIEW, state="safe", files=files)
    assert (tile(view, ZH).lines, tile(view, spoken("en")).lines) == ((zh,), (en,))


@pytest.mark.parametrize("state", STATES)
def test_a_bay_that_is_being_cleared_says_so_and_never_that_it_is_safe(state: str) -> None:
    found = tile(replace(VIEW, state=state, clearing=True), ZH)  # type: ignore[arg-type]  # every state
    assert (found.state, found.word, found.lines) == (
        "clearing",
        "清除中",
        ("已入库，正在清卡；请勿取走，人可以先走。",),
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_word_a_picture_and_but_for_empty_a_next_step(state: str, language: Language) -> None:
    found = tile(replace(VIEW, state=state), spoken(language))  # type: ignore[arg-type]  # every state
    assert found.word
    assert found.state in ICONS
    assert bool(found.lines) == (state != "empty")


def test_a_reason_comes_first_and_then_what_an_officer_does() -> None:
    assert said(replace(VIEW, state="held", why=HELD)).splitlines()[2] == "可以取走，请告知保管员。"
    assert said(replace(VIEW, state="unknown", why=UNKNOWN)).splitlines()[1:] == [
        UNKNOWN.zh[0],
        "未予采集，请找保管员登记。",
    ]


@pytest.mark.parametrize(
    ("unlinked", "last"),
    [(0, "3 段、2 张今日已入库。"), (1, "3 段、2 张今日已入库，1 段需您处理。")],
)
def test_an_officer_is_told_what_is_filed_today_and_what_still_needs_them(unlinked: int, last: str) -> None:
    arrived = (Arrived("TA00703", "video", 3, unlinked), Arrived("TA00703", "image", 2, 0), Arrived(None, "log", 9, 9))
    assert tile(replace(VIEW, state="safe"), ZH, arrived).lines[-1] == last
    assert last not in tile(VIEW, ZH, arrived).lines


def test_the_screen_says_what_came_in_today_and_whom_to_call(dock: Dock, tmp_path: Path) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.mp4": 10, "b.jpg": 10}), "--recorder", "TA00703")
    settings = dock.home / "station.toml"
    settings.write_text(settings.read_text().replace('contact = ""', 'contact = "乌云 1234"', 1))
    board = Board(StationView("站"))
    board.show(replace(VIEW, state="safe"))
    with Stream(board, dock.home / "dock.sock"), pages_of(dock) as pages:
        text = pages.get("/bays").text
    assert "今日入库 1 段、1 张" in text
    assert "1 段、1 张今日已入库，1 段、1 张需您处理。" in text
    assert "联系人：乌云 1234" in text


def test_so_many_are_told_of_changes_and_the_next_asks_again_and_again(dock: Dock) -> None:
    with dock.opened() as station, ExitStack() as told:
        pages = asking(station)
        pages.get("/bays")
        screen: BayScreen = pages.app._app._app.state.bay_screen  # type: ignore[attr-defined]  # behind the policy
        for _ in range(STREAMS_MAX):
            told.enter_context(screen.telling())
        assert pages.get("/bays/events").status_code == 503
        assert '\n<meta http-equiv="refresh" content="5">' in pages.get("/bays").text
        told.close()
        assert not screen.is_crowded


def test_the_screen_shows_what_the_dock_tells_and_escapes_what_a_device_calls_itself(dock: Dock) -> None:
    board = Board(StationView("站", clock="free", vault=VAULT))
    board.show(replace(VIEW, recorder="<b>x\u202e"))
    with Stream(board, dock.home / "dock.sock"), pages_of(dock) as pages:
        text = pages.get("/bays").text
    assert "采集中" in text
    assert "&lt;b&gt;x\\u202e" in text
    assert VAULT.zh[0] in text
    assert 'class="live lost"' not in text


def test_without_a_dock_nothing_is_known(dock: Dock) -> None:
    board = Board(StationView("站"))
    board.show(replace(VIEW, state="safe"))
    with pages_of(dock) as pages:
        with Stream(board, dock.home / "dock.sock"):
            assert re.search(r'class="bay safe"', pages.get("/bays").text)
        follower = pages.app._app._app.state.bay_screen.follower  # type: ignore[attr-defined]  # behind the policy
        until(lambda: follower.now()[0] is None, "the end of the dock")
        text = pages.get("/bays").text
    assert 'class="live lost"' in text
    assert 'class="bay ' not in text
    assert "记录仪内的录像不会丢失" in text
    assert "可以取走" not in text.split('class="legend"')[0]


def test_the_language_of_an_address_holds_for_what_comes_later(pages: TestClient) -> None:
    assert 'hx-sse:connect="/bays/events?lang=en"' in pages.get("/bays?lang=en").text


def test_of_a_dock_that_hangs_nothing_is_known_until_it_goes_on(dock: Dock) -> None:
    board = Board(StationView("站"))
    board.show(replace(VIEW, state="safe"))
    with Stream(board, dock.home / "dock.sock", heartbeat_s=0.1) as stream, pages_of(dock) as pages:
        assert 'class="bay safe"' in pages.get("/bays").text
        follower = pages.app._app._app.state.bay_screen.follower  # type: ignore[attr-defined]  # behind the policy
        stream._beaten = time.monotonic() - 60  # its main loop hangs since then; its stream does not
        until(lambda: follower.now()[0] is None, "the word of a dock that hangs")
        text = pages.get("/bays").text
        stream.beat()
        until(lambda: follower.now()[0], "the word of a dock that goes on")
        assert 'class="bay safe"' in pages.get("/bays").text
    assert 'class="bay ' not in text
    assert "no sign of life of its main loop" in text
    assert "可取走" not in text.split('class="legend"')[0]


@pytest.mark.parametrize("names", [(), SCRIPTS])
def test_without_the_browsers_libraries_the_screen_is_asked_for_anew(
    dock: Dock, tmp_path: Path, names: tuple[str, ...]
) -> None:
    for path in (tmp_path / "npm/htmx.org" / name for name in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with dock.opened() as station:
        text = asking(station, libraries=Libraries((tmp_path / "npm",))).get("/bays").text
    refresh = '<meta http-equiv="refresh" content="5">'
    assert (f"<noscript>{refresh}</noscript>" if names else f"\n{refresh}") in text
    assert ("bays.js" in text) == bool(names)


def test_a_station_without_a_dock_says_so_at_once(pages: TestClient) -> None:
    text = pages.get("/bays").text
    assert "采集服务没有应答" in text
    assert "systemctl start evidock-dock" in text
