"""Values read from a table of a policy's text, by the types and marks of its dataclasses; every problem at once.

Shapes: what cannot be used becomes a `Problem` with its path, and None in its stead: where
there are problems, no value may be used.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, is_dataclass
from datetime import date, time
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from catalog.rules.policy_fields import TEXT_CHARS_MAX, Days, Is
from catalog.rules.toml_places import Path
from catalog.rules.typed_words import HIDDEN

SHOWN_CHARS_MAX = 60
CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be used, where it stands, and why, in two languages."""

    path: Path
    what: str
    what_zh: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a policy's dataclass: its name in Python, its key in the file, its type, its mark, its default."""

    name: str
    key: str
    hint: Any
    mark: Is
    default: Any

    @property
    def section(self) -> str:
        """Its name in the file, where it is a section: the key of a list stands below its name."""
        return self.name if get_origin(self.hint) is tuple else self.key

    @property
    def is_needed(self) -> bool:
        """Whether it must stand wherever its table does."""
        return self.default is MISSING or (self.default == "" and not self.mark.empty)


@cache
def fields_of(kind: Any) -> tuple[Field, ...]:
    """The fields of a policy's dataclass, in order."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for one in dataclasses.fields(kind):
        hint, mark = get_args(hints[one.name])[:2]
        default = one.default if one.default_factory is MISSING else one.default_factory()
        found.append(Field(one.name, mark.key or one.name, hint, mark, default))
    return tuple(found)


@cache
def titles(kind: Any) -> Mapping[str, str]:
    """What the sections, lists and settings of a policy are called in Chinese, by their names in the file."""
    found = dict[str, str]()
    for section in fields_of(kind):
        is_list = row_kind(section.hint) is not None
        name = f"{section.name}.{section.key}" if is_list and section.key != section.name else section.section
        found[section.section] = found[name] = section.mark.zh
        for one in fields_of(row_kind(section.hint) or section.hint):
            found[f"{name}.{one.key}"] = f"{section.mark.zh}·{one.mark.zh}" if is_list else one.mark.zh
            for column in fields_of(row_kind(one.hint)) if row_kind(one.hint) else ():
                found[f"{name}.{one.key}.{column.key}"] = f"{one.mark.zh}·{column.mark.zh}"
    return found


def row_kind(hint: Any) -> Any:
    """The dataclass of the rows of a list, or None where it is no list of rows."""
    inner = get_args(hint)[0] if get_origin(hint) is tuple else None
    return inner if isinstance(inner, type) and is_dataclass(inner) and inner is not Days else None


class Reading:
    """Reads the tables of one text; `problems` grows."""

    def __init__(self, read: Mapping[str, Any]) -> None:
        self._read = read
        self.problems: list[Problem] = []

    def note(self, path: Path, what: str, what_zh: str) -> None:
        """Something cannot be used."""
        self.problems.append(Problem(path, what, what_zh))

    def table(self, kind: Any, value: Any, path: Path) -> Any:
        """One value of a dataclass from a table, or None."""
        if not self._demand_table(value, path):
            return None
        known = {one.key: one for one in fields_of(kind)}
        for key in value:
            if key not in known:
                self.note((*path, key), "there is no such key", "没有此项")
        for key, one in known.items():
            if key not in value and one.is_needed:
                self.note((*path, key), "is missing", "缺少此项")
        given = (one for key, one in known.items() if key in value)
        found = {one.name: self.value(one.hint, one.mark, value[one.key], (*path, one.key)) for one in given}
        needed = {one.name: None for one in known.values() if one.default is MISSING}
        return kind(**needed | found)

    def listed(self, one: Field, value: Any, path: Path) -> Any:
        """A section that is one list, under the only key it has."""
        if not self._demand_table(value, path):
            return ()
        for key in value:
            if key != one.key:
                self.note((*path, key), "there is no such key", "没有此项")
        return self.value(one.hint, one.mark, value.get(one.key, []), (*path, one.key))

    def value(self, hint: Any, mark: Is, value: Any, path: Path) -> Any:
        """A value of this type in what was read, or None."""
        if get_origin(hint) is Literal:
            hint = str
        if get_origin(hint) in (Union, UnionType):
            kinds = [kind for kind in get_args(hint) if kind is not NoneType and get_origin(kind) is not Literal]
            return value if isinstance(value, str) and value in mark.words else self._plain(kinds[0], mark, value, path)
        if get_origin(hint) is tuple:
            return self._tuple(hint, mark, value, path)
        if is_dataclass(hint) and hint is not Days:
            return self.table(hint, value, path)
        return self._plain(hint, mark, value, path)

    # ------------------------------------------------------------------ inside

    def _demand_table(self, value: Any, path: Path) -> bool:
        if not isinstance(value, dict):
            self.note(path, "must be a table", "应为一个表")
        return isinstance(value, dict)

    def _tuple(self, hint: Any, mark: Is, value: Any, path: Path) -> Any:
        kinds = get_args(hint)
        if not isinstance(value, list):
            self.note(path, f"{shown(value)} is not a list", f"{shown(value)} 不是列表")
            return None
        if kinds[-1] is not Ellipsis and len(value) != len(kinds):
            self.note(path, f"must hold {len(kinds)} values", f"应有 {len(kinds)} 个值")
        if kinds[-1] is Ellipsis and not (value or mark.empty or row_kind(hint)):
            self.note(path, "is empty", "不能为空")
        return tuple(self.value(kinds[0], mark, one, (*path, number)) for number, one in enumerate(value))

    def _plain(self, kind: Any, mark: Is, value: Any, path: Path) -> Any:
        if value == "" and kind is str and mark.empty:
            return value
        try:
            found = PLAIN[kind](value, mark)
        except ValueError:
            self.note(path, *_expected(kind, mark, value))
            return None
        if kind is str and (mark.words or mark.codes) and value not in mark.words and value not in self._codes(mark):
            self.note(path, *self._none_of(mark, value))
        return found

    def _codes(self, mark: Is) -> set[str]:
        found = set()
        for name in filter(None, mark.codes.split("+")):
            section, _, key = name.partition(".")
            table = self._read.get(section)
            rows = table.get(key or "list") if isinstance(table, dict) else None
            rows = rows if isinstance(rows, list) else ()
            found |= {str(row.get("code")) for row in rows if isinstance(row, dict)}
        return found

    def _none_of(self, mark: Is, value: Any) -> tuple[str, str]:
        words = ", ".join(f'"{word}"' for word in mark.words)
        names = " ".join(f"[{name}]" for name in filter(None, mark.codes.split("+")))
        if not names:
            return f"{shown(value)} is none of {words}", f"{shown(value)} 不是 {words} 之一"
        more, more_zh = (f", nor {words}", f"，也不是 {words}") if words else ("", "")
        return f"{shown(value)} is no code of {names}{more}", f"{names} 中没有代码 {shown(value)}{more_zh}"


def shown(value: Any) -> str:
    """A value as a message tells it."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"


