"""Tables written into files (导出表格) that Excel opens as they are: CSV, UTF-8 with its mark, or XLSX, by the ending.

No cell is a formula, whatever somebody typed as a reason or named a folder.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from docking_station.services.sheets import put
from docking_station.services.workbooks import Unopened, demand_excel
from docking_station.station.errors import CannotPull, FileThere, unwritable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_table(to: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows, the heads first; raises `FileThere`, `CannotPull`."""
    write_new(to, table_bytes(to, rows))


def write_new(to: Path, body: bytes) -> None:
    """Write a file that is not there yet, and its folder; raises `FileThere`, `CannotPull`."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("xb") as file:
            file.write(body)
    except FileExistsError as error:
        raise FileThere(path=to) from error
    except OSError as error:
        raise CannotPull(path=to, **unwritable(error)) from error


def table_bytes(to: Path, rows: Iterable[Sequence[object]]) -> bytes:
    """The bytes of a file of that name with these rows, the heads first; raises `CannotPull`."""
    return book_bytes(to, {"": rows}) if to.suffix.lower() == ".xlsx" else _csv(rows)


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def book_bytes(to: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> bytes:
    """The bytes of a workbook for that file with a sheet of rows a name; raises `CannotPull`."""
    try:
        demand_excel()
    except Unopened as error:
        todo = {"todo": "Install evidock[excel]", "todo_zh": "安装 evidock[excel]"}
        raise CannotPull(path=to, reason="openpyxl", **todo) from error
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name or None)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                put(sheet.cell(number, column), value if value is None or isinstance(value, int) else str(value))
    book.save(out)
    return out.getvalue()
