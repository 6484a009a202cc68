"""Acts as earlier versions signed them: they are carried out, and rebuilt, as they stand."""

from __future__ import annotations

from datetime import datetime

from catalog.rules.acts import CLIP_LINKED, CLIP_UNLINKED, Act


def linking(clip: str, case: str, *, reason: str | None, at: datetime, actor: str) -> Act:
    """A link by the case's number; an earlier link of the clip ends with it."""
    return Act(at, actor, CLIP_LINKED, clip, {"case": case, "reason": reason})


def unlinking(clip: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The end of the one link a clip had."""
    return Act(at, actor, CLIP_UNLINKED, clip, {"reason": reason})
