"""What another program says about a clip's time and place (第二意见), beside what was sealed.

It is derived and no evidence: the manifest and the clip's row never change by it, and a rebuilt catalog has none until
workers ask again. Shapes: one row a clip, the newest answer; its body is JSON as `clips show` gives it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.readable import readable
from catalog.rules.canonical import parsed_time_or_none

if TYPE_CHECKING:
    from catalog.database import Database


UNSAID: dict[str, Any] = dict.fromkeys(
    ("fault", "first_fix", "fixes", "last_fix", "note", "starts_at", "starts_at_uncertainty_s")
) | {"disagreements": [], "times": [], "track": []}
"""What an opinion says that says nothing: a row somebody cut short is shown all the same."""


def note(database: Database, clip: str, at: datetime, tool: str, body: Mapping[str, Any]) -> None:
    """Write an opinion down; an earlier one gives way."""
    from catalog.clips.tables import OpinionRow

    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    row = OpinionRow(clip_id=clip, asked_at=at, tool=tool, disagrees=len(body["disagreements"]), body=text)
    with database.transaction() as session:
        session.merge(row)


@readable("opinion")
def get(database: Database, clip: str) -> dict[str, Any] | None:
    """The opinion about a clip; None where nobody was asked yet."""
    rows = database.query("SELECT * FROM opinion WHERE clip_id = :id", {"id": clip})
    if not rows:
        return None
    body: dict[str, Any] = json.loads(rows[0]["body"])
    return UNSAID | body | {"tool": rows[0]["tool"], "asked_at": parsed_time_or_none(rows[0]["asked_at"])}
