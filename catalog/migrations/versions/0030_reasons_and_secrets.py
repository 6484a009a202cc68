"""Reasons told, secrets of accounts, state secrets and locks that ended are found without reading all there is."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Forward; there is no way back."""
    is_secret = sa.text("class = 'state'")
    op.create_index("clip_state", "clip", ["id"], sqlite_where=is_secret, postgresql_where=is_secret)
    op.create_index("clip_by_lock", "clip", ["retain_until", "sha256"])
    is_look = sa.text("action IN ('clip.viewed', 'clip.track-written')")
    op.create_index("trail_looks", "trail", ["actor", "at"], sqlite_where=is_look, postgresql_where=is_look)
    is_set = sa.text("action = 'person.secret-set'")
    op.create_index("trail_secrets", "trail", ["line"], sqlite_where=is_set, postgresql_where=is_set)
