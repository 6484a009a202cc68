"""The register of recorders (设备台账): read by who keeps or oversees the station, changed by who keeps recorders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.recorders import dockings, recorders
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services.hand_out import change_register
from docking_station.services.staff import known
from docking_station.station.station import Station

READERS = (Right.RECORDER_WRITE, Right.HEALTH, Right.STATISTICS)
DOCKINGS_SHOWN = 20
FIELDS = ("usb_serial", "label", "model", "unit", "note", "numbers", "room")
"""What is said of a recorder."""


def enter(station: Station, caller: Caller, serial: str, said: Mapping[str, str | None]) -> dict[str, Any]:
    """Enter a recorder (登记), or bring a retired one back; what is not said of it is left open."""
    stated = {name: said.get(name) or None for name in FIELDS}
    return change_register(
        station, caller, lambda here, actor: recorders.adding(serial, **stated, at=here.now(), actor=actor)
    )[1]


def every(station: Station, caller: Caller) -> list[dict[str, Any]]:
    """All recorders, with who has each now; raises `NotAllowed`."""
    known(station, caller, *READERS)
    return recorders.every(station.database, station.now())


def one(station: Station, caller: Caller, serial: str) -> dict[str, Any]:
    """One recorder with its holders and its newest dockings; raises `NotAllowed`, `NoSuchRecorder`."""
    known(station, caller, *READERS)
    details = recorders.details(station.database, serial, station.now())
    return details | {"dockings": dockings.every(station.database, serial, DOCKINGS_SHOWN)}
