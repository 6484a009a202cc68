"""Tables of the trail (留痕表): line and tree node; append-only by triggers (see `migrations/`).

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class TrailRow(SQLModel, table=True):
    """One line of the trail (操作留痕). `line` counts from 1 without a gap."""

    __tablename__ = "trail"

    line: int = Field(primary_key=True)
    at: datetime = time_column()
    actor: str
    action: str
    is_look: bool
    subject: str
    details: str = Field(sa_column=Column(Text, nullable=False))
    leaf_hash: str
    chain_hash: str


class TrailNodeRow(SQLModel, table=True):
    """A complete node of the trail's tree above the leaves."""

    __tablename__ = "trail_node"

    level: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    hash: str


class RefusedLookRow(SQLModel, table=True):
    """When a person's refused look at a clip was last written (调阅被拒), and how many were not since."""

    __tablename__ = "refused_look"

    person: str = Field(primary_key=True)
    clip_id: str = Field(primary_key=True)
    at: datetime = time_column()
    unwritten: int = 0
