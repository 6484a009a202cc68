"""Lists that were imported, which row each thing came from, and who was on duty."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "imported_list",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("by", "kind", "file", "sha256")),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("map", sa.String(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "imported_row",
        sa.Column("import_id", sa.String(), primary_key=True),
        sa.Column("row_number", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("refused", sa.String()),
    )
    op.create_index("imported_row_by_subject", "imported_row", ["kind", "subject"])
    op.create_table(
        "duty",
        *(sa.Column(name, sa.String(), primary_key=True) for name in ("entry", "how", "person")),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("note", sa.String()),
    )
    op.create_index("duty_by_day", "duty", ["day", "person"])
