"""Values out of rows, and rows that are no such value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.errors import RowUnreadable
from catalog.readable import readable, value_in

ROW: dict[str, Any] = {
    "no": "7",
    "at": None,
    "size_bytes": 5,
    "names": '["a"]',
    "done": 1,
    "length_s": 2.5,
    "more": "x",
}


@dataclass(frozen=True)
class Thing:
    no: str
    at: datetime | None
    size_bytes: int
    names: tuple[str, ...]
    done: bool
    length_s: float
    beside: str


@readable("thing")
def thing(row: dict[str, Any]) -> Thing:
    return value_in(Thing, row, beside="b")


def test_a_row_becomes_a_value() -> None:
    assert thing(ROW) == Thing("7", None, 5, ("a",), True, 2.5, "b")
    assert thing(ROW | {"at": "2026-03-05 01:00:00.000000"}).at == datetime(2026, 3, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "harm",
    [{"at": "soon"}, {"size_bytes": "x"}, {"size_bytes": None}, {"names": "[1"}, {"names": "7"}, {"length_s": "long"}],
)
def test_a_row_that_is_none_is_named(harm: dict[str, Any]) -> None:
    with pytest.raises(RowUnreadable, match="thing 7"):
        thing(ROW | harm)


def test_a_row_that_lacks_a_column_is_named() -> None:
    with pytest.raises(RowUnreadable, match="thing 7"):
        thing({name: value for name, value in ROW.items() if name != "done"})
