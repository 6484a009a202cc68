"""Sessions of people at the pages."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), primary_key=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
    )
    op.create_index("ix_session_account", "session", ["account"])
