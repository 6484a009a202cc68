"""What a case is called (案件编号), and the one name that stays: the id of a case, a link, a written record.

Shapes: an id is the first 12 hexadecimal digits of the SHA-256 of the act that opened it. A case that was only named
(at an ingest, or by a version that knew numbers alone) has that of its number. What is signed of a clip *states* its
case: by its number where that gives the id, else as `id:` and the id. A key is what two numbers are compared by, never
a part of one.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from catalog.rules.numbers import bare, read_number

if TYPE_CHECKING:
    from catalog.rules.acts import Act

ID_CHARS = 12
BY_ID = "id:"
NumberKind = Literal["opening", "office", "decision", "other"]
"""Of the opening 立案文号, the office's 案件编号, of the decision 决定书文号, another one."""
NUMBER_KINDS: tuple[NumberKind, ...] = ("opening", "office", "decision", "other")
KEY_PARTS = "|"
LOOSE = re.compile(r"(\D+?)\W?((?:19|20)\d\d)[\W年]?第?(\d{1,9}(?:-\d{1,4})?)号?")


def opened_by(act: Act) -> str:
    """The id of what an act opens."""
    return hashlib.sha256(act.body()).hexdigest()[:ID_CHARS]


def named(number: str) -> str:
    """The id of a case that is known by this number alone."""
    return hashlib.sha256(number.encode("utf-8", "surrogatepass")).hexdigest()[:ID_CHARS]


def stated(text: str) -> str:
    """The id of the case that is stated so."""
    return text.removeprefix(BY_ID) if text.startswith(BY_ID) else named(text)


@lru_cache(maxsize=4096)
def number_key(text: str) -> str:
    """What a number is compared by: brackets, width, blanks, 字 and 第 make no difference."""
    written = read_number(text)
    if written is None:
        return bare(text)
    key = written.key
    return KEY_PARTS.join(map(str, (key.words, key.year, key.n, "" if key.sub is None else key.sub)))


def keys_meant(text: str) -> tuple[str, ...]:
    """The keys of what somebody may mean, the nearest first: also typed without brackets or 号, as 民罚立2026-1."""
    loose = LOOSE.fullmatch(bare(text))
    keys = (number_key(text), *(() if loose is None else (number_key("{}〔{}〕{}号".format(*loose.groups())),)))
    return tuple(dict.fromkeys(keys))


def number_kind(text: str) -> NumberKind:
    """What a number is by its form, where nobody says."""
    return "office" if read_number(text) is None else "opening"
