"""Tokens of programs, and what they were answered."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "seal", "account", "name")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("scopes", "addresses")),
        *(sa.Column(name, UtcTime(), nullable=False) for name in ("begun_at", "ends_at")),
        *(sa.Column(name, UtcTime()) for name in ("used_at", "ended_at")),
    )
    op.create_table(
        "answered",
        *(sa.Column(name, sa.Text(), primary_key=True, nullable=False) for name in ("who", "key")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("asked", "answer")),
        sa.Column("at", UtcTime(), nullable=False),
    )
