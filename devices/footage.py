"""Which folders of a card hold footage (取证目录). Pure.

Shapes: shell patterns relative to the card, `/` between parts, compared without case. What lies in no such folder is
left on the card by a rule a person sees.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from catalog.evidence import shown_name
from devices.junk import SkipRule


class Footage:
    """The footage folders of a recorder model; without patterns the whole card."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [
            tuple(re.compile(fnmatch.translate(part), re.IGNORECASE) for part in pattern.split("/"))
            for pattern in patterns
        ]
        text = ", ".join(patterns)
        self._rule = SkipRule(text, "outside the recorder's footage folders", "不在记录仪的取证目录内")

    def contains(self, path: bytes) -> bool:
        """Whether an entry lies inside a footage folder."""
        parts = path.split(b"/")
        return not self._patterns or any(
            len(parts) > len(pattern) and _fits(parts, pattern) for pattern in self._patterns
        )

    def outside(self, parts: tuple[bytes, ...]) -> SkipRule | None:
        """The rule for an entry that is neither inside a footage folder nor on the way to one, or None."""
        if not self._patterns or any(_fits(parts, pattern) for pattern in self._patterns):
            return None
        return self._rule


def _fits(parts: Sequence[bytes], pattern: Sequence[re.Pattern[str]]) -> bool:
    """Whether path and pattern agree as far as both go."""
    return all(wanted.match(shown_name(part)) for part, wanted in zip(parts, pattern, strict=False))
