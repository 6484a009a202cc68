"""What on a card is no evidence (非证据文件): a visible rule, each with its reason, extended by the settings.

Shapes: a rule is a shell pattern without `/`, compared without case with every folder and file name on the way;
a rule for a folder skips all below it. `LOST.DIR` and `FOUND.000` are not here: they may hold recovered footage.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.evidence import shown_name
from devices.errors import BadSkipRule


@dataclass(frozen=True, slots=True)
class SkipRule:
    """A name pattern and why such files are left on the card."""

    pattern: str
    reason: str


BUILT_IN = (
    SkipRule("Thumbs.db", "Windows picture cache"),
    SkipRule("ehthumbs.db", "Windows picture cache"),
    SkipRule("desktop.ini", "Windows folder settings"),
    SkipRule("autorun.inf", "Windows autostart file"),
    SkipRule("System Volume Information", "Windows volume data"),
    SkipRule("$RECYCLE.BIN", "Windows recycle bin"),
    SkipRule("RECYCLER", "Windows recycle bin"),
    SkipRule(".DS_Store", "macOS folder settings"),
    SkipRule("._*", "macOS shadow of another file"),
    SkipRule(".Spotlight-V100", "macOS search index"),
    SkipRule(".fseventsd", "macOS event log"),
    SkipRule(".Trashes", "macOS recycle bin"),
    SkipRule(".Trash-*", "Linux recycle bin"),
    SkipRule("lost+found", "empty folder of the file system"),
    SkipRule(".android_secure", "Android system folder"),
    SkipRule("station_bind.ini", "binding file of another docking station"),
)


def rules_from(settings: Sequence[Mapping[str, object]]) -> tuple[SkipRule, ...]:
    """The user's rules, then the built-in ones; raises `BadSkipRule`."""
    own = []
    for rule in settings:
        pattern, reason = rule.get("pattern"), rule.get("reason")
        if not isinstance(pattern, str) or not isinstance(reason, str) or not pattern or "/" in pattern:
            raise BadSkipRule(rule=dict(rule), reason="pattern (without /) and reason are needed")
        own.append(SkipRule(pattern, reason))
    return (*own, *BUILT_IN)


class Junk:
    """Answers for one name after another; patterns are compiled once."""

    def __init__(self, rules: Sequence[SkipRule]) -> None:
        self._rules = [(re.compile(fnmatch.translate(rule.pattern), re.IGNORECASE), rule) for rule in rules]

    def reason(self, name: bytes) -> str | None:
        """Why an entry of this name is no evidence, or None."""
        shown = shown_name(name)
        for pattern, rule in self._rules:
            if pattern.match(shown):
                return f"{rule.reason} (rule {rule.pattern})"
        return None
