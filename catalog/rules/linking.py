"""Which cases a clip may belong to (关联建议): a rule proposes, a person confirms.

A case is proposed when the officer who made the clip is one of the case's officers and the clip's time, with
its uncertainty, touches the case's time with five minutes before and after. More than that makes wrong
matches (FACTS, trap 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.evidence import CaptureTime, Proposal

BUFFER = timedelta(minutes=5)
UNCERTAINTY_MAX_S = 3600.0
"""A time less sure than this proposes nothing."""
PROPOSALS_MAX = 20
RULE = "officer-and-time"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What the rule knows of a case: its number, its officers, and when its enforcement happened."""

    no: str
    officers: tuple[str, ...]
    begins_at: datetime | None
    ends_at: datetime | None


def proposals(
    officer: str | None, time: CaptureTime, ends_at: datetime | None, cases: Sequence[OpenCase]
) -> tuple[Proposal, ...]:
    """The cases that fit, in number order, each with the reason in words."""
    if officer is None or time.uncertainty_s > UNCERTAINTY_MAX_S:
        return ()
    slack = BUFFER + timedelta(seconds=time.uncertainty_s)
    begin, end = time.starts_at - slack, (ends_at or time.starts_at) + slack
    fitting = [
        case
        for case in cases
        if officer in case.officers
        and case.begins_at is not None
        and begin <= (case.ends_at or case.begins_at)
        and case.begins_at <= end
    ]
    why = f"officer {officer} works on the case, and the clip's time touches its time within 5 minutes"
    return tuple(Proposal(case.no, RULE, why) for case in sorted(fitting, key=lambda case: case.no)[:PROPOSALS_MAX])
