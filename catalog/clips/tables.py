"""Tables of clips (资料表): clip, its classes, manifest, sidecar tie, chore, second opinion; their index.

Only `catalog` sees them. Units: bytes, seconds, degrees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Column, Float, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class ClipRow(SQLModel, table=True):
    """One clip (视音频资料) as lists show it; whose it is in the house is told by `catalog/people/holders.py`."""

    __tablename__ = "clip"

    id: str = Field(primary_key=True)
    recorder: str | None = None
    officer: str | None = None
    unit: str | None = None
    kind: str
    path: str = Field(sa_column=Column(Text, nullable=False))
    path_hex: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str
    sm3: str
    starts_at: datetime = time_column()
    starts_at_source: str
    starts_at_uncertainty_s: float = Field(sa_column=Column(Float, nullable=False))
    ends_at: datetime | None = time_column(nullable=True)
    duration_s: float | None = None
    fixes: int
    first_latitude_deg: float | None = None
    first_longitude_deg: float | None = None
    first_fix_at: datetime | None = time_column(nullable=True)
    marks: str
    sealed_at: datetime = time_column()
    retain_until: datetime = time_column()
    playable: bool | None = None
    beside_hex: str | None = None
    numbers: str | None = None
    person: str | None = None
    house_unit: str = "bureau"
    class_: str = Field(default="none", sa_column=Column("class", Text, nullable=False))


class ClipClassRow(SQLModel, table=True):
    """A class of a clip (密级与敏感类别), and who asked to take it away, if somebody did."""

    __tablename__ = "clip_class"

    clip_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    added_at: datetime = time_column()
    added_by: str
    reason: str | None = None
    asked_at: datetime | None = time_column(nullable=True)
    asked_by: str | None = None
    asked_reason: str | None = None
    asked_how: str | None = None
    handed_at: datetime | None = time_column(nullable=True)
    handed_by: str | None = None
    receipt: str | None = None


class ManifestRow(SQLModel, table=True):
    """The signed manifest of a clip (资料清单), byte for byte as it stands in the vault."""

    __tablename__ = "manifest"

    clip_id: str = Field(primary_key=True)
    sha256: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: str
    key_id: str


class SidecarRow(SQLModel, table=True):
    """That one clip stands beside another on the card (伴随文件)."""

    __tablename__ = "sidecar"

    clip_id: str = Field(primary_key=True)
    sidecar_id: str = Field(primary_key=True)


class ChoreRow(SQLModel, table=True):
    """One piece of work for later (后台任务); `token` grows with every claim, so that a late worker is known."""

    __tablename__ = "chore"

    id: str = Field(primary_key=True)
    kind: str
    subject: str
    state: str
    attempts: int = 0
    token: int = 0
    progress: float = Field(default=0.0, sa_column=Column(Float, nullable=False))
    submitted_at: datetime = time_column()
    due_at: datetime = time_column()
    lease_until: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    worker: str | None = None
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None


class OpinionRow(SQLModel, table=True):
    """What another program says about a clip (第二意见). `body` is JSON, `disagrees` how often it contradicts us."""

    __tablename__ = "opinion"

    clip_id: str = Field(primary_key=True)
    asked_at: datetime = time_column()
    tool: str
    disagrees: int
    body: str = Field(sa_column=Column(Text, nullable=False))


class DueRow(SQLModel, table=True):
    """What is due to be indexed (待索引): a clip, or all that a case, unit, person or policy says of clips.

    A trigger of each table that words come from enters it, in the transaction of the change.
    """

    __tablename__ = "search_due"

    n: int = Field(sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True))
    kind: str
    id: str


class IndexedRow(SQLModel, table=True):
    """Where a clip stands in the index (检索索引), a digest of its words, its packed track; PostgreSQL: its words."""

    __tablename__ = "clip_indexed"

    pos: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False)
    )
    clip_id: str = Field(unique=True)
    digest: str
    track: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    words: str | None = Field(default=None, sa_column=Column(Text().with_variant(ARRAY(Integer), "postgresql")))
