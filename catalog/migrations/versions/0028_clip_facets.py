"""What hits are counted by, beside a clip's number: ten thousand are counted without reading their rows."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_index("clip_facets", "clip", ["id", "class", "kind", "house_unit", "officer", "recorder", "person"])
