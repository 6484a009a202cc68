"""Who asks in a test, and the permits they get."""

from __future__ import annotations

from catalog.rules.access import Action
from docking_station.services.permits import Permit, permit
from docking_station.station.identity import caller_of_process
from docking_station.station.station import Station

ME = caller_of_process()


def allowed(station: Station, action: Action, clip: str) -> Permit:
    """A permit of whoever runs the tests; its line is on the trail."""
    return permit(station, ME, action, clip)
