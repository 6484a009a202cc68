"""The lines of a policy that the bureau must still check against its own rules (待核定), marked `[核]`.

Shapes: a mark is `[核]`, or `[核: why]`, in a comment or in a value; what stands above the first table explains the
mark and is none. Lines count from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.rules.toml_places import Path, places

ROW_PARTS = 3
"""Section, list, row."""
MARK = re.compile(r" ?\[核[^\]\n]*\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked line: where it is, what it is about (`review.days`, `matters.list 8`), and its words.

    `in_value`: the mark stands inside a value, not in a comment.
    """

    line: int
    about: str
    text: str
    path: Path
    in_value: bool


def marks(text: str) -> tuple[Mark, ...]:
    """Every marked line, in order."""
    spans = places(text)
    starts = sorted((span[0], path) for path, span in spans.items())
    texts = [span for span in spans.values() if text[span[0]] in "\"'"]
    first, ends, found = starts[0][0] if starts else len(text), 0, []
    for number, line in enumerate(text.split("\n"), start=1):
        begins, ends = ends, ends + len(line) + 1
        if begins < first or not MARK.search(line):
            continue
        here = [path for start, path in starts if begins <= start < ends]
        path = next(iter(here or [path for start, path in starts if start >= ends]), ())[:ROW_PARTS]
        keys = ".".join(part for part in path if isinstance(part, str))
        row = "".join(f" {part + 1}" for part in path if isinstance(part, int))
        marked = {begins + one.start() for one in MARK.finditer(line)}
        in_value = any(start < at < end for start, end in texts for at in marked)
        found.append(Mark(number, keys + row, line.strip(), path, in_value))
    return tuple(found)


def settled(text: str, lines: frozenset[int]) -> str:
    """The text without the marks of these lines."""
    every = enumerate(text.split("\n"), start=1)
    return "\n".join(MARK.sub("", line) if number in lines else line for number, line in every)
