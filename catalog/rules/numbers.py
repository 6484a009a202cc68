"""Numbers of cases and written records (文号): what somebody wrote, and the key by which two of them are compared.

Shapes: 示民罚决字〔2026〕第1号 is (示民罚决, 2026, 1, None): characters without those that offices write or leave out,
year, whole number, sub-number (第1-2号, 第1号之二). Two numbers are the same when their keys are, never by a prefix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

BRACKETS = ("〔〕", "［］", "[]", "（）", "()", "【】", "〈〉")
IGNORED = ("字", "第")
FORM = re.compile(
    r"(?P<words>\D+?)〔(?P<year>\d{4})〕第?(?P<n>\d{1,9})(?:-(?P<part>\d{1,4}))?号(?:之(?P<of>\d{1,4}|[一二三四五六七八九]))?"
)
IN_TEXT = re.compile(
    r"([^\W\d_]{1,24})\s*([〔\[(【〈]\s*\d{4}\s*[〕\])】〉]\s*第?\s*\d{1,9}(?:-\d{1,4})?\s*号(?:之[1-9一二三四五六七八九])?)"
)
LED_IN_BY = re.compile(r".*(?:案号|文号|编号|案件)[为是]?")
"""What people write before a number without a blank between."""
OFFICE = re.compile(r"(?<!\d)(?!20\d\d(?:0[1-9]|1[0-2])[0-3]\d[0-2]\d[0-5]\d[0-5]\d)\d{14,20}(?!\d)")
"""A number of an office system; no time stamp, of which logs are full."""
NUMBERS_MAX = 20
DIGITS = "零一二三四五六七八九"
FULL_WIDTH = re.compile(r"[０-９]")


@dataclass(frozen=True, slots=True)
class NumberKey:
    """What of a number is compared; `words` are its characters without the ones that may be left out."""

    words: str
    year: int
    n: int
    sub: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it was written: its key, its characters in full, and in which ways it is not the house's form."""

    key: NumberKey
    words: str
    forms: tuple[str, ...]


def bare(text: str) -> str:
    """A text for comparison: after NFKC (full width is half width), without any blank."""
    return "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


def without(text: str, ignored: Sequence[str]) -> str:
    """A text without the characters that offices write or leave out."""
    for one in ignored:
        text = text.replace(one, "")
    return text


def read_number(text: str, brackets: Sequence[str] = BRACKETS, ignored: Sequence[str] = IGNORED) -> Written | None:
    """The number in a text that is nothing else, or None."""
    plain = bare(text)
    for pair in brackets:
        plain = plain.replace(bare(pair[:1]), "〔").replace(bare(pair[1:]), "〕")
    found = FORM.fullmatch(plain)
    if found is None or (found["part"] and found["of"]):
        return None
    part = found["part"] or found["of"]
    sub = None if part is None else DIGITS.index(part) if part in DIGITS else int(part)
    key = NumberKey(without(found["words"], ignored), int(found["year"]), int(found["n"]), sub)
    forms = {
        "bracket-variant": "〔" not in text,
        "fullwidth-digits": FULL_WIDTH.search(text) is not None,
        "leading-zeros": found["n"].startswith("0"),
        "word-left-out": "第" not in plain,
    }
    return Written(key, found["words"], tuple(name for name, holds in forms.items() if holds))


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers that stand in a text among other words, without blanks, in its order; at most NUMBERS_MAX."""
    plain = unicodedata.normalize("NFKC", text)
    found = [(one.start(), LED_IN_BY.sub("", one[1]) + "".join(one[2].split())) for one in IN_TEXT.finditer(plain)]
    found += [(one.start(), one[0]) for one in OFFICE.finditer(plain)]
    return tuple(dict.fromkeys(number for _, number in sorted(found)))[:NUMBERS_MAX]
