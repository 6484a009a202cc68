"""Who asks, and what is asked for, as the rule of rights needs it (权限判定依据): read from the catalog each time.

Shapes: `catalog/rules/rights.py`. A class that nobody knows counts as the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, cast

from catalog.people import people, roles, units
from catalog.readable import any_of
from catalog.requests import requests
from catalog.rules.callers import person_no
from catalog.rules.requests import OPENS
from catalog.rules.rights import CLASSES, Action, ClipFacts, Grant, Person, Role

if TYPE_CHECKING:
    from catalog.database import Database, Row

PAGE = 500
HEAD: Role = "supervisor"
"""The role a delegation hands on."""
CASE_ROLE: Role = "officer"
REVIEWER: Role = "reviewer"


def person(database: Database, no: str, at: datetime) -> Person:
    """Somebody with the rights they have at a time: none who left or is suspended."""
    if not people.is_active(database, no):
        return Person(no)
    heads = {
        one.person
        for one in roles.delegations(database, no)
        if one.begins_at <= at <= one.ends_at and one.revoked_at is None
    }
    parents = units.parents_now(database)
    grants = (
        Grant(cast("Role", one.role), frozenset() if one.unit is None else units.subtree(one.unit, parents))
        for one in roles.of_people(database, {no, *heads})
        if one.is_in_force(at) and (one.person == no or one.role == HEAD)
    )
    named = _named(database, no) | {(REVIEWER, case) for case in _parts(database, no, REVIEWER, at)}
    return Person(no, tuple(grants), named, _approved(database, no, at), _parts(database, no, "recused", at))


def _named(database: Database, no: str) -> frozenset[tuple[Role, str]]:
    """The cases that name a person, by any number, with the role they have there."""
    sql = """SELECT DISTINCT case_id FROM person_number
 JOIN case_officer ON case_officer.number = person_number.number WHERE person = :no"""
    return frozenset((CASE_ROLE, row["case_id"]) for row in database.query(sql, {"no": no}))


def _approved(database: Database, no: str, at: datetime) -> Mapping[str, frozenset[Action]]:
    """What approved requests in term allow, by clip; what leaves the house is read again in the vault besides."""
    found = dict[str, frozenset[Action]]()
    for one in requests.granted(database, at):
        if person_no(one.asked_by) == no:
            found |= {clip: found.get(clip, frozenset()) | OPENS[one.wanted] for clip in one.granted}
    return found


def _parts(database: Database, no: str, part: str, at: datetime) -> frozenset[str]:
    """The cases in which a person has a part at a time."""
    sql = """SELECT case_id FROM case_part WHERE person = :no AND part = :part AND ended_at IS NULL
 AND (until IS NULL OR until >= :at)"""
    rows = database.query(sql, {"no": no, "part": part, "at": database.moment(at)})
    return frozenset(row["case_id"] for row in rows)


def is_party(database: Database, no: str, case: str) -> bool:
    """Whether a person handles a case, or recorded a clip that is linked to it."""
    sql = """SELECT 1 FROM link JOIN clip ON clip.id = link.clip_id
 WHERE link.case_id = :case AND link.ended_at IS NULL AND clip.person = :no LIMIT 1"""
    recorded = database.query(sql, {"case": case, "no": no})
    return bool(recorded) or (CASE_ROLE, case) in _named(database, no)


def facts(database: Database, clips: Iterable[str]) -> dict[str, ClipFacts]:
    """What decides about these clips, as far as they are there."""
    left, found = iter(clips), dict[str, ClipFacts]()
    while some := list(islice(left, PAGE)):
        found |= {one.id: one for one in _facts(database, some)}
    return found


def _facts(database: Database, clips: Sequence[str]) -> Iterator[ClipFacts]:
    these, values = any_of(clips)
    cases = dict[str, set[str]]()
    links = f"SELECT clip_id, case_id FROM link WHERE ended_at IS NULL AND clip_id IN {these}"
    for row in database.query(links, values):
        cases.setdefault(row["clip_id"], set()).add(row["case_id"])
    gone = f"SELECT clip_id FROM disposal WHERE done_at IS NOT NULL AND clip_id IN {these}"
    disposed = {row["clip_id"] for row in database.query(gone, values)}
    for row in database.query(f"SELECT * FROM clip WHERE id IN {these}", values):
        clip = row["id"]
        its = frozenset(cases.get(clip, ()))
        yield ClipFacts(clip, row["person"], row["house_unit"], its, _level(row), clip in disposed)


def _level(row: Row) -> str:
    level = row["class"]
    return level if level in CLASSES else CLASSES[-1]
