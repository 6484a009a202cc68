"""Work for later (后台任务) for who keeps the station: listed, called off, done again."""

from __future__ import annotations

from typing import Any

from catalog.clips.chores import VIEWING_COPY, CatalogChores, State
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.derived.copies import ask_anew
from docking_station.services.rights import demand
from docking_station.station.station import Station


def every_chore(station: Station, caller: Caller, state: State | None, limit: int) -> list[dict[str, Any]]:
    """Chores, what is held first, then what runs and waits; raises `NotAllowed`."""
    return _chores(station, caller).every(state, limit)


def one_chore(station: Station, caller: Caller, chore: str) -> dict[str, Any]:
    """One chore; raises `NotAllowed`, `NoSuchChore`."""
    return _chores(station, caller).get(chore)


def cancel_chore(station: Station, caller: Caller, chore: str) -> None:
    """Let nobody do a chore any more; raises `NotAllowed`, `NoSuchChore`."""
    _chores(station, caller).cancel(chore, station.now())


def retry_chore(station: Station, caller: Caller, chore: str) -> None:
    """Have a chore done again, whatever came of it; raises `NotAllowed`, `NoSuchChore`."""
    chores = _chores(station, caller)
    asked = chores.get(chore)
    if asked["kind"] == VIEWING_COPY:
        ask_anew(station, asked["subject"])
    chores.retry(chore, station.now())


def _chores(station: Station, caller: Caller) -> CatalogChores:
    demand(station, caller, Right.CHORES)
    return CatalogChores(station.database)
