"""Releases of clips to the public."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Forward; there is no way back."""
    texts = ("state", "clip", "case_id", "reason", "asked_by", "steps")
    maybe = ("recipe", "film", "drafted_by", "checked_by")
    op.create_table(
        "clip_release",
        sa.Column("no", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in maybe),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
    )
