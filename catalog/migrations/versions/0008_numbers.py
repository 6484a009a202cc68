"""The numbers a recorder's files are named with; several recorders may tell one serial on USB."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("recorder", sa.Column("numbers", sa.Text()))
    op.drop_index("recorder_by_usb_serial", "recorder")
    op.create_index("recorder_by_usb_serial", "recorder", ["usb_serial"])
