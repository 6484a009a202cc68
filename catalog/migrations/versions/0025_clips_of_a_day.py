"""An index of clips by when they were sealed: what came in today is counted by the bay screen, again and again."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_index("clip_by_sealing", "clip", ["sealed_at", "recorder", "kind", "id"])
