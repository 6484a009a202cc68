"""Kinds of columns (列类型) that the tables of all rooms share; only `catalog` sees them. Units: aware UTC outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, TypeDecorator
from sqlmodel import Field, Session, SQLModel, insert


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware UTC outside, naive UTC in the database (SQLite knows no zone)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a time to the database; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise AssertionError("a naive time came to the catalog")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Take a time from the database."""
        return None if value is None else value.replace(tzinfo=UTC)


def time_column(nullable: bool = False) -> Any:
    """Return the field of a moment."""
    return Field(default=None, sa_column=Column(UtcTime(), nullable=nullable))


def insert_rows(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    """Put rows into a table at once: an object a row takes ten times as long. A column not named has its default."""
    blank = {name: field.default for name, field in table.model_fields.items() if not field.is_required()}
    if rows:
        session.execute(insert(table), [{**blank, **row} for row in rows])
