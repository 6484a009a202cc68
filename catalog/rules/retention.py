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
from datetime import UTC, date, datetime, time
from typing import Literal

Endless = Literal["hold", "case-file", "permanent", "state"]
"""With no end date: as long as it is held (依法保留), same as the case file (同案卷), permanent (永久), until a state
secret is handed over (国家秘密，待移交)."""
Keep = int | Endless
ENDLESS: tuple[Endless, ...] = ("case-file", "permanent")
"""The words of a policy for it."""
MONTHS_MIN, MONTHS_MAX = 6, 1200
EVERY = "*"
"""In a list of codes: all of them."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What decides how long a case file is kept (案卷要素); `closed` is None while it is open; `step` is the clip's."""

    kinds: tuple[str, ...] = ()
    matter: str | None = None
    facts: tuple[str, ...] = ()
    closed: date | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """A row of the bureau's table (期限规则): which case files, or which footage of them, are kept for so long."""

    kinds: tuple[str, ...]
    fact: str
    keep: Keep
    matters: tuple[str, ...] = (EVERY,)
    steps: tuple[str, ...] = (EVERY,)

    def fits(self, file: CaseFile) -> bool:
        """Whether it is about such a file; one of several kinds fits where one of them does."""
        named = ((self.kinds, file.kinds), (self.matters, (file.matter,)), (self.steps, (file.step,)))
        is_named = all(EVERY in rows or set(rows) & set(said) for rows, said in named)
        return is_named and self.fact in ("", *file.facts)


@dataclass(frozen=True, slots=True)
class FilePeriods:
    """The bureau's periods (归档范围和保管期限表): of case files the first row that fits, of footage each that does."""

    files: tuple[PeriodRule, ...] = ()
    footage: tuple[PeriodRule, ...] = ()
    from_closing: bool = False

    def keep(self, file: CaseFile, today: date) -> Endless | None:
        """How a file is kept on a day: while it is open, or no row fits, as it is; None: its period is over."""
        first = next((one for one in self.files if one.fits(file)), None)
        if file.closed is None or first is None:
            return "case-file"
        periods = [first.keep, *(one.keep for one in self.footage if one.fits(file))]
        months = longest(periods)
        if not isinstance(months, int):
            return months
        begins = file.closed if self.from_closing else date(file.closed.year + 1, 1, 1)
        over = months_later(datetime.combine(begins, time(), UTC), months).date()
        return "case-file" if today < over else None


@dataclass(frozen=True, slots=True)
class Retention:
    """The bureau's table: what is linked to a case, what its wearer flagged, everything else; periods of case files."""

    months: Keep = MONTHS_MIN
    linked: Keep = "case-file"
    important: Keep = "case-file"
    periods: FilePeriods = FilePeriods()

    def keep(self, *, is_linked: bool, is_important: bool, filed: Endless | None = "case-file") -> Keep:
        """The longest that anything about a clip demands; `filed`: its case files, None where all are over."""
        demanded = [self.months, *([self.important] if is_important else [])]
        if is_linked:
            linked = filed if self.linked == "case-file" else self.linked
            demanded += [] if linked is None else [linked]
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

    def keep(
        self,
        sealed_at: datetime,
        linked_at: Sequence[datetime],
        *,
        is_important: bool,
        files: Sequence[CaseFile] = (),
        today: date | None = None,
    ) -> Keep:
        """The longest that anything about a clip demands; `linked_at` is empty for one that no case has.

        `files`: those of all its standing links, as they are on a day; without a day none is over.
        """
        now = self.adopted[-1][1] if self.adopted else Retention()
        demanded = [one.keep(is_linked=False, is_important=is_important) for one in (now, self.at(sealed_at))]
        if linked_at:
            filed = self._filed(files, today)
            tables = (now, *map(self.at, linked_at))
            demanded += [one.keep(is_linked=True, is_important=False, filed=filed) for one in tables]
        return longest(demanded)

    def _filed(self, files: Sequence[CaseFile], today: date | None) -> Endless | None:
        """The longest of the files, each by the table in force when it was closed and by the newest."""
        if not files or today is None:
            return "case-file"
        demanded = list[Endless]()
        for file in files:
            then = datetime.combine(file.closed or today, time.max, UTC)
            for table in (self.at(then), self.at(datetime.max.replace(tzinfo=UTC))):
                keep = table.periods.keep(file, today)
                demanded += [] if keep is None else [keep]
        return next((one for one in ENDLESS[::-1] if one in demanded), None)


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
    by_length: tuple[Endless, ...] = ("state", "permanent", "case-file", "hold")
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
