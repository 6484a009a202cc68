"""What the trail says of cleared recorders (清除留痕): one line before the first erase, one line after the last.

Shapes: `list` is the digest of the list of files, by which the two lines belong together; the files themselves stand in
the station's journal. A clearing is no look, and no act: a catalog that is rebuilt from the vault does not have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.database import Database
from catalog.evidence import Receipt
from catalog.trail import trail

CLEARING = "card.clearing"
CLEARED = "card.cleared"


@dataclass(frozen=True)
class ClearingTrail:
    """The trail's lines about one recorder's clearing; each raises `CatalogUnreachable`."""

    database: Database
    card: str
    actor: str

    def begins(self, at: datetime, list_: str, facts: Mapping[str, object]) -> None:
        """Files of this list are about to be erased."""
        self._append(at, CLEARING, {"list": list_} | dict(facts))

    def ended(self, at: datetime, list_: str, *, erased: int, left: int) -> None:
        """How it ended; the same list again changes nothing, and neither does one that was never begun."""
        if self._has(CLEARING, list_) and not self._has(CLEARED, list_):
            self._append(at, CLEARED, {"list": list_, "erased": erased, "left": left})

    def _has(self, action: str, list_: str) -> bool:
        sql = "SELECT details FROM trail WHERE subject = :card AND action = :action"
        rows = self.database.query(sql, {"card": self.card, "action": action})
        return any(json.loads(row["details"])["list"] == list_ for row in rows)

    def _append(self, at: datetime, action: str, details: Mapping[str, object]) -> None:
        with self.database.transaction() as session:
            trail.append(session, trail.Entry(at, self.actor, action, self.card, details))


def is_filed(database: Database, receipt: Receipt, action: str) -> bool:
    """Whether the trail has the line a receipt names: that number, that hash, that clip, filed."""
    found = trail.lines(database, after=receipt.trail_line - 1, limit=1)
    return any(
        (line.line, line.chain_hash, line.entry.subject, line.entry.action)
        == (receipt.trail_line, receipt.trail_hash, receipt.clip_id, action)
        for line in found
    )
