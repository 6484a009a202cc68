"""What is asked again and again while one thing is shown, and is read once (一次查询).

Whatever asks for rights reads anew who asks and what they may; a list of clips does so a dozen times. Within `at_once`
the first answer holds: in one thread, as long as one list or page is put together. Nothing is changed within, and no
look goes on: what was taken from somebody meanwhile must count there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from docking_station.station.station import Station

P = ParamSpec("P")
R = TypeVar("R")
_KNOWN: ContextVar[dict[Hashable, object] | None] = ContextVar("known", default=None)


@contextmanager
def at_once() -> Iterator[None]:
    """Have what is `remembered` asked once within; one within another is one with it. Also a decorator."""
    if _KNOWN.get() is not None:
        yield
        return
    before = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(before)


def remembered(ask: Callable[Concatenate[Station, P], R]) -> Callable[Concatenate[Station, P], R]:
    """A question to a station whose answer holds within `at_once`; an error is raised each time."""

    @wraps(ask)
    def asked(station: Station, /, *args: P.args, **kwargs: P.kwargs) -> R:
        known = _KNOWN.get()
        if known is None:
            return ask(station, *args, **kwargs)
        key = (ask, id(station), args, *sorted(kwargs.items()))
        if key not in known:
            known[key] = ask(station, *args, **kwargs)
        return known[key]  # type: ignore[return-value]

    return asked
