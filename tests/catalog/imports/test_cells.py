"""Cells as people and Excel write them: what they say is taken, what they may say is asked."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from catalog.rules.imports.cells import (
    Formula,
    Value,
    clock_of,
    day_of,
    is_like,
    long_number,
    names_of,
    prepared,
    span_of,
    sum_of,
)

DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (DAY, ()),
        (datetime(2026, 3, 5), ()),  # noqa: DTZ001
        ("2026-03-05", ()),
        ("2026年3月5日", ("date-zh",)),
        ("2026 年 3 月 5 号", ("date-zh",)),
        ("2026.3.5", ("date-dots",)),
        ("2026/3/5", ("date-slash",)),
        ("２０２６／３／５", ("date-slash",)),
        ("20260305", ("date-compact",)),
        (20260305, ("date-compact",)),
        (46086, ("date-serial",)),
        (46086.0, ("date-serial",)),
        ("46086", ("date-serial",)),
        ("2026-03-05 00:00:00", ("date-time",)),
    ],
)
def test_a_day_is_read_in_every_form_it_is_written_in(cell: Value, codes: tuple[str, ...]) -> None:
    read = day_of(cell)
    assert (read.value, read.codes) == (DAY, codes)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026年2月30日", "date-impossible"),
        ("2026.13.1", "date-impossible"),
        ("0026-03-05", "date-impossible"),
        ("不详", "date-unreadable"),
        (3.1, "date-ambiguous"),
        (990100, "date-impossible"),
        (39999, "date-impossible"),
        (60001, "date-impossible"),
        (date(2925, 1, 1), "date-impossible"),
        (datetime(1026, 3, 5), "date-impossible"),  # noqa: DTZ001
        ("/", "date-unreadable"),
        ("—", "date-unreadable"),
        ("无", "date-unreadable"),
        ("3月5日", "date-no-year"),
        ("3.5", "date-no-year"),
    ],
)
def test_a_day_that_is_none_is_not_made_one(cell: Value, code: str) -> None:
    read = day_of(cell)
    assert (read.value, read.codes) == (None, (code,))
    assert read.readings


@pytest.mark.parametrize(
    ("cell", "readings"),
    [
        ("5/3/2026", ("2026-05-03", "2026-03-05")),
        ("26.3.5", ("2005-03-26", "2026-03-05")),
        ("25/3/2026", ("2026-03-25",)),
    ],
)
def test_a_day_that_may_be_several_is_asked_with_all_readings(cell: str, readings: tuple[str, ...]) -> None:
    read = day_of(cell)
    assert (read.value, read.codes, read.readings) == (None, ("date-ambiguous",), readings)


def test_the_first_and_the_last_number_of_a_day_are_days() -> None:
    assert [day_of(cell).value for cell in (40000, 60000)] == [date(2009, 7, 6), date(2064, 4, 8)]


def test_a_day_without_a_year_has_the_one_of_its_block() -> None:
    assert [day_of(cell, 2026).value for cell in ("3月5日", "3.5")] == [DAY, DAY]


@pytest.mark.parametrize(
    ("cell", "of_day"),
    [
        ("9:30", None),
        ("09:30:00", None),
        ("9时30分", None),
        ("9点30", None),
        ("９：３０", None),
        ("0.395833333", None),
        (9.5 / 24, None),
        (time(9, 30), None),
        ("2026年3月5日9时30分", DAY),
        ("2026-03-05 9:30", DAY),
    ],
)
def test_a_time_of_day_is_read_in_every_form(cell: Value, of_day: date | None) -> None:
    clock = clock_of(cell).value
    assert clock is not None
    assert (clock.time, clock.day) == (time(9, 30), of_day)


@pytest.mark.parametrize("cell", ["25:00", "上午", "9:75", "明日 9:30", 46086])
def test_a_time_that_is_none_is_asked(cell: Value) -> None:
    assert clock_of(cell).codes == ("time-unreadable",)


@pytest.mark.parametrize(
    "cell",
    ["9:30-10:15", "9时30分至10时15分", "09:30～10:15", "2026年3月5日9时30分至10时15分", "2026-03-05 9:30至10:15"],
)
def test_begin_and_end_may_stand_in_one_cell(cell: str) -> None:
    begins, ends = span_of(cell, None)
    assert begins.value is not None
    assert ends.value is not None
    assert (begins.value.time, ends.value.time) == (time(9, 30), time(10, 15))
    assert begins.codes == ("span-in-one-cell",)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("吴某某、徐某某", ("吴某某", "徐某某")),
        ("吴某某 徐某某", ("吴某某", "徐某某")),
        ("吴某某,徐某某；王　某", ("吴某某", "徐某某", "王某")),
        ("王　某/孙 某", ("王某", "孙某")),
        ("王　某 吴某某", ("王某", "吴某某")),
        ("吴某某和王某", ("吴某某", "王某")),
        ("吴和某", ("吴和某",)),
    ],
)
def test_names_in_one_cell_are_told_apart(cell: str, names: tuple[str, ...]) -> None:
    assert names_of(cell, {"吴某某", "王某", "吴和某"}.__contains__).value == names


@pytest.mark.parametrize("cell", [1.5e17, 150100202600001234, "1.5E+17", "1.50100E+15", "150100202600000000"])
def test_a_number_excel_broke_is_not_taken(cell: Value) -> None:
    assert long_number(cell).codes == ("id-destroyed",)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("9901002026000010", "9901002026000010"), (20260012, "20260012"), ("99010119800617001X", "99010119800617001X")],
)
def test_a_number_that_is_whole_is_taken(cell: Value, number: str) -> None:
    assert long_number(cell).value == number


@pytest.mark.parametrize(
    ("cell", "value", "codes"),
    [
        ('="0012"', "0012", ("text-marker",)),
        ("'0012", "0012", ("text-marker",)),
        (Formula('="0012"'), "0012", ("text-marker",)),
        (Formula("=A2"), None, ("formula",)),
        ('=HYPERLINK("x")', None, ("formula",)),
        ("#REF!", None, ("formula",)),
        (Formula("#SPILL!"), None, ("formula",)),
        (" 王某\u3000", "王某", ("stray-blanks",)),
        ("示范市\n协会", "示范市协会", ("line-break",)),
        ("朱某?", "朱某?", ("lost-character",)),
        ("\u3000 ", None, ()),
    ],
)
def test_what_was_put_around_a_value_is_taken_off_and_told(cell: Value, value: Value, codes: tuple[str, ...]) -> None:
    read = prepared(cell)
    assert (read.value, read.codes) == (value, codes)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("20,000元", 20000), ("1，234,567.5", 1234567.5), ("2万元", 20000), ("0.5万", 5000), ("12.50", 12.5), (800, 800)],
)
def test_a_sum_is_in_yuan(cell: Value, value: float) -> None:
    assert sum_of(cell).value == value


@pytest.mark.parametrize("cell", ["贰万元", "1,5", "3,00", "1,0000"])
def test_a_sum_that_may_be_another_is_asked(cell: str) -> None:
    assert sum_of(cell).codes == ("sum-unreadable",)


def test_a_lost_character_may_be_any_one_and_only_one() -> None:
    assert is_like("朱某?", "朱某某")
    assert not is_like("朱某?", "朱某")
