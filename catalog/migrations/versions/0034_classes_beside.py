"""A file beside a clip has its class: what was classified before is brought to that."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
CLASSES = ("none", "privacy", "business", "work", "informant", "state")
BESIDE = """SELECT its.id AS id, its.class AS class, clip.class AS main FROM
 (SELECT sidecar_id, clip_id FROM sidecar UNION ALL
 SELECT late.id, main.id FROM clip AS late JOIN clip AS main ON main.path_hex = late.beside_hex
 WHERE COALESCE(late.recorder, main.recorder, '') = COALESCE(main.recorder, late.recorder, '')
 AND NOT EXISTS (SELECT 1 FROM sidecar WHERE sidecar_id = late.id)) AS pair
 JOIN clip ON clip.id = pair.clip_id AND clip.class <> 'none' JOIN clip AS its ON its.id = pair.sidecar_id"""


def upgrade() -> None:
    """Forward; there is no way back."""
    base, found = op.get_bind(), dict[str, str]()
    for row in base.execute(sa.text(BESIDE)).mappings():
        found[row["id"]] = max(found.get(row["id"], row["class"]), row["main"], key=CLASSES.index)
    for clip, code in found.items():
        base.execute(sa.text("UPDATE clip SET class = :code WHERE id = :id"), {"code": code, "id": clip})
