"""Which codes of second factors were used (已用动态码): of each account the newest, so that none counts twice.

Source: RFC 6238, 5.2. Shapes: a code is known by the number of its half minute. No evidence, but it outlasts a
restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session


def take(session: Session, account: str, moment: int) -> bool:
    """Use a code; whether it is newer than all that were used before."""
    from sqlalchemy import text

    sql = """INSERT INTO used_code (account, moment) VALUES (:account, :moment)
 ON CONFLICT (account) DO UPDATE SET moment = :moment WHERE used_code.moment < :moment RETURNING moment"""
    return session.connection().execute(text(sql), {"account": account, "moment": moment}).first() is not None
