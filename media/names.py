"""What a file's name says (文件名): recorder, officer, time and mark, by a table of patterns a station can extend.

Sources: names.toml beside this module; the station's own patterns come before it. Shapes: one name -> NameFacts; the
first pattern that fits the whole stem answers. The time is the recorder's local clock in the zone handed in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path

from catalog.evidence import IMPORTANT, NameFacts, TimeClaim
from media.capture_time import CLOCK_S, HALF_DAY, STATED, senseless, utc_of_local
from media.errors import BadNamePattern

NAME_CHARS_MAX = 255
PATTERNS_MAX = 200
GROUPS = frozenset({"recorder", "officer", "unit", "at", "epoch_ms", "sequence", "mark", "imported"})
LAST_RESORT = "time-anywhere"
"""The id of the pattern that only finds a time: this is no name a recorder gives."""

SHORT_DIGITS, CENTURY = 12, "20"
"""A year of two digits."""
DAY_DIGITS, NOON = 8, "120000"
"""A name that only tells the day is read as its noon, half a day wide."""

UNMARKED = frozenset({None, "", "0", "00"})
_DCF = re.compile(r"(?![0-9]{4})([A-Za-z0-9_]{4})([0-9]{4})")
"""What the rule for camera files gives: four characters and a number of four digits, such as MOVI0007."""
_PLAIN = re.compile(r"((?:[A-Za-z]+[_-]?)?)([0-9]{1,6})")
_DIGITS = re.compile(r"[0-9]{1,18}")
_IMP = re.compile(r"_?(?<![A-Za-z])IMP(?![A-Za-z0-9])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One way recorders name files."""

    id: str
    stem: re.Pattern[str]


@cache
def built_in_patterns() -> tuple[NamePattern, ...]:
    """Return the patterns of names.toml."""
    return tuple(_pattern(entry) for entry in tomllib.loads(_TABLE.read_text("utf-8"))["pattern"])


def load_patterns(extra: Sequence[Mapping[str, object]]) -> tuple[NamePattern, ...]:
    """Return the station's own patterns, each with `id` and `pattern`, before the built-in ones.

    Raises BadNamePattern, which names the one that cannot be used.
    """
    if len(extra) > PATTERNS_MAX:
        raise BadNamePattern(pattern=f"no. {PATTERNS_MAX + 1}", why=f"more than {PATTERNS_MAX} patterns")
    return (*(_pattern(entry) for entry in extra), *built_in_patterns())


def read_name(name: str, patterns: Sequence[NamePattern], zone: tzinfo) -> NameFacts:
    """Return what the name says; `zone` is that of the recorder's clock."""
    name = name[-NAME_CHARS_MAX:]
    stem = name.rpartition(".")[0] or name
    plain = _IMP.sub("", stem)
    marks = (IMPORTANT,) if plain != stem else ()
    for pattern in patterns:
        match = pattern.stem.fullmatch(stem) or pattern.stem.fullmatch(plain)
        if match is not None:
            return _facts(pattern, match.groupdict(), marks, zone)
    return _counted(plain, marks)


def _counted(plain: str, marks: tuple[str, ...]) -> NameFacts:
    """What a name says that only counts."""
    counted = _DCF.fullmatch(plain) or _PLAIN.fullmatch(plain)
    if counted is None:
        return NameFacts(marks=marks)
    return NameFacts(marks=marks, sequence=counted[2], series=counted[1].upper())


def _facts(pattern: NamePattern, groups: Mapping[str, str | None], marks: tuple[str, ...], zone: tzinfo) -> NameFacts:
    at, epoch_ms, sequence = (groups.get(name) for name in ("at", "epoch_ms", "sequence"))
    counts = sequence is not None and _DIGITS.fullmatch(sequence) is not None
    claims = []
    if at:
        claims.append(_claim_of_clock(at, zone))
    if epoch_ms:
        claims.append(_claim_of_epoch(epoch_ms))
    return NameFacts(
        pattern=pattern.id,
        recorder=groups.get("recorder") or None,
        officer=groups.get("officer") or None,
        marks=marks if groups.get("mark") in UNMARKED else (IMPORTANT,),
        claims=tuple(claims),
        sequence=sequence if counts else None,
        series=f"{pattern.id} {groups.get('recorder') or ''}".strip() if counts else None,
    )


def _claim_of_clock(raw: str, zone: tzinfo) -> TimeClaim:
    digits = "".join(part.zfill(2) for part in re.findall(r"[0-9]+", raw))
    whole_day = len(digits) == DAY_DIGITS
    century = CENTURY if len(digits) == SHORT_DIGITS else ""
    try:
        local = datetime.strptime(century + digits + NOON * whole_day, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        value, offset, twice_s = utc_of_local(local, zone)
    except (ValueError, OverflowError):
        return senseless("name", raw)
    uncertainty_s = CLOCK_S + twice_s + HALF_DAY.total_seconds() * whole_day
    return TimeClaim("name", raw, value, f"assumed {offset}", "start", uncertainty_s)


def _claim_of_epoch(raw: str) -> TimeClaim:
    try:
        value = _EPOCH + timedelta(milliseconds=int(raw))
    except (ValueError, OverflowError):
        return senseless("name", raw)
    return TimeClaim("name", raw, value, f"{STATED} UTC", "start", CLOCK_S)


def _pattern(entry: Mapping[str, object]) -> NamePattern:
    name, expression = entry.get("id"), entry.get("pattern")
    if not isinstance(name, str) or not name:
        raise BadNamePattern(pattern=repr(name), why="`id` is missing")
    if not isinstance(expression, str):
        raise BadNamePattern(pattern=name, why="`pattern` is missing")
    try:
        stem = re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadNamePattern(pattern=name, why=str(error)) from error
    foreign = sorted(set(stem.groupindex) - GROUPS)
    if foreign:
        raise BadNamePattern(pattern=name, why=f"unknown group {', '.join(foreign)}")
    return NamePattern(name, stem)
