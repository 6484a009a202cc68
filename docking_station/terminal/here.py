"""The station and the person at this terminal (本机采集站与操作人); they are loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from docking_station.terminal.output import remark_held

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station


_HERE = list["Station"]()
"""The station this terminal opened: a terminal has one person, and one station at a time."""


@contextmanager
def opened() -> Iterator[Station]:
    """Open the station of the environment; what is held from now on is said. Raises `HomeMissing`, `SettingsBad`."""
    from docking_station.station.station import opened_station

    with opened_station(remark_held) as station:
        _HERE.append(station)
        try:
            yield station
        finally:
            _HERE.pop()


def caller() -> Caller:
    """Return who typed the command, as the kernel says, and whom the account is bound to in the opened station."""
    from docking_station.station.identity import caller_of_process

    found = caller_of_process()
    if not _HERE:
        return found
    from docking_station.services.rights import bind

    return bind(_HERE[-1], found)
