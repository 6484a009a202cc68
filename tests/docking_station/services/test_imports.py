"""Lists of other systems are read row by row: what they say is taken, what they may mean waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from catalog.rules.imports.cells import Formula, Value
from catalog.rules.imports.heads import find_heads
from catalog.rules.imports.known import meanings
from catalog.rules.imports.maps import MAPS, Code, Column, Import, with_more
from catalog.rules.imports.problems import Problem, Row
from catalog.rules.imports.rows import read_list
from catalog.rules.imports.taken import plain
from docking_station.services.imports import read_import
from docking_station.station.errors import ImportHeads
from docking_station.texts.imports import PROBLEMS, in_one_cell, said
from tests.fakes.lists import codes, house, readings, xlsx

PAPER_HEADS = ("案件编号", "文书名称", "文书文号", "制作日期", "起止时间", "执法人员")
Read = Callable[..., list[Row]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads rows as a list: the verdicts of all that are not skipped."""

    def reading(of: Import, *rows: Sequence[Value], change: Callable[[Workbook, Any], None] | None = None) -> list[Row]:
        found = read_import(house(), of, xlsx(tmp_path / "list.xlsx", rows, change))
        return [row for row in found.reading.rows if row.verdict != "skipped"]

    return reading


# ---------------------------------------------------------------------- where the table is


def test_titles_heads_sums_and_notes_are_no_data(tmp_path: Path) -> None:
    heads = ("序号", "案件编号", "当事人", None, "办理时间", None)
    low = (None, None, "名称", "联系电话", "立案日期", "结案日期")

    def merge(book: Workbook, page: Any) -> None:
        for span in ("A1:F1", "C2:D2", "E2:F2", "A2:A3", "B2:B3"):
            page.merge_cells(span)
        old = book.create_sheet("2025")
        old.append(["案件编号", "当事人"])
        old.append(["9901002025000001", "旧"])
        old.sheet_state = "hidden"

    rows = (
        ("2026年度台账",),
        heads,
        low,
        (1, "9901002026000007", "示范市协会", None, "2026-03-05", "2026-04-05"),
        low,
        (None,),
        (2, "9901002026000008", "示范市学校", None, "2026-03-06", None),
        ("合 计", "2件"),
        ("填表说明：日期以纸质案卷为准。",),
    )
    found = read_import(house(), "cases", xlsx(tmp_path / "list.xlsx", rows, merge)).reading
    told = [(row.verdict, row.problems[0].code if row.problems else None) for row in found.rows]
    skipped = ["title", "header", "header", None, "header-repeated", "blank", None, "total", "note"]
    assert told == [("skipped", code) if code else ("new", None) for code in skipped]
    assert found.rows[3].values["closed"] == date(2026, 4, 5)
    assert tuple(found.heads.unread.values()) == ("序号",)


