"""`/health` (健康状况): what is wrong with the station now, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.rules.house_rights import Right
from docking_station.services.health import State, Told, findings, state_of, told
from docking_station.services.health_facts import EVERYTHING, gather
from docking_station.services.rights import demand
from review.api.answers import Json
from review.api.asking import Here, Me, marks
from review.frame import Words

API = APIRouter()


@dataclass(frozen=True, slots=True)
class Health:
    """How the station is, and what was found, worst first."""

    state: State
    findings: tuple[Told, ...]


@API.get("/health", **marks("station:read", Right.HEALTH, answer=Health))
def health(request: Request, me: Me, station: Here) -> Response:
    """What is wrong now and what to do, in the language asked for."""
    demand(station, me, Right.HEALTH)
    found = findings(gather(station, EVERYTHING))
    return Json(Health(state_of(found), told(found, Words.of(request).language)))
