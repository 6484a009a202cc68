"""The bureau's policy, every version of it."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("adopted_at", UtcTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("adopted_by", "sha256", "text")),
    )
