"""A station at another time, used by another person, each command a process of its own.

`python -m tests.scenario.then TIME PERSON COMMAND…` is `evidock COMMAND…` by a station whose clock begins at TIME and
is believed; PERSON logged in, or is whoever runs it where it is empty.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from docking_station.cli import app, main
from docking_station.station import identity
from docking_station.station.station import Station
from tests.scenario.dock import Dock
from tests.scenario.keeping import somebody


def answer(dock: Dock, *words: str) -> Any:
    """What a command prints with `--json`, asked in this process, because starting Python takes long."""
    with pytest.MonkeyPatch.context() as patch:
        if isinstance(dock, DockThen):
            set_up(patch, dock.at, dock.person)
        result = CliRunner().invoke(app, [*words, "--json"], env=dict(dock.surroundings()), catch_exceptions=False)
    return json.loads(result.stdout)


@dataclass(frozen=True)
class DockThen(Dock):
    """A station whose clock shows another time."""

    at: str = ""
    person: str = ""

    def words(self, *arguments: str | Path) -> list[str]:
        """The command, by the program that sets the station's clock first."""
        return ["tests.scenario.then", self.at, self.person, *(str(argument) for argument in arguments)]


def set_up(patch: pytest.MonkeyPatch, at: str, person: str) -> None:
    """Let the station's clock begin at a time, and a person be logged in."""
    ahead = datetime.fromisoformat(at) - datetime.now(UTC)

    def now(_: Station) -> datetime:
        return datetime.now(UTC) + ahead

    def others(station: Station) -> Iterator[tuple[str, datetime]]:
        yield "test", station.now()

    patch.setattr(Station, "now", now)
    patch.setattr(Station, "clock", lambda _: "synchronised")
    patch.setattr(Station, "other_clocks", others)
    if person:
        patch.setattr(identity, "caller_of_process", lambda: somebody(person))


if __name__ == "__main__":
    set_up(pytest.MonkeyPatch(), sys.argv.pop(1), sys.argv.pop(1))
    main()
