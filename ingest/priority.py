"""Who is next, and when again (先后与重试): pure decisions of the dock. Units: seconds.

Between bays the most urgent goes first (overdue, then important), then the bay that has been served least: every
officer gets on. Within a bay sidecars go first, then important marks, then the oldest file; possible copies last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.evidence import SourceFile

BACK_OFF_FIRST_S = 1.0
BACK_OFF_MAX_S = 60.0
DOUBLINGS_MAX = 16
NS = 1_000_000_000


@dataclass(frozen=True, slots=True, order=True)
class Urgency:
    """How urgent a file is (紧急程度): the smaller, the sooner."""

    not_overdue: bool
    not_important: bool


def back_off(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    return float(min(BACK_OFF_FIRST_S * 2 ** min(max(0, failures - 1), DOUBLINGS_MAX), BACK_OFF_MAX_S))


def is_overdue(source: SourceFile, now: datetime, hours: int) -> bool:
    """Whether a file is older than evidence may be before it is in unit storage (24 小时规则), by its modify time.

    A modify time in the future tells nothing, and is not overdue.
    """
    return source.mtime_ns / NS < (now - timedelta(hours=hours)).timestamp()


def important_first(files: Iterable[SourceFile], is_important: Callable[[SourceFile], bool]) -> list[SourceFile]:
    """Important marks, then the rest, each oldest first."""
    return sorted(files, key=lambda source: (not is_important(source), source.mtime_ns, source.path))
