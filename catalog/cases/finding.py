"""Pages of cases and of the parties they are about (案件、当事人列表); straight to the driver, rights and all.

Shapes: a page follows a key, never an offset: by number, those without one first, or the newest first. A party is a
name, word for word: nobody knows whether two of one name are one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from catalog.cases import reading
from catalog.cases.reading import CALLED, Case, parties_said
from catalog.errors import BadCursor
from catalog.people.holders import ROOT
from catalog.people.units import parents_now, subtree
from catalog.readable import any_of, one_of

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.rules.house_rights import Known

NUMBER = "COALESCE(law_case.no, '')"
ORDERS: Mapping[bool, tuple[str, str, str]] = {False: (NUMBER, "ASC", ">"), True: ("law_case.added_at", "DESC", "<")}
"""By number, and the newest first: by what, in which direction, and what stands behind a row."""
SAID = """(law_case.title LIKE :text ESCAPE '~' OR law_case.subject LIKE :text ESCAPE '~'
 OR law_case.place LIKE :text ESCAPE '~'
 OR law_case.id IN (SELECT case_id FROM case_number WHERE number LIKE :text ESCAPE '~')
 OR law_case.id IN (SELECT case_id FROM case_party WHERE name LIKE :text ESCAPE '~'))"""
OVER = ("closed", "ended", "filed", "not-opened", "revoked", "transferred")
"""States in which no limit of a case runs."""
BY_OFFICER = """law_case.id IN (SELECT case_id FROM case_officer WHERE number = :officer OR number IN (
 SELECT other.number FROM person_number AS its JOIN person_number AS other ON other.person = its.person
 WHERE its.number = :officer))"""


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """What cases to list (案件检索条件); None asks for no such limit. The page begins behind the case of id `after`.

    `text` stands in title, place, a number or a party's name; `unit` is one with all below it, `officer` any number of
    a person, `party` a name as it is written; `running`: in no state of `OVER`; `only` cases of these ids.
    """

    text: str | None = None
    state: str | None = None
    kind: str | None = None
    matter: str | None = None
    unit: str | None = None
    officer: str | None = None
    party: str | None = None
    running: bool = False
    only: frozenset[str] | None = None
    newest: bool = False
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CaseOf:
    """A case of a party, by its id and what it is shown as."""

    id: str
    called: str


@dataclass(frozen=True, slots=True)
class Party:
    """Whom cases are about (当事人): a name, and its cases in number order."""

    name: str
    cases: tuple[CaseOf, ...]


def page(database: Database, wanted: CaseSearch, known: Known | None) -> tuple[list[Case], bool]:
    """The cases that fit among those that may be known of (None: all), and whether there are more.

    Raises `BadCursor` where `after` is no such case.
    """
    values: dict[str, object] = {"most": wanted.limit + 1}
    key, way, behind = ORDERS[wanted.newest]
    base = _known(known, values)
    where = [*base, *_conditions(database, wanted, values)]
    if wanted.after is not None:
        its = database.query(
            f"SELECT {key} AS at FROM law_case WHERE {' AND '.join([*base, 'law_case.id = :after'])}",
            {**values, "after": wanted.after},
        )
        if not its:
            raise BadCursor(after=wanted.after)
        where += (f"{key} {behind}= :at", f"({key}, law_case.id) {behind} (:at, :after)")  # SQLite looks up the first
        values |= {"at": its[0]["at"], "after": wanted.after}
    sql = f"""SELECT id FROM law_case WHERE {" AND ".join(where)} ORDER BY {key} {way}, law_case.id {way} LIMIT :most"""
    ids = [str(row["id"]) for row in database.query(sql, values)]
    found = {one.id: one for one in reading.among(database, ids[: wanted.limit])}
    return [found[one] for one in ids if one in found], len(ids) > wanted.limit


def states(database: Database, wanted: CaseSearch, known: Known | None) -> Mapping[str, int]:
    """How many cases that fit, and that may be known of, are in each state."""
    values: dict[str, object] = {}
    where = " AND ".join([*_known(known, values), *_conditions(database, wanted, values)])
    sql = f"SELECT state, COUNT(*) AS count FROM law_case WHERE {where} GROUP BY state"
    return {row["state"]: int(row["count"]) for row in database.query(sql, values)}


def dated(database: Database, what: Literal["opened", "closed"], since: date, until: date) -> int:
    """How many cases were opened, or closed, from a day on and before another."""
    sql = f"SELECT COUNT(*) AS count FROM law_case WHERE merged_into IS NULL AND {what} >= :since AND {what} < :until"
    (row,) = database.query(sql, {"since": since.isoformat(), "until": until.isoformat()})
    return int(row["count"])


def every_party(database: Database) -> Iterator[tuple[str, tuple[Mapping[str, Any], ...]]]:
    """The parties of every case that has any, by its id."""
    sql = "SELECT id, parties, subject FROM law_case WHERE merged_into IS NULL"
    return ((row["id"], parties_said(json.loads(row["parties"]), row["subject"])) for row in database.query(sql, {}))


def parties(
    database: Database, known: Known | None, *, name: str | None, after: str, limit: int
) -> tuple[list[Party], bool]:
    """The parties, by name, whose name has this in it, with the cases that may be known of; whether there are more."""
    values: dict[str, object] = {"most": limit + 1, "after": after, "name": _within(name or "")}
    from_ = "FROM case_party JOIN law_case ON law_case.id = case_party.case_id WHERE"
    may = " AND ".join(_known(known, values))
    sql = f"""SELECT DISTINCT name {from_} {may} AND name > :after AND name LIKE :name ESCAPE '~' ORDER BY name
 LIMIT :most"""
    names = [str(row["name"]) for row in database.query(sql, values)]
    these, chosen = any_of(names[:limit])
    cases = f"SELECT name, case_id, {CALLED} AS called {from_} {may} AND name IN {these} ORDER BY name, {NUMBER}, id"
    found = {one: list[CaseOf]() for one in names[:limit]}
    for row in database.query(cases, values | chosen):
        found[row["name"]].append(CaseOf(row["case_id"], row["called"]))
    return [Party(one, tuple(its)) for one, its in found.items()], len(names) > limit


def in_known(known: Known, values: dict[str, object]) -> str:
    """The condition that a row of `law_case` may be known of; what it names is added to `values`. NULL means no."""
    values["root"] = ROOT
    units, cases = one_of(known.units, values), one_of(known.cases, values)
    return f"(COALESCE(law_case.unit, :root) IN {units} OR law_case.id IN {cases})"


def _known(known: Known | None, values: dict[str, object]) -> list[str]:
    """What a case must be at all: none that was merged, and one that may be known of."""
    return ["law_case.merged_into IS NULL", *([] if known is None else [in_known(known, values)])]


def _conditions(database: Database, wanted: CaseSearch, values: dict[str, object]) -> list[str]:
    where = list[str]()
    for name in ("state", "kind", "matter"):
        if (value := getattr(wanted, name)) is not None:
            where.append(f"law_case.{name} = :{name}")
            values[name] = value
    if wanted.unit is not None:
        where.append(f"law_case.unit IN {one_of(subtree(wanted.unit, parents_now(database)), values)}")
    if wanted.officer is not None:
        where.append(BY_OFFICER)
        values["officer"] = wanted.officer
    if wanted.party is not None:
        where.append("law_case.id IN (SELECT case_id FROM case_party WHERE name = :party)")
        values["party"] = wanted.party
    if wanted.running:
        where.append(f"law_case.state NOT IN {OVER}")
    if wanted.only is not None:
        where.append(f"law_case.id IN {one_of(wanted.only, values)}")
    if wanted.text is not None:
        where.append(SAID)
        values["text"] = _within(wanted.text)
    return where


def _within(text: str) -> str:
    """What LIKE finds a text by that stands in another; nothing in it means anything else."""
    for sign in "~%_":
        text = text.replace(sign, f"~{sign}")
    return f"%{text}%"
