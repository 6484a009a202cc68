"""The first tables: clips and their manifests, cases, links, proposals, sidecars, the trail."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime

revision = "0001"
down_revision = None

APPEND_ONLY = ("trail", "trail_node")

SQLITE_TRIGGER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END
"""
POSTGRES_FUNCTION = """
CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()
"""


def upgrade() -> None:
    """Forward; there is no way back."""
    _clips()
    _cases()
    _trail()
    _append_only()


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, primary_key=key)


def _time(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime(), nullable=nullable, primary_key=key)


def _clips() -> None:
    op.create_table(
        "clip",
        _text("id", key=True),
        *(_text(name, nullable=True) for name in ("recorder", "officer", "unit", "case_no")),
        *(_text(name) for name in ("kind", "path", "path_hex")),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        *(_text(name) for name in ("sha256", "sm3")),
        _time("starts_at"),
        _text("starts_at_source"),
        sa.Column("starts_at_uncertainty_s", sa.Float(), nullable=False),
        _time("ends_at", nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("first_latitude_deg", sa.Float(), nullable=True),
        sa.Column("first_longitude_deg", sa.Float(), nullable=True),
        _time("first_fix_at", nullable=True),
        _text("marks"),
        _time("sealed_at"),
        _time("retain_until"),
        sa.Column("playable", sa.Boolean(), nullable=True),
        sa.CheckConstraint("kind IN ('video', 'audio', 'image', 'log', 'other')", name="clip_kind"),
    )
    op.create_index("clip_by_time", "clip", ["starts_at", "id"])
    for column in ("recorder", "officer", "unit", "case_no", "kind"):
        op.create_index(f"clip_by_{column}", "clip", [column, "starts_at", "id"])
    op.create_index("clip_by_sha256", "clip", ["sha256"])
    op.create_table(
        "manifest",
        _text("clip_id", key=True),
        _text("sha256"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("signature"),
        _text("key_id"),
    )
    op.create_table("sidecar", _text("clip_id", key=True), _text("sidecar_id", key=True))
    op.create_index("sidecar_by_sidecar", "sidecar", ["sidecar_id"])


def _cases() -> None:
    op.create_table(
        "law_case",
        _text("no", key=True),
        _text("title", nullable=True),
        _text("subject", nullable=True),
        _text("officers"),
        _time("begins_at", nullable=True),
        _time("ends_at", nullable=True),
        _time("added_at"),
        _text("added_by"),
    )
    op.create_table(
        "link",
        _text("clip_id", key=True),
        _time("begins_at", key=True),
        *(_text(name) for name in ("case_no", "how", "by")),
        _time("ended_at", nullable=True),
        _text("ended_by", nullable=True),
        _text("reason", nullable=True),
    )
    op.create_index("link_by_case", "link", ["case_no"])
    op.create_table("proposal", _text("clip_id", key=True), _text("case_no", key=True), _text("rule"), _text("why"))


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        _time("at"),
        *(_text(name) for name in ("actor", "action")),
        sa.Column("is_look", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("subject", "details", "leaf_hash", "chain_hash")),
    )
    op.create_index("trail_by_subject", "trail", ["subject", "line"])
    op.create_table(
        "trail_node",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        _text("hash"),
    )


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(SQLITE_TRIGGER.format(table=table, verb=verb))
        return
    op.execute(POSTGRES_FUNCTION)
    for table in APPEND_ONLY:
        op.execute(POSTGRES_TRIGGER.format(table=table))
