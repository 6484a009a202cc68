"""Looks that were refused (调阅被拒): one line a minute at most for a person and a clip; those between are counted.

Whether there is a clip of that number is not asked: a number of none leaves the same line, so that no clock tells who
asks which it was, and whoever reads the trail sees who tries numbers.
Shapes: a line says the `action`, the code of the `rule`, and how many were refused since the line `before` unwritten.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.rules.callers import person
from catalog.trail import trail

if TYPE_CHECKING:
    from catalog.database import Database

REFUSED = "access.refused-look"
ONE_IN = timedelta(minutes=1)
LINES_MAX = 10
"""So many lines a minute of one person, so that nobody fills the trail; what is more is counted."""
WHOLE = re.compile("c[a-z2-7]{20}")
NO_CLIP = ""
"""What stands in the table for what is no whole number, and for what was more than `LINES_MAX`."""


def note(database: Database, actor: str, clip: str, action: str, rule: str, at: datetime) -> None:
    """Write down or count that a look was refused; what is no whole number of a clip is counted alone."""
    from sqlmodel import func, select

    from catalog.trail.tables import RefusedLookRow as Row

    who = person(actor)
    with database.transaction() as session:
        row = session.get(Row, (who, clip)) if WHOLE.fullmatch(clip) else None
        near = (Row.at > at - ONE_IN, Row.at < at + ONE_IN)
        lately = session.exec(select(func.count()).where(Row.person == who, Row.clip_id != NO_CLIP, *near)).one()
        is_first = WHOLE.fullmatch(clip) and (row is None or abs(at - row.at) >= ONE_IN)
        if is_first and lately < LINES_MAX:
            details = {"action": action, "rule": rule, "before": 0 if row is None else row.unwritten}
            trail.append(session, trail.Entry(at, actor, REFUSED, clip, details, is_look=True))
            session.merge(Row(person=who, clip_id=clip, at=at, unwritten=0))
            return
        row = row or session.get(Row, (who, NO_CLIP)) or Row(person=who, clip_id=NO_CLIP, at=at, unwritten=0)
        row.unwritten += 1
        session.merge(row)
