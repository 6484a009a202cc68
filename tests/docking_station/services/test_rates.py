"""How often something may be asked."""

from __future__ import annotations

import pytest

from docking_station.services import rates
from docking_station.services.errors import TooMany
from docking_station.services.rates import Rate
from tests.docking_station.services.test_looks import Hand


def refused_s(rate: Rate, key: str) -> int | None:
    try:
        rate.take(key)
    except TooMany as error:
        seconds: int = error.facts["seconds"]  # type: ignore[assignment]
        return seconds
    return None


def test_some_pass_at_once_then_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Hand()
    rate = Rate(0.5, 3, clock)
    assert [refused_s(rate, "a") for _ in range(4)] == [None, None, None, 2]
    assert refused_s(rate, "b") is None
    clock.at_s += 1.5
    assert refused_s(rate, "a") == 1, "asking too often costs nothing more"
    clock.at_s += 0.5
    assert [refused_s(rate, "a") for _ in range(2)] == [None, 2]
    rate.give_back("a")
    assert refused_s(rate, "a") is None
    clock.at_s += 3600
    rate.give_back("a")
    assert [refused_s(rate, "a") for _ in range(4)] == [None, None, None, 2], "never more than at first"
    monkeypatch.setattr(rates, "KEYS_MAX", 2)
    refused_s(rate, "c")
    assert refused_s(rate, "a") == 2
    refused_s(rate, "d")
    assert refused_s(rate, "a") == 2, "who asked last is remembered"
