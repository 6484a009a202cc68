"""What people change in the catalog, as signed documents (编目变更记录): a case entered, changed, closed, a written
record entered or scanned, a clip linked or classified, a recorder issued, lent, returned, docked, a policy adopted, a
key changed, an original held or disposed of, an act withdrawn, a person's secret set, a list imported, a clip
released; a unit, a person, a role, an account entered, changed and ended; a decision made public,
corrected, withdrawn.

Schema `evidock.act/1`, canonical JSON. Acts lie in the vault beside the manifests; together they rebuild the
catalog. An act's words are final: a mistake is corrected by another act.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.rules.canonical import canonical, parsed_time, time_text

SCHEMA = "evidock.act/1"

CASE_ADDED = "case.added"
CLIP_LINKED = "clip.linked"
CLIP_UNLINKED = "clip.unlinked"
CASE_CHANGED = "case.changed"
CASE_CLOSED = "case.closed"
CASE_DECIDED = "case.decided"
REVIEW_SENT = "review.sent"
REVIEW_RETURNED = "review.returned"
REVIEW_EXTENDED = "review.extended"
REVIEW_JUDGED = "review.judged"
REVIEW_GIVEN = "review.given"
REVIEW_ANSWERED = "review.answered"
REVIEW_AGAIN = "review.again"
CASE_MERGED = "case.merged"
LINK_ADDED = "clip.link-added"
LINK_ENDED = "clip.link-ended"
PAPER_ADDED = "paper.added"
PAPER_CHANGED = "paper.changed"
PAPER_SCANNED = "paper.scanned"
CASE_NOTED = "case.noted"
CASE_NAMED = "case.named"
CASE_RECUSED = "case.recused"
CASE_PART_ENDED = "case.part-ended"
DECISION_ENDED = "case.decision-ended"
DISCLOSED = "disclosure.published"
DISCLOSURE_CORRECTED = "disclosure.corrected"
DISCLOSURE_EXCEPTED = "disclosure.excepted"
DISCLOSURE_WITHDRAWN = "disclosure.withdrawn"
CLASSIFIED = "clip.classified"
DECLASSIFY_ASKED = "clip.declassify-asked"
DECLASSIFIED = "clip.declassified"
HANDED_OVER = "clip.handed-over"
RECORDER_ADDED = "recorder.added"
RECORDER_CHANGED = "recorder.changed"
RECORDER_ISSUED = "recorder.issued"
RECORDER_LENT = "recorder.lent"
RECORDER_RETURNED = "recorder.returned"
RECORDER_RETIRED = "recorder.retired"
RECORDER_DOCKED = "recorder.docked"
POLICY_ADOPTED = "policy.adopted"
TRAIL_REBUILT = "trail.rebuilt"
KEY_ROTATED = "key.rotated"
DISPOSAL_ASKED = "clip.disposal-asked"
DISPOSED = "clip.disposed"
REQUEST_ASKED = "request.asked"
REQUEST_FILLED = "request.filled"
REQUEST_WITHDRAWN = "request.withdrawn"
REQUEST_REFUSED = "request.refused"
REQUEST_GRANTED = "request.granted"
REQUEST_REVOKED = "request.revoked"
EMERGENCY_OPENED = "emergency.opened"
EMERGENCY_UPHELD = "emergency.upheld"
EMERGENCY_FAULTED = "emergency.faulted"
COPY_MADE = "copy.made"
COPY_HANDED = "copy.handed"
COPY_RETURNED = "copy.returned"
RELEASE_ASKED = "release.asked"
RELEASE_DRAFTED = "release.drafted"
RELEASE_CHECKED = "release.checked"
RELEASE_SENT_BACK = "release.sent-back"
RELEASE_APPROVED = "release.approved"
RELEASE_PUBLISHED = "release.published"
RELEASE_CORRECTED = "release.corrected"
RELEASE_WITHDRAWN = "release.withdrawn"
RELEASE_DROPPED = "release.dropped"
HOLD_SET = "hold.set"
HOLD_END_ASKED = "hold.end-asked"
HOLD_ENDED = "hold.ended"
ACT_WITHDRAWN = "act.withdrawn"
SECRET_SET = "person.secret-set"
CLOCK_CONFIRMED = "clock.confirmed"
IMPORT_APPLIED = "import.applied"
UNIT_ADDED = "unit.added"
UNIT_CHANGED = "unit.changed"
UNIT_MOVED = "unit.moved"
UNIT_CLOSED = "unit.closed"
PERSON_ADDED = "person.added"
PERSON_CHANGED = "person.changed"
PERSON_SUSPENDED = "person.suspended"
PERSON_RESUMED = "person.resumed"
PERSON_LEFT = "person.left"
ACCOUNT_BOUND = "person.account-bound"
ROLE_PROPOSED = "role.proposed"
ROLE_GRANTED = "role.granted"
ROLE_REVOKED = "role.revoked"
ROLE_DELEGATED = "role.delegated"


@dataclass(frozen=True, slots=True)
class Act:
    """One change: `subject` is the case, clip or recorder it is about, `details` what the action needs."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]

    def body(self) -> bytes:
        """The exact bytes that are signed."""
        return canonical(
            {
                "schema": SCHEMA,
                "at": time_text(self.at),
                "actor": self.actor,
                "action": self.action,
                "subject": self.subject,
                "details": dict(self.details),
            }
        )


def read_act(body: bytes) -> Act:
    """The act in a document; raises ValueError or KeyError for anything else."""
    read = json.loads(body)
    if read["schema"] != SCHEMA:
        raise ValueError(f"schema {read['schema']}")
    return Act(parsed_time(read["at"]), read["actor"], read["action"], read["subject"], read["details"])
