"""Holds (依法保留): originals that must stay whatever their day, with a case or without: complaints come before cases.

Shapes: `hold.set` by one person; its end by two: `hold.end-asked`, `hold.ended`. Several may stand on a clip, each with
its reason; who asks for the end asks for the end of all that stand then. `after` is the one telling of what follows on
what: rows, demands and the signed records all go by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.clips import search
from catalog.errors import AlreadyDisposed, HoldEndNotAsked, HoldNeedsAnother, NoSuchClip, NotHeld
from catalog.keeping.disposals import how_in, is_done
from catalog.people import accounts
from catalog.readable import readable, value_in
from catalog.rules.acts import HOLD_END_ASKED, HOLD_ENDED, HOLD_SET, Act
from catalog.rules.callers import Caller, person

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on a clip (依法保留), who asked for its end and who ended it; its fields are keys of `--json`."""

    clip_id: str
    begins_at: datetime
    by: str
    reason: str
    asked_at: datetime | None = None
    asked_by: str | None = None
    asked_reason: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


def setting(clip: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act that holds a clip (依法保留)."""
    return Act(at, by.actor, HOLD_SET, clip, {"reason": reason})


def asking_end(clip: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act that asks for the end of the holds that stand now (申请解除保留)."""
    return Act(at, by.actor, HOLD_END_ASKED, clip, {"reason": reason, "how": by.how})


def ending(clip: str, *, at: datetime, by: Caller) -> Act:
    """The act of another person that ends what its end was asked for (解除保留)."""
    return Act(at, by.actor, HOLD_ENDED, clip, {"how": by.how})


def after(holds: Iterable[Hold], act: Act) -> tuple[Hold, ...]:
    """The holds of a clip once an act is carried out; raises `NotHeld`, `HoldEndNotAsked`, `HoldNeedsAnother`."""
    every, clip = tuple(holds), act.subject
    if act.action == HOLD_SET:
        return *every, Hold(clip, act.at, act.actor, str(act.details["reason"]))
    standing = stands(every)
    if not standing:
        raise NotHeld(clip=clip)
    if how_in(act) is None:
        raise HoldNeedsAnother(clip=clip, person=person(act.actor))
    if act.action == HOLD_END_ASKED:
        reason = str(act.details["reason"])
        return tuple(
            replace(one, asked_at=act.at, asked_by=act.actor, asked_reason=reason) if one in standing else one
            for one in every
        )
    ends = [one for one in standing if one.asked_by is not None]
    if not ends:
        raise HoldEndNotAsked(clip=clip)
    if any(person(str(one.asked_by)) == person(act.actor) for one in ends):
        raise HoldNeedsAnother(clip=clip, person=person(act.actor))
    return tuple(replace(one, ended_at=act.at, ended_by=act.actor) if one in ends else one for one in every)


def stands(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """The holds that nobody ended."""
    return tuple(one for one in holds if one.ended_at is None)


# ---------------------------------------------------------------------- the catalog


def of(database: Database, clip: str) -> tuple[Hold, ...]:
    """Every hold a clip had, oldest first."""
    return tuple(map(_hold, database.query("SELECT * FROM hold WHERE clip_id = :id ORDER BY begins_at", {"id": clip})))


def standing(database: Database) -> tuple[Hold, ...]:
    """The holds that stand on any clip, oldest first."""
    return tuple(map(_hold, database.query("SELECT * FROM hold WHERE ended_at IS NULL ORDER BY begins_at", {})))


@readable("hold on")
def _hold(row: Row) -> Hold:
    return value_in(Hold, row)


def _change(session: Session, act: Act) -> None:
    from sqlmodel import col, select

    from catalog.clips.tables import ClipRow
    from catalog.keeping.tables import HoldRow

    if session.get(ClipRow, act.subject) is None:
        raise NoSuchClip(clip=act.subject)
    rows = session.exec(select(HoldRow).where(HoldRow.clip_id == act.subject).order_by(col(HoldRow.begins_at)))
    for one in after((Hold(**row.model_dump()) for row in rows), act):
        session.merge(HoldRow(**asdict(one)))


def _demand(database: Database, act: Act) -> None:
    search.get(database, act.subject)
    if is_done(database, act.subject):
        raise AlreadyDisposed(clip=act.subject)
    after((_asked(database, one, act) for one in of(database, act.subject)), act)


def _asked(database: Database, hold: Hold, act: Act) -> Hold:
    """The hold, its asker called as who ends it where that is one person."""
    if act.action != HOLD_ENDED or hold.asked_by is None:
        return hold
    return replace(hold, asked_by=accounts.asker(database, hold.asked_by, act.actor))


ACTIONS = (HOLD_SET, HOLD_END_ASKED, HOLD_ENDED)
APPLIES = dict.fromkeys(ACTIONS, _change)
DEMANDS = dict.fromkeys(ACTIONS, _demand)
