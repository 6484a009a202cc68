"""Finding clips (检索): the quick way, straight to the driver, with nothing loaded that a list does not need.

Shapes: a clip as programs read it, the fixed contract of `--json`. Pages follow a key, never an offset.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.errors import AmbiguousClip, BadCursor, NoSuchClip
from catalog.readable import readable
from catalog.rules.canonical import parsed_time, time_text

if TYPE_CHECKING:
    from catalog.database import Database, Row

LIMIT_MAX = 10_000

COLUMNS = (
    "id, recorder, officer, unit, case_no, kind, path, size_bytes, sha256, sm3, starts_at, starts_at_source, "
    "starts_at_uncertainty_s, ends_at, duration_s, fixes, first_latitude_deg, first_longitude_deg, first_fix_at, "
    "marks, sealed_at, retain_until, playable"
)


@dataclass(frozen=True, slots=True)
class Search:
    """What to list (检索条件); None asks for no such limit. Newest first, from behind the clip `after`."""

    case: str | None = None
    officer: str | None = None
    recorder: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 100


@readable("clip")
def as_json(row: Row) -> dict[str, object]:
    """A clip as programs read it: the fixed contract of `--json`."""
    first = None
    if row["first_latitude_deg"] is not None:
        first = {
            "lat": row["first_latitude_deg"],
            "lon": row["first_longitude_deg"],
            "at": time_or_none(row["first_fix_at"]),
        }
    return {
        "id": row["id"],
        "recorder": row["recorder"],
        "officer": row["officer"],
        "unit": row["unit"],
        "case": row["case_no"],
        "kind": row["kind"],
        "path": row["path"],
        "size_bytes": row["size_bytes"],
        "sha256": row["sha256"],
        "sm3": row["sm3"],
        "starts_at": time_or_none(row["starts_at"]),
        "starts_at_source": row["starts_at_source"],
        "starts_at_uncertainty_s": row["starts_at_uncertainty_s"],
        "ends_at": time_or_none(row["ends_at"]),
        "duration_s": row["duration_s"],
        "fixes": row["fixes"],
        "first_fix": first,
        "marks": json.loads(row["marks"]),
        "sealed_at": time_or_none(row["sealed_at"]),
        "retain_until": time_or_none(row["retain_until"]),
        "playable": None if row["playable"] is None else bool(row["playable"]),
    }


def search(database: Database, wanted: Search) -> list[dict[str, object]]:
    """The clips that fit, newest first, at most `limit`."""
    values: dict[str, object] = {"limit": max(1, min(wanted.limit, LIMIT_MAX))}
    where = []
    for column, value in (
        ("case_no", wanted.case),
        ("officer", wanted.officer),
        ("recorder", wanted.recorder),
        ("kind", wanted.kind),
    ):
        if value is not None:
            where.append(f"{column} = :{column}")
            values[column] = value
    for name, sign, moment in (("since", ">=", wanted.since), ("until", "<", wanted.until)):
        if moment is not None:
            where.append(f"starts_at {sign} :{name}")
            values[name] = database.moment(moment)
    if wanted.after is not None:
        rows = database.query("SELECT starts_at FROM clip WHERE id = :id", {"id": wanted.after})
        if not rows:
            raise BadCursor(after=wanted.after)
        where.append("(starts_at, id) < (:after_at, :after)")
        values |= {"after_at": rows[0]["starts_at"], "after": wanted.after}
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    sql = f"SELECT {COLUMNS} FROM clip {condition}ORDER BY starts_at DESC, id DESC LIMIT :limit"
    return [as_json(row) for row in database.query(sql, values)]


def full_id(database: Database, clip: str) -> str:
    """The number a person meant, who may have typed only its beginning."""
    sql = "SELECT id FROM clip WHERE id >= :low AND id < :high ORDER BY id LIMIT 2"
    found = [str(row["id"]) for row in database.query(sql, {"low": clip, "high": clip + "\U0010ffff"})] if clip else []
    if not found:
        raise NoSuchClip(clip=clip)
    if len(found) > 1 and found[0] != clip:
        raise AmbiguousClip(clip=clip)
    return found[0]


def get(database: Database, clip: str) -> dict[str, object]:
    """One clip as programs read it; raises `NoSuchClip`."""
    rows = database.query(f"SELECT {COLUMNS} FROM clip WHERE id = :id", {"id": clip})
    if not rows:
        raise NoSuchClip(clip=clip)
    return as_json(rows[0])


def time_or_none(value: object) -> str | None:
    """A time of a row as text."""
    return None if value is None else time_text(parsed_time(value))
