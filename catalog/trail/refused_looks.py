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
NO_CLIP = ""
"""What stands in the table for every number that is of no clip."""


def note(database: Database, actor: str, clip: str, action: str, rule: str, at: datetime) -> None:
    """Write down or count that a look was refused; where there is no such clip that is counted alone.

    So who asks waits for the disk in both cases, and no clock tells them which it was.
    """
    from catalog.clips.tables import ClipRow
    from catalog.trail.tables import RefusedLookRow

    with database.transaction() as session:
        is_there = session.get(ClipRow, clip) is not None
        key = (person(actor), clip if is_there else NO_CLIP)
        row = session.get(RefusedLookRow, key)
        if row is not None and (not is_there or abs(at - row.at) < ONE_IN):
            row.unwritten += 1
        else:
            before = 0 if row is None else row.unwritten
            row = RefusedLookRow(person=key[0], clip_id=key[1], at=at, unwritten=0)
            details = {"action": action, "rule": rule, "before": before}
            if is_there:
                trail.append(session, trail.Entry(at, actor, REFUSED, clip, details, is_look=True))
        session.merge(row)
