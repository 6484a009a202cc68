"""A reason a person told, and which clips may hold a state secret, are found without reading trail or clips through."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Forward; there is no way back."""
    is_secret = sa.text("class = 'state'")
    op.create_index("clip_state", "clip", ["id"], sqlite_where=is_secret, postgresql_where=is_secret)
    is_look = sa.text("action IN ('clip.viewed', 'clip.track-written')")
    op.create_index("trail_looks", "trail", ["actor", "at"], sqlite_where=is_look, postgresql_where=is_look)
