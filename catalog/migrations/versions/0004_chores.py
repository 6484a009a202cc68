"""Work that may be done later, again, and elsewhere."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "chore",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "subject", "state")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("attempts", "token")),
        sa.Column("progress", sa.Float(), nullable=False),
        *(sa.Column(name, UtcTime(), nullable=False) for name in ("submitted_at", "due_at")),
        *(sa.Column(name, UtcTime(), nullable=True) for name in ("lease_until", "ended_at")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("worker", "code", "message", "message_zh")),
    )
    op.create_index("chore_due", "chore", ["state", "due_at"])
    op.create_index("chore_subject", "chore", ["subject", "kind"])
