"""Tables of imports (导入台账表): list, row of a list, duty.

Only `catalog` sees them. Units: bytes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class ImportedListRow(SQLModel, table=True):
    """A list that was taken in (导入): the file, the map of its columns, and how many of its rows were taken."""

    __tablename__ = "imported_list"

    id: str = Field(primary_key=True)
    at: datetime = time_column()
    by: str
    kind: str
    file: str
    sha256: str
    size_bytes: int
    map: str
    row_count: int


class ImportedRow(SQLModel, table=True):
    """A row of it (导入行): what it is in the catalog, what it said, as JSON, and why it was refused, if it was."""

    __tablename__ = "imported_row"
    __table_args__ = (Index("imported_row_by_subject", "kind", "subject"),)

    import_id: str = Field(primary_key=True)
    row_number: int = Field(primary_key=True)
    kind: str
    subject: str | None = None
    said: str = Field(sa_column=Column(Text, nullable=False))
    refused: str | None = None


class DutyRow(SQLModel, table=True):
    """That a person was on duty on a day (值班), by an entry of a roster; `how` is `leader` or `duty`."""

    __tablename__ = "duty"
    __table_args__ = (Index("duty_by_day", "day", "person"),)

    entry: str = Field(primary_key=True)
    how: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    day: str
    note: str | None = None
