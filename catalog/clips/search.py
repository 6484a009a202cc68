"""Finding clips (检索): the quick way, straight to the driver, with nothing loaded that a list does not need.

Shapes: frozen values; JSON is what a face makes of them last. Pages follow a key, never an offset. A list is in the
order of `clip`; words, places and facts of several rows are asked of the index first (`catalog/clips/finding.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import reading
from catalog.cases.finding import in_known
from catalog.cases.reading import InCase
from catalog.errors import AmbiguousClip, BadCursor, NoSuchClip
from catalog.readable import any_of, one_of, readable, value_in
from catalog.rules.case_numbers import stated

if TYPE_CHECKING:
    from catalog.database import Database, Row
    from catalog.rules.house_rights import Known
    from catalog.rules.places import Area
    from catalog.rules.visible import Visible

LIMIT_MAX = 10_000
STATE = "state"
MASKED: Mapping[str, Any] = {
    **dict.fromkeys(("recorder", "officer", "unit", "case", "first_fix")),
    "path": "",
    "fixes": 0,
    "marks": (),
    "cases": (),
}
"""What nobody sees of a clip that may hold a state secret."""
CLASS = "class"
"""The column of a clip's highest class."""

COLUMNS = (
    "id, recorder, officer, unit, kind, path, size_bytes, sha256, sm3, starts_at, starts_at_source, "
    "starts_at_uncertainty_s, ends_at, duration_s, fixes, first_latitude_deg AS lat, first_longitude_deg AS lon, "
    "first_fix_at AS at, marks, sealed_at, retain_until, playable, class AS class_, "
    "(SELECT name FROM person WHERE person.no = clip.person) AS officer_name"
)


