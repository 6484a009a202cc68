"""What a clip is found by, as words of one index (检索词): of its texts, of what it is, of where it was; pure.

Shapes: a text's words are overlapping pairs of Chinese characters, and whole words of letters and digits; a fact's word
begins with `_`, which no text's word holds. A word alone proves nothing: what it finds is compared with texts and rows.
Units: `pos` is whole seconds since 2000-01-01 UTC `<< 16`, with 16 bits of the clip's number below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from math import floor, log2
from zlib import crc32

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")
IS_HAN = re.compile(f"[{HAN}]")
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
POS_BITS = 16
POS_LOW, POS_HIGH = -(1 << 62), 1 << 62
"""Before and behind every clip."""
SLICE_BITS = POS_BITS + 21
"""Of about 24 days: PostgreSQL is asked slice by slice, and in each a word has a number of its own."""
WORD, MIX = 1 << 32, 2_654_435_761
OLDEST_MONTH = 2015 * 12
"""Where a lock ended before, it counts to this month."""
HOUR_S = 3600.0
GROUPS_MAX = 3
TEXTS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """Words to ask for: all of `every`, and of each group at least one."""

    every: frozenset[str] = frozenset()
    groups: tuple[frozenset[str], ...] = field(default=())


def normal(text: str) -> str:
    """A text as it is compared: one width, one case, one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=TEXTS_KEPT)
def words_of(text: str) -> frozenset[str]:
    """The words of a text; many clips are said the same of."""
    return frozenset(word for run in RUN.findall(normal(text)) for word in _words_in(run))


def asked_words(phrase: str) -> Iterator[str]:
    """Yield the words every text has that holds the phrase; none where it is too short to be looked for.

    A single Chinese character at its edge is the part of a pair there, which nobody knows.
    """
    text = normal(phrase)
    for found in RUN.finditer(text):
        is_edge = found.start() == 0 or found.end() == len(text)
        if not (is_edge and len(found[0]) == 1 and IS_HAN.match(found[0])):
            yield from _words_in(found[0])


def _words_in(run: str) -> Iterator[str]:
    if len(run) == 1 or not IS_HAN.match(run):
        yield run
    else:
        yield from (run[at : at + 2] for at in range(len(run) - 1))


def fact(kind: str, value: str) -> str:
    """The word of what a clip is: `kind` is one letter; two values may share a word, so rows are compared too."""
    return f"_{kind}{crc32(value.encode('utf-8', 'surrogatepass')):08x}"


def month(at: datetime) -> str:
    """The word of the month a lock ends in."""
    return _month(at.year * 12 + at.month)


def months_until(at: datetime) -> frozenset[str]:
    """The words of all months up to a time."""
    return frozenset(map(_month, range(OLDEST_MONTH, max(OLDEST_MONTH, at.year * 12 + at.month) + 1)))


def _month(number: int) -> str:
    return f"_t{max(number, OLDEST_MONTH)}"


def delays(seconds: float) -> Iterator[str]:
    """Yield a word for each power of two of hours that lay between recording and sealing."""
    yield from (f"_l{power}" for power in range(floor(log2(max(seconds / HOUR_S, 0.5))) + 1))


def delayed(hours: int) -> str:
    """A word that every clip has which came later than so many hours."""
    return f"_l{floor(log2(max(hours, 1)))}"


# ---------------------------------------------------------------------- order


def pos_of(starts_at: datetime, clip: str) -> int:
    """The place of a clip in time, unless it is taken: then the next that is free."""
    return pos_at(starts_at) | crc32(clip.encode()) & ((1 << POS_BITS) - 1)


def pos_at(at: datetime) -> int:
    """The first place of a second."""
    return floor((at - BEGIN).total_seconds()) << POS_BITS


def time_at(pos: int) -> datetime:
    """The second of a place."""
    return datetime.fromtimestamp((pos >> POS_BITS) + BEGIN.timestamp(), UTC)


# ---------------------------------------------------------------------- numbers, for PostgreSQL


def number(word: str) -> int:
    """A word as a signed number of 32 bits."""
    return _signed(crc32(word.encode()))


def numbers_at(words: Iterable[str], pos: int) -> list[int]:
    """The numbers of a clip's words in its slice of time, as `clip_page` (migrations 0018, 0024) computes them."""
    mixed = (pos >> SLICE_BITS) * MIX % WORD
    return sorted({_signed(crc32(word.encode()) ^ mixed) for word in words})


def _signed(value: int) -> int:
    return value - WORD if value >= WORD >> 1 else value
