"""Papers in the vault that do not read as they should (受损文书): a manifest, its signature, its time stamp.

Shapes: a row of `refusal` for each, by its clip and its key in the vault, while it is so; found and ended, it stands on
the trail of the clip, once (`manifest.damaged`, `manifest.whole`). What a rebuilt catalog lacks is found again in time.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.keeping import disposals
from catalog.keeping.fixity import STATION_ACTOR
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

MANIFEST_DAMAGED, MANIFEST_WHOLE = "manifest.damaged", "manifest.whole"
WHAT = "paper"


def standing(database: Database, clip: str) -> frozenset[str]:
    """The keys of those of a clip that stand written down."""
    sql = "SELECT subject FROM refusal WHERE what = :what AND subject LIKE :clip"
    rows = database.query(sql, {"what": WHAT, "clip": f"{clip} %"})
    return frozenset(str(row["subject"]).partition(" ")[2] for row in rows)


def damaged(database: Database, limit: int) -> tuple[tuple[str, str], ...]:
    """Clips with a paper that is damaged or missing, and what is wrong; not of originals that are disposed of."""
    sql = "SELECT subject, reason FROM refusal WHERE what = :what ORDER BY since, subject LIMIT :limit"
    rows = database.query(sql, {"what": WHAT, "limit": limit})
    found = ((str(row["subject"]).partition(" ")[0], str(row["reason"])) for row in rows)
    return tuple(one for one in found if not disposals.is_done(database, one[0]))


def note(session: Session, clip: str, key: str, at: datetime, fault: str | None) -> None:
    """Write down what is wrong with a paper, or that it is whole again."""
    from catalog.keeping.tables import RefusalRow

    subject = f"{clip} {key}"
    row: Any = session.get(RefusalRow, (subject, WHAT))
    if fault is None and row is not None:
        session.delete(row)
        _tell(session, clip, key, at, MANIFEST_WHOLE, str(row.reason))
    elif fault is not None and row is None:
        session.add(RefusalRow(subject=subject, what=WHAT, since=at, reason=fault))
        _tell(session, clip, key, at, MANIFEST_DAMAGED, fault)
    elif fault is not None:
        row.reason = fault
        session.add(row)


def _tell(session: Session, clip: str, key: str, at: datetime, action: str, fault: str) -> None:
    trail.append(session, trail.Entry(at, STATION_ACTOR, action, clip, {"key": key, "fault": fault}))
