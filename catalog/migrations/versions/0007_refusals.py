"""Locks and holds that the storage refuses."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "refusal",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("what", sa.Text(), primary_key=True),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
