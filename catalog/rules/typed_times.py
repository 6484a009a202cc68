"""Times of day as people type them (时刻录入): 930, 9:30, 9.30, 9点半, 下午3点20分, 09:30:15; pure.

Shapes: seconds since midnight, or None for what is no time of day.
"""

from __future__ import annotations

import re

DIGITS = re.compile(r"(\d{1,2})(\d{2})(\d{2})?")
PARTED = re.compile(r"(\d{1,2})[:.\u70b9\u65f6h](?:(\d{1,2})(?:[:.\u5206m](?:(\d{1,2})\u79d2?)?)?|(\u534a|\u6574)|)")
"""Hour, a colon or 点 or 时, minutes, seconds; 半 is half past, 整 the full hour."""
NOON = re.compile("(\u4e0a\u5348|\u65e9\u4e0a|\u4e2d\u5348|\u4e0b\u5348|\u665a\u4e0a)(.+)")
LATER = ("\u4e0b\u5348", "\u665a\u4e0a")
"""下午 and 晚上: what is said of an hour before noon is twelve later."""


def seconds_typed(text: str) -> int | None:
    """The time of day somebody typed."""
    text = text.strip().replace("\uff1a", ":").replace(" ", "")
    later = False
    if (said := NOON.fullmatch(text)) is not None:
        later, text = said[1] in LATER, said[2]
    if (found := DIGITS.fullmatch(text)) is not None:
        hour, minute, second = (int(part or 0) for part in found.groups())
    elif (found := PARTED.fullmatch(text)) is not None:
        hour, second = int(found[1]), int(found[3] or 0)
        minute = 30 if found[4] == "\u534a" else int(found[2] or 0)
    else:
        return None
    hour += 12 if later and hour < 12 else 0
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None
