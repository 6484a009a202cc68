"""What a terminal is given: aligned, readable, harmless."""

from __future__ import annotations

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import AlreadyDisposed, NoSuchCase, NoSuchClip
from docking_station.services.errors import ReasonNeeded, RequestNeeded
from docking_station.services.pull import NAME_BYTES_MAX, safe_name
from docking_station.station.errors import LookOver, NothingToView
from docking_station.terminal.output import pairs, print_json, table
from docking_station.terminal.policy import Change, show_changes
from docking_station.texts import COLUMNS, TEXTS, TOPICS
from docking_station.texts.plain import about_text, called, in_zone, size_text, span_text, visible

PAGE_ERRORS = (
    (RequestNeeded, {"action": "copy", "rule": "x"}),
    (ReasonNeeded, {"action": "stream", "rule": "x"}),
    (NothingToView, {"clip": "c", "why": "x"}),
    (LookOver, {"look": "l"}),
    (AlreadyDisposed, {"clip": "c"}),
    (NoSuchClip, {"clip": "c"}),
    (NoSuchCase, {"case": "c"}),
)


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable() or all(char.isprintable() or char.isspace() for char in shown)
    assert "\x1b" not in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (123_456, "123 KB"), (4_300_000_000, "4.3 GB"), (10**15, "1000 TB")],
)
def test_sizes(size_bytes: int, shown: str) -> None:
    assert size_text(size_bytes) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(None, ""), (0, "0:00"), (65.4, "1:05"), (3600, "1:00:00")])
def test_spans(seconds: object, shown: str) -> None:
    assert span_text(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown", "shown_zh"),
    [
        (0.5, "0.5 s", "0.5 秒"),
        (90, "90 s", "90 秒"),
        (600, "10 minutes", "10 分钟"),
        (5400, "1.5 hours", "1.5 小时"),
        (86_400, "1 day", "1 天"),
        (31_622_400, "1 year", "1 年"),
    ],
)
def test_an_uncertainty_is_said_in_the_unit_it_fills(seconds: float, shown: str, shown_zh: str) -> None:
    assert (about_text(seconds, "en"), about_text(seconds, "zh")) == (shown, shown_zh)


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        ("P:0101 as root", "甲某 0101"),
        ("0101", "甲某 0101"),
        ("P:9", "9"),
        ("first as root", "first as root"),
        (None, None),
    ],
)
def test_a_person_is_called_by_name_and_number(actor: str | None, shown: str | None) -> None:
    assert called({"0101": "甲某"}, actor) == shown


def test_who_has_pages_alone_is_given_no_command_to_type() -> None:
    at_page = [error(**facts).hint_at_page() for error, facts in PAGE_ERRORS]
    assert not [hint for hint in at_page if "evidock" in hint or "--" in hint]
    assert all(at_page[:-1])
    assert at_page[-1] == "", "nothing that they could do"


def test_a_first_policy_is_said_in_short_and_what_another_changes_whole(capsys: pytest.CaptureFixture[str]) -> None:
    many = tuple(Change(f"row {number}", "-", "x" * 500) for number in range(100))
    show_changes(many, in_short=True)
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), max(map(len, lines))) == (21, 122)
    assert "80 more" in lines[-1]
    show_changes(many, in_short=False)
    assert capsys.readouterr().out.count("x" * 500) == len(many)


def test_columns_align_also_with_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    table(("A", "B"), [("现场", "x"), ("abcd", "y"), (None, "\x1b[31m")])
    assert capsys.readouterr().out == "A     B\n现场  x\nabcd  y\n      \\u001b[31m\n"
    pairs({"路径": "x", "id": None})
    assert capsys.readouterr().out == "路径  x\nid    \n"


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"path": "现场\x1b\udcff".encode("utf-8", "replace").decode(), "n": [1, None]}
    print_json(value)
    assert json.loads(capsys.readouterr().out) == value


@given(st.text())
def test_a_pulled_copy_has_a_name_any_file_system_takes(text: str) -> None:
    name = safe_name(text)
    assert name not in ("", ".", "..")
    assert "/" not in name
    assert "\\" not in name
    assert len(name.encode("utf-8", "surrogatepass")) <= NAME_BYTES_MAX


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name("现" * 200 + ".MP4").endswith("现.MP4")


@pytest.mark.parametrize("texts", [*TEXTS.values(), *COLUMNS.values()])
def test_every_text_is_there_in_both_languages_with_the_same_facts(texts: tuple[str, str]) -> None:
    import string

    english, chinese = ({field for _, field, _, _ in string.Formatter().parse(text) if field} for text in texts)
    assert english == chinese
    assert all(texts)


def test_no_name_is_told_in_two_topics() -> None:
    assert len(TEXTS) == sum(len(topic.WORDS) for topic in TOPICS)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("until 2026-03-05T16:30:00+00:00 or later", "until 2026-03-06 00:30:00 or later"),
        ("the lock ended 2026-03-05T16:30:00.123456Z.", "the lock ended 2026-03-06 00:30:00."),
        ("本站时钟显示 2026-03-05 16:30 UTC,远超", "本站时钟显示 2026-03-06 00:30,远超"),
        ("(2026-03-05 16:30 UTC)", "(2026-03-06 00:30)"),
        ("acts/2026-03-05T16:30:00Z-abc.json is gone", None),
        ("acts/2026-03-05T16:30:00Z.json is gone", None),
        ("2026-03-05T16:30:00+08:00", None),
        ("2026-13-45T16:30:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("c2026-03-05T16:30:00Z", None),
    ],
)
def test_a_moment_in_utc_is_said_in_the_stations_zone(told: str, said: str | None) -> None:
    assert in_zone(told, ZoneInfo("Asia/Shanghai")) == (told if said is None else said)
    assert in_zone(told, UTC) == told
