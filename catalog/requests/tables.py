"""Tables of what is asked for and handed out (申请、副本与公示表): request, handout, clip_release.

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class RequestRow(SQLModel, table=True):
    """A request (调阅、复制申请) with its decision; clips are lists in JSON."""

    __tablename__ = "request"

    no: str = Field(primary_key=True)
    state: str
    wanted: str
    clips: str = Field(sa_column=Column(Text, nullable=False))
    case_id: str | None = None
    description: str | None = None
    reason: str
    use: str | None = None
    paper: str | None = None
    organ: str | None = None
    letter: str | None = None
    days: int | None = None
    asked_at: datetime = time_column()
    asked_by: str
    decided_at: datetime | None = time_column(nullable=True)
    decided_by: str | None = None
    decided_reason: str | None = None
    granted: str = Field(sa_column=Column(Text, nullable=False))
    until: datetime | None = time_column(nullable=True)
    watermark: str | None = None
    policy: int | None = None
    revoked_at: datetime | None = time_column(nullable=True)
    revoked_by: str | None = None
    revoked_reason: str | None = None


class HandoutRow(SQLModel, table=True):
    """A copy in the register (复制登记): made, handed out, taken back."""

    __tablename__ = "handout"

    no: str = Field(primary_key=True)
    request: str
    state: str
    kind: str
    sha256: str
    bundle: str
    clips: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = time_column()
    made_by: str
    handed_at: datetime | None = time_column(nullable=True)
    handed_by: str | None = None
    medium: str | None = None
    receiver: str | None = None
    returned_at: datetime | None = time_column(nullable=True)
    returned_by: str | None = None
    outcome: str | None = None
    witness: str | None = None


class ReleaseRow(SQLModel, table=True):
    """A release of a clip to the public (音像公示), with its steps as a list in JSON."""

    __tablename__ = "clip_release"

    no: str = Field(primary_key=True)
    state: str
    clip: str
    case_id: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    asked_at: datetime = time_column()
    asked_by: str
    steps: str = Field(sa_column=Column(Text, nullable=False))
    recipe: str | None = None
    film: str | None = None
    size_bytes: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    drafted_by: str | None = None
    checked_by: str | None = None
