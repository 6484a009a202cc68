"""Times of day as people type them."""

from __future__ import annotations

import pytest

from catalog.rules.typed_times import seconds_typed


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("930", "9:30:00"), ("0930", "9:30:00"), ("9:30", "9:30:00"), ("9：30", "9:30:00"), ("9.30", "9:30:00"),
        ("9点半", "9:30:00"), ("9点", "9:00:00"), ("9点整", "9:00:00"), ("9点5分", "9:05:00"),
        ("下午3点20分", "15:20:00"),
        ("093015", "9:30:15"), ("9:30:15", "9:30:15"), ("9时30分15秒", "9:30:15"), (" 23:59 ", "23:59:00"),
        ("上午9点半", "9:30:00"), ("中午12点", "12:00:00"), ("9", None), ("24:00", None), ("9:60", None), ("x", None),
    ],
)  # fmt: skip
def test_a_time_is_read_as_it_is_meant(text: str, clock: str | None) -> None:
    if clock is None:
        assert seconds_typed(text) is None
        return
    hour, minute, second = map(int, clock.split(":"))
    assert seconds_typed(text) == hour * 3600 + minute * 60 + second
