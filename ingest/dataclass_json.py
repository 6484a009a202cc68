"""Frozen dataclasses to JSON values and back, by their own type hints, for the journal.

Shapes: tuples become lists, bytes become hexadecimal text, times ISO 8601 text; unknown fields are refused, but for
those that earlier versions wrote down.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime, time
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
GONE = frozenset({"proposals"})
"""Fields of earlier versions: what was proposed for a clip when it was examined."""


def to_plain(value: object, leave_out: str = "") -> Any:
    """A JSON value; the field named `leave_out` of the outermost dataclass is left out."""
    if is_dataclass(value):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value) if one.name != leave_out}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | time):
        return value.isoformat()
    return value


def from_plain(wanted: type[T], plain: Any) -> T:
    """The value of type `wanted` in a JSON value; a value of that type already is taken as it is."""
    value: T = _read(wanted, plain)
    return value


@cache
def _hints(wanted: type) -> dict[str, Any]:
    return get_type_hints(wanted)


def _read(wanted: Any, plain: Any) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        inner = next(kind for kind in get_args(wanted) if kind is not NoneType)
        return None if plain is None else _read(inner, plain)
    if origin is tuple:
        kinds = get_args(wanted)
        each = kinds[:1] * len(plain) if kinds[-1] is Ellipsis else kinds
        return tuple(_read(kind, item) for kind, item in zip(each, plain, strict=True))
    if origin is Literal:
        return plain
    if isinstance(wanted, type) and is_dataclass(wanted):
        if isinstance(plain, wanted):
            return plain
        hints = _hints(wanted)
        return wanted(**{name: _read(hints[name], item) for name, item in plain.items() if name not in GONE})
    if wanted is bytes:
        return bytes.fromhex(plain)
    if wanted in (datetime, time):
        return wanted.fromisoformat(plain)
    return plain
