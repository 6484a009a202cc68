"""What the storage refused and still owes (拒绝记录): a longer lock, or a legal hold, for what must be kept.

Shapes: one row for an original (by SHA-256) or a record (by its key in the vault) and what was refused of it; the row
goes when it was granted at last. Both stand on the trail, once: of every clip of these bytes, or of the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from catalog.keeping.fixity import STATION_ACTOR
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

What = Literal["lock", "hold", "record"]
"""A longer lock of an original, its hold, a longer lock of a record."""
WHATS: tuple[What, ...] = ("lock", "hold", "record")
KEPT_REFUSALS = """FROM refusal LEFT JOIN clip ON clip.sha256 = refusal.subject
 LEFT JOIN disposal ON disposal.clip_id = clip.id WHERE disposal.done_at IS NULL"""


@dataclass(frozen=True, slots=True)
class Refused:
    """How many subjects something is refused for, and the first of them: a clip's number or a record's key, and why."""

    what: What
    count: int
    first: str
    reason: str


def standing(database: Database) -> frozenset[tuple[str, str]]:
    """Subject and what is refused of it."""
    return frozenset((row["subject"], row["what"]) for row in database.query("SELECT subject, what FROM refusal", {}))


def refused(database: Database) -> tuple[Refused, ...]:
    """What stands now, by what it is."""
    found = []
    for what in WHATS:
        only = f"{KEPT_REFUSALS} AND refusal.what = :what"
        (row,) = database.query(f"SELECT COUNT(DISTINCT refusal.subject) AS count {only}", {"what": what})
        if row["count"]:
            sql = f"""SELECT COALESCE(clip.id, refusal.subject) AS subject, refusal.reason {only}
 ORDER BY refusal.since, refusal.subject, clip.id LIMIT 1"""
            (first,) = database.query(sql, {"what": what})
            found.append(Refused(what, int(row["count"]), first["subject"], first["reason"]))
    return tuple(found)


def refuse(session: Session, subject: str, what: What, at: datetime, reason: str) -> None:
    """Write a refusal down, once; later reasons for the same are not."""
    from catalog.keeping.tables import RefusalRow

    if session.get(RefusalRow, (subject, what)) is None:
        session.add(RefusalRow(subject=subject, what=what, since=at, reason=reason))
        _tell(session, subject, what, at, "refused", reason=reason)


def grant(session: Session, subject: str, what: What, at: datetime) -> None:
    """What was refused was granted, or is not wanted any more."""
    from catalog.keeping.tables import RefusalRow

    row = session.get(RefusalRow, (subject, what))
    if row is not None:
        session.delete(row)
        _tell(session, subject, what, at, "settled")


def _tell(session: Session, subject: str, what: What, at: datetime, end: str, **details: object) -> None:
    from sqlmodel import select

    from catalog.clips.tables import ClipRow

    if what == "record":
        trail.append(session, trail.Entry(at, STATION_ACTOR, f"record.lock-{end}", subject, details))
        return
    for clip in session.exec(select(ClipRow.id).where(ClipRow.sha256 == subject)).all():
        trail.append(session, trail.Entry(at, STATION_ACTOR, f"clip.{what}-{end}", clip, details))
