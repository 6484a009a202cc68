"""What whoever asks for a change attaches to it (变更条件): what must hold before it is signed, what is noted with it.

It belongs to the first act that is carried out while it is attached, and to none that was on its way before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database
    from catalog.rules.acts import Act


@dataclass(frozen=True, slots=True)
class Condition:
    """`demanded` raises why the change cannot be as the catalog is now; `noted` writes in the change's transaction."""

    demanded: Callable[[Database], None] = lambda _: None
    noted: Callable[[Session, Act], None] = lambda _session, _act: None


NONE = Condition()
_ATTACHED: ContextVar[Condition] = ContextVar("condition", default=NONE)


@contextmanager
def attached(condition: Condition) -> Iterator[None]:
    """Attach a condition to the change that is made within."""
    before = _ATTACHED.set(condition)
    try:
        yield
    finally:
        _ATTACHED.reset(before)


def taken() -> Condition:
    """The condition of the act that is carried out now; the next one has none."""
    found = _ATTACHED.get()
    _ATTACHED.set(NONE)
    return found
