"""How long a clip is kept (保存期限): locked short at first, longer where its case or its mark demands it.

Source: FACTS, keeping and disposing: at least six months; longer by linking it to a case; "same as the case file" and
"permanent" have no end one could lock until. A lock can only be lengthened, so those roll on: once half of a first lock
is gone, it is locked for a whole one again, and the object is on legal hold besides. Counted from the station's clock,
never from the recorder's.
Shapes: a `Keep` is a number of months after sealing, or one of those that have no end.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Endless = Literal["hold", "case-file", "permanent"]
"""With no end date: as long as it is held (依法保留), same as the case file (同案卷), permanent (永久)."""
Keep = int | Endless
ENDLESS: tuple[Endless, ...] = ("case-file", "permanent")
"""The words of a policy for it."""
MONTHS_MIN, MONTHS_MAX = 6, 1200


@dataclass(frozen=True, slots=True)
class Retention:
    """The bureau's table: what is linked to a case, what its wearer flagged, everything else."""

    months: Keep = MONTHS_MIN
    linked: Keep = "case-file"
    important: Keep = "case-file"

    def keep(self, *, is_linked: bool, is_important: bool) -> Keep:
        """The longest that anything about a clip demands."""
        demanded = [self.months, *([self.linked] if is_linked else []), *([self.important] if is_important else [])]
        return longest(demanded)


UNREADABLE = Retention("permanent", "permanent", "permanent")
"""The table of a policy that this version of the program cannot read: whatever it promised, this keeps no shorter."""


@dataclass(frozen=True, slots=True)
class Retentions:
    """Every table the bureau adopted, each from its day on, the oldest first; none where nothing was adopted.

    The table of the day on which a clip was sealed, or linked, is never shortened by a later one; a longer one that
    holds now lengthens. What happened before the first was adopted goes by the first: nobody decided the default.
    """

    adopted: tuple[tuple[datetime, Retention], ...] = ()

    def at(self, moment: datetime) -> Retention:
        """The table that held at a moment."""
        before = [table for since, table in self.adopted if since <= moment]
        return before[-1] if before else self.adopted[0][1] if self.adopted else Retention()

    def keep(self, sealed_at: datetime, linked_at: Sequence[datetime], *, is_important: bool) -> Keep:
        """The longest that anything about a clip demands; `linked_at` is empty for one that no case has."""
        now = self.adopted[-1][1] if self.adopted else Retention()
        demanded = [one.keep(is_linked=False, is_important=is_important) for one in (now, self.at(sealed_at))]
        if linked_at:
            demanded += [one.keep(is_linked=True, is_important=False) for one in (now, *map(self.at, linked_at))]
        return longest(demanded)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the vault should hold: a lock until then, on hold or not."""

    until: datetime
    on_legal_hold: bool

    def at_most(self, day: datetime) -> Wanted:
        """Return the same hold with a lock that ends on that day at the latest."""
        return replace(self, until=min(self.until, day))


def longest(demanded: Iterable[Keep]) -> Keep:
    """The longest of several; there is one."""
    every = tuple(demanded)
    by_length: tuple[Endless, ...] = ("permanent", "case-file", "hold")
    endless = next((one for one in by_length if one in every), None)
    return endless or max(one for one in every if isinstance(one, int))


def wanted(keep: Keep, sealed_at: datetime, locked_until: datetime, now: datetime, first_months: int) -> Wanted:
    """The lock an original should have now; never shorter than the one it has."""
    if isinstance(keep, int):
        return Wanted(max(locked_until, months_later(sealed_at, keep)), on_legal_hold=False)
    next_lock = months_later(now, first_months)
    is_half_gone = locked_until - now < (next_lock - now) / 2
    return Wanted(max(locked_until, next_lock) if is_half_gone else locked_until, on_legal_hold=True)


def may_go(keep: Keep, sealed_at: datetime, locked_until: datetime, *, on_legal_hold: bool, now: datetime) -> bool:
    """Whether an original may be disposed of: its time is over, its lock has ended, nobody holds it."""
    if not isinstance(keep, int) or on_legal_hold:
        return False
    return now >= locked_until and now >= months_later(sealed_at, keep)


def months_later(start: datetime, months: int) -> datetime:
    """The same day some months later, or the last day of that month where there is no such day."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)
