"""Tables of how evidence is kept (保管表): disposal, hold, reading, refusal.

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from catalog.columns import UtcTime, time_column


class DisposalRow(SQLModel, table=True):
    """That an original is to go (处置): asked for by one person, done by another. What it was is in the act."""

    __tablename__ = "disposal"

    clip_id: str = Field(primary_key=True)
    asked_at: datetime = time_column()
    asked_by: str
    reason: str
    done_at: datetime | None = time_column(nullable=True)
    done_by: str | None = None


class HoldRow(SQLModel, table=True):
    """That an original must stay (依法保留): set by one person, its end asked for by one and made by another."""

    __tablename__ = "hold"

    clip_id: str = Field(primary_key=True)
    begins_at: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    by: str
    reason: str
    asked_at: datetime | None = time_column(nullable=True)
    asked_by: str | None = None
    asked_reason: str | None = None
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None


class ReadingRow(SQLModel, table=True):
    """When an original, or a scan by its key, was last read again in the vault (巡检), and what was wrong, or None."""

    __tablename__ = "reading"

    sha256: str = Field(primary_key=True)
    read_at: datetime = time_column()
    fault: str | None = None


class RefusalRow(SQLModel, table=True):
    """What the storage owes (拒绝) of an original or record: `lock`, `hold`, `record`; or a `paper` that is damaged."""

    __tablename__ = "refusal"

    subject: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    since: datetime = time_column()
    reason: str
