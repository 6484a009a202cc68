"""Sheets that people fill in (表格文件): XLSX, CSV and JSON read into rows; an XLSX given back with a column more.

Source: ECMA-376 by openpyxl; CSV as Excel writes it, UTF-8 (with or without mark), UTF-16 with its mark, or GB18030.
Shapes: a `Sheet` holds the rows of one sheet from 1; cells that are merged all hold the value of their first. Hidden
sheets are not read. A formula stays a formula: its last result is not what somebody wrote. Units: bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from catalog.rules.imports.cells import EPOCH, MIDNIGHT, Formula, Value
from catalog.rules.imports.heads import HEAD_WITHIN, Cells
from docking_station.services.workbooks import FILE_BYTES_MAX, Page, TooMuch, Unopened, demand_excel, opened, pages
from docking_station.station.errors import FileThere, ImportTooLong, ImportUnreadable, unreadable, unwritable

T = TypeVar("T")
ROWS_MAX = 10_000
SEEN_MAX = ROWS_MAX + 2_000
"""Rows of titles, heads, sums and blanks come on top of those with data."""
COLUMNS_MAX = 100
DELIMITERS = ",;\t|"
RESULT = "结果"
SAVE_ANEW = {"todo": "Save it as .xlsx, or as CSV in UTF-8", "todo_zh": "另存为 .xlsx，或者 UTF-8 编码的 CSV"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet, its name where it has one, and how the file was read."""

    rows: Sequence[Cells]
    name: str | None = None
    hidden: frozenset[int] = frozenset()
    encoding: str | None = None
    delimiter: str | None = None
    body: bytes = field(default=b"", repr=False)
    """The whole file."""


def read_sheets(
    path: Path, delimiter: str | None = None, heads: Callable[[Sequence[Cells]], int] = lambda _: 0
) -> list[Sheet]:
    """The visible sheets of a file; raises `ImportUnreadable`, `ImportTooLong`.

    The delimiter of a CSV, where nobody says which, is the one under which most `heads` are known, then most cells are.
    """
    body = _body(path)
    if body.startswith(b"PK\x03\x04"):
        return _excel(path, body)
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise _bad(path, "an old (.xls) or encrypted Excel file", "旧版（.xls）或者加密的 Excel 文件")
    text, encoding = _decoded(path, body)
    sheet = _objects(path, text) if text.lstrip()[:1] in ("[", "{") else _table(path, text, delimiter, heads)
    return [Sheet(_bounded(path, sheet.rows), encoding=encoding, delimiter=sheet.delimiter, body=body)]


def _body(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _bad(path, error.strerror, error.strerror, **unreadable(error)) from error
    if len(body) > FILE_BYTES_MAX:
        raise ImportTooLong(path=path, most=ROWS_MAX)
    return body


def _excel(path: Path, body: bytes) -> list[Sheet]:
    year, found = _read(path, partial(pages, body, _value, SEEN_MAX, COLUMNS_MAX))
    if year != EPOCH.year:  # a day as a bare number would be four years off
        raise _bad(path, "an Excel file that counts days from 1904", "采用 1904 日期系统的 Excel 文件")
    return [
        Sheet(_bounded(path, _merged(page)), page.title, frozenset(page.layout.hidden), body=body) for page in found
    ]


def _read(path: Path, read: Callable[[], T]) -> T:
    """What is read of a workbook; raises `ImportTooLong` before anything big is unpacked, `ImportUnreadable`."""
    try:
        return read()
    except TooMuch as error:
        raise ImportTooLong(path=path, most=ROWS_MAX) from error
    except Unopened as error:
        raise _bad(path, *error.args) from error


def _merged(page: Page) -> Sequence[Cells]:
    """The rows of a page; each cell of a merged area has the value of its first."""
    for left, top, right, bottom in page.layout.merged:
        for row in page.rows[top - 1 : bottom] if left <= COLUMNS_MAX else ():
            row[left - 1 : right] = [page.rows[top - 1][left - 1]] * len(row[left - 1 : right])
    return page.rows


def _value(cell: Any) -> Value:
    value = cell.value
    if cell.data_type in ("f", "e"):
        return Formula(getattr(value, "text", None) or value)
    if isinstance(value, timedelta):
        return (MIDNIGHT + value).time() if value < timedelta(days=1) else str(value)
    if value is None or isinstance(value, str | int | float | date | time):
        return value
    return str(value)


def _decoded(path: Path, body: bytes) -> tuple[str, str]:
    encodings = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return body.decode(encoding), encoding.removesuffix("-sig").upper()
        except UnicodeDecodeError:
            continue
    raise _bad(path, "neither UTF-8 nor GB18030", "既不是 UTF-8，也不是 GB18030 编码")


def _table(path: Path, text: str, delimiter: str | None, heads: Callable[[Sequence[Cells]], int]) -> Sheet:
    try:
        if delimiter is None:
            tried = {one: _records(text, one, HEAD_WITHIN) for one in DELIMITERS}
            delimiter = max(tried, key=lambda one: (heads(tried[one]), sum(map(len, tried[one]))))
        return Sheet(_records(text, delimiter, SEEN_MAX + 1), delimiter=delimiter)
    except csv.Error as error:
        raise _bad(path, f"no table: {error}", f"不是表格：{error}") from error


def _records(text: str, delimiter: str, most: int) -> list[Cells]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[cell or None for cell in row[:COLUMNS_MAX]] for row, _ in zip(reader, range(most), strict=False)]


