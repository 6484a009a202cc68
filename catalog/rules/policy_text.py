"""The bureau's policy as a TOML text (管理制度文件): read into a `Policy`, every value checked.

Shapes: `[clearing]`, `[dock]`, `[retention]` and any number of `[[hours]]`; what is left out keeps its default. Units:
in the names of the keys; times of day are `"HH:MM"`, in the station's zone.
What cannot be used is named with its line and key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from math import isfinite
from typing import Any, get_args

from catalog.errors import PolicyBad
from catalog.rules.policy import COPIES_MAX, Caps, Clearing, Hours, Policy
from catalog.rules.retention import ENDLESS, MONTHS_MAX, MONTHS_MIN, Keep, Retention

TEXT_BYTES_MAX = 64 << 10
HOURS_MAX = 24
DAY_MINUTES = 24 * 60
MEGABYTES_PER_S_MAX = 100_000.0

EXAMPLE = """\
# Policy for the dock (采集站管理制度). Every key may be left out; what stands here is the default.
# It holds once it is adopted: evidock policy adopt FILE. 执行 evidock policy adopt FILE 发布后生效。

[clearing]
# When a file is erased on its recorder (清除方式): only one whose sealed original was read back at that moment, with
# both digests, manifest, signature and lock in order, and that is still the same file on the card.
# 仅清除当场回读核验无误(双摘要、清单、签名、锁定均一致)且卡上仍为同一文件的资料。
#   "never"          not at all (从不清除)
#   "after-receipt"  once it is filed (入库后清除)
#   "after-days"     so many days after it was sealed, by the station's clock (封存若干天后清除,以本站时钟为准)
when = "never"
# The days of "after-days" (天数).
days = 30

[dock]
# Footage must be docked within so many hours of its recording (录制后应在多少小时内上传); what is overdue comes first.
overdue_hours = 24
# A recorder not docked for so many days is shown (超过多少天未接入则提示).
not_docked_days = 7
# Whether a recorder's clock is set at the dock where it can be, and is surely wrong (校正记录仪时钟): true or false.
set_clock = false
# How many recorders are read at the same time (同时采集的记录仪数), 1 to 32.
copies = 32
# So many megabytes a second over all recorders together (总带宽上限,MB/秒); left out: no cap.
# megabytes_per_s = 200

[retention]
# How long originals are kept (保存期限). A lock is never shortened: what is no longer linked keeps the one it has.
# Everything: so many months after it was sealed (月), 6 to 1200. 6 is the legal minimum.
months = 6
# What is linked to a case (已关联案件), and what its wearer flagged (重点文件): months, or one of
#   "case-file"   the same as the case file: as long as the link or the flag is there (同案卷)
#   "permanent"   for ever (永久)
linked = "case-file"
important = "case-file"

