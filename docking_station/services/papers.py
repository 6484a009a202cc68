"""Written records of cases (执法文书): entered with what the policy knows of their type, corrected, found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.cases import papers, reading
from catalog.cases.papers import Paper
from catalog.cases.reading import Case
from catalog.errors import NoSuchCase
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by
from catalog.rules.house_rights import Right
from docking_station.services.cases import about, readable_cases
from docking_station.services.links import demand_codes, policy_now
from docking_station.services.rights import demand
from docking_station.station.station import Station


def add_paper(station: Station, caller: Caller, case: str, said: Mapping[str, Any]) -> Paper:
    """Enter a written record of a case; step, volume and place in the file as the policy has them for its type.

    Raises `NoSuchCase`, `CaseAmbiguous`, `WordsUnfit`.
    """
    found, known = _case(station, case), _known(station, said.get("code"))
    known_as = demand(station, caller, Right.PAPER_WRITE, about(found))
    _demand(station, said)
    with station.changing("acts", wait=True):
        done = station.act_writer.carry_out(
            papers.adding(found.id, {**known, **said}, at=station.now(), actor=known_as.actor)
        )
    return papers.get(station.database, opened_by(done))


def change_paper(
    station: Station, caller: Caller, paper: str, changes: Mapping[str, Any], *, reason: str | None
) -> Paper:
    """Correct what is said of a written record; raises `NoSuchPaper`, `PaperAmbiguous`, `WordsUnfit`."""
    found = papers.get(station.database, paper)
    number, known_as = found.id, demand(station, caller, Right.PAPER_WRITE, about(_case(station, found.case)))
    _demand(station, changes)
    with station.changing("acts", wait=True):
        act = papers.changing(number, changes, reason=reason, at=station.now(), actor=known_as.actor)
        station.act_writer.carry_out(act)
    return papers.get(station.database, number)


def show_paper(station: Station, caller: Caller, paper: str) -> Paper:
    """What is known of a written record; raises `NoSuchPaper`, `PaperAmbiguous`, `NotAllowed`."""
    found = papers.get(station.database, paper)
    demand(station, caller, Right.CASE_READ, about(_case(station, found.case)))
    return found


def readable_papers(station: Station, caller: Caller, case: str | None) -> tuple[Paper, ...]:
    """The written records of a case, or of all cases this person may know of, as they lie in the files."""
    if case is not None:
        found = _case(station, case)
        demand(station, caller, Right.CASE_READ, about(found))
        return papers.of_case(station.database, found.id)
    known = {one.id for one in readable_cases(station, caller)}
    return tuple(one for one in papers.every(station.database) if one.case in known)


def _case(station: Station, said: str) -> Case:
    found = reading.get(station.database, said)
    if found is None:
        raise NoSuchCase(case=said)
    return found


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
