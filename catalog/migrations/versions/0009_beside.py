"""What clip a sidecar stands beside, as its own manifest says: one that no clip's manifest names is tied by it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PAGE = 500
NOTHING = b'"beside":null'
NEXT = sa.text("SELECT clip_id, body FROM manifest WHERE clip_id > :after ORDER BY clip_id LIMIT :page").columns(
    clip_id=sa.Text(), body=sa.LargeBinary()
)
TIE = sa.text("UPDATE clip SET beside_hex = :beside WHERE id = :clip")


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("clip", sa.Column("beside_hex", sa.Text()))
    for name, column in (("clip_by_path", "path_hex"), ("clip_by_beside", "beside_hex")):
        op.create_index(name, "clip", [column])
    base, after = op.get_bind(), ""
    while rows := base.execute(NEXT, {"after": after, "page": PAGE}).all():
        for clip, body in rows:
            beside = None if NOTHING in body else _beside(body)
            if beside is not None:
                base.execute(TIE, {"beside": beside, "clip": clip})
        after = rows[-1][0]


def _beside(body: bytes) -> str | None:
    """The raw path of the clip, in hexadecimal; none in what is no manifest: checks name that."""
    try:
        told = json.loads(body)["source"].get("beside")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return told if isinstance(told, str) else None
