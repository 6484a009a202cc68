"""Who reviews a case, and who is recused from it (指定审核人与回避)."""

from __future__ import annotations

from datetime import datetime

from catalog.cases import parts
from catalog.cases.parts import Kind
from catalog.cases.reading import Case
from catalog.people import people, standing
from catalog.people.holders import ROOT
from catalog.rules import rights
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from docking_station.services.known_cases import find_case
from docking_station.services.rights import bind, demand_role
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

HEADS = ("supervisor",)


def name_reviewer(station: Station, caller: Caller, case: str, no: str, until: datetime | None, reason: str) -> None:
    """Name a reviewer on a case, by a head of its unit; not who handles it or recorded what belongs to it.

    Raises `NoSuchCase`, `NoSuchPerson`, `NotAllowed`, `WordsUnfit`.
    """
    found, person = find_case(station, caller, case), people.get(station.database, no).no
    known = _head(station, caller, found)
    if standing.is_party(station.database, person, found.id):
        raise NotAllowed(action="review.judge", rule=rights.CONFLICT.code)
    act = parts.naming(found.id, person, until=until, reason=reason, at=station.now(), actor=known.actor)
    _carry_out(station, act)


def recuse(station: Station, caller: Caller, case: str, no: str, reason: str) -> None:
    """Recuse a person from a case: they themselves, or a head of its unit. Raises as `name_reviewer`."""
    found, person = find_case(station, caller, case), people.get(station.database, no).no
    known = bind(station, caller)
    if known.no != person:
        known = _head(station, known, found)
    _carry_out(station, parts.recusing(found.id, person, reason=reason, at=station.now(), actor=known.actor))


def end_part(station: Station, caller: Caller, case: str, no: str, part: Kind, reason: str) -> None:
    """End a recusal, or a reviewer's part, by a head of the unit; raises `NoSuchPart`, and as `name_reviewer`."""
    found, person = find_case(station, caller, case), people.get(station.database, no).no
    known = _head(station, caller, found)
    if known.no == person:
        raise NotAllowed(action="request", rule=rights.CONFLICT.code)
    _carry_out(station, parts.ending(found.id, person, part, reason=reason, at=station.now(), actor=known.actor))


def _head(station: Station, caller: Caller, case: Case) -> Caller:
    return demand_role(station, caller, HEADS, units=(case.unit or ROOT,))


def _carry_out(station: Station, act: Act) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        station.act_writer.carry_out(act)