def _objects(path: Path, text: str) -> Sheet:
    """A list of JSON objects, or one below `rows`: the names are the heads, row 1."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"not JSON: {error}", f"不是有效的 JSON：{error}") from error
    found = read.get("rows") if isinstance(read, dict) else read
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _bad(path, "no list of objects", "不是对象列表")
    names = list(dict.fromkeys(name for one in found for name in one))[:COLUMNS_MAX]
    return Sheet([names, *([_scalar(one.get(name)) for name in names] for one in found)])


def _scalar(value: object) -> Value:
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def _bounded(path: Path, rows: Sequence[Cells]) -> Sequence[Cells]:
    if len(rows) > SEEN_MAX or sum(any(cell is not None for cell in row) for row in rows) > SEEN_MAX:
        raise ImportTooLong(path=path, most=ROWS_MAX)
    return rows


def _bad(path: Path, what: object, what_zh: object, **facts: object) -> ImportUnreadable:
    """The error for a file; the facts of the system, where there are some, say more."""
    return ImportUnreadable(**{"path": path, "reason": what, "reason_zh": what_zh, **SAVE_ANEW, **facts})


# ---------------------------------------------------------------------- the answer


def write_answer(
    path: Path, source: Path, sheet: Sheet, head_row: int, results: Mapping[int, str], column: int | None
) -> None:
    """Write the list as Excel, each row's result in a column, else one more; every formula in it is text from then on.

    Raises `FileThere` where something stands already, `ImportUnreadable` where it cannot be written.
    """
    if path.exists():
        raise FileThere(path=path)
    book, page = _copy(source, sheet)
    to = page.max_column + 1 if column is None else column + 1
    for number, text in {**results, head_row: RESULT}.items():
        put(page.cell(number, to), text)
    try:
        with path.open("xb") as out:
            book.save(out)
    except OSError as error:
        raise _bad(path, error.strerror, error.strerror, **unwritable(error)) from error


def _copy(source: Path, sheet: Sheet) -> tuple[Any, Any]:
    """A workbook of a list without formulas, and its page: the list's own, or a new one of its rows."""
    _read(source, demand_excel)
    from openpyxl import Workbook

    if sheet.name is None:
        book = Workbook()
        for number, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row, start=1):
                put(book.active.cell(number, column), value)
        return book, book.active
    book = _read(source, lambda: opened(_body(source)))
    for cell in (cell for every in book.worksheets for cell in every._cells.values()):  # noqa: SLF001  those there are
        if cell.data_type == "f":
            put(cell, str(getattr(cell.value, "text", None) or cell.value))
    return book, book[sheet.name]


def put(cell: Any, value: Value) -> None:
    """Put a value into a cell; a text is a text, whatever it begins with."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in value)[:32_000]
    cell.data_type, cell.quotePrefix = "s", True
