"""What another program says about the time and place of a clip."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "opinion",
        sa.Column("clip_id", sa.Text(), primary_key=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("disagrees", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
