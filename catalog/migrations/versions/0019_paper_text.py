"""What pages of scans say, for search; the index is due when that changes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

SQLITE_TRIGGER = """CREATE TRIGGER search_paper_text_{verb} AFTER {verb} ON paper_text
BEGIN INSERT INTO search_due(kind, id) VALUES ('scan', {side}.scan); END"""
POSTGRES_TRIGGER = """CREATE TRIGGER search_due AFTER INSERT OR UPDATE OR DELETE ON paper_text
FOR EACH ROW EXECUTE FUNCTION search_is_due('scan', 'scan')"""


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "paper_text",
        sa.Column("scan", sa.Text(), primary_key=True, nullable=False),
        sa.Column("page", sa.Integer(), primary_key=True, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("paper_by_scan", "paper", ["scan"])
    if op.get_bind().dialect.name != "sqlite":
        op.execute(POSTGRES_TRIGGER)
        return
    for verb, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(SQLITE_TRIGGER.format(verb=verb, side=side))
