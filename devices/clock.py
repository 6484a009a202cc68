"""temp"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StationClock:
    synchronised: bool = True
    max_error_s: float | None = None
    state: str = "synchronised"


def station_clock() -> StationClock:
    return StationClock()


def judge(a: Any, b: Any) -> Any:
    return None, ""


def from_device(*a: Any) -> Any:
    return None


def from_gps(*a: Any) -> Any:
    return None


def pairs(*a: Any) -> Any:
    return None


def from_newest_file(*a: Any) -> Any:
    return None


def may_set(*a: Any, **k: Any) -> Any:
    return None
