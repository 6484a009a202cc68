"""What is made of the catalog's rows, and rows that are no such thing (编目行的读取).

Whoever has the database can put anything into a column; a person who lists cases then wants to know which row it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from catalog.errors import RowUnreadable
from catalog.rules.canonical import parsed_time

P = ParamSpec("P")
R = TypeVar("R")

READERS: Mapping[str, Callable[[Any], object]] = {
    "bool": bool,
    "datetime": parsed_time,
    "float": float,
    "int": int,
    "tuple[str, ...]": lambda text: tuple(json.loads(text)),
}
"""How a column becomes a field of that type; one of any other type is taken as it is."""


def readable(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function that makes a value of a row of `what`; where the row is none, it raises `RowUnreadable`."""

    def door(read: Callable[P, R]) -> Callable[P, R]:
        @wraps(read)
        def reading(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return read(*args, **kwargs)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise RowUnreadable(what=f"{what} {_named(args)}".strip(), reason=error) from error

        return reading

    return door


def any_of(values: Sequence[object]) -> tuple[str, dict[str, object]]:
    """What stands behind `IN` for these values, and the values by their names; for no value what none is in."""
    named: dict[str, object] = {f"one{number}": value for number, value in enumerate(values)}
    return f"({', '.join(f':{name}' for name in named) or 'NULL'})", named


def one_of(some: Iterable[str], values: dict[str, object]) -> str:
    """What stands behind `IN` for these texts; they are added to `values` under names that are not taken."""
    names = {f"s{len(values) + number}": one for number, one in enumerate(sorted(some))}
    values.update(names)
    return f"({', '.join(f':{name}' for name in names) or 'NULL'})"


def _named(args: tuple[object, ...]) -> str:
    """The first column of the row that is read, which is its key, or the number that was asked for."""
    for one in args:
        if isinstance(one, Mapping) and one:
            return str(next(iter(one.values())))
    return next((one for one in args if isinstance(one, str)), "")


def value_in(kind: type[R], row: Mapping[str, Any], **others: object) -> R:
    """The frozen dataclass whose fields stand in the columns of a row by their names, but for those given as `others`.

    To be called by a `readable` function, which names the row that cannot be read.
    """
    every = [(field.name, str(field.type)) for field in fields(cast(Any, kind))]
    return kind(**{name: _field(row[name], hint) for name, hint in every if name not in others}, **others)


def _field(column: Any, hint: str) -> object:
    required = hint.removesuffix(" | None")
    if column is None:
        if hint == required:
            raise TypeError(f"an empty column where {hint} must be")
        return None
    return READERS[required](column) if required in READERS else column
