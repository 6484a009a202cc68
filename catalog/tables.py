"""The catalog's tables (编目表), as SQLModel classes; only `catalog` sees them.

Shapes: one row a clip, a manifest, a case, a link, a proposal, a sidecar tie, a recorder, a holding, a docking, a
policy, a chore, a disposal, a reading, a refusal, an opinion; the trail and its tree nodes are append-only by triggers
(see `migrations/`).
Units: bytes, seconds, degrees; times through `UtcTime`.
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


class DisposalRow(SQLModel, table=True):
    """That an original is to go (处置): asked for by one person, done by another. What it was is in the act."""

    __tablename__ = "disposal"

    clip_id: str = Field(primary_key=True)
    asked_at: datetime = _time()
    asked_by: str
    reason: str
    done_at: datetime | None = _time(nullable=True)
    done_by: str | None = None


class ReadingRow(SQLModel, table=True):
    """When an original was last read again in the vault (巡检), and what was wrong; None: nothing."""

    __tablename__ = "reading"

    sha256: str = Field(primary_key=True)
    read_at: datetime = _time()
    fault: str | None = None


class RefusalRow(SQLModel, table=True):
    """What the storage owes (拒绝) of an original or record: `lock`, `hold`, `record`; or a `paper` that is damaged."""

    __tablename__ = "refusal"

    subject: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    since: datetime = _time()
    reason: str


class OpinionRow(SQLModel, table=True):
    """What another program says about a clip (第二意见). `body` is JSON, `disagrees` how often it contradicts us."""

    __tablename__ = "opinion"

    clip_id: str = Field(primary_key=True)
    asked_at: datetime = _time()
    tool: str
    disagrees: int
    body: str = Field(sa_column=Column(Text, nullable=False))


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
    added_at: datetime = _time()
    added_by: str
    retired_at: datetime | None = _time(nullable=True)
    retired_by: str | None = None
    retired_reason: str | None = None


class HoldingRow(SQLModel, table=True):
    """That an officer held a recorder (领用, 借用), keyed by when it was entered: a mistake may have begun then too."""

    __tablename__ = "holding"

    serial: str = Field(primary_key=True)
    entered_at: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    officer: str
    unit: str | None = None
    how: str
    by: str
    begins_at: datetime = _time()
    due_at: datetime | None = _time(nullable=True)
    ended_at: datetime | None = _time(nullable=True)
    ended_by: str | None = None


class DockingRow(SQLModel, table=True):
    """One visit of a recorder at a bay (接入记录), as it was told last. `gaps` is a JSON list."""

    __tablename__ = "docking"

    id: str = Field(primary_key=True)
    recorder: str
    bay: str | None = None
    begins_at: datetime = _time()
    ends_at: datetime | None = _time(nullable=True)
    model: str | None = None
    transport: str | None = None
    files: int
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    filed: int
    held: int
    clock_offset_s: float | None = None
    clock_method: str | None = None
    clock_uncertainty_s: float | None = None
    clock_set_at: datetime | None = _time(nullable=True)
    station_clock: str | None = None
    gaps: str = Field(sa_column=Column(Text, nullable=False))
    cleared: int


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
    submitted_at: datetime = _time()
    due_at: datetime = _time()
    lease_until: datetime | None = _time(nullable=True)
    ended_at: datetime | None = _time(nullable=True)
    worker: str | None = None
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None
