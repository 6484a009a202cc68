"""How far a job is (进度): what a service reports to, whoever shows it.

Shapes: a job has a name (of a text, `docking_station/texts`), a total, and counts on by pieces.
Units: bytes, or things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """Shows one job at a time; a total of 0 is not known beforehand."""

    def __call__(
        self, name: str, total: int, *, in_bytes: bool = True
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Begin a job; what it gives is called with each piece that is done."""


@contextmanager
def silent(name: str, total: int, *, in_bytes: bool = True) -> Iterator[Callable[[int], None]]:
    """Show nothing; see `Progress`."""
    yield lambda _: None
