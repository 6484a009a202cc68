"""Cases by their officers; roles and delegations by whom they are of."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
PAGE = 500


def upgrade() -> None:
    """Forward; there is no way back."""
    made = op.create_table(
        "case_officer",
        sa.Column("case_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", sa.Text(), primary_key=True, nullable=False),
    )
    op.create_index("case_officer_by_number", "case_officer", ["number"])
    op.create_index("role_grant_by_person", "role_grant", ["person"])
    op.create_index("delegation_by_delegate", "delegation", ["delegate"])
    base = op.get_bind()
    found = base.execute(sa.text("SELECT id, officers FROM law_case WHERE officers <> '[]'")).all()
    rows = [{"case_id": case, "number": one} for case, text in found for one in dict.fromkeys(json.loads(text))]
    for at in range(0, len(rows), PAGE):
        base.execute(sa.insert(made), rows[at : at + PAGE])
