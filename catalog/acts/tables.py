"""The table of adopted policies (制度表).

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class PolicyRow(SQLModel, table=True):
    """A policy of the bureau (管理制度), word for word. `version` counts adoptions from 1."""

    __tablename__ = "policy"

    version: int = Field(primary_key=True)
    adopted_at: datetime = time_column()
    adopted_by: str
    sha256: str
    text: str = Field(sa_column=Column(Text, nullable=False))
