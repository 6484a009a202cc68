"""What came in (入库): clips sealed since a moment, by recorder; of a month, by kind; and how many have no case.

Shapes: bounds of time are half open. A count ends at `COUNTED_MAX`, which then means: so many or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from catalog.clips.search import Search, conditions
from catalog.readable import readable, value_in

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.rules.visible import Visible

COUNTED_MAX = 1000
STANDS = "NOT EXISTS (SELECT 1 FROM disposal WHERE disposal.clip_id = clip.id AND done_at IS NOT NULL)"
FOOTAGE = "kind IN ('video', 'audio', 'image')"
"""What belongs to a case by itself: a log or a track goes with its film."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many clips of one kind a recorder brought (入库数), and how many of them no case has yet."""

    recorder: str | None
    kind: str
    count: int
    unlinked: int


@readable("clip")
@dataclass(frozen=True, slots=True)
class Copied:
    """A clip as its bay shows it to everybody (刚采集的资料): no picture, no place, and only whether a case has it."""

    id: str
    kind: str
    starts_at: datetime
    duration_s: float | None
    person: str | None
    marked: bool
    linked: bool


@readable("clip")
def of_recorder(database: Database, recorder: str, at: datetime) -> tuple[Copied, ...]:
    """What a recorder brought since a moment, in the order it was recorded; nothing that may be a state secret."""
    rows = database.query(_OF_RECORDER, {"recorder": recorder, "at": database.moment(at)})
    return tuple(value_in(Copied, row, marked=bool(row["marked"]), linked=bool(row["linked"])) for row in rows)


_OF_RECORDER = f"""SELECT id, kind, starts_at, duration_s, person, CASE WHEN marks <> '[]' THEN 1 ELSE 0 END AS marked,
 CASE WHEN EXISTS (SELECT 1 FROM link WHERE clip_id = clip.id AND ended_at IS NULL) THEN 1 ELSE 0 END AS linked
 FROM clip WHERE sealed_at >= :at AND recorder = :recorder AND {FOOTAGE} AND class <> 'state'
 ORDER BY starts_at, id LIMIT 200"""


def since(database: Database, at: datetime) -> tuple[Arrived, ...]:
    """What was sealed since a moment, by recorder and kind."""
    rows = database.query(_SINCE, {"at": database.moment(at)})
    return tuple(Arrived(row["recorder"], row["kind"], row["clips"], row["clips"] - row["linked"]) for row in rows)


_SINCE = """SELECT recorder, kind, COUNT(*) AS clips, COUNT((SELECT MIN(clip_id) FROM link
 WHERE clip_id = clip.id AND ended_at IS NULL)) AS linked
 FROM clip WHERE sealed_at >= :at GROUP BY recorder, kind ORDER BY recorder, kind"""


By = Literal["kind", "house_unit", "recorder"]


@dataclass(frozen=True, slots=True)
class Came:
    """Clips that were sealed in a time (入库情况), of one kind, unit or recorder.

    `overdue`: how many came in so many hours after they began; `unsure`: how many have a time that may be wrong.
    """

    of: str | None
    count: int
    duration_s: float
    size_bytes: int
    overdue: int
    unsure: int


@readable("clip")
def between(
    database: Database,
    since_at: datetime,
    until_at: datetime,
    by: By = "kind",
    seen: Visible | None = None,
    overdue_hours: int = 24,
    unsure_s: int = 300,
) -> tuple[Came, ...]:
    """What was sealed in a time, of what is `seen`; by unit or recorder what began in it, and no state secret."""
    values: dict[str, object] = {"since": database.moment(since_at), "until": database.moment(until_at)}
    late = Search(flags=frozenset({"overdue"}), overdue_hours=overdue_hours)
    (overdue,) = conditions(database, late, (), values)
    at = "sealed_at" if by == "kind" else "starts_at"
    where = conditions(database, Search(), () if seen is None else (seen,), values)
    where += (f"{at} >= :since", f"{at} < :until")
    where += () if by == "kind" else ("class <> 'state'",)
    sql = f"""SELECT {by} AS of_, COUNT(*) AS clips, SUM(duration_s) AS duration_s, SUM(size_bytes) AS size_bytes,
 SUM(CASE WHEN {overdue} THEN 1 ELSE 0 END) AS overdue,
 SUM(CASE WHEN starts_at_uncertainty_s > :unsure THEN 1 ELSE 0 END) AS unsure
 FROM clip WHERE {" AND ".join(where)} GROUP BY {by} ORDER BY {by}"""
    return tuple(
        Came(
            row["of_"],
            row["clips"],
            float(row["duration_s"] or 0),
            *(int(row[name]) for name in ("size_bytes", "overdue", "unsure")),
        )
        for row in database.query(sql, values | {"unsure": unsure_s})
    )


def filed(database: Database, at: datetime, seen: Visible | None) -> int:
    """How many clips were sealed since a moment, of those that are `seen`."""
    since = "clip.id IN (SELECT id FROM clip WHERE sealed_at >= :filed)"  # by the index of times, not by that of units
    return _count(database, Search(), seen, since, {"filed": database.moment(at)})


def unlinked(database: Database, at: datetime, seen: Visible | None, person: str | None = None) -> int:
    """How much footage since a moment belongs to no case (待关联); only what this person recorded, if given."""
    more = f"{STANDS} AND {FOOTAGE}" + ("" if person is None else " AND person = :person")
    wanted = Search(since=at, flags=frozenset({"unlinked"}))
    return _count(database, wanted, seen, more, {} if person is None else {"person": person})


def _count(database: Database, wanted: Search, seen: Visible | None, more: str, values: dict[str, object]) -> int:
    where = [*conditions(database, wanted, () if seen is None else (seen,), values), more]
    sql = f"SELECT 1 FROM clip WHERE {' AND '.join(where)} LIMIT :most"
    (row,) = database.query(f"SELECT COUNT(*) AS count FROM ({sql}) AS fitting", values | {"most": COUNTED_MAX})
    return int(row["count"])
