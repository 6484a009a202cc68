"""Units, people, their numbers, roles and accounts; whose a clip is in the house."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "unit",
        *(_text(name, key=name == "code") for name in ("code", "name", "was", "parent", "added_by")),
        *(_text(name, nullable=True) for name in ("kind", "number", "closed_by", "closed_reason")),
        _time("added_at"),
        _time("closed_at", nullable=True),
    )
    op.create_table("unit_place", _text("unit", key=True), _time("begins_at", key=True), _text("parent"), _text("by"))
    op.create_table("unit_name", _text("unit", key=True), _text("name", key=True))
    op.create_index("unit_name_by_name", "unit_name", ["name"])
    op.create_table(
        "person",
        *(_text(name, key=name == "no") for name in ("no", "name", "kinds", "added_by")),
        *(_text(name, nullable=True) for name in ("sex", "post", "area")),
        _time("added_at"),
        *_ended("suspended"),
        *_ended("left"),
    )
    op.create_table(
        "person_number",
        *(_text(name, key=True) for name in ("person", "kind", "number")),
        _time("begins_at", key=True),
        _time("ends_at", nullable=True),
        _text("valid_until", nullable=True),
    )
    op.create_index("person_number_by_number", "person_number", ["number"])
    op.create_table("posting", _text("person", key=True), _time("begins_at", key=True), _text("unit"), _text("by"))
    op.create_table(
        "role_grant",
        *(_text(name, key=name == "id") for name in ("id", "person", "title", "role", "proposed_by")),
        *(_text(name, nullable=True) for name in ("unit", "granted_by")),
        *(_time(name) for name in ("begins_at", "proposed_at")),
        *(_time(name, nullable=True) for name in ("ends_at", "granted_at")),
        *_ended("revoked"),
    )
    op.create_table(
        "delegation",
        *(_text(name, key=name == "id") for name in ("id", "person", "delegate", "reason", "added_by")),
        *(_time(name) for name in ("begins_at", "ends_at", "added_at")),
        *_ended("revoked"),
    )
    op.create_table(
        "account",
        _text("account", key=True),
        _time("bound_at", key=True),
        *(_text(name) for name in ("person", "by")),
        *(_text(name, nullable=True) for name in ("confirmed_by", "ended_by")),
        _time("ended_at", nullable=True),
    )
    op.add_column("clip", _text("person", nullable=True))
    op.add_column("clip", sa.Column("house_unit", sa.Text(), nullable=False, server_default="bureau"))
    for column in ("person", "house_unit"):
        op.create_index(f"clip_by_{column}", "clip", [column, "starts_at", "id"])


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, primary_key=key)


def _time(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime(), nullable=nullable, primary_key=key)


def _ended(what: str) -> tuple[sa.Column[Any], ...]:
    return (
        _time(f"{what}_at", nullable=True),
        *(_text(f"{what}_{name}", nullable=True) for name in ("by", "reason")),
    )