def test_several_sheets_of_one_kind_are_not_chosen_from(tmp_path: Path) -> None:
    def second(book: Workbook, page: Any) -> None:
        page.title = "今年"
        other = book.create_sheet("去年")
        other.append(["案件编号", "当事人"])

    with pytest.raises(ImportHeads) as refused:
        read_import(house(), "cases", xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人")], second))
    assert "今年, 去年" in refused.value.message("zh")


def test_a_list_without_its_columns_is_refused_with_their_names(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "list.xlsx", [("文书名称", "制作日期"), ("询问笔录", "2026-03-05")])
    with pytest.raises(ImportHeads) as refused:
        read_import(house(), "papers", path)
    assert "案件编号" in refused.value.message()
    with pytest.raises(ImportHeads):
        read_import(house(), "roster", path)


def test_columns_of_one_field_that_differ_are_asked(read: Read) -> None:
    heads = ("案件编号", "案号", "当事人")
    same, differs = read("cases", heads, ("C-1", "C-1", "甲"), ("C-2", "C-3", "乙"))
    assert same.verdict == "new"
    assert readings(differs, "columns-differ") == ("C-2", "C-3")


def test_a_hidden_row_waits_for_a_person(read: Read) -> None:
    def hide(_: Workbook, page: Any) -> None:
        page.row_dimensions[2].hidden = True

    hidden, shown = read("cases", ("案件编号", "当事人"), ("C-1", "甲"), ("C-2", "乙"), change=hide)
    assert (hidden.verdict, codes(hidden), shown.verdict) == ("doubtful", {"hidden-row"}, "new")


# ---------------------------------------------------------------------- numbers


def test_a_number_that_excel_broke_is_not_taken_for_another_case(read: Read) -> None:
    heads = ("案件编号", "立案文号", "当事人")
    broken, whole = read(
        "cases",
        heads,
        (9901002026000020.0, "示民罚立〔2026〕25号", "甲"),
        ("9901002026000020", "示民罚立〔2026〕20号", "乙"),
    )
    assert (broken.verdict, broken.values["office_no"]) == ("doubtful", None)
    assert readings(broken, "id-destroyed") == ("9901002026000020",)
    assert whole.verdict == "new"


def test_a_case_is_found_by_its_key_and_never_by_a_part_of_it(read: Read) -> None:
    rows = [
        (number, "询问笔录", None, "2026-03-05", None, "王某")
        for number in (
            "示民罚立字（2026）第01号",
            "示民罚立〔2026〕11号",
            "示民罚立字〔2026〕第111号",
            "99010020260000",
        )
    ]
    first, second, third, fourth = read("papers", PAPER_HEADS, *rows)
    assert (first.values["case"], second.values["case"]) == ("A1", "A2")
    assert codes(first) == {"bracket-variant", "case-by-opening-no", "leading-zeros"}
    assert [(row.verdict, codes(row)) for row in (third, fourth)] == [("refused", {"case-missing"})] * 2


def test_a_number_of_another_bureau_is_asked(read: Read) -> None:
    row, *_ = read(
        "papers",
        PAPER_HEADS,
        ("9901002026000001", "行政处罚决定书", "某民罚决字〔2026〕第1号", "2026-03-05", None, "王某"),
    )
    assert codes(row) == {"number-unknown"}


def test_a_number_on_two_records_makes_both_a_question(read: Read) -> None:
    case = "9901002026000001"
    rows = [
        (case, "行政处罚决定书", "示民罚决字〔2026〕第1号", day, None, "王某") for day in ("2026-03-05", "2026-03-06")
    ]
    first, second = read("papers", PAPER_HEADS, *rows)
    assert [(row.verdict, codes(row)) for row in (first, second)] == [("doubtful", {"number-repeated"})] * 2
    assert [one.row for row in (first, second) for one in row.problems] == [3, 2]
    assert readings(first, "number-repeated") == ("罚决字〔2026〕第1号",) * 2


def test_rows_of_one_case_that_differ_wait_with_both_readings(read: Read) -> None:
    heads = ("案件编号", "当事人", "罚没金额")
    rows = [("C-1", "甲", 100), ("C-1", "甲", 200), ("C-2", "乙", 5), ("C-2 ", "乙", "5元")]
    first, second, third, fourth = read("cases", heads, *rows)
    assert readings(first, "duplicate-conflict") == ("100", "200")
    assert readings(second, "duplicate-conflict") == ("200", "100")
    assert (third.verdict, fourth.verdict, fourth.problems[0].row) == ("new", "duplicate", 4)


def test_a_row_that_says_no_number_is_refused(read: Read) -> None:
    (row,) = read("cases", ("案件编号", "当事人"), (None, "甲"))
    assert (row.verdict, codes(row)) == ("refused", {"key-missing"})


# ---------------------------------------------------------------------- people


def test_people_of_one_name_are_told_by_card_or_asked(read: Read) -> None:
    heads = ("案件编号", "当事人", "承办人", "执法证号")
    cells = [
        ("李某某", "99010000003"),
        ("李某某", None),
        ("赵某某", None),
        ("王某", "99010000002"),
        ("王　某、李某某", "99010000001、99010000002"),
    ]
    by_card, asked, nobody, wrong, joined = read(
        "cases", heads, *((f"C-{n}", "甲", *pair) for n, pair in enumerate(cells))
    )
    assert (by_card.verdict, by_card.values["officers"], codes(by_card)) == ("new", ["N3"], {"homonym-by-card"})
    assert readings(asked, "name-ambiguous") == ("N2 李某某 99010000002 sz", "N3 李某某 99010000003 yl")
    assert codes(nobody) == {"name-unknown"}
    assert codes(wrong) == {"card-wrong"}
    assert (joined.verdict, joined.values["officers"]) == ("new", ["N1", "N2"])
    assert codes(joined) == {"homonym-by-card", "name-padded", "names-joined"}


def test_cards_that_do_not_count_as_the_names_do_are_not_handed_round(read: Read) -> None:
    (row,) = read("cases", ("案件编号", "当事人", "承办人", "执法证号"), ("C-1", "甲", "王某、李某某", "99010000002"))
    assert "card-wrong" in codes(row)


def test_people_of_one_name_are_told_by_the_case_they_are_on(read: Read) -> None:
    rows = [(case, "询问笔录", None, "2026-03-05", None, "李某某") for case in ("9901002026000001", "9901002026000010")]
    on_the_case, elsewhere = read("papers", PAPER_HEADS, *rows)
    assert (on_the_case.verdict, on_the_case.values["officers"]) == ("new", ["N3"])
    assert codes(elsewhere) == {"name-ambiguous"}


def test_people_of_one_name_are_told_by_their_unit(read: Read) -> None:
    heads = ("日期", "设备编号", "领用人", "科室", "领用时间", "归还时间")
    (row,) = read("holdings", heads, ("2026-03-05", "mzr01", "李某某", "养老科", "8:30", "17:00"))
    assert (row.verdict, codes(row)) == ("new", {"homonym-by-unit", "text-marker"})
    assert row.values["officer"] == "N3"
    assert row.values["recorder"] == "MZ-R01"


def test_a_lost_character_waits_for_a_person_even_where_one_fits(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("案件编号,当事人,承办人\r\nC-1,甲,朱某?\r\n".encode("gbk"))
    found = read_import(house(), "cases", path)
    row = found.reading.rows[1]
    assert (found.sheet.encoding, row.verdict, codes(row)) == ("GB18030", "doubtful", {"lost-character"})
    assert row.values["officers"] == ["N4"]


# ---------------------------------------------------------------------- days, times, what stands above


def test_an_empty_cell_means_the_one_above_only_where_lists_do_so(read: Read) -> None:
    case = "9901002026000001"
    rows = [
        (text, "询问笔录", None, f"2026-03-0{n}", None, "王某")
        for n, text in enumerate((case, None, "同上", "〃"), start=5)
    ]
    assert [row.values["case"] for row in read("papers", PAPER_HEADS, *rows)] == ["A1"] * 4
    missing, after = read(
        "papers", PAPER_HEADS, *(("9901002025000777", *row[1:]) if n == 0 else row for n, row in enumerate(rows[:2]))
    )
    assert [(row.verdict, row.values["case"]) for row in (missing, after)] == [("refused", None)] * 2


def test_cells_that_are_merged_downwards_count_for_each_row(read: Read) -> None:
    def merge(_: Workbook, page: Any) -> None:
        page.merge_cells("A2:A3")

    rows = [
        ("9901002026000001", "询问笔录", None, "2026-03-05", None, "王某"),
        (None, "立案审批表", None, "2026-03-05", None, "王某"),
    ]
    assert [row.values["case"] for row in read("papers", PAPER_HEADS, *rows, change=merge)] == ["A1", "A1"]


def test_a_record_has_its_times_on_its_day(read: Read) -> None:
    rows = [
        ("9901002026000001", "询问笔录", None, "2026-03-05", span, "王某")
        for span in ("9时30分至10时15分", "2026-03-06 9:30至10:15", "10:15-9:30")
    ]
    whole, otherwise, backwards = read("papers", PAPER_HEADS, *rows)
    assert (whole.values["begins"], whole.values["ends"]) == (datetime(2026, 3, 5, 9, 30), datetime(2026, 3, 5, 10, 15))  # noqa: DTZ001
    assert readings(otherwise, "date-conflict") == ("2026-03-05", "2026-03-06")
    assert codes(backwards) == {"span-in-one-cell", "time-order"}


def test_days_in_the_wrong_order_are_asked(read: Read) -> None:
    heads = ("案件编号", "当事人", "立案日期", "决定日期", "结案日期")
    (row,) = read("cases", heads, ("C-1", "甲", "2026-03-05", None, "2026-02-05"))
    assert codes(row) == {"date-order"}
    (paper,) = read("papers", PAPER_HEADS, ("9901002026000001", "询问笔录", None, "2026-01-05", None, "王某"))
    assert readings(paper, "date-order") == ("2026-01-05", "2026-03-02")


def test_a_day_without_its_year_is_asked_with_the_years_it_may_be_in(read: Read) -> None:
    heads = ("案件编号", "当事人", "立案日期", "决定日期")
    among, alone = read("cases", heads, ("C-1", "甲", "12月8日", "2026-02-10"), ("C-2", "乙", "3月5日", None))
    assert readings(among, "date-no-year") == ("2025-12-08", "2026-12-08")
    assert readings(alone, "date-no-year") == ("3月5日",)
    assert among.values["opening"] is None


def test_a_recorder_that_was_not_given_back_is_asked(read: Read) -> None:
    heads = ("日期", "设备编号", "领用人", "领用时间", "归还时间")
    (row,) = read("holdings", heads, ("2026-03-05", "MZ-R01", "王某", "8:30", None))
    assert (row.verdict, codes(row), row.values["ends"]) == ("doubtful", {"return-missing"}, None)


def test_a_roster_has_its_year_from_its_block_and_its_weekday_is_checked(read: Read) -> None:
    heads = ("日期", "星期", "带班领导", "执勤人员", None, "备注")
    rows = [
        ("值班表",),
        ("2026年3月",),
        heads,
        ("3月5日", "星期四", "王某", "王　某", "朱某㛃", None),
        ("3.6", "星期一", "王某", "王某", None, None),
        ("4.7", None, None, "王某", None, None),
        ("2026年4月",),
        heads,
        ("4.7", "周二", None, "王某", None, None),
    ]
    first, weekday, month, other = read("roster", *rows)
    assert (first.verdict, first.values["day"], first.values["duty"], first.values["leader"]) == (
        "new",
        date(2026, 3, 5),
        ["N1", "N4"],
        "N1",
    )
    assert codes(weekday) == {"weekday-wrong"}
    assert codes(month) == {"date-conflict"}
    assert (other.verdict, other.values["day"]) == ("new", date(2026, 4, 7))


def test_a_formula_is_not_its_last_result(read: Read) -> None:
    (row,) = read("cases", ("案件编号", "当事人", "罚没金额"), ("C-1", '=HYPERLINK("http://x.example")', "=1+1"))
    assert (row.verdict, codes(row)) == ("doubtful", {"formula"})
    assert (row.values["party"], row.values["fine"]) == (None, None)


def test_what_could_not_be_taken_is_not_called_missing(read: Read) -> None:
    (case,) = read("cases", ("案件编号", "当事人"), ("=A1", "甲"))
    (paper,) = read("papers", PAPER_HEADS, ("=A1", "=A2", None, "=A3", None, "王某"))
    assert [(row.verdict, codes(row)) for row in (case, paper)] == [("doubtful", {"formula"})] * 2


# ---------------------------------------------------------------------- names of the policy


def test_names_become_codes_and_old_names_are_told(read: Read) -> None:
    heads = ("案件编号", "当事人", "执法类别", "承办科室")
    alias, unknown = read("cases", heads, ("C-1", "甲", "一般程序", "民管科"), ("C-2", "乙", "民事纠纷", "财务科"))
    assert (alias.verdict, alias.values["kind"], alias.values["unit"]) == ("new", "penalty", "sz")
    assert codes(alias) == {"kind-alias", "unit-old-name"}
    assert codes(unknown) == {"kind-unknown", "unit-unknown"}


def test_a_record_of_no_known_type_is_asked_and_one_of_none_refused(read: Read) -> None:
    rows = [("9901002026000001", name, None, "2026-03-05", None, "王某") for name in ("谈话提纲", None)]
    assert [(row.verdict, codes(row)) for row in read("papers", PAPER_HEADS, *rows)] == [
        ("doubtful", {"type-unknown"}),
        ("refused", {"type-missing"}),
    ]


# ---------------------------------------------------------------------- what is said


def test_every_problem_is_said_in_both_languages() -> None:
    words = [
        f"{what}-{how}"
        for what in ("unit", "kind", "matter", "type", "step", "role", "word")
        for how in ("unknown", "ambiguous")
    ]
    assert set(words) <= set(PROBLEMS)
    for code in PROBLEMS:
        for language in ("en", "zh"):
            text, hint = said(code, language, ("a", "b"), 3)
            assert text
            assert (hint == "") == (said(code, "en", (), 3)[1] == "")


def test_what_needs_a_person_is_not_buried_in_what_was_repaired() -> None:
    repaired, open_ = Problem("date-zh", "立案日期"), Problem("name-unknown", "承办人", ("钱某某",))
    assert in_one_cell(Row(4, "new", (repaired,)), "zh") == "新增；立案日期：日期为中文写法"
    told = in_one_cell(Row(4, "doubtful", (repaired, open_)), "en")
    assert told == "doubtful; 承办人: nobody of this name: 钱某某 (Check the name, or give --beside people=FILE)"


PARTS = (
    "9901002026000001",
    "同上",
    "王某",
    "李某某",
    "、",
    "和",
    "2026",
    "年",
    "3",
    "月",
    "5日",
    "9:30",
    "-",
    "至",
    "示民罚决字〔",
    "〕第",
    "号",
)
CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.lists(st.sampled_from(PARTS), max_size=6).map("".join),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.text(max_size=4).map(lambda text: Formula(f"={text}")),
    st.just("1" * 5000),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from([(name, kind) for name, maps in MAPS.items() for kind in maps]))
def test_whatever_stands_in_a_cell_each_row_has_one_fate(data: st.DataObject, kind: tuple[str, Import]) -> None:
    name, of = kind
    heads = [names[0] for names in MAPS[name][of].heads.values()]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(heads), max_size=len(heads)), max_size=6))
    sheet = [heads, *rows]
    found = find_heads(sheet, of, name)
    assert found is not None
    reading = read_list(of, sheet, found, house().known(), frozenset())
    assert [row.row for row in reading.rows] == list(range(1, len(sheet) + 1))
    for row in reading.rows:
        json.dumps(plain(row.values))
        assert in_one_cell(row, "zh")


