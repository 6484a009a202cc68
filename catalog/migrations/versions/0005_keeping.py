"""Disposals, and when each original was last read again in the vault."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "disposal",
        sa.Column("clip_id", sa.Text(), primary_key=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
    )
    op.create_table(
        "reading",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("read_at", UtcTime(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
    )