# Other caps for a part of the day (时段上限), in the station's zone; they may go over midnight. One table for each:
# [[hours]]
# begins = "08:30"
# ends = "17:30"
# copies = 4
# megabytes_per_s = 80
"""


@dataclass(frozen=True, slots=True)
class _Range:
    """What a number may be."""

    least: float
    most: float
    whole: bool = True


Keys = Mapping[str, _Range | None]
COPIES = _Range(1, COPIES_MAX)
SPEED = _Range(0.1, MEGABYTES_PER_S_MAX, whole=False)
CLEARING_KEYS: Keys = {"when": None, "days": _Range(1, 3650)}
DOCK_KEYS: Keys = {
    "overdue_hours": _Range(1, 8760),
    "not_docked_days": _Range(1, 3650),
    "set_clock": None,
    "copies": COPIES,
    "megabytes_per_s": SPEED,
}
HOURS_KEYS: Keys = {"begins": None, "ends": None, "copies": COPIES, "megabytes_per_s": SPEED}
RETENTION_KEYS: Keys = {"months": _Range(MONTHS_MIN, MONTHS_MAX), "linked": None, "important": None}
SECTIONS = {"clearing": CLEARING_KEYS, "dock": DOCK_KEYS, "retention": RETENTION_KEYS}


def read_policy(text: str, version: int = 0) -> Policy:
    """The policy a text says; raises `PolicyBad` with the line or key that is wrong."""
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise PolicyBad(where="-", what=f"longer than {TEXT_BYTES_MAX} bytes", what_zh=f"超过 {TEXT_BYTES_MAX} 字节")
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line \d+", str(error))
        where = found[0] if found else "-"
        raise PolicyBad(where=where, what=f"not TOML: {error}", what_zh=f"不是有效的 TOML:{error}") from error
    return _Reader(text).policy(read, version)


class _Reader:
    """Reads one text; knows it, to tell where something stands."""

    def __init__(self, text: str) -> None:
        self._text = text

    def policy(self, read: Mapping[str, Any], version: int) -> Policy:
        for name in read:
            if name not in (*SECTIONS, "hours"):
                raise self._bad("", name, 1, "there is no such key", "没有此项")
        clearing, dock, kept = (self._section(name, read.get(name, {}), SECTIONS[name]) for name in SECTIONS)
        when = clearing.get("when", "never")
        if when not in get_args(Clearing):
            allowed = ", ".join(f'"{one}"' for one in get_args(Clearing))
            raise self._bad("clearing", "when", 1, f"{when!r} is none of {allowed}", f"{when!r} 不是 {allowed} 之一")
        set_clock = dock.get("set_clock", False)
        if not isinstance(set_clock, bool):
            raise self._bad(
                "dock", "set_clock", 1, f"{set_clock!r} is not true or false", f"{set_clock!r} 不是 true 或 false"
            )
        caps = Caps(int(dock.get("copies", COPIES_MAX)), dock.get("megabytes_per_s"))
        plain = Policy()
        return Policy(
            version,
            when,
            int(clearing.get("days", plain.clearing_days)),
            int(dock.get("overdue_hours", plain.overdue_hours)),
            int(dock.get("not_docked_days", plain.not_docked_days)),
            set_clock,
            caps,
            self._hours(read.get("hours", []), caps),
            Retention(int(kept.get("months", MONTHS_MIN)), self._keep(kept, "linked"), self._keep(kept, "important")),
        )

    def _keep(self, read: Mapping[str, Any], key: str) -> Keep:
        """A number of months, or one of the words for no end."""
        value = read.get(key, "case-file")
        for endless in ENDLESS:
            if value == endless:
                return endless
        if _fits(value, _Range(MONTHS_MIN, MONTHS_MAX)):
            return int(value)
        allowed = ", ".join(f'"{one}"' for one in ENDLESS)
        span = f"{MONTHS_MIN}–{MONTHS_MAX}"
        what = f"{value!r} is neither {allowed} nor months ({span})"
        raise self._bad("retention", key, 1, what, f"{value!r} 不是 {allowed} 或月数（{span}）")

    def _section(self, name: str, read: Any, keys: Keys, nth: int = 1) -> dict[str, Any]:
        """The values of a table, each known and in its range."""
        if not isinstance(read, dict):
            raise self._bad("", name, nth, "must be a table", "应为一个表")
        for key, value in read.items():
            if key not in keys:
                raise self._bad(name, key, nth, "there is no such key", "没有此项")
            allowed = keys[key]
            if allowed is not None and not _fits(value, allowed):
                kind, kind_zh = ("a whole number", "整数") if allowed.whole else ("a number", "数值")
                span = f"{allowed.least:g}", f"{allowed.most:g}"
                what = f"{value!r} is not {kind} from {span[0]} to {span[1]}"
                raise self._bad(name, key, nth, what, f"{value!r} 不是 {span[0]} 到 {span[1]} 之间的{kind_zh}")
        return read

    def _hours(self, read: Any, general: Caps) -> tuple[Hours, ...]:
        if not isinstance(read, list) or len(read) > HOURS_MAX:
            what, what_zh = f"must be at most {HOURS_MAX} tables [[hours]]", f"应为最多 {HOURS_MAX} 个 [[hours]] 表"
            raise self._bad("", "hours", 1, what, what_zh)
        taken: dict[int, int] = {}
        hours = []
        for nth, one in enumerate(read, start=1):
            values = self._section("hours", one, HOURS_KEYS, nth)
            begins, ends = (self._time(values, key, nth) for key in ("begins", "ends"))
            if begins == ends:
                raise self._bad("hours", "ends", nth, "ends when it begins", "结束时间与开始时间相同")
            for minute in _minutes(begins, ends):
                other = taken.setdefault(minute, nth)
                if other != nth:
                    what = f"overlaps with [[hours]] number {other}, at {minute // 60:02d}:{minute % 60:02d}"
                    what_zh = f"与第 {other} 个 [[hours]] 在 {minute // 60:02d}:{minute % 60:02d} 重叠"
                    raise self._bad("hours", "begins", nth, what, what_zh)
            caps = Caps(
                int(values.get("copies", general.copies)), values.get("megabytes_per_s", general.megabytes_per_s)
            )
            hours.append(Hours(begins, ends, caps))
        return tuple(hours)

    def _time(self, values: Mapping[str, Any], key: str, nth: int) -> time:
        value = values.get(key)
        if isinstance(value, time) and value.second == value.microsecond == 0:
            return value
        found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
        if found is None:
            missing = value is None
            what = "is missing" if missing else f'{value!r} is not a time like "08:30" (midnight is "00:00")'
            what_zh = "缺少此项" if missing else f'{value!r} 不是 "08:30" 形式的时间（午夜写作 "00:00"）'
            raise self._bad("hours", key, nth, what, what_zh)
        return time(int(found[1]), int(found[2]))

    def _bad(self, section: str, key: str, nth: int, what: str, what_zh: str) -> PolicyBad:
        line = self._line_of(section, key, nth)
        name = f"{section}.{key}" if section else key
        where = f"line {line}" if line is not None else f"[[{section}]] {nth}" if section == "hours" else "-"
        return PolicyBad(where=where, what=f"{name}: {what}", what_zh=f"{name}:{what_zh}")

    def _line_of(self, section: str, key: str, nth: int) -> int | None:
        """The line of a key in the nth table of that name, or of a table that is a key itself; None if not found."""
        header, seen, wanted = "", 0, re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        for number, line in enumerate(self._text.splitlines(), start=1):
            found = re.match(r"\s*\[\[?\s*([^\]]*?)\s*\]", line)
            if found:
                header = found[1].split(".")[0]
                seen += header == section
                if not section and header == key:
                    return number
            elif header == section and (not section or seen == nth) and wanted.match(line):
                return number
        return None


def _fits(value: Any, allowed: _Range) -> bool:
    """Whether a value is a number of the range; a truth value is none."""
    kinds = (int,) if allowed.whole else (int, float)
    return type(value) in kinds and isfinite(value) and allowed.least <= value <= allowed.most


def _minutes(begins: time, ends: time) -> list[int]:
    """The minutes of the day from a time until before another, maybe over midnight."""
    first, last = (at.hour * 60 + at.minute for at in (begins, ends))
    return [minute % DAY_MINUTES for minute in range(first, last if last > first else last + DAY_MINUTES)]
