"""Files of other systems, whole and broken; and the answer that goes back as Excel."""

from __future__ import annotations

import csv
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from docking_station.services import imports, workbooks
from docking_station.services.imports import Imported, read_import
from docking_station.station.errors import FileThere, ImportHeads, ImportTooLong, ImportUnreadable
from tests.fakes.lists import codes, house, xlsx


def test_a_list_of_a_system_with_english_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tcase.json"
    path.write_text(
        json.dumps(
            [
                {
                    "case_seq": "T-1",
                    "case_cause": "超出业务范围",
                    "org_name": "示范市学校",
                    "psn_name": None,
                    "case_handler": "王某、朱某㛃",
                    "case_stage": 20,
                    "del_flag": 0,
                },
                {"case_seq": "T-2", "org_name": "乙", "del_flag": 1},
            ]
        )
    )
    found = read_import(house(), "cases", path)
    _, row, gone = found.reading.rows
    assert (found.reading.heads.map_name, row.verdict, row.values["officers"]) == ("les", "new", ["N1", "N4"])
    assert (row.values["party"], row.values["stage"]) == ("示范市学校", "立案")
    assert (gone.verdict, codes(gone)) == ("skipped", {"deleted"})


def test_names_with_another_separator_do_not_hide_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(
        "日期,带班领导,执勤人员\n2026-03-05,王某,王某;朱某㛃;王某;朱某㛃;王某\n2026-03-06,,王某;朱某㛃;王某;朱某㛃;王某\n"
    )
    found = read_import(house(), "roster", path)
    assert (found.sheet.delimiter, len(found.reading.rows[1].values["duty"])) == (",", 5)  # type: ignore[arg-type]


def test_numbers_in_parts_are_put_together_by_the_type_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "tcase_decision.csv"
    path.write_text("case_seq;year;seq;launch_date;party_name\n9901002026000001;2026;7;2026-03-05;甲\n")
    found = read_import(house(), "papers", path, "les-decisions")
    row = found.reading.rows[1]
    assert (found.sheet.delimiter, row.verdict, row.values["number"]) == (";", "new", ["罚决字", 2026, 7])
    assert row.values["code"] == "penalty-decision"


def test_a_list_with_initials_of_pinyin_is_read_by_its_codes(tmp_path: Path) -> None:
    here = house()
    cases = tmp_path / "ZFAJDJ.csv"
    cases.write_text(
        "ajdjid,ajdjbh,ajdjay,commc,zfryzz,zfryzy,cfjdcx,liansj\n"
        "X9,ZF-9,案由,示范市学校,王某,朱某㛃,1,2026-03-05 00:00:00\n"
    )
    found = read_import(here, "cases", cases)
    row = found.reading.rows[1]
    assert (found.reading.heads.map_name, row.verdict, row.values["kind"]) == ("zhsyj", "new", "penalty")
    assert row.values["officers"] == ["N1", "N4"]
    here.add(found.reading)
    papers = tmp_path / "ZFAJZFWS.csv"
    papers.write_text("ajzfwsid,ajdjid,zfwsdmz\nW1,X9,7\nW2,X9,41\n")
    known, unknown = read_import(here, "papers", papers).reading.rows[1:]
    assert (known.verdict, known.values["case"], known.values["code"]) == ("new", "ZF-9", "question-record")
    assert codes(unknown) == {"type-unknown"}


def test_another_delimiter_is_found_or_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("案件编号|当事人\nC-1|甲,乙,丙,丁\n")
    assert read_import(house(), "cases", path, delimiter="|").reading.rows[1].values["party"] == "甲,乙,丙,丁"
    path.write_text("案件编号\t当事人\nC-1\t甲\n")
    assert read_import(house(), "cases", path).sheet.delimiter == "\t"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xff\xff\x00\x81",
        b"\xd0\xcf\x11\xe0 old",
        b"PK\x03\x04 torn",
        b"[1, 2]",
        b"{",
        b'{"rows": 3}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_is_refused_in_words(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(body)
    with pytest.raises(ImportUnreadable):
        read_import(house(), "cases", path)


