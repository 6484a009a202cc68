"""Excel files that people hand in (Excel 文件): opened only where that costs little, else refused in words.

Source: ECMA-376 by openpyxl, which makes an object of every cell, also of every cell in a merged or linked area.
Shapes: bytes in, a workbook out. Units: bytes; an object is a cell or any other element but a text.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
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


def opened(body: bytes) -> Any:
    """The workbook; raises `Unopened`, and `TooMuch` before anything big is unpacked or made."""
    demand_excel()
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            unpacked_bytes = sum(one.file_size for one in packed.infolist())
            if len(body) > FILE_BYTES_MAX or unpacked_bytes > UNPACKED_BYTES_MAX:
                raise TooMuch("it is too large", "文件过大")
            _demand_few_objects(packed)
        with warnings.catch_warnings(action="ignore"):  # of styles, which nobody asks for
            return load_workbook(io.BytesIO(body), keep_links=False)
    except NOT_EXCEL as error:
        what = "it is no Excel file (.xlsx), or a damaged one"
        raise Unopened(what, "不是 Excel 文件（.xlsx），或者已损坏") from error


def _demand_few_objects(packed: zipfile.ZipFile) -> None:
    """Raise `TooMuch` where the library would make more than `OBJECTS_MAX`: five kilobytes can ask for billions."""
    from openpyxl.utils import range_boundaries

    made = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal made
        tag = name.rpartition(":")[2]
        made += tag not in LIGHT
        if tag in AREAS and ":" in attributes.get("ref", ""):
            left, top, right, bottom = range_boundaries(attributes["ref"])
            made += ((right or COLUMNS) - (left or 1) + 1) * ((bottom or ROWS) - (top or 1) + 1)
        if made > OBJECTS_MAX:
            raise TooMuch("it holds more cells than are taken", "单元格过多")

    for part in packed.namelist():  # whatever its name is: a workbook says which of them are sheets
        parser = ParserCreate()
        parser.StartElementHandler = begin
        with packed.open(part) as file, suppress(ExpatError):  # a picture; or damaged, as the library will say
            parser.ParseFile(file)
