"""Parts in a case; refused looks, counted."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "refused_look",
        sa.Column("person", sa.Text(), primary_key=True, nullable=False),
        sa.Column("clip_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("unwritten", sa.Integer(), nullable=False),
    )
    op.create_table(
        "case_part",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "person", "part", "reason", "by")),
        sa.Column("begins_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime()),
        sa.Column("ended_at", UtcTime()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_reason", sa.Text()),
    )
    op.create_index("case_part_by_person", "case_part", ["person"])
