"""Cases by their parties; pages of cases by number and by time."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
PAGE = 500


def upgrade() -> None:
    """Forward; there is no way back."""
    made = op.create_table(
        "case_party",
        sa.Column("case_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
    )
    op.create_index("case_party_by_name", "case_party", ["name", "case_id"])
    op.execute("CREATE INDEX law_case_by_number ON law_case (COALESCE(no, ''), id)")
    op.create_index("law_case_by_time", "law_case", ["added_at", "id"])
    base = op.get_bind()
    found = base.execute(sa.text("SELECT id, parties FROM law_case WHERE parties <> '[]'")).all()
    rows = [{"case_id": case, "name": name} for case, text in found for name in _names(text)]
    for at in range(0, len(rows), PAGE):
        base.execute(sa.insert(made), rows[at : at + PAGE])


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(str(one.get("name") or "") for one in json.loads(text)))
