"""Cases are proposed for a clip with a score and its reasons: none by its day alone, what fits two for neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.rules.case_file import CaseFacts, ClipFacts, PaperFacts
from catalog.rules.matching import THRESHOLD, Matcher, Named, neighbours
from tests.footage.caseload import ZONE, hits, load, needs_shared, proposed, with_distractors

TEN = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = date(2026, 3, 5)


def case(number: str, *officers: str, at: datetime = TEN, place: str = "某区某路三号") -> CaseFacts:
    paper = PaperFacts(f"p{number}", "site-record", "site-check", at.date(), at, at + 60 * MINUTE, place, officers)
    return CaseFacts(number, ("inspection",), officers=officers, papers=(paper,))


CASES = {
    "k": (case("k", "A", "B"), Named(("9901002026000007", "示民罚立字〔2026〕第1号"), ("示范市晨光协会",))),
    "j": (case("j", "C", at=TEN + timedelta(hours=3)), Named(("示民罚立字〔2026〕第11号",), ("示范市金穗学校",))),
    "h": (case("h", "D", place="局听证室"), Named()),
}
MATCHER = Matcher(CASES, ZONE, names={"A": "张某某", "C": "李某某"}, duty={DAY: frozenset({"A"})})


def film(begins: float = 0, ends: float = 60, **what: Any) -> ClipFacts:
    plain = ClipFacts("c1", "video", TEN + begins * MINUTE, TEN + ends * MINUTE, 5.0, holder="A")
    return replace(plain, **what)


def sure(clip: ClipFacts, *words: str, by: Matcher = MATCHER) -> list[str]:
    return [one.case for one in by.scored(clip, words) if one.score >= THRESHOLD]


@pytest.mark.parametrize(
    ("what", "words", "cases"),
    [
        ({}, (), ["k"]),
        ({"begins": -4, "ends": -2}, (), ["k"]),
        ({"begins": -9, "ends": -7}, (), []),
        ({"begins": 100, "ends": 120}, (), []),
        ({"holder": "X"}, (), []),
        ({"holder": None}, (), []),
        ({"uncertainty_s": 900.0}, (), ["k"]),
        ({"uncertainty_s": 7200.0}, (), []),
        ({"holder": None, "room": "hearing-room"}, (), ["h"]),
        ({"holder": None, "room": "office"}, (), []),
        ({"begins": 9000, "ends": 9001}, ("示民罚立〔2026〕1号", "a.mp4"), ["k"]),
        ({"begins": 9000, "ends": 9001}, ("（2026）示民罚立字[2026]第11号",), ["j"]),
        ({"begins": 9000, "ends": 9001}, ("案由：检查，案号示民罚立字〔2026〕 第11号。",), ["j"]),
        ({"begins": 9000, "ends": 9001}, ("甲示民罚立字〔2026〕第11号",), []),
        ({"begins": 9000, "ends": 9001}, ("示民罚立字[2026]第11号_询问.mp4",), ["j"]),
        ({"begins": 9000, "ends": 9001}, ("9901002026000007",), ["k"]),
        ({"begins": 9000, "ends": 9001}, ("99010020260000071",), []),
        ({"begins": 9000, "ends": 9001, "holder": "C"}, ("示范市金穗学校", "2026-03-05", "李某某"), ["j"]),
        ({"begins": 9000, "ends": 9001, "holder": "C"}, ("示范市金穗学校",), []),
        ({"begins": 9000, "ends": 9001, "holder": "C"}, ("2026-03-05", "李某某"), []),
    ],
)
def test_a_case_is_proposed_for_what_speaks_for_it(
    what: dict[str, Any], words: tuple[str, ...], cases: list[str]
) -> None:
    assert sure(film(**what), *words) == cases


@pytest.mark.parametrize(("hours", "cases"), [(2, ["m"]), (200, [])])
def test_the_time_of_a_whole_case_says_something_where_it_is_short(hours: int, cases: list[str]) -> None:
    whole = CaseFacts("m", ("penalty",), officers=("A",), begins_at=TEN, ends_at=TEN + timedelta(hours=hours))
    by = Matcher({"m": (whole, Named())}, ZONE)
    assert sure(film(), by=by) == cases
    assert [one.case for one in by.scored(film())] == ["m"]


def test_what_fits_two_cases_as_well_is_sure_for_neither() -> None:
    both = Matcher({**CASES, "l": (case("l", "A"), Named())}, ZONE)
    found = both.scored(film())
    assert {one.case for one in found} == {"k", "l"}
    assert all(one.score < THRESHOLD and one.reasons[-1].code == "rival" for one in found)


def test_a_clip_that_goes_on_where_another_stops_goes_with_it_and_no_further() -> None:
    clips = [film(recorder="r"), film(60, 70, id="c2", recorder="r"), film(70, 90, id="c3", recorder="r")]
    beside = neighbours([*clips, film(95, 99, id="c4", recorder="r"), film(60, 70, id="c5", recorder="s")])
    assert beside == {"c1": ("c2",), "c2": ("c1", "c3"), "c3": ("c2",)}
    first = MATCHER.scored(clips[0])
    next_ = MATCHER.scored(replace(clips[2], starts_at=TEN + 64 * MINUTE), beside=first)
    assert next_[0].score > MATCHER.scored(replace(clips[2], starts_at=TEN + 64 * MINUTE))[0].score
    only = tuple(replace(one, reasons=tuple(r for r in one.reasons if r.code == "x")) for one in first)
    assert MATCHER.scored(clips[2], beside=only) == ()


@needs_shared
@pytest.mark.parametrize("seed", [3, 12])
def test_proposals_are_right_on_a_caseload_with_footage_of_no_case(seed: int, tmp_path: Path) -> None:
    have = load(seed)
    rows = with_distractors(have, tmp_path, seed)
    found = hits(have, rows, proposed(have, have.clips(rows, linked=False)))
    assert found.precision >= 0.98
    assert found.recall >= 0.90
