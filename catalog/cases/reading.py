"""Finding cases, by any of their numbers or their id, and what is linked to them (案件检索); straight to the driver.

Shapes: frozen values; their fields are keys of `--json`. A number is compared by its key, never by a part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases.errors import CaseAmbiguous
from catalog.errors import NoSuchCase
from catalog.readable import any_of, readable, value_in
from catalog.rules.case_numbers import keys_meant

if TYPE_CHECKING:
    from catalog.database import Database, Row

CALLED = "COALESCE(law_case.no, law_case.id)"
"""What a case is shown as."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the catalog has it (案件); its fields are keys of `--json`.

    `clips`: how many are linked to it, without those that may hold a state secret, which nobody finds by their case.
    """

    no: str | None
    title: str | None
    subject: str | None
    officers: tuple[str, ...]
    begins_at: datetime | None
    ends_at: datetime | None
    added_at: datetime
    added_by: str
    clips: int
    id: str
    state: str
    kind: str | None
    procedures: tuple[str, ...]
    matter: str | None
    unit: str | None
    place: str | None
    parties: tuple[Mapping[str, Any], ...]
    facts: tuple[str, ...]
    inspected: str | None
    opened: str | None
    decided: str | None
    closed: str | None
    reported: Mapping[str, Any]
    penalty: str | None
    fine: int | None
    numbers: tuple[Mapping[str, str], ...] = ()

    @property
    def called(self) -> str:
        """What it is shown as."""
        return self.no or self.id

    @property
    def about(self) -> tuple[Mapping[str, Any], ...]:
        """Whom it is about (当事人): its parties; where only a subject was said, that one."""
        return parties_said(self.parties, self.subject)

    @property
    def parties_shown(self) -> str:
        """The names of all whom it is about."""
        return "、".join(str(one.get("name") or "") for one in self.about)

    @property
    def named(self) -> str:
        """What people know it by (通称): its first party, else whom it is about, its title, or its number."""
        return next((str(one["name"]) for one in self.about if one.get("name")), self.title or self.called)


def parties_said(said: Sequence[Mapping[str, Any]], subject: str | None) -> tuple[Mapping[str, Any], ...]:
    """The parties that are said of a case; where only a subject was, that one."""
    return tuple(said) or (({"name": subject},) if subject else ())


def meanings(database: Database, said: str) -> Iterator[list[str]]:
    """The ids of the cases somebody may mean: by id or number as it stands; else by the number's key."""
    exact = (
        f"{_BY_NUMBER} number = :said UNION SELECT COALESCE(merged_into, id) FROM law_case WHERE id = :said ORDER BY 1"
    )
    yield [str(row["id"]) for row in database.query(exact, {"said": said})]
    for key in keys_meant(said):
        yield [str(row["id"]) for row in database.query(f"{_BY_NUMBER} key = :key ORDER BY 1", {"key": key})]


_BY_NUMBER = "SELECT DISTINCT case_id AS id FROM case_number WHERE"


def find(database: Database, said: str) -> str | None:
    """The id of the case somebody means, or None; raises `CaseAmbiguous`."""
    found = next(filter(None, meanings(database, said)), [])
    return only(said, among(database, found)).id if len(found) > 1 else found[0] if found else None


def only(said: str, found: Sequence[Case]) -> Case:
    """The one case of these that were found for what somebody said; raises `CaseAmbiguous`."""
    if len(found) > 1:
        shown = (f"{one.called} ({one.id})" if one.no else one.id for one in found)
        raise CaseAmbiguous(case=said, candidates=", ".join(shown))
    return found[0]


def case_id(database: Database, said: str) -> str:
    """The id of the case somebody means; raises `NoSuchCase`, `CaseAmbiguous`."""
    found = find(database, said)
    if found is None:
        raise NoSuchCase(case=said)
    return found


def get(database: Database, said: str) -> Case | None:
    """The case somebody means, with its numbers, or None; raises `CaseAmbiguous`."""
    found = find(database, said)
    return None if found is None else among(database, [found])[0]


def among(database: Database, ids: Sequence[str]) -> list[Case]:
    """The cases of these ids, with their numbers, as far as there are any."""
    these, values = any_of(ids)
    return _with_numbers(
        database, database.query(f"{_CASES} WHERE id IN {these} ORDER BY no, id", values), f"IN {these}", values
    )


def every(database: Database) -> list[Case]:
    """All cases in number order."""
    return _with_numbers(database, database.query(f"{_CASES} WHERE merged_into IS NULL ORDER BY no, id", {}))


