"""The index of clips: what is due to be indexed, where each clip stands in it, its words, its track packed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

WATCHED = (
    *(("clip", "clip", "id"), ("clip", "link", "clip_id"), ("clip", "hold", "clip_id"), ("case", "law_case", "id")),
    *(("case", "case_number", "case_id"), ("case", "paper", "case_id"), ("person", "person", "no")),
    *(("unit", "unit", "code"), ("policy", "policy", "version")),
)
"""What is due when a row of a table changes, and the column that names it."""

# Contentless: what a clip had before is never deleted, for that takes the very words; it gets another place instead.
SQLITE_WORDS = (
    """CREATE VIRTUAL TABLE clip_words USING fts5(words, content='', detail=none, columnsize=0,
 tokenize="ascii tokenchars '_'")""",
    "INSERT INTO clip_words(clip_words, rank) VALUES('automerge', 8)",
    "INSERT INTO clip_words(clip_words, rank) VALUES('crisismerge', 64)",
)
SQLITE_TRIGGER = """CREATE TRIGGER search_{table}_{verb} AFTER {verb} ON {table}
BEGIN INSERT INTO search_due(kind, id) VALUES ('{kind}', {side}.{column}); END"""

POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION search_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO search_due(kind, id) VALUES (TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1]);
  ELSE
    INSERT INTO search_due(kind, id) VALUES (TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1]);
  END IF;
  RETURN NULL;
END $$"""
POSTGRES_TRIGGER = """CREATE TRIGGER search_due AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION search_is_due('{kind}', '{column}')"""
# Newest first. The newest 4,000 are walked, where a common search is answered; then it goes slice by slice of time, in
# each of which a word has a number of its own: else the planner, which takes words for independent, reads all years.
POSTGRES_PAGE = """CREATE OR REPLACE FUNCTION clip_page(
  every int[], one int[], two int[], three int[], top bigint, bottom bigint, want int
) RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  low bigint; edge bigint; got int := 0; n int; slice bigint; mix int; walked boolean := false; says text := 'true';
  m_every int[]; m_one int[]; m_two int[]; m_three int[];
BEGIN
  IF cardinality(every) > 0 THEN says := says || ' AND words @> $4'; END IF;
  IF one IS NOT NULL THEN says := says || ' AND words && $5'; END IF;
  IF two IS NOT NULL THEN says := says || ' AND words && $6'; END IF;
  IF three IS NOT NULL THEN says := says || ' AND words && $7'; END IF;
  LOOP
    SELECT max(pos) + 1 INTO top FROM clip_indexed WHERE pos < top;
    EXIT WHEN top IS NULL OR top <= bottom;
    slice := (top - 1) >> 37;
    low := greatest(slice << 37, bottom);
    mix := ((((slice * 2654435761) & 4294967295) # 2147483648) - 2147483648)::int;
    m_every := ARRAY(SELECT w # mix FROM unnest(every) w);
    m_one := ARRAY(SELECT w # mix FROM unnest(one) w);
    m_two := ARRAY(SELECT w # mix FROM unnest(two) w);
    m_three := ARRAY(SELECT w # mix FROM unnest(three) w);
    IF NOT walked THEN
      walked := true;
      SELECT pos INTO edge FROM clip_indexed WHERE pos < top AND pos >= low ORDER BY pos DESC OFFSET 4000 LIMIT 1;
      edge := coalesce(edge, low);
      RETURN QUERY EXECUTE 'SELECT pos FROM (SELECT pos, words FROM clip_indexed WHERE pos < $1 AND pos >= $2
        ORDER BY pos DESC OFFSET 0) AS newest WHERE ' || says || ' ORDER BY pos DESC LIMIT $3'
        USING top, edge, want, m_every, m_one, m_two, m_three;
    ELSE
      edge := low;
      RETURN QUERY EXECUTE 'SELECT pos FROM clip_indexed WHERE ' || says || ' AND pos < $1 AND pos >= $2
        ORDER BY pos + 0 DESC LIMIT $3' USING top, edge, want - got, m_every, m_one, m_two, m_three;
    END IF;
    GET DIAGNOSTICS n = ROW_COUNT;
    got := got + n;
    EXIT WHEN got >= want;
    top := edge;
  END LOOP;
END $$"""
POSTGRES_INDEX = "CREATE INDEX clip_indexed_words ON clip_indexed USING gin (words) WITH (fastupdate = off)"


def upgrade() -> None:
    """Forward; there is no way back. Every clip there is is due."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "search_due",
        sa.Column("n", big, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
    )
    op.create_table(
        "clip_indexed",
        sa.Column("pos", big, primary_key=True, autoincrement=False),
        sa.Column("clip_id", sa.Text(), nullable=False, unique=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("track", sa.LargeBinary()),
        sa.Column("words", sa.Text().with_variant(postgresql.ARRAY(sa.Integer()), "postgresql")),
    )
    for statement in SQLITE_WORDS if is_sqlite else (POSTGRES_FUNCTION, POSTGRES_PAGE, POSTGRES_INDEX):
        op.execute(statement)
    for kind, table, column in WATCHED:
        if is_sqlite:
            for verb, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                op.execute(SQLITE_TRIGGER.format(kind=kind, table=table, column=column, verb=verb, side=side))
        else:
            op.execute(POSTGRES_TRIGGER.format(kind=kind, table=table, column=column))
    op.execute("INSERT INTO search_due(kind, id) SELECT 'clip', id FROM clip")
