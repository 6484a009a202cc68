"""Written records of cases (执法文书): entered with what the policy knows of their type, corrected, found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.cases import papers, reading
from catalog.cases.papers import Paper
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by
from docking_station.services.links import demand_codes, policy_now
from docking_station.station.station import Station


def add_paper(station: Station, caller: Caller, case: str, said: Mapping[str, Any]) -> Paper:
    """Enter a written record of a case; step, volume and place in the file as the policy has them for its type.

    Raises `NoSuchCase`, `CaseAmbiguous`, `WordsUnfit`.
    """
    number, known = reading.case_id(station.database, case), _known(station, said.get("code"))
    _demand(station, said)
    with station.changing("acts", wait=True):
        done = station.act_writer.carry_out(
            papers.adding(number, {**known, **said}, at=station.now(), actor=caller.actor)
        )
    return papers.get(station.database, opened_by(done))


def change_paper(
    station: Station, caller: Caller, paper: str, changes: Mapping[str, Any], *, reason: str | None
) -> Paper:
    """Correct what is said of a written record; raises `NoSuchPaper`, `PaperAmbiguous`, `WordsUnfit`."""
    number = papers.get(station.database, paper).id
    _demand(station, changes)
    with station.changing("acts", wait=True):
        act = papers.changing(number, changes, reason=reason, at=station.now(), actor=caller.actor)
        station.act_writer.carry_out(act)
    return papers.get(station.database, number)


def _demand(station: Station, said: Mapping[str, Any]) -> None:
    known = policy_now(station)
    demand_codes("code", [said.get("code")], known.papers.every)
    demand_codes("step", [said.get("step")], known.steps)


def _known(station: Station, code: object) -> dict[str, Any]:
    """What the policy says of a type of written record; nothing of one it does not list."""
    every = [one for one in policy_now(station).papers.every if one.code == code]
    if not every:
        return {}
    step = {"step": every[0].steps[0]} if len(every[0].steps) == 1 and every[0].steps[0] != "*" else {}
    return {"volume": every[0].volume, "position": every[0].order, **step}
