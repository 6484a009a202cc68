"""The newest code of a second factor that an account used."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "used_code",
        sa.Column("account", sa.Text(), primary_key=True, nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
    )