def merged_into(database: Database) -> dict[str, str]:
    """Into which case each was merged that is no more."""
    rows = database.query("SELECT id, merged_into FROM law_case WHERE merged_into IS NOT NULL", {})
    return {row["id"]: row["merged_into"] for row in rows}


def _with_numbers(
    database: Database, rows: Sequence[Row], which: str = "IS NOT NULL", values: Mapping[str, object] | None = None
) -> list[Case]:
    """The cases of these rows; `which` says whose numbers are read, the oldest first."""
    found = dict[str, list[Mapping[str, str]]]()
    sql = f"SELECT case_id, kind, number, source FROM case_number WHERE case_id {which} ORDER BY added_at, kind, number"
    for one in database.query(sql, values or {}):
        found.setdefault(one["case_id"], []).append({name: one[name] for name in ("kind", "number", "source")})
    return [_case(row, tuple(found.get(row["id"], ()))) for row in rows]


_CASES = """SELECT law_case.*, (SELECT COUNT(DISTINCT clip_id) FROM link
 WHERE case_id = law_case.id AND ended_at IS NULL
 AND clip_id NOT IN (SELECT id FROM clip WHERE class = 'state')) AS clips FROM law_case"""


@readable("case")
def _case(row: Row, numbers: tuple[Mapping[str, str], ...]) -> Case:
    groups = {"parties": tuple(json.loads(row["parties"])), "reported": json.loads(row["reported"])}
    return value_in(Case, row, **groups, numbers=numbers)


# ---------------------------------------------------------------------- links


@dataclass(frozen=True, slots=True)
class InCase:
    """A standing link of a clip as lists show it (所属案件); its fields are keys of `--json`."""

    id: str
    number: str | None
    step: str | None

    @property
    def called(self) -> str:
        """What the case is shown as."""
        return self.number or self.id


@dataclass(frozen=True, slots=True)
class Link:
    """That a clip belongs, or belonged, to a case (案件关联), how it came to that, and why it ended."""

    case: str
    how: str
    by: str
    begins_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None
    id: str
    clip: str
    case_id: str
    from_ms: int | None
    to_ms: int | None
    step: str | None
    proves: tuple[str, ...]
    place: str | None
    why: str | None


_LINKS = f"""SELECT link.*, clip_id AS clip, COALESCE({CALLED}, case_id) AS "case"
 FROM link LEFT JOIN law_case ON law_case.id = link.case_id"""
_ORDER = "ORDER BY link.begins_at, link.id"


@readable("link")
def of_clip(database: Database, clip: str) -> tuple[Link, ...]:
    """Every link of a clip, the oldest first."""
    rows = database.query(f"{_LINKS} WHERE clip_id = :id {_ORDER}", {"id": clip})
    return tuple(value_in(Link, row) for row in rows)


@readable("link")
def of_case(database: Database, case: str) -> tuple[Link, ...]:
    """Every standing link of a case, in the order of its clips' times."""
    sql = f"""{_LINKS} JOIN clip ON clip.id = link.clip_id WHERE case_id = :id AND ended_at IS NULL
 ORDER BY clip.starts_at, clip.id, link.begins_at, link.id"""
    return tuple(value_in(Link, row) for row in database.query(sql, {"id": case}))


@dataclass(frozen=True, slots=True)
class Filmed:
    """What is said of a clip where a case lists it (案内资料): when it begins, how long it is, by which recorder."""

    id: str
    starts_at: datetime
    duration_s: float | None
    recorder: str | None


@readable("clip")
def filmed(database: Database, case: str) -> dict[str, Filmed]:
    """What is said of each clip that belongs to a case, by its number."""
    sql = """SELECT id, starts_at, duration_s, recorder FROM clip
 WHERE id IN (SELECT clip_id FROM link WHERE case_id = :id AND ended_at IS NULL)"""
    return {row["id"]: value_in(Filmed, row) for row in database.query(sql, {"id": case})}


def of_clips(database: Database, clips: Sequence[str]) -> dict[str, tuple[InCase, ...]]:
    """The standing links of each of these clips, the oldest first; each case once."""
    these, values = any_of(clips)
    sql = f"""SELECT clip_id, case_id, law_case.no, step FROM link LEFT JOIN law_case ON law_case.id = link.case_id
 WHERE clip_id IN {these} AND ended_at IS NULL {_ORDER}"""
    found = dict[str, dict[str, InCase]]()
    for row in database.query(sql, values):
        in_case = InCase(row["case_id"], row["no"], row["step"])
        found.setdefault(row["clip_id"], {}).setdefault(row["case_id"], in_case)
    return {clip: tuple(each.values()) for clip, each in found.items()}
