"""The catalog's tables (编目表), as SQLModel classes; only `catalog` sees them.

Shapes: one row a clip, a manifest, a case, a link, a proposal, a sidecar tie, a policy; the trail and its tree nodes
are append-only by triggers (see `migrations/`). Units: bytes, seconds, degrees; times through `UtcTime`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Float, LargeBinary, Text, TypeDecorator
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware UTC outside, naive UTC in the database (SQLite knows no zone)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise AssertionError("a naive time came to the catalog")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=UTC)


def _time(nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcTime(), nullable=nullable))


class ClipRow(SQLModel, table=True):
    """One clip (视音频资料) as lists show it."""

    __tablename__ = "clip"

    id: str = Field(primary_key=True)
    recorder: str | None = None
    officer: str | None = None
    unit: str | None = None
    case_no: str | None = None
    kind: str
    path: str = Field(sa_column=Column(Text, nullable=False))
    path_hex: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str
    sm3: str
    starts_at: datetime = _time()
    starts_at_source: str
    starts_at_uncertainty_s: float = Field(sa_column=Column(Float, nullable=False))
    ends_at: datetime | None = _time(nullable=True)
    duration_s: float | None = None
    fixes: int
    first_latitude_deg: float | None = None
    first_longitude_deg: float | None = None
    first_fix_at: datetime | None = _time(nullable=True)
    marks: str
    sealed_at: datetime = _time()
    retain_until: datetime = _time()
    playable: bool | None = None


class ManifestRow(SQLModel, table=True):
    """The signed manifest of a clip (资料清单), byte for byte as it stands in the vault."""

    __tablename__ = "manifest"

    clip_id: str = Field(primary_key=True)
    sha256: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: str
    key_id: str


class CaseRow(SQLModel, table=True):
    """A case (案件). `title` is None while it was only named at an ingest."""

    __tablename__ = "law_case"

    no: str = Field(primary_key=True)
    title: str | None = None
    subject: str | None = None
    officers: str = "[]"
    begins_at: datetime | None = _time(nullable=True)
    ends_at: datetime | None = _time(nullable=True)
    added_at: datetime = _time()
    added_by: str


class LinkRow(SQLModel, table=True):
    """That a clip belonged to a case (关联), from when, by whom, and how it ended."""

    __tablename__ = "link"

    clip_id: str = Field(primary_key=True)
    begins_at: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    case_no: str
    how: str
    by: str
    ended_at: datetime | None = _time(nullable=True)
    ended_by: str | None = None
    reason: str | None = None


class ProposalRow(SQLModel, table=True):
    """A case a rule proposes for a clip (关联建议)."""

    __tablename__ = "proposal"

    clip_id: str = Field(primary_key=True)
    case_no: str = Field(primary_key=True)
    rule: str
    why: str


class SidecarRow(SQLModel, table=True):
    """That one clip stands beside another on the card (伴随文件)."""

    __tablename__ = "sidecar"

    clip_id: str = Field(primary_key=True)
    sidecar_id: str = Field(primary_key=True)


class PolicyRow(SQLModel, table=True):
    """A policy of the bureau (管理制度), word for word. `version` counts adoptions from 1."""

    __tablename__ = "policy"

    version: int = Field(primary_key=True)
    adopted_at: datetime = _time()
    adopted_by: str
    sha256: str
    text: str = Field(sa_column=Column(Text, nullable=False))


class TrailRow(SQLModel, table=True):
    """One line of the trail (操作留痕). `line` counts from 1 without a gap."""

    __tablename__ = "trail"

    line: int = Field(primary_key=True)
    at: datetime = _time()
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
