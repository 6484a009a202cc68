"""What a card's own numbers and times say is missing (缺号与时间断档). Pure; reasons to ask, and no proof.

Shapes: everything on a card that carries a number of the recorder's counter, and what the catalog holds of the same
recorder from before, give gaps in three kinds:
- `sequence`: numbers nobody has between two that are there (缺号);
- `time`: a full segment of a long recording, and the next one begins too late (时间断档);
- `clock`: a clip dated before the one it was recorded after (时钟倒退).
Counters are kept apart by folder and by the form of the name; a number another form of name has in the same folder is
not missing, for recorders number film and stills together. Units: seconds; numbers as the name writes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

Kind = Literal["sequence", "time", "clock", "more"]
Key = tuple[str, str]
"""A folder and a series in it."""

GAPS_MAX = 100
"""So many are told; the rest is counted."""
JUMP_MAX = 1000
"""More numbers than this are no missing files: somebody set the counter, or the card lived in another recorder."""
WRAP_NEAR = 100
"""How near to its ends a counter must be to have begun anew."""
WRAP_PART = 10
"""And so much of the counter, as a part of it, must be unused in between."""
WRAP_DIGITS_MIN = 3
FULL_MIN = 3
"""So many segments of the same greatest length make it the usual full one."""
FULL_WITHIN_S = 1.5
SEGMENT_S_MIN = 30.0
"""Clips shorter than this are no segments of a long recording."""
LATE_S = 10
CLOCK_BACK_S = 2

TEXTS: Mapping[str, tuple[str, str]] = {
    "sequence": ("{missing_text} missing between {before} and {after}", "{before} 与 {after} 之间缺少 {missing_text}"),
    "jump": (
        "the numbers jump by {missing} between {before} and {after}: the counter was set, or files are missing",
        "{before} 与 {after} 之间编号跳过 {missing} 个：计数器被重设，或文件缺失",
    ),
    "time": (
        "{seconds} s are missing between {before}, a full segment, and {after}",
        "{before}(完整分段)与 {after} 之间缺少 {seconds} 秒",
    ),
    "clock": (
        "{after} is dated {seconds} s before {before}, which was recorded first: the clock was set back",
        "{after} 的时间比先记录的 {before} 早 {seconds} 秒：记录仪时钟被回拨",
    ),
    "more": ("{missing} more gaps on this card", "另有 {missing} 处断档未列出"),
}


@dataclass(frozen=True, slots=True)
class Numbered:
    """One file that carries a number of its recorder's counter.

    `series` tells counters of one folder apart, `sequence` are the digits as written. `starts_at` is by the recorder's
    own clock where its name tells, and `clock` says which clock that is: only times of one clock are compared.
    """

    folder: str
    series: str
    sequence: str
    size_bytes: int
    starts_at: datetime | None = None
    clock: str | None = None
    duration_s: float | None = None

    @property
    def number(self) -> int:
        """The value of the digits."""
        return int(self.sequence)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that seems to be missing (断档), between two numbers as written; `missing` counts, `seconds` lasts."""

    kind: Kind
    folder: str
    before: str
    after: str
    missing: int = 0
    first: str | None = None
    last: str | None = None
    seconds: int = 0

    def texts(self) -> tuple[str, str]:
        """The gap in English and Chinese."""
        english, chinese = TEXTS["jump" if self.kind == "sequence" and self.missing > JUMP_MAX else self.kind]
        some = self.first if self.missing == 1 else f"{self.first}–{self.last} ({self.missing})"
        place_en, place_zh = (f"{self.folder}: ", f"{self.folder}:") if self.folder else ("", "")
        facts = {"missing": self.missing, "before": self.before, "after": self.after, "seconds": self.seconds}
        verb = "is" if self.missing == 1 else "are"
        return (
            place_en + english.format(missing_text=f"{some} {verb}", **facts),
            place_zh + chinese.format(missing_text=some, **facts),
        )

    def as_json(self) -> dict[str, Any]:
        """A gap as programs, trail and catalog have it: whole numbers and texts only."""
        english, chinese = self.texts()
        return asdict(self) | {"en": english, "zh": chinese}


