"""What somebody may do with a release as it stands now (可办事项), and why not: asked before a page offers it.

Shapes: a step that is due is in the answer, with None where it may be taken, else with the error that taking it would
raise. What a person still has to watch is told by the step itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from catalog.acts import dispatch
from catalog.requests.releases import stating
from catalog.rules import acts, releases
from catalog.rules.callers import Caller
from catalog.rules.releases import Release
from catalog.station_error import StationError
from docking_station.services.redaction import demand_editor
from docking_station.services.releases import (
    demand_approver,
    demand_checker,
    demand_publisher,
    demand_withdrawer,
    every_release,
)
from docking_station.services.request_steps import why_not
from docking_station.station.station import Station

Demand = Callable[[Station, Caller, Release], Caller]
STEPS: Mapping[str, tuple[str, Demand]] = {
    "draft": (acts.RELEASE_DRAFTED, lambda station, caller, release: demand_editor(station, caller, release.no)[1]),
    "check": (acts.RELEASE_CHECKED, demand_checker),
    "approve": (acts.RELEASE_APPROVED, demand_approver),
    "publish": (acts.RELEASE_PUBLISHED, demand_publisher),
    "correct": (acts.RELEASE_CORRECTED, demand_publisher),
    "withdraw": (acts.RELEASE_WITHDRAWN, demand_withdrawer),
    "send-back": (acts.RELEASE_SENT_BACK, demand_checker),
    "drop": (acts.RELEASE_DROPPED, demand_approver),
}


NEXT: Mapping[str, str] = {"sent-back": "draft", "drafted": "check", "checked": "approve", "approved": "publish"}
"""The step that a release in a state waits for."""


def waiting(station: Station, caller: Caller) -> tuple[Release, ...]:
    """The releases whose next step this person may take (待办音像公示)."""
    due = (one for one in every_release(station, caller) if one.state in NEXT)
    return tuple(one for one in due if steps(station, caller, one)[NEXT[one.state]] is None)


def steps(station: Station, caller: Caller, release: Release) -> dict[str, StationError | None]:
    """What is due of a release, for this person."""
    due = {name: its for name, its in STEPS.items() if release.state in releases.STEPS[its[0]][0]}
    return {name: why_not(partial(_tried, station, caller, release, *its)) for name, its in due.items()}


def _tried(station: Station, caller: Caller, release: Release, action: str, demand: Demand) -> None:
    known = demand(station, caller, release)
    film, recipe = release.film or "", release.recipe or ""
    said = {"film": film, "recipe": recipe, "size_bytes": 0, "reason": "-", "place": "-"}
    dispatch.demand(station.database, stating(action, release.no, station.now(), known, **said))
