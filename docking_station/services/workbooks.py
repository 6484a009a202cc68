"""Excel files that people hand in (Excel 文件): opened only where that costs little, else refused in words.

Source: ECMA-376 by openpyxl, which makes an object of every cell, also of every cell in a merged or linked area; where
only the values are wanted, of the cells of one row at a time.
Shapes: bytes in, a workbook or its visible pages out. Units: bytes; an object is a cell, or another element that is no
text.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError, ParserCreate

FILE_BYTES_MAX, UNPACKED_BYTES_MAX = 16 << 20, 48 << 20
OBJECTS_MAX = 1_500_000
"""Twelve thousand rows of a hundred cells, and a quarter more."""
ROWS, COLUMNS = 1 << 20, 1 << 14
"""Of a whole sheet."""
LIGHT = ("f", "is", "si", "t", "v")
AREAS = ("comment", "hyperlink", "mergeCell")
NO = ("0", "false", "f")
NOT_EXCEL = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, OverflowError, ParseError,
    RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the library raises for bytes that are no Excel file, or a damaged one: it has no error of its own for that."""


class Unopened(Exception):
    """A file is not opened; the two arguments say why, in two languages."""


class TooMuch(Unopened):
    """It holds more than is taken."""


def demand_excel() -> None:
    """Raise `Unopened` where the library is not installed."""
    try:
        import openpyxl  # noqa: F401  only whether it is there
    except ImportError as error:
        what = "what reads it is not installed: `pip install evidock[excel]`"
        raise Unopened(what, "未安装读写 Excel 的组件，请执行 `pip install evidock[excel]`") from error


@dataclass(slots=True)
class Layout:
    """What of a sheet is beside its values: the rows that are hidden, the merged areas as left, top, right, bottom."""

    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet that is not hidden: its title, its rows from 1 to the last with a cell, all of one width, its layout."""

    title: str
    rows: list[list[Any]]
    layout: Layout


def opened(body: bytes) -> Any:
    """The workbook; raises `Unopened`, and `TooMuch` before anything big is unpacked or made."""
    with _library():
        from openpyxl import load_workbook

        _looked_through(body)
        return load_workbook(io.BytesIO(body), keep_links=False)


def pages(body: bytes, value: Callable[[Any], object], rows_max: int, columns_max: int) -> tuple[int, list[Page]]:
    """The year days are counted from, and what of each page `value` makes of its cells; raises as `opened`.

    A tenth of the memory of the workbook. Columns beyond the most are left out, more rows are `TooMuch`.
    """
    with _library():
        from openpyxl import load_workbook

        layouts = _looked_through(body)
        book, found = load_workbook(io.BytesIO(body), read_only=True, keep_links=False), list[Page]()
        for page in (page for page in book.worksheets if page.sheet_state == "visible"):
            layout = layouts[page._worksheet_path]  # noqa: SLF001  there is no other name
            page.reset_dimensions()  # what the file says of its size may be wrong
            rows = list[list[Any]]()
            for number, cells in enumerate(page.iter_rows(), start=1):
                if number > rows_max and (cells or number > ROWS):
                    raise TooMuch("it has too many rows", "行数过多")
                if cells:
                    rows += ([] for _ in range(len(rows), number - 1))
                    rows.append([value(cell) for cell in cells[:columns_max]])
            lowest = max((area[3] for area in layout.merged), default=0)
            if lowest > rows_max:
                raise TooMuch("it has too many rows", "行数过多")
            rows += ([] for _ in range(len(rows), lowest))
            wide = max([*map(len, rows), *(min(area[2], columns_max) for area in layout.merged)], default=0)
            for row in rows:
                row += [None] * (wide - len(row))
            found.append(Page(page.title, rows, layout))
        return book.epoch.year, found


@contextmanager
def _library() -> Iterator[None]:
    """Say in words, as `Unopened`, what the library raises, and that it is not installed."""
    demand_excel()
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles, which nobody asks for
            yield
    except NOT_EXCEL as error:
        what = "it is no Excel file (.xlsx), or a damaged one"
        raise Unopened(what, "不是 Excel 文件（.xlsx），或者已损坏") from error


def _looked_through(body: bytes) -> dict[str, Layout]:
    """The layout of every part; raises `TooMuch` where the library would make more than `OBJECTS_MAX`.

    Five kilobytes can ask for billions.
    """
    from openpyxl.utils import range_boundaries

    made, found = 0, dict[str, Layout]()
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        unpacked_bytes = sum(one.file_size for one in packed.infolist())
        if len(body) > FILE_BYTES_MAX or unpacked_bytes > UNPACKED_BYTES_MAX:
            raise TooMuch("it is too large", "文件过大")
        for part in packed.namelist():  # whatever its name is: a workbook says which of them are sheets
            layout, row = found.setdefault(part, Layout()), 0

            def begin(name: str, attributes: Mapping[str, str], layout: Layout = layout) -> None:
                nonlocal made, row
                tag = name.rpartition(":")[2]
                made += tag not in LIGHT
                if tag == "row":
                    row = int(float(attributes.get("r", row + 1)))
                    if attributes.get("hidden", "0") not in NO:
                        layout.hidden.add(row)
                elif tag in AREAS and ":" in attributes.get("ref", ""):
                    left, top, right, bottom = range_boundaries(attributes["ref"])
                    area = (left or 1, top or 1, right or COLUMNS, bottom or ROWS)
                    made += (area[2] - area[0] + 1) * (area[3] - area[1] + 1)
                    if tag == "mergeCell":
                        layout.merged.append(area)
                if made > OBJECTS_MAX:
                    raise TooMuch("it holds more cells than are taken", "单元格过多")

            parser = ParserCreate()
            parser.StartElementHandler = begin
            with packed.open(part) as file, suppress(ExpatError):  # a picture; or damaged, as the library will say
                parser.ParseFile(file)
    return found
