"""Disposing of originals (到期处置): two acts by two people; the second is the signed record of what is gone.

Shapes: `clip.disposal-asked` and `clip.disposed`, both signed in the vault and on the trail before anything is removed.
Whether its time is over is the vault's word (`ingest/custody/disposal.py`), and the vault itself refuses before a
lock's end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.clips import classes, search
from catalog.errors import AlreadyDisposed, DisposalNeedsAnother, DisposalNotAsked, NoSuchClip
from catalog.people import accounts
from catalog.readable import any_of, readable, value_in
from catalog.rules.acts import DISPOSAL_ASKED, DISPOSED, Act
from catalog.rules.callers import LOGIN, SECRET, Caller, How, person
from catalog.rules.canonical import time_text

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.rules.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Disposal:
    """Where a clip's disposal stands; `done_at` is None while it is only asked for.

    `asked_how` is what told who asked, as the signed act says; None as a row of the catalog says it.
    """

    clip: str
    asked_at: datetime
    asked_by: str
    reason: str
    done_at: datetime | None
    done_by: str | None
    asked_how: How | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A clip that is disposed of; whether another that is `kept` has the same bytes, and work or opinion is `left`."""

    clip: str
    sha256: str
    kept: bool
    left: bool


def asking(clip: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act that asks for a disposal (申请处置)."""
    return Act(at, by.actor, DISPOSAL_ASKED, clip, {"reason": reason, "how": by.how})


def disposing(asked: Disposal, gone: Manifest, sha256: str, until: datetime, *, at: datetime, by: Caller) -> Act:
    """The act that confirms it, and stays in the original's stead (确认处置): which bytes are gone, who asked, why.

    `sha256` is the manifest's digest, `until` when the lock ended.
    """
    details = {"sha256": gone.sha256, "sm3": gone.sm3, "size_bytes": gone.size_bytes, "path": gone.path}
    details |= {"sealed_at": time_text(gone.sealed_at), "retain_until": time_text(until)}
    why = {"manifest": sha256, "reason": asked.reason, "asked_at": time_text(asked.asked_at)}
    who = {"asked_by": asked.asked_by, "asked_how": asked.asked_how, "how": by.how}
    return Act(at, by.actor, DISPOSED, asked.clip, details | why | who)


def asked_in(act: Act) -> Disposal:
    """What the act says that asked for it."""
    return Disposal(act.subject, act.at, act.actor, str(act.details["reason"]), None, None, how_in(act))


def how_in(act: Act, name: str = "how") -> How | None:
    """What told who made an act; None where nothing did: acts of versions that believed a variable."""
    named = act.details.get(name)
    return next((how for how in (LOGIN, SECRET) if how == named), None)


def of(database: Database, clip: str) -> Disposal | None:
    """The disposal of a clip, or None."""
    return among(database, (clip,)).get(clip)


def among(database: Database, clips: Sequence[str]) -> dict[str, Disposal]:
    """The disposals of those of these clips that have one."""
    these, values = any_of(clips)
    rows = database.query(f"SELECT * FROM disposal WHERE clip_id IN {these}", values)
    return {row["clip_id"]: _disposal(row) for row in rows}


@readable("disposal")
def _disposal(row: Row) -> Disposal:
    return value_in(Disposal, row, clip=row["clip_id"], asked_how=None)


def is_done(database: Database, clip: str) -> bool:
    """Whether a clip's original is disposed of."""
    sql = "SELECT 1 FROM disposal WHERE clip_id = :id AND done_at IS NOT NULL"
    return bool(database.query(sql, {"id": clip}))


def count_done(database: Database, since_at: datetime, until_at: datetime) -> int:
    """How many clips were disposed of in a time."""
    sql = "SELECT COUNT(*) AS count FROM disposal WHERE done_at >= :since AND done_at < :until"
    (row,) = database.query(sql, {"since": database.moment(since_at), "until": database.moment(until_at)})
    return int(row["count"])


def demand_kept(database: Database, clip: str) -> None:
    """Raise `AlreadyDisposed`, `StateSecret` for a clip of which nothing is made and nothing shown."""
    if is_done(database, clip):
        raise AlreadyDisposed(clip=clip)
    classes.demand_shown(database, clip)


def gone(database: Database, clip: str | None = None) -> Iterator[Gone]:
    """Every clip that is disposed of, or this one if it is."""
    only = " AND clip.id = :clip" if clip is not None else ""
    for row in database.query(f"{_GONE}{only} ORDER BY clip.id", {} if clip is None else {"clip": clip}):
        yield Gone(row["id"], row["sha256"], bool(row["kept"]), bool(row["left_over"]))


_GONE = """SELECT clip.id, clip.sha256,
 (SELECT COUNT(*) FROM clip AS other LEFT JOIN disposal AS its ON its.clip_id = other.id
  WHERE other.sha256 = clip.sha256 AND its.done_at IS NULL) AS kept,
 (SELECT COUNT(*) FROM opinion WHERE opinion.clip_id = clip.id)
  + (SELECT COUNT(*) FROM chore WHERE chore.subject = clip.id AND chore.state <> 'cancelled'
     AND chore.state <> 'done') AS left_over
 FROM clip JOIN disposal ON disposal.clip_id = clip.id WHERE disposal.done_at IS NOT NULL"""


def forget(session: Session, clip: str, at: datetime) -> bool:
    """Remove what another program said of a clip, and have nobody work on it any more; whether anything was there."""
    from sqlmodel import col, delete, update

    from catalog.clips.tables import ChoreRow, OpinionRow

    said = session.exec(delete(OpinionRow).where(col(OpinionRow.clip_id) == clip))
    left = (col(ChoreRow.subject) == clip, col(ChoreRow.state).in_(("waiting", "running", "held")))
    session.exec(update(ChoreRow).where(*left).values(state="cancelled", ended_at=at, lease_until=None))
    return bool(said.rowcount)


def _ask(session: Session, act: Act) -> None:
    from catalog.clips.tables import ClipRow
    from catalog.keeping.tables import DisposalRow

    if session.get(ClipRow, act.subject) is None:
        raise NoSuchClip(clip=act.subject)
    row = session.get(DisposalRow, act.subject)
    if row is None:
        row = DisposalRow(clip_id=act.subject, asked_at=act.at, asked_by=act.actor, reason="")
    if row.done_at is None:  # who asks again does so because what was asked before is void
        row.asked_at, row.asked_by, row.reason = act.at, act.actor, act.details["reason"]
        session.add(row)


def _dispose(session: Session, act: Act) -> None:
    row: Any = _row(session, act.subject)
    if row is None:
        raise DisposalNotAsked(clip=act.subject)
    _demand_another(act, row.asked_by)
    row.done_at, row.done_by = act.at, act.actor
    session.add(row)


def _demand_another(act: Act, asked_by: str) -> None:
    """Neither the catalog's nor the signed record's first person may be the second."""
    for first in (asked_by, str(act.details.get("asked_by", asked_by))):
        if person(first) == person(act.actor):
            raise DisposalNeedsAnother(clip=act.subject, person=person(act.actor))


def _row(session: Session, clip: str) -> object:
    from catalog.keeping.tables import DisposalRow

    return session.get(DisposalRow, clip)


def _demand_askable(database: Database, act: Act) -> None:
    search.get(database, act.subject)
    if is_done(database, act.subject):
        raise AlreadyDisposed(clip=act.subject)


def _demand_disposable(database: Database, act: Act) -> None:
    found = of(database, act.subject)
    if found is None:
        raise DisposalNotAsked(clip=act.subject)
    if found.done_at is not None:
        raise AlreadyDisposed(clip=act.subject)
    for first in (found.asked_by, str(act.details.get("asked_by", found.asked_by))):
        _demand_another(act, accounts.asker(database, first, act.actor))
    if how_in(act) is None or how_in(act, "asked_how") is None:  # replayed acts may be older; no new one is
        raise DisposalNeedsAnother(clip=act.subject, person=person(act.actor))


APPLIES = {DISPOSAL_ASKED: _ask, DISPOSED: _dispose}
DEMANDS = {DISPOSAL_ASKED: _demand_askable, DISPOSED: _demand_disposable}
