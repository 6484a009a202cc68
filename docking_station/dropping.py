"""A watched folder as a bay that is always occupied (固定点位): temp."""

from typing import Any


class DropBay:
    visit: Any = None

    def __init__(self, *a: Any) -> None: ...
    def start(self) -> None: ...
    def join(self, t: float) -> None: ...
