"""A value of the policy as a cell of an Excel file, and back (单元格): what Excel changes by itself is seen.

Shapes: values as `tomllib` gives them. Several stand one a line; a list in a list is joined by
`、`; yes and no are 是 and 否.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from types import UnionType
from typing import Any, Union, get_args, get_origin

from catalog.rules.policy_fields import Days
from catalog.rules.policy_reading import Field

DIGITS_MAX = 15
CHARS_MAX = 32_767
"""What Excel takes in one cell; the library cuts the rest off without a word."""
YES, NO = "是", "否"
TRUTHS = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}
SEMICOLONS = re.compile(r"[\n;；]")
COMMAS = re.compile(r"[、,，]")
WHOLE = re.compile(r"-?\d{1,15}")


class Unfit(Exception):
    """A cell holds what cannot be used; the two arguments say why, in two languages."""


def shown_in_cell(value: Any) -> Any:
    """What is written into a cell: a text or a number."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "\n".join("、".join(one) if isinstance(one, list) else str(shown_in_cell(one)) for one in value)
    return value if isinstance(value, int | float | str) else str(value)


def cell_text(cell: Any) -> str:
    """The text of a cell as a person reads it, nothing for an empty one; raises `Unfit`."""
    value = cell.value
    if cell.data_type in ("f", "e"):
        raise Unfit(
            f"{value!r} is a formula or its error: put the value itself", f"{value!r} 是公式或公式错误，请填写值本身"
        )
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, bool | date | time):
        return shown_in_cell(value) if isinstance(value, bool) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and abs(value) >= 10**DIGITS_MAX:
        raise Unfit(
            f"{value!r} is a number of more than {DIGITS_MAX} digits, of which Excel lost some: make it text",
            f"{value!r} 超过 {DIGITS_MAX} 位，Excel 已丢失末尾数字，请将单元格设为文本后重填",
        )
    return str(value).replace("\r\n", "\n").strip()


def cell_value(one: Field, cell: Any) -> Any:
    """The value of a cell for this field; raises `Unfit`. What the policy allows there is asked of the whole."""
    said, hint = cell_text(cell), one.hint
    if get_origin(hint) in (Union, UnionType):
        if said in one.mark.words:
            return said
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        return _several(get_args(hint)[0], one, said, cell)
    return _single(hint, said, cell)


def _several(kind: Any, one: Field, said: str, cell: Any) -> list[Any]:
    is_free = kind is str and not (one.mark.codes or one.mark.words)
    parts = [part.strip() for part in (said.split("\n") if is_free else SEMICOLONS.split(said)) if part.strip()]
    if get_origin(kind) is tuple:
        return [[word.strip() for word in COMMAS.split(part) if word.strip()] for part in parts]
    if not is_free:  # none holds a comma itself
        parts = [word.strip() for part in parts for word in COMMAS.split(part) if word.strip()]
    return [_single(kind, part, cell) for part in parts]


def _single(kind: Any, said: str, cell: Any) -> Any:
    if kind is bool:
        if (truth := TRUTHS.get(said.lower())) is None:
            raise Unfit(f"{said!r} is neither {YES} nor {NO}", f"{said!r} 不是“{YES}”或“{NO}”")
        return truth
    if kind in (int, float):
        plain = unicodedata.normalize("NFKC", said)
        try:
            return int(plain) if WHOLE.fullmatch(plain) else float(plain)
        except ValueError:
            raise Unfit(f"{said!r} is not a number", f"{said!r} 不是数字") from None
    if isinstance(cell.value, date | time) and kind not in (date, Days):
        raise Unfit(
            f"Excel made a date or time of it ({said}): make the cell text, and type it anew",
            f"Excel 已将其转为日期或时间（{said}），请将单元格设为文本后重填",
        )
    return said
