"""Finding clips (检索): the quick way, straight to the driver, with nothing loaded that a list does not need.

Shapes: frozen values; JSON is what a face makes of them last. Pages follow a key, never an offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import reading
from catalog.cases.reading import InCase
from catalog.errors import AmbiguousClip, BadCursor, NoSuchClip
from catalog.readable import readable, value_in
from catalog.rules.case_numbers import stated

if TYPE_CHECKING:
    from catalog.database import Database, Row
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

    `case` is any of its numbers, or its id.
    """

    case: str | None = None
    officer: str | None = None
    recorder: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 100


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


def _summaries(database: Database, rows: Sequence[Row]) -> list[ClipSummary]:
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
    where = []
    for column, value in (
        ("officer", wanted.officer),
        ("recorder", wanted.recorder),
        ("kind", wanted.kind),
    ):
        if value is not None:
            where.append(f"{column} = :{column}")
            values[column] = value
    if wanted.case is not None:
        where.append("id IN (SELECT clip_id FROM link WHERE case_id = :case AND ended_at IS NULL)")
        values["case"] = reading.find(database, wanted.case) or stated(wanted.case)
    for name, sign, moment in (("since", ">=", wanted.since), ("until", "<", wanted.until)):
        if moment is not None:
            where.append(f"starts_at {sign} :{name}")
            values[name] = database.moment(moment)
    if wanted.after is not None:
        known: dict[str, object] = {"id": wanted.after}
        its = "" if seen is None else f" AND {_among(seen, known)}"
        rows = database.query(f"SELECT starts_at FROM clip WHERE id = :id{its}", known)
        if not rows:
            raise BadCursor(after=wanted.after)
        where.append("(starts_at, id) < (:after_at, :after)")
        values |= {"after_at": rows[0]["starts_at"], "after": wanted.after}
    if seen is not None:
        where.append(_among(seen, values))
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    sql = f"SELECT {COLUMNS} FROM clip {condition}ORDER BY starts_at DESC, id DESC LIMIT :limit"
    return _summaries(database, database.query(sql, values))


def full_id(database: Database, clip: str, seen: Visible | None = None) -> str:
    """The number a person meant, who may have typed only its beginning; among those that are `seen`, if not all are."""
    values: dict[str, object] = {"low": clip, "high": clip + "\U0010ffff"}
    its = "" if seen is None else f" AND {_among(seen, values)}"
    sql = f"SELECT id FROM clip WHERE id >= :low AND id < :high{its} ORDER BY id LIMIT 2"
    found = [str(row["id"]) for row in database.query(sql, values)] if clip else []
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
    return _summaries(database, rows)[0]


def _among(seen: Visible, values: dict[str, object]) -> str:
    """The condition that a clip is seen, as SQL; what it names is added to `values`."""

    def one_of(column: str, some: Iterable[str]) -> str:
        names = {f"s{len(values) + number}": one for number, one in enumerate(sorted(some))}
        values.update(names)
        return f"{column} IN ({', '.join(f':{name}' for name in names) or 'NULL'})"

    def bucket(classes: frozenset[str], holds: str) -> str:
        return f"({one_of(CLASS, classes)} AND {holds})"

    values["seen_no"] = seen.no
    linked = "EXISTS (SELECT 1 FROM link WHERE link.clip_id = clip.id AND link.ended_at IS NULL AND {})"
    ways = [bucket(seen.own, "person = :seen_no")]
    ways += (bucket(classes, one_of("house_unit", units)) for classes, units in seen.units)
    ways += (bucket(classes, linked.format(one_of("link.case_id", cases))) for classes, cases in seen.cases)
    ways += (bucket(classes, one_of("id", clips)) for classes, clips in seen.clips)
    every = [f"({' OR '.join(ways)})"]
    if seen.not_own:
        every.append(f"NOT ({one_of(CLASS, seen.not_own)} AND COALESCE(person, '') = :seen_no)")
    if seen.not_cases:
        every.append(f"NOT {linked.format(one_of('link.case_id', seen.not_cases))}")
    if not seen.with_disposed:
        every.append("NOT EXISTS (SELECT 1 FROM disposal WHERE disposal.clip_id = clip.id AND done_at IS NOT NULL)")
    return " AND ".join(every)
