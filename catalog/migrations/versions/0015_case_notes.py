"""Notes that answer what a check of a case found."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "case_note",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Text()),
        sa.Column("verdict", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
    )
    op.create_index("case_note_by_case", "case_note", ["case_id"])