def gaps(here: Sequence[Numbered], earlier: Sequence[Numbered] = ()) -> tuple[Gap, ...]:
    """What is missing on a card. `earlier` are the recorder's files that were filed before, oldest first.

    A number that was filed before and erased since is not missing. What lies wholly in the past is not told again.
    """
    found: list[Gap] = []
    present, past = _by_series(here), _by_series(earlier)
    counted = {key: _of_this_count(present.get(key, []), past.get(key, [])) for key in (*present, *past)}
    for key, files in present.items():
        runs = _runs(files)
        for run in runs:
            alone = len(runs) == 1
            before = counted[key] if alone else _between(run, past.get(key, []))
            others = _others(key, present, counted) if alone else frozenset[int]()
            found += _in_sequence(run, before, others)
            found += _against_time(run)
    if len(found) > GAPS_MAX:
        return (*found[:GAPS_MAX], Gap("more", "", "", "", missing=len(found) - GAPS_MAX))
    return tuple(found)


def _by_series(files: Iterable[Numbered]) -> dict[Key, list[Numbered]]:
    found: dict[Key, list[Numbered]] = {}
    for one in files:
        found.setdefault((one.folder, one.series), []).append(one)
    return found


def _others(key: Key, present: Mapping[Key, list[Numbered]], counted: Mapping[Key, list[Numbered]]) -> Set[int]:
    """The numbers that files with another form of name have in the same folder."""
    beside = [other for other in counted if other[0] == key[0] and other != key]
    return frozenset(one.number for other in beside for one in (*present.get(other, ()), *counted[other]))


def _between(run: Sequence[Numbered], earlier: Sequence[Numbered]) -> list[Numbered]:
    """What was filed before of one run of a counter that begins anew again and again."""
    first, last = run[0].starts_at, run[-1].starts_at
    if first is None or last is None:
        return []
    return [one for one in earlier if one.starts_at is not None and first < one.starts_at < last]


def _of_this_count(here: Sequence[Numbered], earlier: Sequence[Numbered]) -> list[Numbered]:
    """The files that were filed before, as far as they are of the count the card is in.

    A number that is on the card again with another file tells that the counter began anew after the earlier one; and
    what lies half a counter back is of the round before.
    """
    sizes: dict[int, set[int]] = {}
    for one in here:
        sizes.setdefault(one.number, set()).add(one.size_bytes)
    again = [
        place for place, one in enumerate(earlier) if one.size_bytes not in sizes.get(one.number, {one.size_bytes})
    ]
    fresh = earlier[again[-1] + 1 :] if again else earlier
    half = 10 ** max(len(one.sequence) for one in here) // 2 if here else JUMP_MAX
    return list(fresh[-half:])


def _runs(files: Sequence[Numbered]) -> list[list[Numbered]]:
    """The files in the order of their count; several runs where the counter begins anew each day or each start.

    Files of one number and time (a film and what stands beside it) count once.
    """
    single = list({(one.number, one.starts_at): one for one in files}.values())
    if max(Counter(one.number for one in single).values()) == 1:
        return [_counted(single)]
    dated = sorted((one for one in single if one.starts_at is not None), key=lambda one: (one.starts_at, one.number))
    runs: list[list[Numbered]] = []
    for one in dated:
        if runs and one.number > runs[-1][-1].number:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _counted(files: Sequence[Numbered]) -> list[Numbered]:
    """Files in the order of the counter; where it ran over (9999, then 0001) the high numbers come first.

    Not where times tell that the low numbers were recorded first.
    """
    ordered = sorted(files, key=lambda one: one.number)
    top = _top(ordered)
    if len(ordered) < 2 or top is None:
        return ordered
    wide, place = max((after.number - before.number, place) for place, (before, after) in enumerate(pairwise(ordered)))
    near_ends = ordered[0].number <= WRAP_NEAR and ordered[-1].number > top - WRAP_NEAR
    low, high = ordered[: place + 1], ordered[place + 1 :]
    ran_over = near_ends and wide > top // WRAP_PART and not _comes_first(low[-1], high[0])
    return [*high, *low] if ran_over else ordered


