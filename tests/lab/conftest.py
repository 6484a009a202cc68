"""The lab for these tests: one guest at a time, the product of the tree installed in it, cards made once a session."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.cards import LabCard, Make, make
from tests.lab.guest import boot
from tests.lab.lab import Lab, the_lab, why_not
from tests.lab.station import LOG_LINES_MAX, Station

STATE = Path(os.environ.get("EVIDOCK_LAB", "/tmp/evidock-lab"))
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A guest that has just booted, with the product in it; its power is cut at the end."""
    if (why := why_not()) is not None:
        pytest.skip(why)
    with the_lab(STATE) as found:
        print(boot(found).strip())
        yield found


@pytest.fixture
def home(lab: Lab, tmp_path: Path) -> Iterator[Station]:
    """A station's home not made yet; afterwards the daemon is ended, its log kept, and every bay empty."""
    station = Station(lab, f"/srv/station-{next(NUMBERS)}")
    lab.run(f"mkdir -p {station.home}")
    yield station
    if lab.is_up:
        log = tmp_path / "dock.log"
        log.write_text(station.log(LOG_LINES_MAX))
        print(f"what the daemon said: {log}")
        lab.yank_all()
        if station.is_running:
            station.stop("KILL")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, Make], LabCard]:
    """Make a recorder with its card from a seed."""

    def making(seed: int, how: Make) -> LabCard:
        return make(tmp_path_factory.mktemp(f"card-{seed}-"), seed, how)

    return making
