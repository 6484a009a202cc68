"""The register of recorders (设备台账): read by who keeps or oversees the station, changed by who keeps recorders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.recorders import assignments, dockings, recorders
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services.hand_out import Make, change_register
from docking_station.services.staff import known
from docking_station.station.settings import moment
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


def changing(serial: str, said: Mapping[str, str | None]) -> Make:
    """The act that changes what is said of a recorder (变更); what is empty is struck out."""
    changed = {name: said[name] or None for name in FIELDS if said.get(name) is not None}
    return lambda here, actor: recorders.changing(serial, changed, at=here.now(), actor=actor)


def handing(
    serial: str, officer: str, unit: str | None = None, at: str | None = None, until: str | None = None
) -> Make:
    """The act that gives a recorder to an officer's number (领用), or lends it until a time (借用).

    Times are as they are typed, in the station's zone; without a unit it is the recorder's.
    """

    def make(station: Station, actor: str) -> Act:
        now, zone = station.now(), station.settings.zone
        whose = unit or recorders.details(station.database, serial, now)["unit"]
        said: dict[str, Any] = {"unit": whose, "since": moment(at, zone) if at else None, "at": now, "actor": actor}
        if until:
            return assignments.lending(serial, officer, until=moment(until, zone), **said)
        return assignments.issuing(serial, officer, **said)

    return make


def returning(serial: str, at: str | None = None) -> Make:
    """The act that enters that a recorder was given back (归还)."""

    def make(station: Station, actor: str) -> Act:
        since = moment(at, station.settings.zone) if at else None
        return assignments.returning(serial, since=since, at=station.now(), actor=actor)

    return make


def retiring(serial: str, reason: str) -> Make:
    """The act that takes a recorder out of service (停用)."""
    return lambda here, actor: recorders.retiring(serial, reason=reason, at=here.now(), actor=actor)


def every(station: Station, caller: Caller) -> list[dict[str, Any]]:
    """All recorders, with who has each now; raises `NotAllowed`."""
    known(station, caller, *READERS)
    return recorders.every(station.database, station.now())


def one(station: Station, caller: Caller, serial: str) -> dict[str, Any]:
    """One recorder with its holders and its newest dockings; raises `NotAllowed`, `NoSuchRecorder`."""
    known(station, caller, *READERS)
    details = recorders.details(station.database, serial, station.now())
    return details | {"dockings": dockings.every(station.database, serial, DOCKINGS_SHOWN)}
