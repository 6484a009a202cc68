"""What is missing on a card by its own numbers and times; what was filed before and erased is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.canonical import canonical
from catalog.rules.gaps import GAPS_MAX, JUMP_MAX, Gap, Numbered, gaps

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)


def one(number: int, at_s: float | None = None, *, series: str = "MOVI", long_s: float | None = None, size: int = 0,
        folder: str = "DCIM", width: int = 4) -> Numbered:  # fmt: skip
    at = None if at_s is None else AT + timedelta(seconds=at_s)
    clock = None if at is None else "name"
    return Numbered(folder, series, f"{number:0{width}}", size or 1000 + number, at, clock, long_s)


def card(*numbers: int, width: int = 4) -> list[Numbered]:
    return [one(number, width=width) for number in numbers]


def told(found: Iterable[Gap]) -> list[tuple[str, str, int, str | None, str | None]]:
    return [(gap.before, gap.after, gap.missing, gap.first, gap.last) for gap in found if gap.kind == "sequence"]


def test_a_missing_number_is_told_in_words() -> None:
    (gap,) = gaps(card(6, 8))
    assert gap.texts() == ("DCIM: 0007 is missing between 0006 and 0008", "DCIM:0006 与 0008 之间缺少 0007")
    (gap,) = gaps(card(6, 10))
    assert gap.texts()[0] == "DCIM: 0007–0009 (3) are missing between 0006 and 0010"
    assert gap.as_json() == {
        "kind": "sequence", "folder": "DCIM", "before": "0006", "after": "0010", "missing": 3, "first": "0007",
        "last": "0009", "seconds": 0, "en": gap.texts()[0], "zh": gap.texts()[1],
    }  # fmt: skip
    assert canonical(gap.as_json())


@given(st.integers(1, 9000), st.lists(st.booleans(), min_size=2, max_size=40), st.randoms())
def test_exactly_what_was_taken_away_is_missing(first: int, kept: list[bool], shuffle: Random) -> None:
    kept = [True, *kept, True]
    present = [first + place for place, there in enumerate(kept) if there]
    files = card(*present)
    shuffle.shuffle(files)
    found = told(gaps(files))
    missing = {number for _, _, _, low, high in found for number in range(int(low or 0), int(high or 0) + 1)}
    assert missing == set(range(first, first + len(kept))) - set(present)
    assert sum(count for _, _, count, _, _ in found) == kept.count(False)


@given(st.sets(st.integers(0, 60), min_size=2), st.sets(st.integers(0, 60)), st.integers(0, 9939))
def test_numbers_filed_before_are_never_missing(here: set[int], earlier: set[int], base: int) -> None:
    earlier -= here
    found = gaps(card(*(base + number for number in here)), card(*(base + number for number in sorted(earlier))))
    for gap in found:
        inside = range(int(gap.first or 0), int(gap.last or 0) + 1)
        assert not {number - base for number in inside} & (here | earlier)


def test_what_was_filed_and_erased_is_not_missing_and_the_border_is_watched() -> None:
    assert gaps(card(6, 9), card(7, 8)) == ()
    assert told(gaps(card(6, 9), card(7))) == [("0007", "0009", 1, "0008", "0008")]
    assert told(gaps(card(104, 105), card(100, 102))) == [("0102", "0104", 1, "0103", "0103")], "101 was told before"


def test_a_counter_that_ran_over_goes_on_with_one() -> None:
    assert gaps(card(9998, 9999, 1, 2)) == ()
    assert gaps(card(1, 2), card(9998, 9999)) == ()
    assert told(gaps(card(9997, 9999, 2))) == [
        ("9997", "9999", 1, "9998", "9998"),
        ("9999", "0002", 1, "0001", "0001"),
    ]
    assert told(gaps(card(9998, 2))) == [("9998", "0002", 2, "9999", "0001")]
    assert gaps(card(9998, 9999, 0, 1)) == ()
    assert told(gaps(card(*range(20), 21), card(*range(5000, 10000)))) == [("0019", "0021", 1, "0020", "0020")]


def test_a_counter_of_four_digits_may_run_over_at_999() -> None:
    assert gaps(card(998, 999, 1, 2)) == ()
    assert told(gaps(card(997, 999, 2))) == [
        ("0997", "0999", 1, "0998", "0998"),
        ("0999", "0002", 1, "0001", "0001"),
    ]
    later = [one(1, 0), one(2, 60), one(998, 6000), one(999, 6060)]
    assert told(gaps(later)) == [("0002", "0998", 995, "0003", "0997")], "times tell which were recorded first"


def test_a_huge_jump_is_counted_and_not_listed() -> None:
    (gap,) = gaps([one(number, width=12) for number in (5, 10**11)])
    assert gap.missing == 10**11 - 6 > JUMP_MAX
    assert "jump by 99999999994 between" in gap.texts()[0]
    assert "跳过" in gap.texts()[1]


def test_no_more_gaps_are_told_than_a_person_can_read() -> None:
    found = gaps(card(*range(1, 3 * GAPS_MAX, 2)))
    assert len(found) == GAPS_MAX + 1
    assert found[-1].texts()[0] == f"{3 * GAPS_MAX // 2 - 1 - GAPS_MAX} more gaps on this card"


def test_counters_are_kept_apart_by_folder_and_form_of_name() -> None:
    assert gaps([one(1), one(5, folder="B"), one(6, folder="B")]) == ()
    assert gaps([one(6), one(7, series="IMG_"), one(8)]) == (), "film and stills share their numbers"
    assert gaps([one(6), one(8)], [one(7, series="IMG_")]) == ()
    assert len(gaps([one(6), one(7, series="IMG_", folder="B"), one(8)])) == 1


def test_a_counter_that_began_anew_does_not_hide_behind_the_one_before() -> None:
    earlier = [one(number, size=5000 + number) for number in range(1, 50)]
    assert told(gaps(card(1, 2, 4), earlier)) == [("0002", "0004", 1, "0003", "0003")]


def test_a_counter_that_begins_anew_each_day_is_read_day_by_day() -> None:
    day = 86400
    files = [one(1, 0), one(2, 60), one(4, 200), one(1, day), one(2, day + 60), one(3, day + 90), one(5, day + 99)]
    assert told(gaps(files)) == [("0002", "0004", 1, "0003", "0003"), ("0003", "0005", 1, "0004", "0004")]
    assert told(gaps(files, [one(3, 100), one(4, day + 95)])) == []


def test_a_full_segment_the_next_does_not_follow() -> None:
    length = 300
    files = [one(number, number * length, long_s=length - 0.4) for number in range(1, 5)]
    assert gaps(files) == ()
    late = [*files, one(5, 5 * length + 95, long_s=12), one(6, 99999, long_s=12)]
    (gap,) = gaps(late)
    assert (gap.kind, gap.before, gap.after, gap.seconds) == ("time", "0004", "0005", 95)
    assert gap.texts() == (
        "DCIM: 95 s are missing between 0004, a full segment, and 0005",
        "DCIM:0004(完整分段)与 0005 之间缺少 95 秒",
    )
    assert gaps([*files[2:], *late[4:]]) == (), "two of a length are no rule"


def test_times_of_two_clocks_are_not_compared() -> None:
    files = [one(number, number * 300, long_s=300) for number in range(1, 5)]
    other = Numbered("DCIM", "MOVI", "0005", 7, AT, "gps", 300.0)
    assert gaps([*files, other]) == ()


def test_a_clock_that_was_set_back_is_told() -> None:
    (gap,) = gaps([one(6, 0), one(7, 60), one(8, -86400)])
    assert (gap.kind, gap.before, gap.after, gap.seconds) == ("clock", "0007", "0008", 86460)
    assert "0008 is dated 86460 s before 0007" in gap.texts()[0]
    assert "回拨" in gap.texts()[1]


@pytest.mark.parametrize("files", [[], card(7), card(7, 7), [one(1), one(1), one(2, 5)]])
def test_little_says_nothing(files: list[Numbered]) -> None:
    assert gaps(files) == ()


@given(
    st.lists(
        st.builds(
            one,
            st.integers(0, 9999),
            st.none() | st.integers(0, 10**6),
            series=st.sampled_from(["MOVI", "IMG_"]),
            long_s=st.none() | st.integers(0, 600),
            width=st.sampled_from([1, 4]),
        ),
        max_size=12,
    ),
    st.lists(st.builds(one, st.integers(0, 9999), st.none() | st.integers(0, 10**6)), max_size=12),
)
def test_any_card_is_borne(here: list[Numbered], earlier: list[Numbered]) -> None:
    present = {file.number for file in here}
    for gap in gaps(here, earlier):
        assert canonical(gap.as_json())
        assert all(gap.texts())
        if gap.kind == "sequence" and len({file.number for file in here}) == len(here):
            assert {int(gap.before), int(gap.after)} & present
