"""What is made of the catalog's rows, and rows that are no such thing (编目行的读取).

Whoever has the database can put anything into a column; a person who lists cases then wants to know which row it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from catalog.errors import RowUnreadable

P = ParamSpec("P")
R = TypeVar("R")


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


def _named(args: tuple[object, ...]) -> str:
    """The first column of the row that is read, which is its key, or the number that was asked for."""
    for one in args:
        if isinstance(one, Mapping) and one:
            return str(next(iter(one.values())))
    return next((one for one in args if isinstance(one, str)), "")
