"""What of decisions is public, what is kept from the public, and decisions that no longer stand."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Forward; there is no way back."""
    moment = sa.DateTime()
    op.create_table(
        "disclosure",
        *_texts("id", "case_id", "channel", "day", "shown", "by"),
        *_maybe("place", "until", "gravity", "corrects", "ended", "ended_day", "ended_by", "reason"),
        sa.Column("at", moment, nullable=False),
        sa.Column("ended_at", moment),
    )
    op.create_table(
        "disclosure_exception",
        *_texts("id", "case_id", "ground", "reason", "by", "confirmed_by"),
        *_maybe("channel"),
        sa.Column("at", moment, nullable=False),
        sa.Column("ended_at", moment),
    )
    op.create_table(
        "decision_end",
        *_texts("id", "case_id", "how", "day", "reason", "by"),
        *_maybe("number"),
        sa.Column("at", moment, nullable=False),
    )
    for table in ("disclosure", "disclosure_exception", "decision_end"):
        op.create_index(f"{table}_of_case", table, ["case_id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text, the first of them the key."""
    return [sa.Column(name, sa.Text(), primary_key=name == names[0], nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in names]
