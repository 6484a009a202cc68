"""Who was on duty on which day (值班): the entries of rosters, kept for linking and completeness.

Shapes: an entry is one row of a roster; its people are ids as the list of people has them. It is entered and changed
within an import only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.rules.acts import Act
from catalog.rules.imports.taken import Taken

if TYPE_CHECKING:
    from sqlmodel import Session

ENTERED = "duty.entered"
LEADER, DUTY = "leader", "duty"


def entering(entry: str, values: Mapping[str, Any], *, at: datetime, actor: str) -> Act:
    """What enters a row of a roster, or puts it in the place of what the entry said before."""
    details = {name: values.get(name) for name in ("day", LEADER, "note")} | {DUTY: list(values.get(DUTY) or ())}
    return Act(at, actor, ENTERED, entry, details)


def entry_of(row: Taken, number: str) -> str:
    """What an entry of a roster is known by: the row it came from first."""
    return row.subject or f"{number}:{row.row}"


def _enter(session: Session, act: Act) -> None:
    from sqlmodel import select

    from catalog.imports.tables import DutyRow

    for old in session.exec(select(DutyRow).where(DutyRow.entry == act.subject)):
        session.delete(old)
    session.flush()
    details = act.details
    people = [(LEADER, details[LEADER])] if details[LEADER] else []
    for how, person in dict.fromkeys((*people, *((DUTY, person) for person in details[DUTY]))):
        session.add(DutyRow(entry=act.subject, how=how, person=person, day=details["day"], note=details["note"]))


APPLIES = {ENTERED: _enter}
