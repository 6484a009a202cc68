"""Rounds of legal review with their points; what is proposed against a party."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("law_case", sa.Column("penalty", sa.Text()))
    op.add_column("law_case", sa.Column("fine", sa.BigInteger()))
    op.create_table(
        "review_round",
        sa.Column("no", sa.Text(), primary_key=True, nullable=False),
        *_text("case_id", "state", nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=False),
        *_text("sent_by", nullable=False),
        *_text("note"),
        *_text("papers", "substance", nullable=False),
        *_text("again_of", "extended"),
        sa.Column("ended_at", UtcTime()),
        *_text("ended_by", "opinion", "reason"),
        *_text("opened", nullable=False),
    )
    op.create_index("review_round_by_case", "review_round", ["case_id", "sent_at"])
    op.create_table(
        "review_point",
        *(sa.Column(name, sa.Text(), primary_key=True, nullable=False) for name in ("round", "code")),
        *_text("verdict", nullable=False),
        *_text("note"),
        *_text("rests", nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        *_text("by", nullable=False),
        sa.Column("adopted", sa.Boolean()),
        *_text("answer"),
        sa.Column("answered_at", UtcTime()),
        *_text("answered_by"),
    )


def _text(*names: str, nullable: bool = True) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]
