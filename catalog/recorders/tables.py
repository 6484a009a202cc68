"""Tables of recorders (设备台账表): recorder, holding (an assignment), docking.

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from catalog.columns import UtcTime, time_column


class RecorderRow(SQLModel, table=True):
    """One recorder (执法记录仪); a retired one stays, so that it is known."""

    __tablename__ = "recorder"

    serial: str = Field(primary_key=True)
    usb_serial: str | None = None
    label: str | None = None
    model: str | None = None
    unit: str | None = None
    note: str | None = None
    numbers: str | None = None
    room: str | None = None
    added_at: datetime = time_column()
    added_by: str
    retired_at: datetime | None = time_column(nullable=True)
    retired_by: str | None = None
    retired_reason: str | None = None


class AssignmentRow(SQLModel, table=True):
    """That an officer had a recorder (领用, 借用), keyed by when it was entered: a mistake may have begun then too."""

    __tablename__ = "holding"

    serial: str = Field(primary_key=True)
    entered_at: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    officer: str
    unit: str | None = None
    how: str
    by: str
    begins_at: datetime = time_column()
    due_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None


class DockingRow(SQLModel, table=True):
    """One visit of a recorder at a bay (接入记录), as it was told last. `gaps` is a JSON list."""

    __tablename__ = "docking"

    id: str = Field(primary_key=True)
    recorder: str
    bay: str | None = None
    begins_at: datetime = time_column()
    ends_at: datetime | None = time_column(nullable=True)
    model: str | None = None
    transport: str | None = None
    files: int
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    filed: int
    held: int
    clock_offset_s: float | None = None
    clock_method: str | None = None
    clock_uncertainty_s: float | None = None
    clock_set_at: datetime | None = time_column(nullable=True)
    station_clock: str | None = None
    gaps: str = Field(sa_column=Column(Text, nullable=False))
    cleared: int
