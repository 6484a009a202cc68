"""Excel files that would cost more than they hold, and damaged ones: refused in words by both who read them."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from catalog.station_error import StationError
from docking_station.services import sheets, workbooks
from docking_station.services.imports import read_import
from docking_station.services.policy_lists import read_lists
from docking_station.station.errors import ImportTooLong, ImportUnreadable, PolicyListsUnusable
from tests.fakes.lists import house, xlsx

READERS: dict[str, Callable[[Path], object]] = {
    "import": lambda path: read_import(house(), "cases", path),
    "lists": read_lists,
}
SHEET = "xl/worksheets/sheet1.xml"
LINK = '<hyperlinks><hyperlink ref="A1:Z2000" location="x"/></hyperlinks>'
CELLS = f"<row>{'<c/>' * 50_000}</row>"
MERGED = '<mergeCells count="1"><mergeCell ref="A1:Z2000"/></mergeCells>'


def with_sheet(path: Path, changed: Callable[[str], str]) -> Path:
    """A workbook whose first sheet has other words."""
    book, out = io.BytesIO(), path
    Workbook().save(book)
    with zipfile.ZipFile(book) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in packed.namelist():
            body = packed.read(name).decode()
            again.writestr(name, changed(body) if name == SHEET else body)
    return out


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("mark", "more"),
    [("</worksheet>", MERGED), ("</worksheet>", LINK), ("</sheetData>", CELLS)],
    ids=["merged", "linked", "cells"],
)
def test_a_small_file_that_asks_for_very_many_cells_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], object], mark: str, more: str
) -> None:
    bomb = with_sheet(tmp_path / "bomb.xlsx", lambda body: body.replace(mark, more + mark))
    assert bomb.stat().st_size < 9000
    monkeypatch.setattr(workbooks, "OBJECTS_MAX", 50_000)
    with pytest.raises((ImportTooLong, PolicyListsUnusable), match=r"cells|rows"):
        read(bomb)


def test_what_a_sheet_says_of_its_size_is_not_believed_and_a_merged_area_may_end_below_it(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "list.xlsx", [("案件编号", "当事人"), ("C-1", "甲")], lambda _, page: page.merge_cells("B2:C4")
    )
    with zipfile.ZipFile(path) as packed:
        body = packed.read(SHEET).decode()
    (sheet,) = sheets.read_sheets(with_sheet(path, lambda _: body.replace('ref="A1:C4"', 'ref="A1"')))
    assert sheet.rows == [["案件编号", "当事人", None], ["C-1", "甲", "甲"], [None, "甲", "甲"], [None, "甲", "甲"]]


def locked(path: Path) -> None:
    body = bytearray(path.read_bytes())
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(head)
        while at >= 0:
            body[at + flag] |= 1
            at = body.find(head, at + 1)
    path.write_bytes(body)


def torn(path: Path) -> None:
    body = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        one = packed.getinfo(SHEET)
    names, extra = struct.unpack_from("<HH", body, one.header_offset + 26)
    begins = one.header_offset + 30 + names + extra
    body[begins : begins + one.compress_size] = b"\xff" * one.compress_size
    path.write_bytes(body)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("damage", [locked, torn])
def test_a_locked_or_torn_part_is_told_in_words(
    tmp_path: Path, read: Callable[[Path], object], damage: Callable[[Path], None]
) -> None:
    path = with_sheet(tmp_path / "bad.xlsx", str)
    damage(path)
    with pytest.raises(StationError, match="no Excel file"):
        read(path)


def test_where_excel_cannot_be_read_an_import_and_its_answer_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人"), ("C-1", "甲")])
    table = tmp_path / "list.csv"
    table.write_text("案件编号,当事人\nC-1,甲\n")
    found = read_import(house(), "cases", table)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportUnreadable, match=r"evidock\[excel\]"):
        read_import(house(), "cases", book)
    with pytest.raises(ImportUnreadable, match=r"evidock\[excel\]"):
        found.answer(tmp_path / "answer.xlsx", "en")


def test_an_answer_touches_no_cell_that_is_not_there(tmp_path: Path) -> None:
    def hide(book: Workbook, _: object) -> None:
        hidden = book.create_sheet("hidden")
        hidden.sheet_state = "hidden"
        hidden["Z100"] = "=1+1"

    path = xlsx(tmp_path / "list.xlsx", [("案件编号", "当事人"), ("C-1", "甲")], hide)
    book, _ = sheets._copy(path, sheets.read_sheets(path)[0])
    (cell,) = book["hidden"]._cells.values()
    assert (cell.coordinate, cell.data_type, cell.value) == ("Z100", "s", "=1+1")
