"""Numbers of cases that stand in a clip; what is proposed is worked out, and kept no more.

What a rule proposed when a clip was filed stands in its manifest still.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("clip", sa.Column("numbers", sa.Text()))
    op.drop_table("proposal")
