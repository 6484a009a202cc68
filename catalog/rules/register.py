"""The register of recorders as a value (设备台账): which recorders there are, and who had which one when (R7).

Shapes: a snapshot, made by `catalog/recorders/recorders.py`, kept by the dock so that it knows its recorders while the
catalog is down. Times are aware UTC; an assignment without an end goes on. A loan lies over an issue: while it lasts
the borrower has it, and after it the issue goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

How = Literal["issue", "loan"]
"""How an officer got a recorder (持有方式): 领用, 借用."""

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Registered:
    """One recorder (执法记录仪). `serial` is its number in the house.

    It is known on USB by `usb_serial`, or by the volume `label` of its card where it tells no serial of its own; never
    by vendor and product id alone. `numbers` are further ones that its files may be named with. `model` names a file in
    `devices/models`, or is None for "whichever fits". A retired recorder is known, and refused.
    """

    serial: str
    usb_serial: str | None
    label: str | None
    model: str | None
    unit: str | None
    retired: bool = False
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """That an officer had a recorder (领用, 借用), from when until when; one that ends where it begins never was."""

    serial: str
    officer: str
    unit: str | None
    begins_at: datetime
    ends_at: datetime | None
    how: How = "issue"

    def covers(self, at: datetime) -> bool:
        """Whether it was in force then."""
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Register:
    """The snapshot."""

    recorders: tuple[Registered, ...] = ()
    holdings: tuple[Assignment, ...] = ()

    def assignees(self, serial: str, at: datetime, uncertainty_s: float) -> tuple[Assignment, ...]:
        """Who may have had a recorder at a time known to within so many seconds, oldest assignment first.

        An issue counts only where no loan lies over it.
        """
        begin, end = _window(at, uncertainty_s)
        own = [one for one in self.holdings if one.serial == serial]
        loans = [_span(one) for one in own if one.how == "loan"]
        fitting = [
            one
            for one in own
            if any(first <= end and begin < last for first, last in _without(_span(one), loans, one.how))
        ]
        return tuple(sorted(fitting, key=lambda one: (one.begins_at, one.how)))

    def assignee(self, serial: str, at: datetime) -> Assignment | None:
        """Who had a recorder at that moment, or None."""
        return next(iter(self.assignees(serial, at, 0.0)), None)


def in_force(assignments: Iterable[Assignment], at: datetime) -> Assignment | None:
    """The assignment of one recorder that a return at that time ends: the loan before the issue under it."""
    covering = [one for one in assignments if one.covers(at)]
    return max(covering, key=lambda one: one.how == "loan", default=None)


def ends_with_next(known: Iterable[Assignment], how: How, begins_at: datetime) -> datetime | None:
    """Where an assignment that begins then must end: where the next of its kind begins, or None for "it goes on"."""
    later = (one for one in known if one.how == how and one.begins_at > begins_at and one.ends_at != one.begins_at)
    return min((one.begins_at for one in later), default=None)


def _window(at: datetime, uncertainty_s: float) -> Span:
    try:
        slack = timedelta(seconds=uncertainty_s)
        return at - slack, at + slack
    except OverflowError:
        return _FIRST, _LAST


def _span(one: Assignment) -> Span:
    return one.begins_at, one.ends_at or _LAST


def _without(span: Span, loans: Sequence[Span], how: How) -> list[Span]:
    """What is left of an assignment between the loans; a loan is whole."""
    left = [span]
    for begin, end in loans if how == "issue" else ():
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last, begin)), (max(first, end), last))
            if piece[0] < piece[1]
        ]
    return [piece for piece in left if piece[0] < piece[1]]
