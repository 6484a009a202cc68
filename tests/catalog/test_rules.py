"""The pure rules: identity, retention, linking, canonical JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Digest, Kind, SourceFile, SpooledFile, shown_name, shown_path
from catalog.rules.canonical import canonical, parsed_time, time_text
from catalog.rules.identity import clip_id
from catalog.rules.retention import months_later

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)


def spooled(serial: str | None, path: bytes, sha256: str, size_bytes: int = 5) -> SpooledFile:
    source = SourceFile(serial, path, size_bytes, 0, "edges")
    return SpooledFile(source, Digest(sha256, "sm3"), source.key)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_same_file_has_the_same_number(kind: Kind) -> None:
    assert clip_id(kind, spooled("A", b"x", "s")) == clip_id(kind, spooled("A", b"x", "s"))
    assert clip_id(kind, spooled("A", b"x", "s")) != clip_id(kind, spooled("A", b"x", "t"))


@pytest.mark.parametrize(
    ("kind", "size_bytes", "same_elsewhere", "same_on_another_card"),
    [
        ("video", 5, True, True),
        ("audio", 5, True, True),
        ("image", 5, True, True),
        ("other", 5, True, False),
        ("log", 5, False, False),
        ("video", 0, False, False),
        ("other", 0, False, False),
    ],
)
def test_which_equal_files_are_one_clip(
    kind: Kind, size_bytes: int, same_elsewhere: bool, same_on_another_card: bool
) -> None:
    one = clip_id(kind, spooled("A", b"x", "s", size_bytes))
    assert (one == clip_id(kind, spooled("A", b"y", "s", size_bytes))) is same_elsewhere
    assert (one == clip_id(kind, spooled("B", b"x", "s", size_bytes))) is same_on_another_card


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 11, 23), 6, (2027, 5, 23)),
        ((2026, 12, 1), 1, (2027, 1, 1)),
        ((2026, 1, 31), 12, (2027, 1, 31)),
    ],
)
def test_months_end_on_a_day_there_is(start: tuple[int, int, int], months: int, end: tuple[int, int, int]) -> None:
    assert months_later(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", max_size=3), inner),
    max_leaves=20,
)


@given(values)
def test_canonical_json_keeps_the_value_and_has_one_form(value: object) -> None:
    body = canonical(value)
    assert json.loads(body) == value
    assert canonical(json.loads(body)) == body


@pytest.mark.parametrize("value", [0.5, [0.5], {"a": {"b": [0.5]}}])
def test_canonical_json_refuses_floats(value: object) -> None:
    with pytest.raises(TypeError, match="floating"):
        canonical(value)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_a_time_comes_back_from_text(at: datetime) -> None:
    try:
        at.astimezone(UTC)
    except OverflowError:
        return
    assert parsed_time(time_text(at)) == at
    assert time_text(at).endswith("Z")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("现场.mp4".encode(), "现场.mp4"),
        ("现场.mp4".encode("gbk"), "现场.mp4"),
        (b"\xff\xfe.mp4", "\\xff\\xfe.mp4"),
        (b"plain.MP4", "plain.MP4"),
    ],
)
def test_a_name_is_shown_as_utf_8_or_gbk_or_bytes(raw: bytes, shown: str) -> None:
    assert shown_name(raw) == shown


def test_each_part_of_a_path_is_decoded_by_itself() -> None:
    assert shown_path("视频".encode() + b"/" + "现场".encode("gbk")) == "视频/现场"
