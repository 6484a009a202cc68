"""How even a film is, from what ffprobe says of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from media import probe
from media.pace import UNKNOWN, Pace, pace_of


@pytest.mark.parametrize(
    ("average", "grid", "rate", "is_even"),
    [
        ("25/1", "25/1", "25/1", True),
        ("2997/100", "30000/1001", "30000/1001", True),
        ("29/1", "30/1", "30/1", True),  # a few pictures are missing
        ("25/1", "50/1", "25/1", True),  # fields are counted
        ("15/1", "30/1", "15/1", True),
        ("12/1", "30/1", "30/1", False),
        ("7/1", "25/1", "25/1", False),
        ("29/2", "90000/1", "25/1", False),  # the clock's tick, no rate
        ("29/1", "1000/1", "30/1", False),
        ("119/1", "120/1", "120/1", True),
        ("240/1", "240/1", "120/1", False),
        ("1/1", "1/1", "1/1", True),
    ],
)
def test_the_rate_of_an_even_copy(average: str, grid: str, rate: str, is_even: bool) -> None:
    assert pace_of(Fraction(average), Fraction(grid), "progressive") == Pace(rate, is_even)


def test_what_is_not_told_is_not_made_up() -> None:
    assert pace_of(None, None, "") == UNKNOWN
    assert pace_of(None, Fraction(25), "") == Pace("25/1")
    assert pace_of(None, Fraction(90_000), "unknown") == UNKNOWN
    assert pace_of(Fraction(25), Fraction(25), "bt").is_interlaced


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"streams": [{"codec_type": "video", "avg_frame_rate": "0/0", "r_frame_rate": "1e9/1"}]}],
)
def test_hostile_answers_give_no_pace(answer: object) -> None:
    assert probe.pace(answer) == UNKNOWN
    assert probe.shown_facts(answer)["duration_s"] is None


def test_a_cover_is_no_film() -> None:
    cover = {
        "codec_type": "video",
        "codec_name": "mjpeg",
        "disposition": {"attached_pic": 1},
        "r_frame_rate": "90000/1",
    }
    song = {"streams": [cover, {"codec_type": "audio", "duration": "3.5"}], "format": {"duration": "3.5"}}
    assert probe.pace(song) == UNKNOWN
    assert probe.shown_facts(song) == {"duration_s": 3.5}
