"""Requests for looks and copies, and the copies that were made."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0014"
down_revision = "0013"


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, UtcTime(), nullable=nullable) for name in names]


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "request",
        sa.Column("no", sa.Text(), primary_key=True),
        *_texts("state", "wanted", "clips", "reason", "asked_by", "granted"),
        *_texts("case_id", "description", "use", "paper", "organ", "letter", nullable=True),
        *_texts("decided_by", "decided_reason", "watermark", "revoked_by", "revoked_reason", nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("days", "policy")),
        *_times("asked_at"),
        *_times("decided_at", "until", "revoked_at", nullable=True),
    )
    op.create_table(
        "handout",
        sa.Column("no", sa.Text(), primary_key=True),
        *_texts("request", "state", "kind", "sha256", "bundle", "clips", "made_by"),
        *_texts("handed_by", "medium", "receiver", "returned_by", "outcome", "witness", nullable=True),
        *_times("made_at"),
        *_times("handed_at", "returned_at", nullable=True),
    )
