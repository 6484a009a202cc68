"""Rows that a careless reader would take, drop or cut short: each waits for a person with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from catalog.rules.imports.cells import Value
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import Problem, Row
from docking_station.services.imports import read_import
from docking_station.texts.imports import in_one_cell
from tests.fakes.lists import codes, house, readings, xlsx

Read = Callable[..., list[Row]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads rows as a list: the verdicts of all that are not skipped."""

    def reading(of: Import, *rows: Sequence[Value]) -> list[Row]:
        found = read_import(house(), of, xlsx(tmp_path / "list.xlsx", rows)).reading
        return [row for row in found.rows if row.verdict != "skipped"]

    return reading


def test_an_empty_cell_below_a_doubtful_one_is_as_doubtful(read: Read) -> None:
    heads = ("案件编号", "案号", "文书名称", "制作日期")
    one, other = "9901002026000001", "9901002026000010"
    rows = [(one, None), (other, one), (None, None), (None, "同上"), (other, None)]
    taken, *doubtful, after = read(
        "papers", heads, *((*row, "询问笔录", f"2026-03-0{n}") for n, row in enumerate(rows, 5))
    )
    assert (taken.values["case"], after.values["case"]) == ("A1", "A2")
    assert [(row.verdict, row.values["case"], readings(row, "columns-differ")) for row in doubtful] == [
        ("doubtful", None, (other, one))
    ] * 3


@pytest.mark.parametrize(
    ("flag", "verdict"),
    [
        (None, "new"),
        (0, "new"),
        (False, "new"),
        ("否", "new"),
        ("2", "doubtful"),
        ("删除", "doubtful"),
        ("已作废", "doubtful"),
    ],
)
def test_whether_a_row_was_deleted_is_not_guessed(read: Read, flag: Value, verdict: str) -> None:
    (row,) = read("cases", ("case_seq", "org_name", "del_flag"), ("T-1", "甲", flag))
    assert (row.verdict, "word-unknown" in codes(row)) == (verdict, verdict == "doubtful")
    assert read("cases", ("case_seq", "org_name", "del_flag"), ("T-1", "甲", True)) == []


def test_rows_that_differ_in_a_column_nobody_reads_are_not_one(read: Read) -> None:
    heads = ("序号", "案件编号", "文书名称", "制作日期", "被询问人")
    row = ("9901002026000001", "询问笔录", "2026-03-05")
    first, other, again = read("papers", heads, (1, *row, "甲某"), (2, *row, "乙某"), (3, *row, "甲某"))
    assert [one.verdict for one in (first, other, again)] == ["new", "doubtful", "duplicate"]
    assert (readings(other, "duplicate-unread"), other.problems[-1].row) == (("被询问人",), 2)


def test_two_leaders_are_not_cut_to_one(read: Read) -> None:
    heads = ("日期", "带班领导", "执勤人员")
    one, two = read("roster", heads, ("2026-03-05", "王　某", "王某"), ("2026-03-06", "王某、朱某㛃", "王某"))
    assert (one.verdict, one.values["leader"], codes(one)) == ("new", "N1", {"name-padded"})
    assert (two.verdict, two.values["leader"], readings(two, "one-person")) == ("doubtful", None, ("王某", "朱某㛃"))


@pytest.mark.parametrize(
    ("moved", "verdict", "until"),
    [
        ("2026-03-05前在养老科", "new", "2026-03-05"),
        ("2026年3月5日前在养老科", "new", "2026-03-05"),
        ("2026-13-45前在养老科", "refused", None),
        ("借调至市局", "doubtful", None),
    ],
)
def test_a_move_that_cannot_be_read_is_told(read: Read, moved: str, verdict: str, until: str | None) -> None:
    (row,) = read("people", ("人员编号", "姓名", "调动"), ("N9", "孙某", moved))
    assert row.verdict == verdict
    if until:
        assert row.values["unit_until"] == {"unit": "yl", "until": until}


def test_a_unit_may_stand_below_one_of_the_same_list(read: Read) -> None:
    heads = ("科室代码", "科室名称", "上级单位")
    rows = [
        ("y2", "乙科", "甲局"),
        ("j1", "甲局", None),
        ("y3", "丙科", "丁局"),
        ("y4", "丁科", "养老科"),
        ("x", "养老科", None),
    ]
    below, above, nowhere, known, _ = read("units", heads, *rows)
    assert [(row.verdict, row.values["parent"]) for row in (below, above, known)] == [
        ("new", "j1"),
        ("new", None),
        ("new", "yl"),
    ]
    assert readings(nowhere, "unit-unknown") == ("丁局",)


@pytest.mark.parametrize("cell", ["/", "—", "无"])
def test_a_day_that_is_left_open_does_not_refuse_the_case(read: Read, cell: str) -> None:
    (row,) = read("cases", ("案件编号", "当事人", "立案日期", "结案日期"), ("C-1", "甲", "2026-03-05", cell))
    assert (row.verdict, codes(row), row.values["closed"]) == ("doubtful", {"date-unreadable"}, None)
    assert "结案日期：不是日期：" in in_one_cell(row, "zh")


def test_what_may_be_written_is_named_where_a_word_is_not_known(read: Read) -> None:
    (row,) = read("recorders", ("设备编号", "类型"), ("MZ-R09", "执法仪"))
    assert in_one_cell(row, "zh") == ("待核实；类型：该列没有此取值：执法仪（可填：执法记录仪、固定摄像机、录音笔）")


def test_an_empty_case_number_is_called_empty() -> None:
    refused = [Row(3, "refused", (Problem("case-missing", "案件编号", found),)) for found in ((), ("C-9",))]
    assert [in_one_cell(row, "zh") for row in refused] == [
        "不能导入；案件编号：未填案件编号（请补填）",
        "不能导入；案件编号：没有此案件：C-9（请先登记该案件）",
    ]