def test_every_part_of_a_workbook_may_be_damaged(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "whole.xlsx", [("案件编号", "当事人"), ("C-1", "甲")])
    with zipfile.ZipFile(whole) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    path = tmp_path / "torn.xlsx"
    for torn in parts:
        for body in (b"", b"<x", b"<worksheet/>", parts[torn].replace(b'r="', b'r="?')):
            with zipfile.ZipFile(path, "w") as packed:
                for name, good in parts.items():
                    packed.writestr(name, body if name == torn else good)
            with suppress(ImportUnreadable, ImportHeads):
                read_import(house(), "cases", path)


def test_a_workbook_whose_days_count_from_1904_is_refused(tmp_path: Path) -> None:
    def count_anew(book: Workbook, _: Any) -> None:
        book.epoch = CALENDAR_MAC_1904

    path = xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人", "立案日期"), ("C-1", "甲", 46086)], count_anew)
    with pytest.raises(ImportUnreadable) as refused:
        read_import(house(), "cases", path)
    assert "1904" in refused.value.message()


def test_more_rows_than_an_import_takes_are_refused_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_MAX", 3)
    path = tmp_path / "list.csv"
    path.write_text("台账\n案件编号,当事人\n" + "".join(f"C-{n},甲\n" for n in range(3)) + "合计,3\n")
    assert read_import(house(), "cases", path).reading.counts["new"] == 3
    path.write_text(path.read_text() + "C-4,乙\n")
    with pytest.raises(ImportTooLong) as refused:
        read_import(house(), "cases", path)
    assert "Split" in refused.value.hint()


def test_a_workbook_that_unpacks_to_much_more_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES_MAX", 1000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (workbooks.UNPACKED_BYTES_MAX + 1))
    with pytest.raises(ImportTooLong):
        read_import(house(), "cases", path)


# ---------------------------------------------------------------------- the answer


def answered(found: Imported, path: Path) -> Any:
    found.answer(path, "zh")
    return load_workbook(path).active


def test_the_answer_is_the_list_with_a_result_for_each_row_and_no_formula(tmp_path: Path) -> None:
    rows = [("台账",), ("案件编号", "当事人"), ("C-1", "甲"), ("C-2", "=cmd|' /C calc'!A0"), ("合计",)]
    page = answered(read_import(house(), "cases", xlsx(tmp_path / "list.xlsx", rows)), tmp_path / "answer.xlsx")
    assert [cell.value for cell in page["C"]] == [
        None,
        "结果",
        "新增",
        "待核实；当事人：公式或者公式错误：=cmd|' /C calc'!A0（请粘贴为数值）",
        None,
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert page["B4"].value == "=cmd|' /C calc'!A0"
    again = answered(read_import(house(), "cases", tmp_path / "answer.xlsx"), tmp_path / "again.xlsx")
    assert [cell.value for cell in again[2]] == ["案件编号", "当事人", "结果"]


def test_a_column_of_that_name_is_kept_where_it_holds_no_answer(tmp_path: Path) -> None:
    rows = [("案件编号", "结果", "当事人"), ("C-1", "合格", "甲"), ("C-2", None, "乙")]
    page = answered(read_import(house(), "cases", xlsx(tmp_path / "list.xlsx", rows)), tmp_path / "answer.xlsx")
    assert [[cell.value for cell in page[column]] for column in "BD"] == [
        ["结果", "合格", None],
        ["结果", "新增", "新增"],
    ]


def test_what_an_earlier_answer_says_does_not_make_two_rows_differ(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人"), ("C-1", "甲"), ("C-1", "甲")])
    read_import(house(), "cases", path).answer(tmp_path / "answer.xlsx", "en")
    again = read_import(house(), "cases", tmp_path / "answer.xlsx").reading
    assert [row.verdict for row in again.rows] == ["skipped", "new", "duplicate"]


def test_the_answer_to_a_csv_is_a_workbook_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["案件编号", "当事人"], ["9901002026000001", "=1+1"], ["+1", "@x\x01"]])
    page = answered(read_import(house(), "cases", path), tmp_path / "answer.xlsx")
    assert [[cell.value for cell in row[:2]] for row in page.iter_rows(min_row=2)] == [
        ["9901002026000001", "=1+1"],
        ["+1", "@x\ufffd"],
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}


def test_an_answer_overwrites_nothing(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人"), ("C-1", "甲")])
    with pytest.raises(FileThere):
        read_import(house(), "cases", path).answer(path, "en")
