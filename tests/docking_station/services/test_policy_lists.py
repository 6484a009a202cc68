"""The lists of a policy go out to Excel and come back: untouched to the byte, changed as typed, refused by cell."""

from __future__ import annotations

import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from catalog.errors import PolicyBad
from catalog.rules.policy_marks import marks
from catalog.rules.policy_text import EXAMPLE, read_whole
from docking_station.services.policy import shipped
from docking_station.services.policy_cells import Unfit, cell_text
from docking_station.services.policy_lists import base_of, read_lists, settings, sheets, write_lists
from docking_station.station.errors import PolicyListsUnusable

TEXT = shipped()
MARKED = """\
[units]
list = [
  # [核]
  { code = "law", name = "a", kind = "legal", was = ["甲；乙[核]", "丙"], number = "" },
]
# [核]
[disclosure]
penalty_days = 7 # [核]
# [核]
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "lists.xlsx"
    write_lists(TEXT, path)
    return path


class Clerk:
    """Opens the file, changes cells, saves it elsewhere."""

    def __init__(self, written: Path, to: Path) -> None:
        self.book, self._to = load_workbook(written), to

    def row(self, title: str, code: str | int) -> Any:
        """The cells of a row by the head of their column."""
        page = self.book[title]
        heads = [cell.value for cell in page[1]]
        return next(dict(zip(heads, row, strict=True)) for row in page.iter_rows(min_row=2) if row[0].value == code)

    def saved(self) -> Path:
        self.book.save(self._to)
        return self._to

    def imported(self) -> str:
        return read_lists(self.saved()).into(TEXT)


@pytest.fixture
def clerk(written: Path, tmp_path: Path) -> Clerk:
    return Clerk(written, tmp_path / "changed.xlsx")


@pytest.mark.parametrize(
    "text", [TEXT, EXAMPLE, "", TEXT.replace("\n", "\r\n"), MARKED], ids=["bureau", "dock", "empty", "crlf", "marked"]
)
def test_what_was_not_touched_comes_back_to_the_byte(tmp_path: Path, text: str) -> None:
    write_lists(text, tmp_path / "x.xlsx")
    lists = read_lists(tmp_path / "x.xlsx")
    assert lists.into(text) == text
    again = Clerk(tmp_path / "x.xlsx", tmp_path / "y.xlsx")  # as another program saves it
    assert read_lists(again.saved()).into(base_of(lists, iter([text]))) == text


def test_every_list_has_a_sheet_with_chinese_heads_and_every_setting_a_row(clerk: Clerk) -> None:
    assert clerk.book.sheetnames == ["说明", "设置", *(sheet.title for sheet in sheets())]
    assert len({sheet.title for sheet in sheets()}) == len(sheets()) == 28
    for sheet in sheets():
        heads = [one.mark.zh for one in sheet.columns]
        assert [cell.value for cell in clerk.book[sheet.title][1]] == heads
        assert len(set(heads)) == len(heads)
    assert len(settings()) > 70
    assert clerk.row("设置", "review.days")["内容"].value == 5
    marked = [row[0].value for row in clerk.book["设置"].iter_rows(min_row=2) if row[3].value]
    assert marked == [one.about for one in marks(TEXT) if one.text.startswith("#") and one.about in settings()] + [
        "retention.rules",
        "matters.list",
        "statistics.cells",
        "evaluation.items",
    ]


def test_a_clerks_changes_are_in_the_policy_and_nothing_else_is_changed(clerk: Clerk) -> None:
    clerk.row("步骤", "pre-check")["名称"].value = "  初核 "
    clerk.row("执法文书", "urge-letter")["别名"].value = "履行义务催告书\n催告函"
    clerk.row("音像记录事项", "M02")["执法类别"].value = "penalty、ban，inspection; penalty-simple"
    clerk.row("执法事项", "C0102")["一律法制审核"].value = "是"
    clerk.row("期限", "L10")["期限"].value = "１６"
    clerk.row("设置", "review.again_days")["内容"].value = 2.0
    clerk.row("设置", "review.again_days")["待核定"].value = None
    clerk.row("设置", "access.small")["内容"].value = False
    clerk.row("设置", "dock.megabytes_per_s")["内容"].value = 80.5
    clerk.book["证明对象"].append(["P-NEW", "=新的证明对象", "new"])
    clerk.book["证明对象"].cell(15, 2).data_type = "s"
    clerk.book["用语指引"].delete_rows(8)
    new = clerk.imported()
    whole, old = read_whole(new), set(TEXT.splitlines())
    assert (whole.steps[1].zh, whole.matters[1].review, whole.limits.every[9].n) == ("初核", True, 16)
    assert next(one.aliases for one in whole.papers.every if one.code == "urge-letter")[1] == "催告函"
    assert whole.recordings.every[1].kinds == ("penalty", "ban", "inspection", "penalty-simple")
    assert (whole.review.again_days, whole.access.small, whole.dock.megabytes_per_s) == (2, False, 80.5)
    assert (whole.proves[-1].zh, len(whole.phrases)) == ("=新的证明对象", 6)
    assert [line for line in new.splitlines() if line not in old and "[核]" in line] == []
    assert len(set(new.splitlines()) - old) == 10
    assert len(marks(new)) == 19


def test_everything_that_is_wrong_is_told_by_sheet_row_and_column(clerk: Clerk) -> None:
    clerk.row("步骤", "pre-check")["名称"].value = "=A1"
    clerk.row("步骤", "opening")["环节"].value = "strt"
    clerk.row("执法文书", "urge-letter")["别名"].value = date(2026, 3, 1)
    clerk.row("期限", "L01")["期限"].value = "九十"
    clerk.row("期限", "L02")["依据"].value = 150100000000000123
    clerk.row("年度放假安排", 2026)["放假"].value = "2026-13-01"
    clerk.row("执法事项", "C0101")["一律法制审核"].value = "也许"
    clerk.row("设置", "retention.archive_room_by")["内容"].value = date(2026, 6, 30)
    clerk.book["证明对象"].merge_cells("A10:A11")
    clerk.book["执法环节"]["F1"].value = "备注"
    clerk.book["审核内容"]["C1"].value = None
    del clerk.book["岗位"]
    clerk.book.create_sheet("我的表")
    clerk.book["设置"].delete_rows(2)
    urged = clerk.row("执法文书", "urge-letter")["别名"].row
    with pytest.raises(PolicyBad) as refused:
        clerk.imported()
    said = refused.value.message()
    for words in (
        "sheet 步骤, row 3, column C: steps.list.zh: '=A1' is a formula",
        "sheet 步骤, row 4, column B: steps.list.stage: 'strt' is no code of [stages]",
        f"sheet 执法文书, row {urged}, column C: papers.list.aliases: Excel made a date",
        "sheet 期限, row 2, column F: limits.list.n: '九十' is not a number",
        "sheet 期限, row 3, column I: limits.list.basis: 1501",
        "sheet 年度放假安排, row 2, column C: calendar.years.off: '2026-13-01' is not days",
        "sheet 执法事项, row 2, column F: matters.list.review: '也许' is neither",
        "retention.archive_room_by: Excel made a date",
        "sheet 证明对象: proves.list: the cells A10:A11 are merged",
        "sheet 执法环节: stages.list: there is no column '备注'",
        "sheet 审核内容: review.points: the column '可引用音像' is missing",
        "sheet 岗位: roles.list: the sheet is missing",
        "sheet 我的表: 我的表: there is no such list",
        "sheet 设置: 设置: the row clearing.when is missing",
    ):
        assert words in said
    assert len(said.splitlines()) == 14
    assert "工作表“步骤”第 3 行 C 列" in refused.value.message("zh")


def test_a_code_that_others_name_cannot_be_taken_away(clerk: Clerk) -> None:
    clerk.book["步骤"].delete_rows(3)
    with pytest.raises(PolicyBad, match=r"sheet 执法类别, row 2, column G: kinds.list.steps: 'pre-check'"):
        clerk.imported()


def test_a_day_that_excel_took_for_a_date_is_that_day(clerk: Clerk) -> None:
    clerk.book["本地放假"].append([date(2026, 8, 8), "本地停工通知"])
    assert str(read_whole(clerk.imported()).calendar.local[0].days.first) == "2026-08-08"


def test_columns_may_change_places_and_rows_may_be_left_empty(clerk: Clerk) -> None:
    page = clerk.book["科室"]
    page.insert_rows(3, 4)
    page.move_range("A1:A30", cols=8)
    page.delete_cols(1)
    assert clerk.imported() == TEXT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" a\r\nb ", "a\nb"),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "是"),
        (date(2026, 8, 8), "2026-08-08"),
    ],
)
def test_a_cell_is_read_as_a_person_reads_it(value: object, text: str) -> None:
    page = Workbook().active
    assert cell_text(page.cell(1, 1, value)) == text


@pytest.mark.parametrize("value", ["=1+1", "#N/A", 10**15, -(10.0**17)])
def test_a_cell_that_says_something_else_than_it_seems_is_refused(value: object) -> None:
    page = Workbook().active
    with pytest.raises(Unfit):
        cell_text(page.cell(1, 1, value))


def test_a_file_that_is_none_is_refused_with_a_word(tmp_path: Path, written: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    with pytest.raises(PolicyListsUnusable, match="No such file"):
        read_lists(bad)
    for body in (b"", b"\xd0\xcf\x11\xe0 an old workbook", written.read_bytes()[:9000]):
        bad.write_bytes(body)
        with pytest.raises(PolicyListsUnusable, match="no Excel file"):
            read_lists(bad)
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x", bytes(65 << 20))
    with pytest.raises(PolicyListsUnusable, match="too large"):
        read_lists(bad)
    Workbook().save(bad)
    with pytest.raises(PolicyListsUnusable, match="written out from"):
        base_of(read_lists(bad), iter([TEXT]))
    with pytest.raises(PolicyListsUnusable, match="already"):
        write_lists(TEXT, bad)
    with pytest.raises(PolicyListsUnusable, match="changed since"):
        base_of(read_lists(written), iter([TEXT + "\n", EXAMPLE]))


def test_where_excel_cannot_be_read_that_is_said(
    tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(PolicyListsUnusable, match=r"evidock\[excel\]"):
        write_lists(TEXT, tmp_path / "x.xlsx")
    with pytest.raises(PolicyListsUnusable, match=r"evidock\[excel\]"):
        read_lists(written)


def test_a_list_written_as_tables_of_its_own_is_left_alone(tmp_path: Path) -> None:
    text = '[[facts.list]]\ncode = "a"\nzh = "甲"\nby = "person"\n'
    write_lists(text, tmp_path / "x.xlsx")
    clerk = Clerk(tmp_path / "x.xlsx", tmp_path / "y.xlsx")
    assert read_lists(clerk.saved()).into(text) == text
    clerk.book["案件情形"]["B2"].value = "乙"
    with pytest.raises(PolicyBad, match=r"written as \[\[tables\]\]"):
        read_lists(clerk.saved()).into(text)


def test_marks_stand_in_the_settings_wherever_their_comment_does(tmp_path: Path) -> None:
    write_lists(MARKED, tmp_path / "x.xlsx")
    clerk = Clerk(tmp_path / "x.xlsx", tmp_path / "y.xlsx")
    for name in ("units.list", "disclosure", "disclosure.penalty_days", "文末"):
        clerk.row("设置", name)["待核定"].value = None
    clerk.row("科室", "law")["曾用名"].value += "\n丁；戊"
    new = read_lists(clerk.saved()).into(MARKED)
    assert [one.text for one in marks(new)] == [line.strip() for line in new.splitlines() if "甲" in line]
    assert read_whole(new).units[0].was == ("甲；乙[核]", "丙", "丁；戊")


@pytest.mark.parametrize("text", ["access = { small = true }\n", "access.small = true\n"])
def test_a_section_without_a_head_of_its_own_is_left_alone(tmp_path: Path, text: str) -> None:
    write_lists(text, tmp_path / "x.xlsx")
    clerk = Clerk(tmp_path / "x.xlsx", tmp_path / "y.xlsx")
    clerk.row("设置", "access.small")["内容"].value = "否"
    assert read_lists(clerk.saved()).into(text) == text.replace("true", "false")
    clerk.row("设置", "access.ask_days")["内容"].value = 3
    with pytest.raises(PolicyBad, match=r"sheet 设置, row \d+, column C: access.ask_days: .* change it in the policy"):
        read_lists(clerk.saved()).into(text)


def test_a_value_that_no_cell_can_hold_is_not_written_cut(tmp_path: Path) -> None:
    text = f"[roles]\nreasons = {['长' * 1000] * 33}\n"
    with pytest.raises(PolicyListsUnusable, match="longer than 32767"):
        write_lists(text, tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()
