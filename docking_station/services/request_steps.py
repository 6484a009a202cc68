"""What somebody may do with a request as it stands now (可办事项), and why not: asked before a page offers it.

Shapes: a step that is due is in the answer, with None where it may be taken, else with the error that taking it would
raise. One's own request is never there to be decided or judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from catalog.rules.callers import Caller
from catalog.rules.requests import COPIES, Copy, is_unjudged
from catalog.station_error import StationError
from docking_station.services.emergencies import demand_judge
from docking_station.services.requests import (
    Shown,
    demand_approver,
    demand_decider,
    demand_maker,
    demand_revoker,
    is_asker,
)
from docking_station.services.rights import bind, demand_role
from docking_station.station.station import Station

Step = Literal["withdraw", "fill", "approve", "refuse", "revoke", "judge", "copy"]
COPY_STEPS: Mapping[str, Literal["hand", "return"]] = {"made": "hand", "handed": "return"}
"""What becomes of a copy next, by its state."""


def steps(station: Station, caller: Caller, shown: Shown) -> dict[Step, StationError | None]:
    """What is due of a request, for this person."""
    request, known = shown.request, bind(station, caller)
    is_own = is_asker(station, known, request)
    due: dict[Step, Callable[[], object]] = {}
    if shown.state == "asked" and is_own:
        due["withdraw"] = lambda: None
    elif shown.state == "asked":
        if request.description is not None:
            due["fill"] = lambda: demand_role(station, known, ("custodian",), request.clips)
        if request.clips:
            due["approve"] = lambda: demand_approver(station, known, request, request.clips)
        due["refuse"] = lambda: demand_decider(station, known, request, request.clips)
    elif is_unjudged(request) and not is_own:
        due["judge"] = lambda: demand_judge(station, known, request)
    elif shown.state == "granted" and request.wanted in COPIES:
        due["copy"] = lambda: demand_maker(station, known, request)
    if shown.state == "granted" and not is_unjudged(request):
        due["revoke"] = lambda: demand_revoker(station, known, request)
    return {step: why_not(demand) for step, demand in due.items()}


def of_copy(station: Station, caller: Caller, shown: Shown, copy: Copy) -> Literal["hand", "return"] | None:
    """What this person enters next of a copy; None where that is not theirs, or nothing is left."""
    if why_not(lambda: demand_maker(station, caller, shown.request)) is not None:
        return None
    return COPY_STEPS.get(copy.state)


def why_not(demand: Callable[[], object]) -> StationError | None:
    """What a demand raises, as an answer."""
    try:
        demand()
    except StationError as error:
        return error
    return None
