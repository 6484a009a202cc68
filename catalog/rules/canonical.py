"""Canonical JSON and times as text (规范化 JSON): the same value always gives the same bytes.

Source: the rules of RFC 8785 for what we use: names sorted, no white space, UTF-8, no floating point numbers.
Units: times are `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, tzinfo


def canonical(value: object) -> bytes:
    """The bytes of a value of dicts, lists, texts, whole numbers, booleans and None; a float is refused."""
    _no_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def encodable(value: object) -> object:
    """A text, or a list of some, with every byte of a name or an argument that was no text written out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return [encodable(one) for one in value] if isinstance(value, list | tuple) else value


def time_text(at: datetime) -> str:
    """An aware time as text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_text_or_none(at: datetime | None) -> str | None:
    """An aware time as text; None where there is no time."""
    return None if at is None else time_text(at)


def parsed_time(value: object) -> datetime:
    """A time out of JSON, or as a database driver hands it over; without a zone it is UTC."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def local_time(at: datetime, zone: tzinfo) -> datetime:
    """An aware time in a zone; as it is where the calendar ends before, as a hostile file may have it."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def parsed_time_or_none(value: object) -> datetime | None:
    """A time out of JSON or a row; None where there is no time."""
    return None if value is None else parsed_time(value)


def _no_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a canonical document holds no floating point numbers")
    if isinstance(value, dict):
        for inner in value.values():
            _no_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _no_floats(inner)
