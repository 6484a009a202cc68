"""Written records and cases of a time, by when they were over: a clip of today reads none of the years before."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Forward; there is no way back."""
    for table in ("paper", "law_case"):
        op.execute(f"CREATE INDEX {table}_by_end ON {table} (COALESCE(ends_at, begins_at))")
