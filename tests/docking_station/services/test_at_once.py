"""What is asked of a station within one list is asked once; of the next list, anew."""

from __future__ import annotations

from itertools import count

import pytest

from docking_station.services.at_once import at_once, remembered
from docking_station.station.station import Station

STATION: Station = object()  # type: ignore[assignment]


def test_an_answer_holds_within_and_no_longer() -> None:
    numbers = count()

    @remembered
    def number(_: Station, who: str) -> tuple[str, int]:
        return who, next(numbers)

    assert number(STATION, "a") != number(STATION, "a")
    with at_once():
        first = number(STATION, "a")
        with at_once():
            assert number(STATION, "a") == first
        assert number(STATION, "a") == first
        assert number(STATION, "b") != number(STATION, "a")
    with at_once():
        assert number(STATION, "a") != first


def test_what_failed_is_asked_again() -> None:
    @remembered
    def number(_: Station) -> int:
        return 1 // next(numbers)

    numbers = count()
    with at_once():
        with pytest.raises(ZeroDivisionError):
            number(STATION)
        assert number(STATION) == 1