@dataclass(frozen=True, slots=True)
class Search:
    """What to list (检索条件); None asks for no such limit. Newest first, from behind the clip `after`.

    `case` is any of its numbers, or its id. Those behind `limit` are for `catalog/clips/finding.py` alone: `text` are
    phrases that must all be found, `party` one in the name of a party, `unit` is one with all below it, `due`: the lock
    ended before, `flags`: of `FLAGS`, `person`: whoever wore it, by their own number, whatever the recorder said. There
    `after` is the cursor that a page ends with.
    """

    case: str | None = None
    officer: str | None = None
    recorder: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 100
    text: tuple[str, ...] = ()
    party: str | None = None
    unit: str | None = None
    matter: str | None = None
    step: str | None = None
    class_: str | None = None
    due: datetime | None = None
    flags: frozenset[str] = frozenset()
    area: Area | None = None
    overdue_hours: int = 24
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip was first located (首个定位点), in degrees WGS 84, and when if the recorder said so."""

    lat: float
    lon: float
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ClipSummary:
    """A clip as lists show it (资料摘要); the names of its fields are keys of `--json`, a fixed contract."""

    id: str
    recorder: str | None
    officer: str | None
    unit: str | None
    case: str | None
    kind: str
    path: str
    size_bytes: int
    sha256: str
    sm3: str
    starts_at: datetime
    starts_at_source: str
    starts_at_uncertainty_s: float
    ends_at: datetime | None
    duration_s: float | None
    fixes: int
    first_fix: Place | None
    marks: tuple[str, ...]
    sealed_at: datetime
    retain_until: datetime
    playable: bool | None
    cases: tuple[InCase, ...]
    class_: str
    officer_name: str | None


def summaries(database: Database, rows: Sequence[Row]) -> list[ClipSummary]:
    """The clips of these rows, each with its cases: `case` is that of the oldest link."""
    linked = reading.of_clips(database, [row["id"] for row in rows]) if rows else {}
    return [_summary(row, linked.get(row["id"], ())) for row in rows]


@readable("clip")
def _summary(row: Row, cases: tuple[InCase, ...]) -> ClipSummary:
    first = None if row["lat"] is None else value_in(Place, row)
    found = value_in(ClipSummary, row, first_fix=first, case=cases[0].called if cases else None, cases=cases)
    return replace(found, **MASKED) if found.class_ == STATE else found


def search(database: Database, wanted: Search, seen: Visible | None = None) -> list[ClipSummary]:
    """The clips that fit, newest first, at most `limit`; of those that are `seen`, if not all are."""
    values: dict[str, object] = {"limit": max(1, min(wanted.limit, LIMIT_MAX))}
    where = conditions(database, wanted, () if seen is None else (seen,), values)
    if wanted.after is not None:
        known: dict[str, object] = {"id": wanted.after}
        its = "" if seen is None else f" AND {_among(seen, known)}"
        rows = database.query(f"SELECT starts_at FROM clip WHERE id = :id{its}", known)
        if not rows:
            raise BadCursor(after=wanted.after)
        where.append("(starts_at, id) < (:after_at, :after)")
        values |= {"after_at": rows[0]["starts_at"], "after": wanted.after}
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    sql = f"SELECT {COLUMNS} FROM clip {condition}ORDER BY starts_at DESC, id DESC LIMIT :limit"
    return summaries(database, database.query(sql, values))


LINKED = "EXISTS (SELECT 1 FROM link WHERE link.clip_id = clip.id AND link.ended_at IS NULL{})"
IN_MATTER = " AND EXISTS (SELECT 1 FROM law_case WHERE law_case.id = link.case_id AND law_case.matter = :matter)"
FLAGS: Mapping[str, str] = {
    "hold": "EXISTS (SELECT 1 FROM hold WHERE hold.clip_id = clip.id AND hold.ended_at IS NULL)",
    "marked": "marks <> '[]'",
    "overdue": "",
    "unlinked": f"NOT {LINKED.format('')}",
    "unplayable": "NOT playable",
}
"""What a clip may be asked for besides; how much `overdue` is follows from the search."""
OVERDUE = "sealed_at > starts_at + make_interval(hours => :overdue)"
# SQLite has times as text, and its functions round the part of a second.
OVERDUE_SQLITE = """sealed_at > strftime('%Y-%m-%d %H:%M:%S', substr(starts_at, 1, 19), :overdue || ' hours')
 || substr(starts_at, 20)"""
HIDDEN = ("area", "case", "matter", "officer", "party", "person", "recorder", "step", "text", "unit")
"""What nobody finds a clip by that may hold a state secret: what a row hides no filter may tell."""


def conditions(database: Database, wanted: Search, seen: Sequence[Visible], values: dict[str, object]) -> list[str]:
    """What a row of `clip` must be, as SQL, but for texts and places; what it names is added to `values`."""
    where = list(_flagged(database, wanted, values))
    columns = {name: getattr(wanted, name) for name in ("officer", "person", "recorder", "kind")}
    columns |= {CLASS: wanted.class_}
    for name, value in columns.items():
        if value is not None:
            where.append(f"{name} = :{name}")
            values[name] = value
    for name, sql in (("matter", LINKED.format(IN_MATTER)), ("step", LINKED.format(" AND link.step = :step"))):
        if (value := getattr(wanted, name)) is not None:
            where.append(sql)
            values[name] = value
    if wanted.unit is not None:
        from catalog.people.units import parents_now, subtree

        these, units = any_of(sorted(subtree(wanted.unit, parents_now(database))))
        where.append(f"house_unit IN {these}")
        values |= units
    if wanted.case is not None:
        where.append("id IN (SELECT clip_id FROM link WHERE case_id = :case AND ended_at IS NULL)")
        values["case"] = case_meant(database, wanted.case)
    times = (("since", "starts_at >=", wanted.since), ("until", "starts_at <", wanted.until))
    for name, sql, moment in (*times, ("due", "retain_until <", wanted.due)):
        if moment is not None:
            where.append(f"{sql} :{name}")
            values[name] = database.moment(moment)
    return where + [_among(one, values) for one in seen]


def _flagged(database: Database, wanted: Search, values: dict[str, object]) -> Iterator[str]:
    """What a row must be by its flags; and no state secret, where something is asked that its row hides."""
    yield from (FLAGS[flag] for flag in sorted(wanted.flags - {"overdue"}))
    if "overdue" in wanted.flags:
        yield OVERDUE if database.sqlite_path is None else OVERDUE_SQLITE
        values["overdue"] = wanted.overdue_hours
    if "marked" in wanted.flags or any(getattr(wanted, name) for name in HIDDEN):
        yield f"{CLASS} <> '{STATE}'"


def case_meant(database: Database, said: str) -> str:
    """The id of the case somebody means; of one that is not there, the id it would have."""
    return reading.find(database, said) or stated(said)


def full_id(database: Database, clip: str, seen: Visible | None = None) -> str:
    """The number a person meant, who may have typed only its beginning; among those that are `seen`, if not all are."""
    values: dict[str, object] = {"low": clip, "high": clip + "\U0010ffff"}
    its = "" if seen is None else f" AND {_among(seen, values)}"
    sql = "SELECT id FROM clip WHERE {}" + its + " ORDER BY id LIMIT 2"
    # Whole numbers first: for a range SQLite would go through all the clips of the units somebody sees.
    rows = database.query(sql.format("id = :low"), values)
    rows = rows or (database.query(sql.format("id >= :low AND id < :high"), values) if clip else [])
    found = [str(row["id"]) for row in rows]
    if not found:
        raise NoSuchClip(clip=clip)
    if len(found) > 1 and found[0] != clip:
        raise AmbiguousClip(clip=clip)
    return found[0]


def get(database: Database, clip: str) -> ClipSummary:
    """One clip; raises `NoSuchClip`."""
    rows = database.query(f"SELECT {COLUMNS} FROM clip WHERE id = :id", {"id": clip})
    if not rows:
        raise NoSuchClip(clip=clip)
    return summaries(database, rows)[0]


UNKNOWN = """EXISTS (SELECT 1 FROM link JOIN law_case ON law_case.id = link.case_id WHERE link.clip_id = clip.id
 AND link.ended_at IS NULL AND {} IS NOT TRUE)"""


def in_known_cases(known: Known, values: dict[str, object]) -> str:
    """The condition that somebody may know of every case a clip is linked to; what it names is added to `values`."""
    return f"NOT {UNKNOWN.format(in_known(known, values))}"


def _among(seen: Visible, values: dict[str, object]) -> str:
    """The condition that a clip is seen, as SQL; what it names is added to `values`."""

    def among(column: str, some: Iterable[str]) -> str:
        return f"{column} IN {one_of(some, values)}"

    def linked(cases: Iterable[str]) -> str:
        # As an expression: else SQLite looks each of the cases up for every clip.
        return LINKED.format(" AND " + among("COALESCE(link.case_id, '')", cases))

    def bucket(classes: frozenset[str], holds: str) -> str:
        return f"({among(CLASS, classes)} AND {holds})"

    values["seen_no"] = seen.no
    ways = [bucket(seen.own, "person = :seen_no")]
    ways += (bucket(classes, among("house_unit", units)) for classes, units in seen.units)
    ways += (bucket(classes, linked(cases)) for classes, cases in seen.cases)
    ways += (bucket(classes, among("id", clips)) for classes, clips in seen.clips)
    every = [f"({' OR '.join(ways)})"]
    if seen.not_own:
        every.append(f"NOT ({among(CLASS, seen.not_own)} AND COALESCE(person, '') = :seen_no)")
    if seen.not_cases:
        every.append(f"NOT {linked(seen.not_cases)}")
    if not seen.with_disposed:
        every.append("NOT EXISTS (SELECT 1 FROM disposal WHERE disposal.clip_id = clip.id AND done_at IS NOT NULL)")
    return " AND ".join(every)
