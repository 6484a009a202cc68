"""Sessions of people at the pages (登录会话): who is signed in, since when, until when.

Shapes: a session is known by the SHA-256 of its token; the token itself is kept by the browser alone. No session is
evidence: a catalog that is rebuilt has none, and everybody signs in again. A session ends 30 minutes after it was last
used, 12 hours after it began, or when somebody ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.readable import any_of, readable, value_in

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
EACH_MAX = 3
"""So many has one person at a time; the one that was used longest ago ends when another begins."""
KEPT = timedelta(days=30)
"""So long stays what is known of a session that is over."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that goes on: whose account it is, when it began, when it was used last."""

    digest: str
    account: str
    begun_at: datetime
    seen_at: datetime


def begin(session: Session, digest: str, account: str, at: datetime) -> None:
    """Begin one; forget those that were over long ago."""
    from sqlmodel import col, delete, select

    from catalog.people.tables import SessionRow

    session.exec(delete(SessionRow).where(col(SessionRow.begun_at) < at - KEPT))
    going_on = select(SessionRow).where(SessionRow.account == account, col(SessionRow.ended_at).is_(None))
    for row in session.exec(going_on.order_by(col(SessionRow.seen_at).desc()).offset(EACH_MAX - 1)):
        row.ended_at = at
        session.add(row)
    session.add(SessionRow(digest=digest, account=account, begun_at=at, seen_at=at))


def seen(session: Session, digest: str, at: datetime) -> None:
    """Say that it was used."""
    from sqlmodel import col, update

    from catalog.people.tables import SessionRow

    session.exec(update(SessionRow).where(col(SessionRow.digest) == digest).values(seen_at=at))


def begun_here(database: Database, account: str, digests: Sequence[str]) -> str | None:
    """Which of these is a session that this account began, over or not; None where none is, or long ago."""
    these, values = any_of(digests)
    sql = f"SELECT digest FROM session WHERE account = :account AND digest IN {these} ORDER BY begun_at DESC LIMIT 1"
    return next((row["digest"] for row in database.query(sql, values | {"account": account})), None)


def end(session: Session, account: str, at: datetime, digest: str | None = None) -> int:
    """End every session of an account, or one; how many were ended."""
    from sqlmodel import col, update

    from catalog.people.tables import SessionRow

    these = [col(SessionRow.account) == account, col(SessionRow.ended_at).is_(None)]
    if digest is not None:
        these.append(col(SessionRow.digest) == digest)
    ended = update(SessionRow).where(*these).values(ended_at=at).returning(col(SessionRow.digest))
    return len(session.exec(ended).all())


def going_on(database: Database, at: datetime, digest: str | None = None) -> list[SignedIn]:
    """Sessions that are not over, or the one of this digest if it is not; the newest first."""
    values = {"idle": database.moment(at - IDLE), "begun": database.moment(at - LONGEST), "digest": digest}
    one = "" if digest is None else " AND digest = :digest"
    sql = f"""SELECT digest, account, begun_at, seen_at FROM session
 WHERE ended_at IS NULL AND seen_at > :idle AND begun_at > :begun{one} ORDER BY begun_at DESC, digest"""
    return [_read(row) for row in database.query(sql, values)]


@readable("session")
def _read(row: Row) -> SignedIn:
    return value_in(SignedIn, row)
