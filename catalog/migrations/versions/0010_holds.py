"""Holds on clips, with a case or without one."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "hold",
        sa.Column("clip_id", sa.Text(), primary_key=True),
        sa.Column("begins_at", UtcTime(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "reason")),
        *(sa.Column(f"{what}_at", UtcTime(), nullable=True) for what in ("asked", "ended")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("asked_by", "asked_reason", "ended_by")),
    )
