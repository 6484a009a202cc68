"""Looks that were refused (调阅被拒): one line a minute at most for a person and a clip; those between are counted.

Shapes: a line says the `action`, the code of the `rule`, and how many were refused since the line `before` unwritten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.rules.callers import person
from catalog.trail import trail

if TYPE_CHECKING:
    from catalog.database import Database

REFUSED = "access.refused-look"
ONE_IN = timedelta(minutes=1)


def note(database: Database, actor: str, clip: str, action: str, rule: str, at: datetime) -> None:
    """Write down or count that a look was refused, if there is such a clip."""
    from catalog.clips.tables import ClipRow
    from catalog.trail.tables import RefusedLookRow

    with database.transaction() as session:
        if session.get(ClipRow, clip) is None:
            return
        row = session.get(RefusedLookRow, (person(actor), clip))
        if row is not None and abs(at - row.at) < ONE_IN:
            row.unwritten += 1
        else:
            before = 0 if row is None else row.unwritten
            row = RefusedLookRow(person=person(actor), clip_id=clip, at=at, unwritten=0)
            details = {"action": action, "rule": rule, "before": before}
            trail.append(session, trail.Entry(at, actor, REFUSED, clip, details, is_look=True))
        session.merge(row)