def _text(value: Any, mark: Is) -> str:
    is_text = isinstance(value, str) and value.strip() == value and 0 < len(value) <= TEXT_CHARS_MAX
    if not is_text or any(unicodedata.category(char) in HIDDEN for char in value):
        raise ValueError
    if mark.form and not re.fullmatch(mark.form, value):
        raise ValueError
    return str(value)


def _number(value: Any, mark: Is, kinds: tuple[type, ...]) -> Any:
    if type(value) not in kinds or not isfinite(value) or not mark.least <= value <= mark.most:
        raise ValueError
    return value


def _truth(value: Any, _: Is) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _time(value: Any, _: Is) -> time:
    if isinstance(value, time) and value.second == value.microsecond == 0:
        return value
    found = CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    return time(int(found[1]), int(found[2]))


def _day(value: Any, _: Is) -> date:
    if not isinstance(value, str) or len(value) != len("2026-01-01"):
        raise ValueError
    return date.fromisoformat(value)


def _days(value: Any, _: Is) -> Days:
    if not isinstance(value, str):
        raise ValueError
    return Days.of(value)


PLAIN: Mapping[Any, Any] = {
    str: _text,
    bool: _truth,
    int: lambda value, mark: _number(value, mark, (int,)),
    float: lambda value, mark: _number(value, mark, (int, float)),
    time: _time,
    date: _day,
    Days: _days,
}
KINDS: Mapping[Any, tuple[str, str]] = {
    str: ("a short text without blanks around it or hidden characters", "首尾无空格、无不可见字符的短文本"),
    bool: ("true or false", "true 或 false"),
    int: ("a whole number", "整数"),
    float: ("a number", "数值"),
    time: ('a time like "08:30" (midnight is "00:00")', '"08:30" 形式的时间（午夜写作 "00:00"）'),
    date: ('a day like "2026-05-09"', '"2026-05-09" 形式的日期'),
    Days: ('days like "2026-05-01/2026-05-05" or "2026-05-09"', '"2026-05-01/2026-05-05" 或 "2026-05-09" 形式的日期'),
}


def _expected(kind: Any, mark: Is, value: Any) -> tuple[str, str]:
    what, what_zh = KINDS[kind]
    words = tuple(f'"{word}"' for word in mark.words)
    if kind in (int, float):
        what += f" from {mark.least:g} to {mark.most:g}" + "".join(f", nor {word}" for word in words)
        what_zh = f" {mark.least:g} 到 {mark.most:g} 之间的{what_zh}" + "".join(f"或 {word}" for word in words)
    elif mark.form:
        what, what_zh = f'of the form "{mark.like}"', f'"{mark.like}" 的形式'
    elif words and kind is str:
        return f"{shown(value)} is none of {', '.join(words)}", f"{shown(value)} 不是 {', '.join(words)} 之一"
    return f"{shown(value)} is not {what}", f"{shown(value)} 不是{what_zh}"
