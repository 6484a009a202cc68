"""Tables of cases (案件表): case, link.

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from catalog.columns import UtcTime, time_column


class CaseRow(SQLModel, table=True):
    """A case (案件). `title` is None while it was only named at an ingest."""

    __tablename__ = "law_case"

    no: str = Field(primary_key=True)
    title: str | None = None
    subject: str | None = None
    officers: str = "[]"
    begins_at: datetime | None = time_column(nullable=True)
    ends_at: datetime | None = time_column(nullable=True)
    added_at: datetime = time_column()
    added_by: str


class LinkRow(SQLModel, table=True):
    """That a clip belonged to a case (关联), from when, by whom, and how it ended."""

    __tablename__ = "link"

    clip_id: str = Field(primary_key=True)
    begins_at: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    case_no: str
    how: str
    by: str
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    reason: str | None = None
