"""Tokens of programs (接口令牌): for which account a program may ask, for what, from where, and until when.

Shapes: a token is known by its SHA-256; the token itself has the program alone. `seal` is over `sealed_text`, by a key
that is not in the catalog. No token is evidence: a catalog that is rebuilt has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.readable import readable, value_in
from catalog.rules.canonical import canonical, time_text

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

ID_CHARS = 12


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the catalog knows it; its fields but digest and seal are keys of `tokens list --json`."""

    id: str
    digest: str
    seal: str
    account: str
    name: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]
    begun_at: datetime
    ends_at: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None

    def sealed_text(self) -> bytes:
        """What the seal is over."""
        about = [self.digest, self.account, list(self.scopes), list(self.addresses), time_text(self.ends_at)]
        return canonical({"token": about})

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `tokens list --json`."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("digest", "seal")}


def add(session: Session, token: Token) -> None:
    """Enter one."""
    from catalog.people.tables import TokenRow

    columns: dict[str, Any] = {name: getattr(token, name) for name in token.__slots__}
    session.add(TokenRow(**columns | {name: json.dumps(columns[name]) for name in ("scopes", "addresses")}))


def used(session: Session, id: str, at: datetime) -> None:  # noqa: A002
    """Say that it was used."""
    _set(session, at, "used_at", id=id)


def end(session: Session, at: datetime, **its: str) -> int:
    """End those that go on, by their `id` or `account`; returns how many."""
    return _set(session, at, "ended_at", **its)


def _set(session: Session, at: datetime, column: str, **its: str) -> int:
    from sqlmodel import col, update

    from catalog.people.tables import TokenRow

    these = [getattr(TokenRow, name) == value for name, value in its.items()]
    change = update(TokenRow).where(*these, col(TokenRow.ended_at).is_(None)).values({column: at})
    return len(session.exec(change.returning(col(TokenRow.id))).all())


def every(database: Database, account: str | None = None) -> list[Token]:
    """All tokens, or those of an account; the newest first."""
    where = "" if account is None else " WHERE account = :account"
    sql = f"SELECT * FROM api_token{where} ORDER BY begun_at DESC, id"
    return [_read(row) for row in database.query(sql, {"account": account})]


def of_digest(database: Database, digest: str) -> Token | None:
    """The token of this digest."""
    sql = "SELECT * FROM api_token WHERE id = :id AND digest = :digest"
    rows = database.query(sql, {"id": digest[:ID_CHARS], "digest": digest})
    return _read(rows[0]) if rows else None


@readable("api_token")
def _read(row: Row) -> Token:
    return value_in(Token, row)
