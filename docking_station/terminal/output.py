"""What a terminal shows (屏幕输出): plain aligned columns, sizes, and nothing a hostile name could slip in.

Plain text and not a drawing library: a list must answer at once (see docs/adr/0003).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from docking_station.texts.plain import STEERING, in_zone, json_of, visible, width

if TYPE_CHECKING:
    from ingest.journal import Held

T = TypeVar("T")
CELL_MAX = 60
CHUNKS = 4096


def print_json(value: object) -> None:
    """One JSON document on stdout, harmless on a terminal too."""
    speaks_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    chunks = json.JSONEncoder(default=json_of, ensure_ascii=not speaks_unicode, indent=2).iterencode(value)
    while text := "".join(islice(chunks, CHUNKS)):  # never as one text: ten thousand rows are a hundred megabytes
        print(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text), end="")
    print()


def answer(as_json: bool, value: object, show: Callable[[], object]) -> None:
    """One JSON document for a program, or what `show` says of it to a person."""
    if as_json:
        print_json(value)
    else:
        show()


def say(text: str = "") -> None:
    """A line on stdout."""
    print(text)


def ask_confirmation(words: tuple[str, ...]) -> bool:
    """Whether a person types one of these words."""
    from docking_station.terminal.words import word

    print(word("policy_confirm", word=" / ".join(words)), end=" ", flush=True)
    return sys.stdin.readline().strip() in words


def remark(text: str) -> None:
    """A line on stderr: for the person, not for a pipe."""
    print(text, file=sys.stderr)


def remark_held(held: Held) -> None:
    """What is held from now on, and what to do, on stderr."""
    from docking_station.terminal.words import language, zone

    said = held.said(language())
    remark(f"{visible(in_zone(said['message'], zone()))} [{held.code}]\n→ {visible(said['hint'])}")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; Chinese characters count two."""
    shown = [[_cut(visible("" if cell is None else str(cell))) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(heads, *shown, strict=True)]
    for row in (heads, *shown):
        say("  ".join(_padded(cell, most) for cell, most in zip(row, widths, strict=True)).rstrip())


def listed(found: Sequence[T], none: str, as_json: bool = False, /, **cells: Callable[[T], object]) -> None:
    """A table of what was found: under each head what its cell says of one. `none` names the words for none.

    For a program one JSON document, which has more than the cells.
    """
    from docking_station.terminal.words import heads, word

    if as_json:
        print_json(found)
    elif found:
        table(heads(*cells), [[cell(one) for cell in cells.values()] for one in found])
    elif none:
        remark(word(none))


def pairs(values: Mapping[str, object]) -> None:
    """Names and values below each other."""
    most = max(map(width, values), default=0)
    for name, value in values.items():
        say(f"{_padded(name, most)}  {visible('' if value is None else str(value))}")


def _padded(text: str, most: int) -> str:
    return text + " " * (most - width(text))


def _cut(text: str) -> str:
    """The end of a path tells more than its beginning."""
    return text if len(text) <= CELL_MAX else "…" + text[-CELL_MAX + 1 :]
