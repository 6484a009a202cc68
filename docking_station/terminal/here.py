"""The station and the person at this terminal (本机采集站与操作人)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from catalog.rules.callers import Caller
from docking_station.station.identity import caller_of_process
from docking_station.station.station import Station, opened_station
from docking_station.terminal.output import remark_held


@contextmanager
def opened() -> Iterator[Station]:
    """Open the station of the environment; what is held from now on is said. Raises `HomeMissing`, `SettingsBad`."""
    with opened_station(remark_held) as station:
        yield station


def caller() -> Caller:
    """Return who typed the command, as the kernel says."""
    return caller_of_process()
