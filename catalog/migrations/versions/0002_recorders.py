"""The register: recorders, who held which one when, and their dockings."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward; there is no way back."""
    _recorders()
    _assignments()
    _dockings()


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, primary_key=key)


def _time(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime(), nullable=nullable, primary_key=key)


def _recorders() -> None:
    op.create_table(
        "recorder",
        _text("serial", key=True),
        *(_text(name, nullable=True) for name in ("usb_serial", "label", "model", "unit", "note")),
        _time("added_at"),
        _text("added_by"),
        _time("retired_at", nullable=True),
        _text("retired_by", nullable=True),
        _text("retired_reason", nullable=True),
    )
    for column in ("usb_serial", "label"):
        op.create_index(f"recorder_by_{column}", "recorder", [column], unique=True)


def _assignments() -> None:
    op.create_table(
        "holding",
        _text("serial", key=True),
        _time("entered_at", key=True),
        _text("officer"),
        _text("unit", nullable=True),
        *(_text(name) for name in ("how", "by")),
        _time("begins_at"),
        _time("due_at", nullable=True),
        _time("ended_at", nullable=True),
        _text("ended_by", nullable=True),
        sa.CheckConstraint("how IN ('issue', 'loan')", name="holding_how"),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= begins_at", name="holding_ends_after_it_begins"),
    )
    op.create_index("holding_by_officer", "holding", ["officer", "begins_at"])


def _dockings() -> None:
    op.create_table(
        "docking",
        _text("id", key=True),
        _text("recorder"),
        _text("bay", nullable=True),
        _time("begins_at"),
        _time("ends_at", nullable=True),
        *(_text(name, nullable=True) for name in ("model", "transport")),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("filed", "held")),
        sa.Column("clock_offset_s", sa.Float(), nullable=True),
        _text("clock_method", nullable=True),
        sa.Column("clock_uncertainty_s", sa.Float(), nullable=True),
        _time("clock_set_at", nullable=True),
        _text("station_clock", nullable=True),
        _text("gaps"),
        sa.Column("cleared", sa.Integer(), nullable=False),
    )
    op.create_index("docking_by_recorder", "docking", ["recorder", "begins_at"])
