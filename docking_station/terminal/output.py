"""What a terminal shows (屏幕输出): plain aligned columns, sizes, and nothing a hostile name could slip in.

Plain text and not a drawing library: a list must answer at once (see docs/adr/0003).
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.journal import Held

UNITS = ("B", "KB", "MB", "GB", "TB")
WIDE = frozenset("WF")
CELL_MAX = 60
STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON leaves as it is and a terminal obeys: the upper control characters, direction marks, invisible ones."""


def print_json(value: object) -> None:
    """One JSON document on stdout, harmless on a terminal too."""
    text = json.dumps(value, ensure_ascii=not _speaks_unicode(), indent=2)
    print(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def say(text: str = "") -> None:
    """A line on stdout."""
    print(text)


def remark(text: str) -> None:
    """A line on stderr: for the person, not for a pipe."""
    print(text, file=sys.stderr)


def remark_held(held: Held) -> None:
    """What is held from now on, and what to do, on stderr."""
    from docking_station.texts import language

    message, hint = (held.message_zh, held.hint_zh) if language() == "zh" else (held.message, held.hint)
    remark(f"{visible(message)} [{held.code}]\n→ {visible(hint)}")


def visible(text: str) -> str:
    """Text with every control and format character written out, so that a file name cannot steer the terminal."""
    return "".join(f"\\u{ord(char):04x}" if unicodedata.category(char)[0] == "C" else char for char in text)


def size_text(size_bytes: float) -> str:
    """A size for people."""
    unit = 0
    while size_bytes >= 1000 and unit < len(UNITS) - 1:
        size_bytes, unit = size_bytes / 1000, unit + 1
    return f"{size_bytes:.0f} {UNITS[unit]}" if unit == 0 or size_bytes >= 100 else f"{size_bytes:.1f} {UNITS[unit]}"


def time_shown(text: object, zone: tzinfo) -> str:
    """A time out of a JSON value, in the recorders' zone."""
    return "" if text is None else datetime.fromisoformat(str(text)).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def span_text(seconds: object) -> str:
    """A length of time for people."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(float(str(seconds))), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; Chinese characters count two."""
    shown = [[_cut(visible("" if cell is None else str(cell))) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(heads, *shown, strict=True)]
    for row in (heads, *shown):
        say("  ".join(_padded(cell, most) for cell, most in zip(row, widths, strict=True)).rstrip())


def pairs(values: Mapping[str, object]) -> None:
    """Names and values below each other."""
    most = max(map(width, values), default=0)
    for name, value in values.items():
        say(f"{_padded(name, most)}  {visible('' if value is None else str(value))}")


def width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in WIDE else 1 for char in text)


def _padded(text: str, most: int) -> str:
    return text + " " * (most - width(text))


def _cut(text: str) -> str:
    """The end of a path tells more than its beginning."""
    return text if len(text) <= CELL_MAX else "…" + text[-CELL_MAX + 1 :]


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
