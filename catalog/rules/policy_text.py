"""The bureau's policy as a TOML text (管理制度文件): read whole, every value checked, every problem told at once.

Shapes: the sections of `catalog/rules/bureau_policy.py`; what is left out keeps its default. Units: in the names of the
keys; times of day are `"HH:MM"`, in the station's zone.
What cannot be used is named with its line, in a list with its row, and its key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, get_origin

from catalog.errors import PolicyBad
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.policy import Caps, Hours, Policy
from catalog.rules.policy_checks import problems_of
from catalog.rules.policy_reading import Problem, Reading, fields_of, titles
from catalog.rules.retention import UNREADABLE, FilePeriods, Keep, PeriodRule, Retention
from catalog.rules.toml_places import Path, Span, line_of, places

TEXT_BYTES_MAX = 256 << 10
TOLD_MAX = 50
KEPT_TEXTS, KEPT_DOCKS = 16, 512

EXAMPLE = """\
# Policy for the dock (采集站管理制度). Every key may be left out; what stands here is the default.
# It holds once it is adopted: evidock policy adopt FILE. 执行 evidock policy adopt FILE 发布后生效。

[clearing]
# When a file is erased on its recorder (清除方式): only one whose sealed original was read back at that moment, with
# both digests, manifest, signature and lock in order, and that is still the same file on the card.
# 仅清除当场回读核验无误(双摘要、清单、签名、锁定均一致)且卡上仍为同一文件的资料。
#   "never"          not at all (从不清除)
#   "after-receipt"  once it is filed (入库后清除)
#   "after-days"     so many days after it was sealed, by the station's clock (入库若干天后清除,以本站时钟为准)
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


Where = Callable[[Path], tuple[str, str]]
"""Where a value of a path stands, in both languages: a line, or a cell of an Excel file."""


def read_policy(text: str, version: int = 0) -> Policy:
    """What a text says to the dock; raises `PolicyBad` as `read_whole`."""
    return replace(_read_dock(text), version=version)


@lru_cache(maxsize=KEPT_DOCKS)
def _read_dock(text: str) -> Policy:
    """Every version is asked for again and again: what was sealed when is kept by the version of that day."""
    whole = read_whole(text)
    clearing, dock, kept = whole.clearing, whole.dock, whole.retention
    caps = Caps(dock.copies, dock.megabytes_per_s)
    hours = (
        Hours(one.begins, one.ends, Caps(one.copies or caps.copies, one.megabytes_per_s or caps.megabytes_per_s))
        for one in whole.hours
    )
    return Policy(
        0,
        clearing.when,
        clearing.days,
        dock.overdue_hours,
        dock.not_docked_days,
        dock.set_clock,
        caps,
        tuple(hours),
        Retention(kept.months, kept.linked, kept.important, _periods(whole)),
    )


def _periods(whole: BureauPolicy) -> FilePeriods:
    """The periods of case files, and of footage that is kept for another."""
    months: dict[str, Keep] = {one.code: one.keep for one in whole.retention.classes}
    files = (PeriodRule(one.kinds, one.if_, months[one.keep]) for one in whole.retention.rules)
    footage = (
        PeriodRule(one.kinds, one.when, months[one.keep], one.matters, one.steps)
        for one in whole.recordings.every
        if one.keep in months
    )
    return FilePeriods(tuple(files), tuple(footage), whole.retention.counts_from == "closing")


@lru_cache(maxsize=KEPT_DOCKS)
def retention_of(text: str) -> Retention:
    """What a text says of keeping; `UNREADABLE` where this version of the program cannot read it."""
    return _read_dock(text).retention if is_readable(text) else UNREADABLE


def is_readable(text: str) -> bool:
    """Whether this version of the program can read a text: an older or a newer one may have adopted it."""
    try:
        read_whole(text)
    except PolicyBad:
        return False
    return True


@lru_cache(maxsize=KEPT_TEXTS)
def read_whole(text: str) -> BureauPolicy:
    """Everything a text says; raises `PolicyBad` with the line, row and key of all that is wrong."""
    read = parsed(text)
    whole, problems = read_tables(read)
    if problems:
        raise policy_bad(problems, partial(_in_text, text, places(text)))
    return whole


def parsed(text: str) -> dict[str, Any]:
    """The tables of a text, whatever they say; raises `PolicyBad`."""
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise _bad_at(None, f"longer than {TEXT_BYTES_MAX} bytes", f"超过 {TEXT_BYTES_MAX} 字节")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise _bad_at(int(found[1]) if found else None, f"not TOML: {error}", f"不是有效的 TOML：{error}") from error
    except RecursionError as error:
        raise _bad_at(None, "not TOML: too deep", "不是有效的 TOML：嵌套过深") from error


def read_tables(read: dict[str, Any]) -> tuple[BureauPolicy, tuple[Problem, ...]]:
    """The policy of these tables, and everything that is wrong with it; only where that is nothing it can be used."""
    reading, found = Reading(read), dict[str, Any]()
    sections = {one.section: one for one in fields_of(BureauPolicy)}
    for name, value in read.items():
        one = sections.get(name)
        if one is None:
            reading.note((name,), "there is no such key", "没有此项")
        elif get_origin(one.hint) is tuple and one.key != name:
            found[one.name] = reading.listed(one, value, (name,))
        else:
            found[one.name] = reading.value(one.hint, one.mark, value, (name,))
    whole = BureauPolicy(**found)
    return whole, (*reading.problems, *problems_of(whole, reading, read))


def policy_bad(problems: Iterable[Problem], where: Where) -> PolicyBad:
    """The error that tells of all of them, each with its place."""
    every = list(problems)
    told = [(where(one.path), _name(one.path), one) for one in every[:TOLD_MAX]]
    said = [f"{at}: {name}: {one.what}" for (at, _), name, one in told]
    said_zh = [f"{at}：{name_zh(name)}：{one.what_zh}" for (_, at), name, one in told]
    if len(every) > TOLD_MAX:
        said.append(f"and {len(every) - TOLD_MAX} more")
        said_zh.append(f"另有 {len(every) - TOLD_MAX} 处")
    return PolicyBad(what="\n".join(said), what_zh="\n".join(said_zh))


def name_zh(name: str) -> str:
    """A name of the file with what it is called in Chinese, where it has such a name."""
    title = titles(BureauPolicy).get(name)
    return name if title is None else f"{title}（{name}）"


def _in_text(text: str, spans: Mapping[Path, Span], path: Path) -> tuple[str, str]:
    """The line, and the row where it is in a list."""
    line, row = line_of(text, spans, path), next((part for part in path if isinstance(part, int)), None)
    en, zh = ("-", "-") if line is None else (f"line {line}", f"第 {line} 行")
    return (en, zh) if row is None else (f"{en}, row {row + 1}", f"{zh}第 {row + 1} 条")


def _bad_at(line: int | None, what: str, what_zh: str) -> PolicyBad:
    if line is None:
        return PolicyBad(what=f"-: {what}", what_zh=f"-：{what_zh}")
    return PolicyBad(what=f"line {line}: {what}", what_zh=f"第 {line} 行：{what_zh}")


def _name(path: Path) -> str:
    return ".".join(part for part in path if isinstance(part, str)).replace("\n", "\\n")
