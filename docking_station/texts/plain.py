"""Plain text for people (文字): sizes, times and lengths as they read them, and nothing a hostile name could slip in.

Pure: a page says them as a terminal does. A width is counted in columns: a Chinese character takes two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path

from catalog.rules.callers import person_no
from catalog.rules.canonical import local_time, parsed_time, time_text
from catalog.station_error import Language

UNITS = ("B", "KB", "MB", "GB", "TB")
WIDE = frozenset("WF")
STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON leaves as it is and a terminal obeys: the upper control characters, direction marks, invisible ones."""
UTC_TIME = re.compile(
    r"(?<![\w/:.+-])(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(?:Z|\+00:00| UTC)(?![\w:.-]*\w)", re.ASCII
)
"""A moment in a sentence; not one in a key or a path."""


def visible(text: str) -> str:
    """Text with every control and format character written out, so that a file name cannot steer the terminal."""
    return "".join(f"\\u{ord(char):04x}" if steers(char) else char for char in text)


def steers(char: str) -> bool:
    """Whether a terminal or a reader of lines obeys a character instead of showing it: control, format, line ends."""
    category = unicodedata.category(char)
    return category[0] == "C" or category in ("Zl", "Zp")


def called(names: Mapping[str, str], actor: str | None) -> str | None:
    """Who an actor of the trail, or a number, is, as a person reads it: name and number, where the name is known."""
    if actor is None:
        return None
    no = person_no(actor) or actor
    return f"{names[no]} {no}" if no in names else no if person_no(actor) else actor


def size_text(size_bytes: float) -> str:
    """A size for people."""
    unit = 0
    while size_bytes >= 1000 and unit < len(UNITS) - 1:
        size_bytes, unit = size_bytes / 1000, unit + 1
    return f"{size_bytes:.0f} {UNITS[unit]}" if unit == 0 or size_bytes >= 100 else f"{size_bytes:.1f} {UNITS[unit]}"


def time_shown(at: object, zone: tzinfo) -> str:
    """A time, or one out of a JSON value, in the recorders' zone; in UTC, and called so, where that has no such day."""
    if at is None:
        return ""
    local = local_time(parsed_time(at), zone)
    return f"{local:%Y-%m-%d %H:%M:%S}{'' if local.tzinfo is zone else ' UTC'}"


def json_of(value: object) -> object:
    """What JSON has for a value it does not know, for `json.dumps`: an object of a dataclass's fields, a day as text.

    A value that is more, or less, than its fields says so by `as_json`; `class_` is `class`. So values
    stay what they are up to the face.
    """
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Path | date):
        return str(value)
    if hasattr(value, "as_json"):
        return value.as_json()
    if is_dataclass(value):
        return {field.name.removesuffix("_"): getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} is nothing that JSON could say")


def in_zone(text: str, zone: tzinfo) -> str:
    """A text with every moment that stands in it in UTC said in this zone."""
    return text if zone is UTC else UTC_TIME.sub(partial(_moment_in, zone), text)


def _moment_in(zone: tzinfo, found: re.Match[str]) -> str:
    day, minute, seconds = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{minute}{seconds or ''}+00:00").astimezone(zone)
    except (ValueError, OverflowError):
        return found[0]  # only looks like a time
    return f"{at:%Y-%m-%d %H:%M}{seconds or ''}"


def spans_text(spans: Iterable[Iterable[int]], dash: str = "-", comma: str = ", ") -> str:
    """Parts of a film, from-to in milliseconds, as `0:05-1:30`: minutes and seconds."""
    return comma.join(dash.join(f"{at // 60_000}:{at // 1000 % 60:02}" for at in span) for span in spans)


def span_text(seconds: object) -> str:
    """A length of time for people."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(float(str(seconds))), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


SPANS = (
    (31_557_600, "year", "年"),
    (2_629_800, "month", "个月"),
    (86_400, "day", "天"),
    (3_600, "hour", "小时"),
    (60, "minute", "分钟"),
)
"""Lengths of time in seconds and what they are called."""


def about_text(seconds: float, language: Language) -> str:
    """About how long a time is, for people, as `90 s`, `1.5 hours`, `1 year`: in the largest unit it fills."""
    for unit_s, en, zh in SPANS:
        if seconds > 120 and seconds >= 0.95 * unit_s:
            count = f"{seconds / unit_s:.2g}"
            return f"{count} {zh}" if language == "zh" else f"{count} {en}{'' if count == '1' else 's'}"
    return f"{seconds:.3g} {'秒' if language == 'zh' else 's'}"


def width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in WIDE else 1 for char in text)
