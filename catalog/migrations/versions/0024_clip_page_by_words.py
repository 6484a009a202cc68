"""PostgreSQL looks a slice of time up by its words alone, which are of no other slice."""

from alembic import op

revision = "0024"
down_revision = "0023"

BY_PLACE, BY_WORDS = (
    "AND pos < $1 AND pos >= $2\n        ORDER BY",
    "AND pos + 0 < $1 AND pos + 0 >= $2\n        ORDER BY",
)
# Left to the planner it compares every row of a slice, or of the table, with two hundred words: seconds for one page.
AS_IT_WAS, WITH_INDEX = "ROWS 100\n", "ROWS 100\n SET enable_seqscan TO 'off'\n"


def upgrade() -> None:
    """Forward; there is no way back."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    body = str(connection.exec_driver_sql("SELECT pg_get_functiondef('clip_page'::regproc)").scalar_one())
    assert BY_PLACE in body
    assert AS_IT_WAS in body
    op.execute(body.replace(BY_PLACE, BY_WORDS).replace(AS_IT_WAS, WITH_INDEX))
