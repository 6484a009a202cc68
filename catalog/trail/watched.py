"""What somebody watched of clips, out of the lines of their looks (观看区段): when, and from-to.

Shapes: spans are pairs of milliseconds from a clip's begin, as the player told; None where no player did, or the look
goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.rules.callers import person
from catalog.trail.trail import lines_of

if TYPE_CHECKING:
    from catalog.database import Database

VIEWED, ENDED = "clip.viewed", "clip.view-ended"


@dataclass(frozen=True, slots=True)
class Watched:
    """One look at a clip (观看); its fields are keys of `--json`. `part`: where one picture alone was shown, which."""

    clip: str
    at: datetime
    watched_ms: tuple[tuple[int, int], ...] | None
    part: str | None = None


def watched(
    database: Database, who: str, clips: Sequence[str], since: datetime, until: datetime, film: str | None = None
) -> Iterator[Watched]:
    """The looks of a person at these clips that began within a time, clip by clip, oldest first.

    With `film` those at a film that was made of the clip for release, by its SHA-256.
    """
    for clip in clips:
        lines = [one for one in lines_of(database, (VIEWED, ENDED), clip) if person(one.entry.actor) == who]
        told = [(one, json.loads(one.details)) for one in lines]
        ends = {said.get("look"): said.get("watched_ms") for one, said in told if one.entry.action == ENDED}
        for one, said in told:
            if one.entry.action == VIEWED and said.get("film") == film and since <= one.entry.at <= until:
                spans = ends.get(said.get("look"))
                told_ms = None if spans is None else tuple((a, b) for a, b in spans)
                yield Watched(clip, one.entry.at, told_ms, said.get("part"))