def test_the_policy_says_what_another_system_calls_its_columns(tmp_path: Path) -> None:
    columns: list[Column] = [
        ("oa", "cases", "office_no", "受理编号"),
        ("oa", "cases", "party", "相对人"),
        ("zh", "cases", "kind", "程序"),
    ]
    means: list[Code] = [("zh", "cases", "kind", "7", "行政处罚(普通程序)"), ("oa", "cases", "kind", "", "一般程序")]
    here = house()
    here.maps = with_more(columns, means)
    path = xlsx(tmp_path / "oa.xlsx", [["受理编号", "相对人"], ["C-1", "示范市协会"]])
    found = read_import(here, "cases", path).reading
    assert (found.heads.map_name, found.rows[1].values["kind"]) == ("oa", "penalty")
    path = xlsx(tmp_path / "zh.xlsx", [["案号", "当事人", "程序"], ["C-1", "示范市协会", 7]])
    found = read_import(here, "cases", path).reading
    assert (found.heads.map_name, found.rows[1].values["kind"]) == ("zh", "penalty")
    with pytest.raises(ImportHeads):
        read_import(here, "cases", path, "oa")


def test_a_row_is_read_by_the_policy_of_its_own_day(tmp_path: Path) -> None:
    here, old = house(), replace(house().words, kinds=meanings([("penalty-2025", "行政处罚(普通程序)", [])]))
    here.words_on = lambda day: old if day < date(2026, 3, 1) else here.words
    rows = [["案号", "当事人", "执法类别", "立案日期"]]
    rows += [[f"C-{n}", "甲", "行政处罚(普通程序)", day] for n, day in enumerate(("2026-02-28", "2026-03-01", ""))]
    found = read_import(here, "cases", xlsx(tmp_path / "cases.xlsx", rows)).reading.rows[1:]
    assert [row.values["kind"] for row in found] == ["penalty-2025", "penalty", "penalty"]
