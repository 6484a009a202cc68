"""What programs were answered (幂等应答): who asks again with the same `Idempotency-Key` is answered so again.

Shapes: a row is there from the transaction of the change on; its answer is JSON: what the change was about, and once
that was worked out status, headers and body. Rows are kept for 48 hours. None is evidence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalog.readable import readable

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Answered:
    """The digest of what was asked, and what was answered."""

    asked: str
    answer: Mapping[str, Any]


def find(database: Database, who: str, key: str, at: datetime) -> Answered | None:
    """What was answered under a key."""
    sql = "SELECT key, asked, answer FROM answered WHERE who = :who AND key = :key AND at > :since"
    rows = database.query(sql, {"who": who, "key": key, "since": database.moment(at - KEPT)})
    return _read(rows[0]) if rows else None


def note(session: Session, who: str, key: str, asked: str, at: datetime, answer: Mapping[str, Any]) -> None:
    """Note that it was carried out, or what was answered then; forget what is old."""
    from sqlmodel import col, delete

    from catalog.people.tables import AnsweredRow

    session.exec(delete(AnsweredRow).where(col(AnsweredRow.at) < at - KEPT))
    session.merge(AnsweredRow(who=who, key=key, asked=asked, answer=json.dumps(answer), at=at))


@readable("answered")
def _read(row: Row) -> Answered:
    return Answered(row["asked"], json.loads(row["answer"]))
