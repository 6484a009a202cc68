"""The register of recorders as a value (设备台账): which recorders there are, and who held which one when (R7).

Shapes: a snapshot, made by `catalog/recorders.py`, kept by the dock so that it knows its recorders while the catalog is
down. Times are aware UTC; a holding without an end goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Registered:
    """One recorder (执法记录仪). `serial` is its number in the house.

    It is known on USB by `usb_serial`, or by the volume `label` of its card where it tells no serial of its own; never
    by vendor and product id alone. `model` names a file in `devices/models`, or is None for "whichever fits". A retired
    recorder is known, and refused.
    """

    serial: str
    usb_serial: str | None
    label: str | None
    model: str | None
    unit: str | None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """That an officer held a recorder (领用), from when until when."""

    serial: str
    officer: str
    unit: str | None
    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Register:
    """The snapshot."""

    recorders: tuple[Registered, ...] = ()
    holdings: tuple[Holding, ...] = ()

    def known(self, usb_serial: str | None, labels: tuple[str, ...]) -> Registered | None:
        """The recorder with this serial on USB; else, where none has it, the one known by a label of its card."""
        for one in self.recorders:
            if usb_serial and one.usb_serial == usb_serial:
                return one
        for one in self.recorders:
            if one.usb_serial is None and one.label is not None and one.label in labels:
                return one
        return None

    def holders(self, serial: str, at: datetime, uncertainty_s: float) -> tuple[Holding, ...]:
        """Who may have held a recorder at a time known to within so many seconds, oldest holding first."""
        slack = timedelta(seconds=uncertainty_s)
        begin, end = at - slack, at + slack
        fitting = [
            one
            for one in self.holdings
            if one.serial == serial and one.begins_at <= end and (one.ends_at is None or begin < one.ends_at)
        ]
        return tuple(sorted(fitting, key=lambda one: one.begins_at))
