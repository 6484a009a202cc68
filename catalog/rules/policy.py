"""The bureau's policy for the dock (管理制度): when a recorder is cleared, what is overdue, how much at once.

Shapes: read from the adopted policy by `catalog/acts/policy.py`; DEFAULT is in force where none was ever adopted.
Units: in the names; hours of the day are in the station's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from catalog.rules.retention import Retention

Clearing = Literal["never", "after-receipt", "after-days"]
"""When a filed file is erased on its recorder (清除方式): 从不, 入库后, 入库若干天后."""

COPIES_MAX = 32


@dataclass(frozen=True, slots=True)
class Caps:
    """How much at once (并发与带宽上限): recorders read at the same time, megabytes a second over all; None: no cap."""

    copies: int = COPIES_MAX
    megabytes_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Caps for a part of the day (时段上限), from `begins` until before `ends`; it may go over midnight."""

    begins: time
    ends: time
    caps: Caps


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the dock is told by the bureau. `version` counts adoptions from 1; 0 is the default."""

    version: int = 0
    clearing: Clearing = "never"
    clearing_days: int = 30
    overdue_hours: int = 24
    not_docked_days: int = 7
    set_clock: bool = False
    caps: Caps = Caps()
    hours: tuple[Hours, ...] = ()
    retention: Retention = field(default_factory=Retention)

    def caps_at(self, now: time) -> Caps:
        """The caps in force at a time of day: the first hours it lies in, else the general ones."""
        for one in self.hours:
            within = one.begins <= now < one.ends if one.begins <= one.ends else now >= one.begins or now < one.ends
            if within:
                return one.caps
        return self.caps

    def cleared_from(self, sealed_at: datetime) -> datetime | None:
        """From when a clip sealed at a trusted time may be erased on its recorder, or None for never."""
        if self.clearing == "never":
            return None
        return sealed_at if self.clearing == "after-receipt" else sealed_at + timedelta(days=self.clearing_days)


DEFAULT = Policy()
