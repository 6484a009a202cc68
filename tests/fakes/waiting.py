"""Waiting for a condition: looked at often, with an end that a machine four times as busy does not reach."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

PATIENCE_S = 60.0
LOOK_S = 0.01
Found = TypeVar("Found")


def until(holds: Callable[[], Found], what: str) -> Found:
    """Wait until a condition holds; returns what it gave. `what` is said when it did not come."""
    end = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(LOOK_S)
    return found


def calls_of(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a function is called with from now on, to wait for the next calls; it does what it did."""
    calls, real = list[tuple[Any, ...]](), getattr(owner, name)

    def noted(*given: Any) -> Any:
        calls.append(given)
        return real(*given)

    monkeypatch.setattr(owner, name, noted)
    return calls
