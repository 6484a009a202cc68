"""Cases with an id, several numbers and written records; a clip in many cases; classes of clips; rooms of recorders."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcTime
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.case_numbers import named, number_key, number_kind

revision = "0013"
down_revision = "0012"

PAGE = 500
NEXT = sa.text(
    "SELECT * FROM old_link WHERE clip_id IN (SELECT DISTINCT clip_id FROM old_link WHERE clip_id > :after "
    "ORDER BY clip_id LIMIT :page) ORDER BY clip_id, begins_at"
)
ALIKE = ("clip_id", "begins_at", "how", "by", "ended_at", "ended_by", "reason")


def upgrade() -> None:
    """Forward; there is no way back."""
    op.rename_table("law_case", "old_case")
    op.drop_index("link_by_case", "link")
    op.rename_table("link", "old_link")
    _cases()
    _links()
    _take_cases()
    _take_links()
    op.drop_table("old_case")
    op.drop_table("old_link")
    op.drop_index("clip_by_case_no", "clip")
    op.drop_column("clip", "case_no")
    op.add_column("clip", sa.Column("class", sa.Text(), nullable=False, server_default="none"))
    op.add_column("recorder", sa.Column("room", sa.Text()))


def _text(*names: str, nullable: bool = True, key: bool = False, default: str | None = None) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable, primary_key=key, server_default=default) for name in names]


def _groups(*names: str) -> list[sa.Column[str]]:
    return _text(*names, nullable=False, default="[]")


def _times(*names: str, nullable: bool = True) -> list[sa.Column[object]]:
    return [sa.Column(name, UtcTime(), nullable=nullable) for name in names]


def _cases() -> None:
    op.create_table(
        "law_case",
        *_text("id", key=True, nullable=False),
        *_text("no", "title", "subject"),
        *_groups("officers"),
        *_times("begins_at", "ends_at"),
        *_times("added_at", nullable=False),
        *_text("added_by", nullable=False),
        *_text("state", nullable=False, default="open"),
        *_text("kind", "matter", "unit", "place", "inspected", "opened", "decided", "closed", "merged_into"),
        *_groups("procedures", "parties", "facts"),
        *_text("reported", nullable=False, default="{}"),
    )
    op.create_index("law_case_by_no", "law_case", ["no"])
    op.create_table(
        "case_number",
        *_text("case_id", "number", key=True, nullable=False),
        *_text("kind", "key", "source", nullable=False),
        *_times("added_at", nullable=False),
        *_text("added_by", nullable=False),
    )
    for column in ("number", "key"):
        op.create_index(f"case_number_by_{column}", "case_number", [column])
    op.create_table(
        "paper",
        *_text("id", key=True, nullable=False),
        *_text("case_id", "code", nullable=False),
        *_text("number", "number_key", "step", "day", "place", "party", "volume", "note", "scan"),
        *_times("begins_at", "ends_at"),
        *_groups("officers"),
        *_text("served", nullable=False, default="{}"),
        *(sa.Column(name, sa.Integer()) for name in ("position", "pages")),
        *_times("added_at", nullable=False),
        *_text("added_by", nullable=False),
    )
    for column in ("case_id", "number_key"):
        op.create_index(f"paper_by_{column}", "paper", [column])


def _links() -> None:
    op.create_table(
        "link",
        *_text("clip_id", "id", key=True, nullable=False),
        *_text("case_id", nullable=False),
        *_times("begins_at", nullable=False),
        *_text("how", "by", nullable=False),
        *(sa.Column(name, sa.Integer()) for name in ("from_ms", "to_ms")),
        *_text("step"),
        *_groups("proves"),
        *_text("place", "why"),
        *_times("ended_at"),
        *_text("ended_by", "reason"),
    )
    op.create_index("link_by_case", "link", ["case_id", "clip_id"])
    op.create_table(
        "clip_class",
        *_text("clip_id", "code", key=True, nullable=False),
        *_times("added_at", nullable=False),
        *_text("added_by", nullable=False),
        *_text("reason"),
        *_times("asked_at"),
        *_text("asked_by", "asked_reason", "asked_how"),
    )


def _rows(table: str, *names: str) -> sa.TableClause:
    return sa.table(table, *map(sa.column, names))


def _take_cases() -> None:
    """Each case is now known by the id of its number, and has that number."""
    base, same = op.get_bind(), ("title", "subject", "officers", "begins_at", "ends_at", "added_at", "added_by")
    cases = _rows("law_case", "id", "no", "state", *same)
    numbers = _rows("case_number", "case_id", "number", "kind", "key", "source", "added_at", "added_by")
    for row in base.execute(sa.text("SELECT * FROM old_case")).mappings().all():
        no, case = row["no"], named(row["no"])
        state = "named" if row["title"] is None else "open"
        base.execute(cases.insert().values(id=case, no=no, state=state, **{name: row[name] for name in same}))
        told = {"kind": number_kind(no), "key": number_key(no), "source": "person"}
        who = {name: row[name] for name in ("added_at", "added_by")}
        base.execute(numbers.insert().values(case_id=case, number=no, **told, **who))


def _take_links() -> None:
    base, after = op.get_bind(), ""
    links = _rows("link", "id", "case_id", *ALIKE)
    while rows := base.execute(NEXT, {"after": after, "page": PAGE}).mappings().all():
        for row in rows:
            link = named(f"{row['clip_id']} {time_text(parsed_time(row['begins_at']))}")
            kept = {name: row[name] for name in ALIKE}
            base.execute(links.insert().values(id=link, case_id=named(row["case_no"]), **kept))
        after = rows[-1]["clip_id"]
