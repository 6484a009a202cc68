"""${message}"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import catalog.columns

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Forward; there is no way back."""
    ${upgrades if upgrades else "pass"}
