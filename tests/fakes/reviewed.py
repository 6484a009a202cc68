"""Rounds of a legal review with everything that can be done with them, as acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.cases.reviews import now, stating
from catalog.database import Database
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.legal_review import substance

NOTHING: Mapping[str, Any] = {}
REVIEW = """
[units]
list = [{ code = "law", name = "Law", was = [], kind = "legal", number = "" }]

[review]
unit = "law"
large_fine_person = 5000
large_fine_organisation = 100000
points = [{ code = "R3", zh = "程序", clips = true }]
opinions = [{ code = "procedure", zh = "存在问题", passes = false }]
"""
"""What of a policy these rounds go by."""


def as_it_stands(database: Database, case: str, at: datetime) -> dict[str, Any]:
    """What an act that sends a case says of it."""
    seen, by, version = now(database, case, at)
    return {"policy": version, "substance": substance(seen, by)}


def every_round(
    case: str,
    clip: str,
    paper: str,
    clock: Callable[[], datetime],
    by: Caller,
    reviewer: Caller,
    sent: Callable[[], Mapping[str, Any]] = lambda: NOTHING,
) -> Iterator[Act]:
    """A round that is returned, one that finds something and is answered, and one asked for anew.

    `sent` gives what the catalog wants of a round that begins: the version of the policy, and what is reviewed.
    """

    def said(action: str, no: str, who: Caller, **details: Any) -> Act:
        return stating(action, no, details, at=clock(), by=who)

    def begun(action: str, no: str, **more: Any) -> Act:
        about = {"case_id": case, "policy": 0, "note": "a fine", "papers": [paper], "substance": {"fine": "0" * 16}}
        return said(action, no, by, **{**about, **sent(), **more})

    part = {"clip": clip, "from_ms": 0, "to_ms": 900}
    yield begun(acts.REVIEW_SENT, "F2026-0001")
    yield said(acts.REVIEW_RETURNED, "F2026-0001", reviewer, reason="no report")
    yield begun(acts.REVIEW_SENT, "F2026-0002")
    yield said(acts.REVIEW_EXTENDED, "F2026-0002", reviewer, reason="a hard case")
    verdict = {"point": "R3", "verdict": "fail", "note": "no receipt", "rests": [{"paper": paper}, part]}
    yield said(acts.REVIEW_JUDGED, "F2026-0002", reviewer, **verdict)
    opened = [{"clip": clip, "at": "2026-03-05T01:00:00.000000Z", "watched_ms": [[0, 900]]}]
    opinion = {"opinion": "procedure", "passes": False, "reason": "serve it", "opened": opened}
    yield said(acts.REVIEW_GIVEN, "F2026-0002", reviewer, **opinion)
    yield said(acts.REVIEW_ANSWERED, "F2026-0002", by, point="R3", adopted=False, note="it was served")
    yield begun(acts.REVIEW_AGAIN, "F2026-0003", again_of="F2026-0002")
