"""The wall fits every terminal, says what matters first, and is harmless whatever a device calls itself."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from catalog.station_error import Language
from docking_station.faces.bay_words import Spoken, left_text
from docking_station.faces.board import STATES, BayView, Board, StationView, Why
from docking_station.terminal import glyphs
from docking_station.terminal.cells import SIGNS, STYLES, Line, Size, packed, progress_text, wrapped
from docking_station.terminal.wall import notice, wall
from docking_station.texts import TEXTS
from tests.docking_station.shift import HELD, VAULT, play

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
SIZES = (Size(80, 24), Size(120, 40), Size(200, 50))


def spoken(language: Language) -> Spoken:
    def word(name: str, **facts: object) -> str:
        return TEXTS[name][language == "zh"].format(**facts)

    return Spoken(language, word, ZoneInfo("Asia/Shanghai"))


EN, ZH = spoken("en"), spoken("zh")


def text(lines: list[Line]) -> str:
    return "\n".join("".join(piece for piece, _ in line) for line in lines)


def demand_fit(lines: list[Line], size: Size) -> None:
    assert len(lines) == size.rows
    for line in lines:
        assert cell_len("".join(piece for piece, _ in line)) == size.columns, line
        for piece, style in line:
            Style.parse(style)
            assert not [char for char in piece if unicodedata.category(char)[0] == "C"]


def shift(bays: int, elapsed_s: float) -> tuple[StationView, tuple[BayView, ...]]:
    board = Board(StationView("城东执法站 1 号", clock="synchronised"))
    play(board, bays, elapsed_s, NOW)
    return board.station, board.bays()


@pytest.mark.parametrize("bays", [1, 2, 5, 8, 12, 16, 24, 32])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_shift_fits_and_no_bay_is_left_out(bays: int, size: Size) -> None:
    for elapsed_s in range(0, 120, 7):
        station, views = shift(bays, elapsed_s)
        for language in (EN, ZH):
            lines = wall(station, views, size, NOW, language)
            demand_fit(lines, size)
            shown = text(lines).replace(" ", "")
            for view in views:
                word = language.word("state_clearing" if view.clearing else f"state_{view.state}").replace(" ", "")
                assert word in shown
                if view.officer and (bays <= 8 or size.columns > 80):
                    assert view.officer in shown


views = st.builds(
    BayView,
    bay=st.text(min_size=1, max_size=12) | st.integers(1, 40).map(str),
    port=st.just("usb"),
    state=st.sampled_from(STATES),
    since=st.just(NOW),
    device=st.none() | st.text(max_size=50),
    usb_serial=st.none() | st.text(max_size=50),
    recorder=st.none() | st.text(max_size=50),
    officer=st.none() | st.text(max_size=50),
    files=st.integers(0, 10**7),
    files_done=st.integers(0, 10**7),
    size_bytes=st.integers(0, 10**15),
    done_bytes=st.integers(0, 10**15),
    unsealed=st.integers(0, 10**6),
    held=st.integers(0, 10**6),
    overdue=st.integers(0, 10**6),
    left_s=st.none() | st.floats(0, 1e9),
    clearing=st.booleans(),
    why=st.none()
    | st.builds(Why, st.just("x"), st.tuples(st.text(), st.text()), st.tuples(st.text(max_size=300), st.text())),
)
sizes = st.builds(Size, st.integers(1, 220), st.integers(1, 60))


@given(st.lists(views, max_size=40, unique_by=lambda view: view.bay), sizes, st.sampled_from([EN, ZH]), st.text())
def test_anything_fits_anywhere(some: list[BayView], size: Size, language: Spoken, name: str) -> None:
    station = StationView(name, vault=VAULT, unsealed=3, oldest_unsealed_at=NOW - timedelta(days=400), held=9)
    demand_fit(wall(station, some, size, NOW, language), size)
    demand_fit(notice(name, name, name, size), size)


def test_trouble_of_the_station_is_on_top() -> None:
    station = StationView("s", clock="free", vault=VAULT, catalog=HELD, held=2, spool_free_bytes=10**9)
    lines = text(wall(station, (), Size(80, 24), NOW, EN)).splitlines()
    assert "CLOCK NOT SYNCHRONISED" in lines[0]
    assert "10:00:00" in lines[0]
    assert "1.0 GB free" in lines[1]
    assert "2 held" in lines[1]
    assert lines[2].startswith(" ! The vault does not answer")
    assert "calibrate" in "".join(lines)


def test_a_recorder_that_is_being_cleared_is_never_called_safe() -> None:
    view = BayView("1", "usb", "safe", NOW, clearing=True)
    for size in (*SIZES, Size(40, 8), Size(20, 3)):
        for language in (EN, ZH):
            lines = wall(StationView("s"), (view,), size, NOW, language)
            shown = text(lines).replace(" ", "")
            assert language.word("state_safe").replace(" ", "") not in shown
            assert "清除中" in shown or "CLEAR" in shown
            assert SIGNS["safe"] not in shown
            assert STYLES["safe"][0] not in {style for line in lines for _, style in line}


@pytest.mark.parametrize("bays", [1, 2, 4, 6, 8, 12, 16])
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_the_reason_is_said_before_the_path_and_not_cut_off(bays: int, language: Spoken) -> None:
    name = "DCIM/100MEDIA/EV00001_JY0001_20260305093000 front.MP4"
    why = Why("x", (f"{name} cannot be read at byte 7: medium gone.", "x"), (f"{name}:介质已丢失,无法读取。", "x"))
    held = BayView("1", "usb", "held", NOW, officer="JY0001", recorder="EV00001", held=1, why=why)
    others = (BayView(f"{number + 1}", "usb", "copying", NOW, officer="JY0002", left_s=9) for number in range(1, bays))
    size = Size(80, 24)
    lines = wall(StationView("s"), (held, *others), size, NOW, language)
    demand_fit(lines, size)
    shown = text(lines)
    for word in ("cannot", "byte 7:", "medium gone") if language is EN else ("介质已丢失", "无法"):
        assert word in " ".join(shown.split()) or all(part in shown for part in word.split())
    assert "JY0001" in shown


def test_where_not_every_bay_has_room_the_urgent_ones_are_shown_and_the_rest_is_counted() -> None:
    some = [BayView(str(bay), "usb", "held" if bay in (9, 30) else "empty", NOW) for bay in range(1, 33)]
    shown = text(wall(StationView("s"), some, Size(30, 6), NOW, EN))
    assert " 9 ! " in shown
    assert "30 ! " in shown
    assert "more bays" in shown


def test_colour_sign_and_word_differ_for_every_state() -> None:
    assert len({SIGNS[state] for state in STATES}) == len(STATES)
    assert len({glyphs.sign_rows(state, 1) for state in STATES}) == len(STATES)
    assert len({STYLES[state][0] for state in STATES}) == len(STATES)
    for language in (EN, ZH):
        assert len({language.word(f"state_{state}") for state in STATES}) == len(STATES)


def test_glyphs_are_as_large_as_they_say() -> None:
    for scale in range(4):
        for label in ("1", "32", "A-7.2", "WQX"):
            rows = glyphs.label_rows(label, scale)
            assert (len(rows), {len(row) for row in rows}) == (
                glyphs.height(scale),
                {glyphs.label_width(label, scale)},
            )
        assert {len(row) for row in glyphs.sign_rows("safe", scale)} == {glyphs.sign_width(scale)}
    assert glyphs.label_rows("1", 0) == ("▄█ ", " █ ", "▀▀▀")
    assert not glyphs.drawable("左1")
    assert not glyphs.drawable("")


@given(st.text(max_size=200), st.integers(1, 60))
def test_a_wrapped_text_fits_and_keeps_its_words(given_text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrapped(given_text, width))


def test_wrapping_breaks_where_a_reader_would() -> None:
    assert wrapped("the vault does not answer", 10) == ["the vault", "does not", "answer"]
    assert wrapped("保全库无响应：连接被拒绝。", 12) == ["保全库无响", "应：连接被拒", "绝。"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert list(packed(("3 files", "21.0 GB", "2 held"), 18)) == ["3 files · 21.0 GB", "2 held"]


def test_progress_and_time_left() -> None:
    view = BayView("1", "usb", "copying", NOW, size_bytes=200, done_bytes=199)
    assert progress_text(view, 10) == "██████ 99%"
    assert progress_text(replace(view, done_bytes=999), 9) == "████ 100%"
    assert progress_text(replace(view, size_bytes=0), 5) == "░░ 0%"
    texts = [left_text(seconds, EN) for seconds in (0, 45.2, 90, 5399, 5400, 7201)]
    assert texts == ["1 s", "46 s", "2 min", "1 h 30 min", "1 h 30 min", "2 h 1 min"]
