"""Numbers of cases that stand in a clip, and what was handed over; what is proposed is worked out, and kept no more.

What a rule proposed when a clip was filed stands in its manifest still.
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("clip", sa.Column("numbers", sa.Text()))
    op.drop_table("proposal")
    op.add_column("clip_class", sa.Column("handed_at", UtcTime()))
    for name in ("handed_by", "receipt"):
        op.add_column("clip_class", sa.Column(name, sa.Text()))
