"""The station and the person at this terminal (本机采集站与操作人); they are loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from docking_station.terminal.output import remark_held

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station


@contextmanager
def opened() -> Iterator[Station]:
    """Open the station of the environment; what is held from now on is said. Raises `HomeMissing`, `SettingsBad`."""
    from docking_station.station.station import opened_station

    with opened_station(remark_held) as station:
        yield station


def caller() -> Caller:
    """Return who typed the command, as the kernel says."""
    from docking_station.station.identity import caller_of_process

    return caller_of_process()
