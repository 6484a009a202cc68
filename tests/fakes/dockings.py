"""Visits of recorders made of numbers: for tests of what is kept of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from catalog.evidence import ClockOffset
from catalog.recorders.dockings import DockingRecord
from catalog.rules.gaps import Gap

GAP = Gap("sequence", "DCIM", "0006", "0008", 1, "0007", "0007")


def docking(number: str, serial: str, at: datetime, **other: Any) -> DockingRecord:
    """A visit with every field filled; `other` replaces fields."""
    told: dict[str, Any] = {
        "bay": "3",
        "ends_at": at + timedelta(minutes=5),
        "model": "generic_dcim",
        "transport": "storage",
        "files": 8,
        "size_bytes": 5_000_000_000,
        "filed": 7,
        "held": 1,
        "clock": ClockOffset(-12.25, "newest-file", 60.0),
        "clock_set_at": at,
        "station_clock": "synchronised",
        "gaps": (GAP,),
        "cleared": 0,
    } | other
    return DockingRecord(id=number, recorder=serial, begins_at=at, **told)
