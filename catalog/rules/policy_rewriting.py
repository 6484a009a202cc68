"""A policy's text with some of its values changed (制度文件修改): comments, order and spelling of all the rest stay.

Shapes: a path as in `catalog/rules/toml_places.py`; values as `tomllib` gives them. A row of a list is an inline table.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.rules.toml_places import Path, Span, places, value_at

Row = Mapping[str, Any]
AFTER_ROW = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\n]*)?")


def toml_of(value: Any) -> str:
    """A value as it is written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml_of(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def with_value(text: str, path: Path, value: Any) -> str:
    """The text with this value of a section's key, which is entered below the section's head where it is not there."""
    return _put(text, path, toml_of(value))


def with_rows(text: str, path: Path, rows: Sequence[Row]) -> str:
    """The text with these rows in a list: a row that stays keeps its line, one that changes keeps what it can."""
    spans, old = places(text), value_at(tomllib.loads(text), path, [])
    if list(rows) == old:
        return text
    plain = "[\n" + "".join(f"  {toml_of(row)},\n" for row in rows) + "]"
    if path not in spans:
        return _put(text, path, plain)
    begins, ends = spans[path]
    kept = "".join(_lines(text, spans, path, old, rows))
    # Commas and comments in unusual places are not followed: then the list is written plainly.
    said = kept if _reads(kept) == list(rows) else plain
    return text[:begins] + said + text[ends:]


def _lines(text: str, spans: Mapping[Path, Span], path: Path, old: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    """The list, piece by piece: each row with the lines before it that belong to it, and what follows it."""
    begins, ends = spans[path]
    at, pieces = begins + 1, list[tuple[str, str, str]]()
    for number in range(len(old)):
        first, last = spans[(*path, number)]
        after = AFTER_ROW.match(text, last)
        end = after.end() if after else last
        tail = text[last:end]
        pieces.append((text[at:first], text[first:last], tail if "," in tail.partition("#")[0] else "," + tail))
        at = end
    left = list(range(len(old)))
    yield "["
    for row in rows:
        same = [one for one in left if old[one] == row]
        found = same or [one for one in left if "code" in row and old[one].get("code") == row["code"]]
        if not found:
            yield f"\n  {toml_of(row)},"
            continue
        number = found[0]
        left.remove(number)
        lead, said, tail = pieces[number]
        yield lead + (said if old[number] == row else _row(text, spans, (*path, number), old[number], row)) + tail
    yield text[at : ends - 1] if old else "\n"
    yield "]"


def _row(text: str, spans: Mapping[Path, Span], path: Path, old: Row, row: Row) -> str:
    """A row with some other values."""
    begins, ends = spans[path]
    if set(old) != set(row) or any((*path, key) not in spans for key in old):
        return toml_of(row)
    said = text[begins:ends]
    changed = sorted((spans[(*path, key)] for key in row if row[key] != old[key]), reverse=True)
    by_span = {spans[(*path, key)]: key for key in row}
    for first, last in changed:
        said = said[: first - begins] + toml_of(row[by_span[first, last]]) + said[last - begins :]
    return said


def _put(text: str, path: Path, said: str) -> str:
    spans, (section, key) = places(text), path
    if path in spans:
        begins, ends = spans[path]
        return text[:begins] + said + text[ends:]
    if (section,) in spans:
        end = text.find("\n", spans[(section,)][1])
        head, rest = (text[: end + 1], text[end + 1 :]) if end >= 0 else (text + "\n", "")
        return f"{head}{key} = {said}\n{rest}"
    return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}\n[{section}]\n{key} = {said}\n"


def _reads(said: str) -> Any:
    try:
        return tomllib.loads(f"x = {said}")["x"]
    except tomllib.TOMLDecodeError:
        return None
