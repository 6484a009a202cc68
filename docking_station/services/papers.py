"""Written records of cases (执法文书): entered with what the policy knows of their type, corrected, found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from catalog.cases import papers, scans
from catalog.cases.errors import NoSuchPaper
from catalog.cases.papers import Paper
from catalog.cases.scans import Scan
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by
from catalog.rules.house_rights import Right
from docking_station.services.known_cases import demand_case, find_case, knows, readable_cases
from docking_station.services.links import demand_codes, policy_now
from docking_station.station.station import Station

PICTURES = "page-*.jpg"
"""The pictures of a scan's pages, as `docking_station/derived/pages.py` names them."""


@dataclass(frozen=True, slots=True)
class PaperShown:
    """A written record with its scan (文书详情); `drawn`: how many of its pages have a picture."""

    paper: Paper
    scan: Scan | None
    drawn: int = 0

    def as_json(self) -> dict[str, object]:
        """The fields of the record, and what is sealed of it as `scanned`."""
        paper = {field.name: getattr(self.paper, field.name) for field in fields(self.paper)}
        scanned = scans.as_json(self.scan)
        return {**paper, "scanned": None if scanned is None else {**scanned, "drawn": self.drawn}}


def add_paper(station: Station, caller: Caller, case: str, said: Mapping[str, Any]) -> Paper:
    """Enter a written record of a case; step, volume and place in the file as the policy has them for its type.

    Raises `NoSuchCase`, `CaseAmbiguous`, `WordsUnfit`.
    """
    known = known_type(station, said.get("code"))
    found, known_as = demand_case(station, caller, Right.PAPER_WRITE, case)
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
    found, known_as = demand_paper(station, caller, paper, Right.PAPER_WRITE)
    number = found.id
    _demand(station, changes)
    with station.changing("acts", wait=True):
        act = papers.changing(number, changes, reason=reason, at=station.now(), actor=known_as.actor)
        station.act_writer.carry_out(act)
    return papers.get(station.database, number)


def show_paper(station: Station, caller: Caller, paper: str) -> PaperShown:
    """What is known of a written record and its scan; raises `NoSuchPaper`, `PaperAmbiguous`."""
    found, _ = demand_paper(station, caller, paper, Right.CASE_READ)
    scan = scans.get(station.database, found.scan)
    folder = station.settings.derived_of(scan.id) if scan is not None else None
    return PaperShown(found, scan, sum(1 for _ in folder.glob(PICTURES)) if folder is not None else 0)


def demand_paper(station: Station, caller: Caller, paper: str, right: Right) -> tuple[Paper, Caller]:
    """A written record about whose case somebody has a right, and who that is.

    Raises `PaperAmbiguous`, `NotAllowed`, `NoSuchPaper` for what is not theirs to read as for what is not there.
    """
    for every in papers.meanings(station.database, paper):
        known = knows(station, caller, {one.case for one in every})
        if some := [one for one in every if one.case in known]:
            found = papers.only(paper, some)
            return found, demand_case(station, caller, right, found.case)[1]
    raise NoSuchPaper(paper=paper)


def readable_papers(station: Station, caller: Caller, case: str | None) -> tuple[Paper, ...]:
    """The written records of a case, or of all cases this person may know of, as they lie in the files."""
    if case is not None:
        return papers.of_case(station.database, find_case(station, caller, case).id)
    known = {one.id for one in readable_cases(station, caller)}
    return tuple(one for one in papers.every(station.database) if one.case in known)


def _demand(station: Station, said: Mapping[str, Any]) -> None:
    known = policy_now(station)
    demand_codes("code", [said.get("code")], known.papers.every)
    demand_codes("step", [said.get("step")], known.steps)


def known_type(station: Station, code: object) -> dict[str, Any]:
    """What the policy says of a type of written record; nothing of one it does not list."""
    every = [one for one in policy_now(station).papers.every if one.code == code]
    if not every:
        return {}
    step = {"step": every[0].steps[0]} if len(every[0].steps) == 1 and every[0].steps[0] != "*" else {}
    return {"volume": every[0].volume, "position": every[0].order, **step}
