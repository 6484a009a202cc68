"""When each original was last read again in the vault, and what was wrong (巡检记录): the scrub's memory.

Shapes: one row for the bytes of an original, by SHA-256, and for those of the scan of a written record, by its key in
the vault. What was never read again counts from its sealing.
What a rebuilt catalog lacks here is read again in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from catalog.errors import AlreadyDisposed
from catalog.readable import any_of, readable, value_in
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

ORIGINAL_DAMAGED, ORIGINAL_WHOLE = "original.damaged", "original.whole"
ORIGINAL_REPAIRING, ORIGINAL_REPAIRED = "original.mending", "original.mended"
"""A copy of an original is about to be put beside a damaged one, and was."""
STATION_ACTOR = "station"
SCANS = "papers"
"""The folder of a vault that holds scans of written records."""
KEPT = f"""FROM (SELECT clip.id, sha256, sm3, size_bytes, sealed_at, sha256 AS name
 FROM clip LEFT JOIN disposal ON disposal.clip_id = clip.id WHERE disposal.done_at IS NULL
 UNION ALL SELECT paper, sha256, sm3, size_bytes, at, '{SCANS}/' || SUBSTR(sha256, 1, 2) || '/' || sha256
 FROM paper_scan) AS clip LEFT JOIN reading ON reading.sha256 = clip.name WHERE 1 = 1"""
"""Originals, and scans as if each were the clip of its record."""
KEPT_ORIGINALS = """FROM clip LEFT JOIN disposal ON disposal.clip_id = clip.id
 LEFT JOIN reading ON reading.sha256 = clip.sha256 WHERE disposal.done_at IS NULL"""
NO_END = datetime.max.replace(tzinfo=UTC)
LAST = "COALESCE(reading.read_at, clip.sealed_at)"


@dataclass(frozen=True, slots=True)
class OriginalToRead:
    """An original that was not read since `since`, or a scan; `name` is its SHA-256, of a scan its key in the vault."""

    sha256: str
    sm3: str
    size_bytes: int
    since: datetime
    name: str

    @property
    def is_scan(self) -> bool:
        """Whether it is the scan of a written record."""
        return self.name != self.sha256


@readable("reading")
def overdue(
    database: Database, before: datetime, limit: int, *, ahead: datetime = NO_END
) -> tuple[OriginalToRead, ...]:
    """Originals last read before that time, the most overdue first; a reading later than `ahead` counts for none.

    It was noted while the clock was wrong.
    """
    sql = f"""SELECT clip.name, clip.sha256, MIN(clip.sm3) AS sm3, MIN(clip.size_bytes) AS size_bytes,
 MIN({LAST}) AS since
 {KEPT} AND ({LAST} <= :before OR {LAST} > :ahead)
 GROUP BY clip.name, clip.sha256 ORDER BY since, clip.name LIMIT :limit"""
    values = {"before": database.moment(before), "ahead": database.moment(ahead), "limit": limit}
    rows = database.query(sql, values)
    return tuple(value_in(OriginalToRead, row) for row in rows)


def late(database: Database, before: datetime) -> int:
    """How many originals were last read before that time."""
    sql = f"SELECT COUNT(DISTINCT clip.name) AS count {KEPT} AND {LAST} <= :before"
    return int(database.query(sql, {"before": database.moment(before)})[0]["count"])


def damaged(database: Database, limit: int) -> tuple[tuple[str, str], ...]:
    """Clips whose original was found damaged, and records whose scan was, with what was wrong."""
    sql = f"SELECT clip.id, reading.fault {KEPT} AND reading.fault IS NOT NULL ORDER BY clip.id LIMIT :limit"
    return tuple((row["id"], row["fault"]) for row in database.query(sql, {"limit": limit}))


def damaged_among(database: Database, clips: Sequence[str]) -> dict[str, str]:
    """What was wrong with the originals of those of these clips that were found damaged."""
    these, values = any_of(clips)
    sql = f"SELECT clip.id, reading.fault {KEPT_ORIGINALS} AND reading.fault IS NOT NULL AND clip.id IN {these}"
    return {row["id"]: row["fault"] for row in database.query(sql, values)}


def is_kept(database: Database, name: str) -> bool:
    """Whether there is still a clip of these bytes that is not disposed of, or it is a scan."""
    return bool(database.query(f"SELECT 1 {KEPT} AND clip.name = :name LIMIT 1", {"name": name}))


def note(session: Session, name: str, at: datetime, fault: str | None) -> None:
    """Write a reading down; damage, and its end, also on the trail of every clip or record of these bytes, once."""
    from catalog.keeping.tables import ReadingRow

    row: Any = session.get(ReadingRow, name) or ReadingRow(sha256=name, read_at=at)
    before, row.read_at, row.fault = row.fault, at, fault
    session.add(row)
    if (before is None) == (fault is None):
        return
    action = ORIGINAL_WHOLE if fault is None else ORIGINAL_DAMAGED
    tell(session, name, at, action, fault=fault if fault is not None else before)


def tell(session: Session, name: str, at: datetime, action: str, **details: object) -> None:
    """Write on the trail of every clip or record of these bytes what is done with them."""
    from sqlmodel import select

    from catalog.cases.tables import PaperScanRow
    from catalog.clips.tables import ClipRow

    sha256 = name.rpartition("/")[2]
    clips = select(ClipRow.id).where(ClipRow.sha256 == sha256)
    scans = select(PaperScanRow.paper).where(PaperScanRow.sha256 == sha256).distinct()
    for subject in session.exec(clips if name == sha256 else scans).all():
        trail.append(session, trail.Entry(at, STATION_ACTOR, action, subject, {"sha256": sha256, **details}))


@readable("reading")
def of_clip(database: Database, clip: str) -> OriginalToRead:
    """The original of a clip, whenever it was read."""
    sql = f"""SELECT clip.sha256, clip.sm3, clip.size_bytes, clip.sha256 AS name, {LAST} AS since
 {KEPT_ORIGINALS} AND clip.id = :clip"""
    rows = database.query(sql, {"clip": clip})
    if not rows:
        raise AlreadyDisposed(clip=clip)
    return value_in(OriginalToRead, rows[0])
