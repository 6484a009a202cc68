"""What is signed of case files, as far as it decides how long they are kept (案卷保管要素).

Shapes: `case.closed` says which kinds, matter and facts the case had then; corrections and mergers follow. A case whose
closing says nothing of that, or that only another system calls closed, stays open here: it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from catalog.rules.acts import CASE_CHANGED, CASE_CLOSED, CASE_MERGED, Act
from catalog.rules.retention import CaseFile
from catalog.trail import trail

if TYPE_CHECKING:
    from catalog.cases.reading import Case
    from catalog.database import Database

ACTIONS = (CASE_CHANGED, CASE_CLOSED, CASE_MERGED)
OPEN = CaseFile()
OVER = ("closed", "filed")
"""The states of a case that is over; any other opens it again."""
MERGERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Linked:
    """A standing link (关联): the id of its case, and the step the clip shows."""

    case: str
    step: str | None


def about(case: Case) -> dict[str, Any]:
    """What the closing of a case says of it, for its file."""
    kinds = dict.fromkeys([*([case.kind] if case.kind is not None else []), *case.procedures])
    return {"kinds": list(kinds), "matter": case.matter, "facts": list(case.facts)}


def after(file: CaseFile, act: Act) -> CaseFile:
    """A case file once an act is carried out."""
    details = act.details
    if act.action == CASE_CLOSED:
        if "kinds" not in details or details["closed"] is None:
            return OPEN
        kinds, facts = tuple(details["kinds"]), tuple(details["facts"])
        return CaseFile(kinds, details["matter"], facts, date.fromisoformat(details["closed"]))
    changes = details.get("changes", {})
    if file.closed is None or changes.get("state", OVER[0]) not in OVER or changes.get("closed", "") is None:
        return OPEN
    more = (changes.get("kind"), *(changes.get("procedures") or ()))
    kinds = tuple(dict.fromkeys((*file.kinds, *(one for one in more if one is not None))))
    closed = date.fromisoformat(changes["closed"]) if changes.get("closed") else file.closed
    facts = tuple(changes.get("facts", file.facts))
    return replace(file, kinds=kinds, matter=changes.get("matter", file.matter), facts=facts, closed=closed)


def of_links(links: Iterable[Linked], acts: Callable[[str], Sequence[Act]]) -> tuple[CaseFile, ...]:
    """The files of standing links; `acts` gives what was done with a case, oldest first. A merged case is the other."""
    found = []
    for link in links:
        case, file = link.case, OPEN
        for _ in range(MERGERS_MAX):
            done = acts(case)
            into = next((str(act.details["into"]) for act in done if act.action == CASE_MERGED), None)
            if into is None:
                for act in done:
                    file = after(file, act)
                break
            case = into
        found.append(replace(file, step=link.step))
    return tuple(found)


def of_clip(database: Database, clip: str) -> tuple[CaseFile, ...]:
    """The files a clip belongs to, as the catalog tells it."""
    sql = "SELECT case_id, step FROM link WHERE clip_id = :id AND ended_at IS NULL ORDER BY id"
    links = [Linked(row["case_id"], row["step"]) for row in database.query(sql, {"id": clip})]
    return of_links(links, partial(acts_of, database))


def acts_of(database: Database, case: str) -> list[Act]:
    """What the trail tells was done with a case, as far as it decides how long its file is kept."""
    return [trail.act_of(line) for line in trail.lines_of(database, ACTIONS, case)]
