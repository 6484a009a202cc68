"""Where each value of a TOML text stands (行号定位): for errors that name a line, and to change one value in place.

Source: TOML 1.0. Shapes: a path is made of keys and, in an array, of numbers from 0: `("papers", "list", 2, "zh")`. A
span is where a value begins and ends in the text, in characters. The text is one that `tomllib` has read.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
Span = tuple[int, int]

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
PLAIN = re.compile(r"[^,\]}#\n]+")


def places(text: str) -> Mapping[Path, Span]:
    """Every value of the text, and the head of every table, by its path."""
    return dict(_Walk(text).all())


def line_of(text: str, spans: Mapping[Path, Span], path: Path) -> int | None:
    """The line of a value, or of the nearest thing around it; None where there is nothing."""
    while path and path not in spans:
        path = (*path, 0) if (*path, 0) in spans else path[:-1]  # an array of tables stands where its first does
    return text.count("\n", 0, spans[path][0]) + 1 if path else None


def value_at(read: Any, path: Path, none: Any = None) -> Any:
    """The value at a path of keys in the tables that were read; `none` where there is none, or no table on the way."""
    for part in path:
        read = read.get(part) if isinstance(read, dict) else None
    return none if read is None else read


class _Walk:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._tables = text, 0, Counter[Path]()

    def all(self) -> Iterator[tuple[Path, Span]]:
        table: Path = ()
        while self._skip() < len(self._text):
            begins = self._at
            if self._text[begins] != "[":
                yield from self._pair(table)
                continue
            is_array = self._text.startswith("[[", begins)
            self._at += 1 + is_array
            table = self._resolved(self._keys(), is_array=is_array)
            self._skip()
            self._at += 1 + is_array
            yield table, (begins, self._at)

    def _resolved(self, names: Path, *, is_array: bool) -> Path:
        """The path of a table's head: the newest of each array of tables on its way."""
        path: Path = ()
        for number, name in enumerate(names, start=1):
            path = (*path, name)
            if is_array and number == len(names):
                self._tables[path] += 1
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _skip(self) -> int:
        found = BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _keys(self) -> Path:
        names: list[str] = []
        while True:
            self._skip()
            found = KEY.match(self._text, self._at)
            assert found is not None, "what tomllib has read has a key here"
            self._at = found.end()
            names.append(next(iter(tomllib.loads(f"{found[0]} = 0"))))
            self._skip()
            if self._text[self._at] != ".":
                return tuple(names)
            self._at += 1

    def _pair(self, table: Path) -> Iterator[tuple[Path, Span]]:
        path = (*table, *self._keys())
        self._at += 1  # the sign between key and value
        self._skip()
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, Span]]:
        begins, first = self._at, self._text[self._at]
        if first in "[{":
            self._at += 1
            inside, end, number = list[tuple[Path, Span]](), "]" if first == "[" else "}", 0
            while self._text[self._skip()] != end:
                if self._text[self._at] == ",":
                    self._at += 1
                    continue
                inside += self._value((*path, number)) if first == "[" else self._pair(path)
                number += 1
            self._at += 1
        else:
            found = (STRING if first in "\"'" else PLAIN).match(self._text, self._at)
            assert found is not None, "what tomllib has read has a value here"
            inside, self._at = [], begins + len(found[0].rstrip())
        yield path, (begins, self._at)
        yield from inside