def _comes_first(one: Numbered, other: Numbered) -> bool:
    """Tell whether both were dated by one clock, and this one earlier."""
    if one.starts_at is None or other.starts_at is None or one.clock != other.clock:
        return False
    return one.starts_at < other.starts_at


def _top(files: Sequence[Numbered]) -> int | None:
    """The number the counter runs over at, if all write the same number of digits: the least of nines they allow.

    DCF folders hold 999 files, and cameras that follow it count to 0999 in four digits.
    """
    widths = {len(one.sequence) for one in files}
    width = max(widths)
    if len(widths) > 1 or width < WRAP_DIGITS_MIN:
        return None
    written = max(len(str(one.number)) for one in files)
    return int("9" * max(WRAP_DIGITS_MIN, written))


def _in_sequence(run: Sequence[Numbered], before: Sequence[Numbered], others: Set[int]) -> list[Gap]:
    """Numbers nobody has between two that are there; one of the two is on the card."""
    here = {one.number for one in run}
    ordered = _counted(list({one.number: one for one in (*before, *run)}.values()))
    found = []
    for one, after in pairwise(ordered):
        if one.number not in here and after.number not in here:
            continue
        for first, last, count in _missing(one, after, _top(ordered), others):
            shown_first, shown_last = (str(number).zfill(len(one.sequence)) for number in (first, last))
            gap = Gap("sequence", one.folder, one.sequence, after.sequence, count, shown_first, shown_last)
            found.append(gap)
    return found


def _missing(one: Numbered, after: Numbered, top: int | None, others: Set[int]) -> list[tuple[int, int, int]]:
    """First, last and count of the missing numbers between two; over the top of the counter where it ran over."""
    if after.number > one.number:
        spans = [range(one.number + 1, after.number)]
    else:
        assert top is not None, "only a counter with a top runs over"
        spans = [range(one.number + 1, top + 1), range(1, after.number)]
    spans = [span for span in spans if span]
    count = sum(len(span) for span in spans)
    if count > JUMP_MAX:
        return [(spans[0][0], spans[-1][-1], count)]
    pieces = _pieces([number for span in spans for number in span if number not in others])
    return [(piece[0], piece[-1], len(piece)) for piece in pieces]


def _pieces(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers in the order of the count, cut where one does not follow the other (a counter that ran over follows)."""
    pieces: list[list[int]] = []
    for number in numbers:
        if pieces and number in (pieces[-1][-1] + 1, 1):
            pieces[-1].append(number)
        else:
            pieces.append([number])
    return pieces


def _against_time(run: Sequence[Numbered]) -> list[Gap]:
    """Full segments the next one does not follow at once, and clips dated before the one they follow."""
    full_s, found = _full_segment_s(run), []
    for one, after in pairwise(run):
        if one.starts_at is None or after.starts_at is None or one.clock != after.clock:
            continue
        apart_s = (after.starts_at - one.starts_at).total_seconds()
        if apart_s < -CLOCK_BACK_S:
            found.append(Gap("clock", one.folder, one.sequence, after.sequence, seconds=round(-apart_s)))
            continue
        is_full = full_s is not None and one.duration_s is not None and one.duration_s >= full_s - FULL_WITHIN_S
        follows = after.number in (one.number + 1, 1)
        if is_full and follows and one.duration_s is not None and apart_s - one.duration_s > LATE_S:
            seconds = round(apart_s - one.duration_s)
            found.append(Gap("time", one.folder, one.sequence, after.sequence, seconds=seconds))
    return found


def _full_segment_s(run: Sequence[Numbered]) -> float | None:
    """The length the recorder splits long recordings at, if the card shows one."""
    lengths = sorted((one.duration_s for one in run if one.duration_s is not None), reverse=True)
    full = [length for length in lengths if length >= lengths[0] - FULL_WITHIN_S]
    return full[-1] if len(full) >= FULL_MIN and full[0] >= SEGMENT_S_MIN else None
