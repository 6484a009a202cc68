"""What came in (当日入库): how many clips of each recorder were sealed since a moment, and how many have no case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.readable import readable

if TYPE_CHECKING:
    from catalog.database import Database


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many clips of one kind a recorder brought (入库数), and how many of them no case has yet."""

    recorder: str | None
    kind: str
    count: int
    unlinked: int


@readable("clip")
def since(database: Database, at: datetime) -> tuple[Arrived, ...]:
    """What was sealed since a moment, by recorder and kind."""
    rows = database.query(_SINCE, {"at": database.moment(at)})
    return tuple(Arrived(row["recorder"], row["kind"], row["clips"], row["clips"] - row["linked"]) for row in rows)


_SINCE = """SELECT recorder, kind, COUNT(*) AS clips, COUNT((SELECT MIN(clip_id) FROM link
 WHERE clip_id = clip.id AND ended_at IS NULL)) AS linked
 FROM clip WHERE sealed_at >= :at GROUP BY recorder, kind ORDER BY recorder, kind"""
