"""Scans of written records."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Forward; there is no way back."""
    texts = ("paper", "name", "format", "sha256", "sm3", "by")
    op.create_table(
        "paper_scan",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("pages", sa.Integer()),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("paper_scan_by_paper", "paper_scan", ["paper"])
