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
    reason_zh: str

    @property
    def reasons(self) -> tuple[str, str]:
        """The reason with the rule that gave it, in English and Chinese."""
        return f"{self.reason} (rule {self.pattern})", f"{self.reason_zh}（规则 {self.pattern}）"


BUILT_IN = (
    SkipRule("Thumbs.db", "Windows picture cache", "Windows 缩略图缓存"),
    SkipRule("ehthumbs.db", "Windows picture cache", "Windows 缩略图缓存"),
    SkipRule("desktop.ini", "Windows folder settings", "Windows 文件夹设置"),
    SkipRule("autorun.inf", "Windows autostart file", "Windows 自动运行文件"),
    SkipRule("System Volume Information", "Windows volume data", "Windows 卷信息"),
    SkipRule("$RECYCLE.BIN", "Windows recycle bin", "Windows 回收站"),
    SkipRule("RECYCLER", "Windows recycle bin", "Windows 回收站"),
    SkipRule(".DS_Store", "macOS folder settings", "macOS 文件夹设置"),
    SkipRule("._*", "macOS shadow of another file", "macOS 影子文件"),
    SkipRule(".Spotlight-V100", "macOS search index", "macOS 搜索索引"),
    SkipRule(".fseventsd", "macOS event log", "macOS 事件日志"),
    SkipRule(".Trashes", "macOS recycle bin", "macOS 回收站"),
    SkipRule(".Trash-*", "Linux recycle bin", "Linux 回收站"),
    SkipRule("lost+found", "empty folder of the file system", "文件系统空目录"),
    SkipRule(".android_secure", "Android system folder", "Android 系统目录"),
    SkipRule("station_bind.ini", "binding file of another docking station", "其他采集站的绑定文件"),
)


def rules_from(settings: Sequence[Mapping[str, object]]) -> tuple[SkipRule, ...]:
    """The user's rules, then the built-in ones; raises `BadSkipRule`."""
    own = []
    for rule in settings:
        pattern, reason = rule.get("pattern"), rule.get("reason")
        if not isinstance(pattern, str) or not isinstance(reason, str) or not pattern or "/" in pattern:
            raise BadSkipRule(rule=dict(rule), reason="pattern (without /) and reason are needed")
        own.append(SkipRule(pattern, reason, reason))
    return (*own, *BUILT_IN)


class Junk:
    """Answers for one name after another; patterns are compiled once."""

    def __init__(self, rules: Sequence[SkipRule]) -> None:
        self._rules = [(re.compile(fnmatch.translate(rule.pattern), re.IGNORECASE), rule) for rule in rules]

    def rule(self, name: bytes) -> SkipRule | None:
        """The rule by which an entry of this name is no evidence, or None."""
        shown = shown_name(name)
        for pattern, rule in self._rules:
            if pattern.match(shown):
                return rule
        return None
