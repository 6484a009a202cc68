"""Which version of a thing there is (版本): the number of the newest line of the trail that changed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.readable import any_of

if TYPE_CHECKING:
    from catalog.database import Database


def versions(database: Database, subjects: Sequence[str]) -> dict[str, int]:
    """The newest line about each of these clips or cases that is no look, as far as there is one."""
    if not subjects:
        return {}
    these, values = any_of(subjects)
    sql = f"SELECT subject, MAX(line) AS line FROM trail WHERE subject IN {these} AND NOT is_look GROUP BY subject"
    return {row["subject"]: int(row["line"]) for row in database.query(sql, values)}
