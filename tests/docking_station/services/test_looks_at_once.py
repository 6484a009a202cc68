"""Looks: what a plain file has in memory is given out without waiting, and counted like all that is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from docking_station.services.looks import CHECK_S, Looks
from docking_station.station.errors import LookOver
from docking_station.station.station import Station
from tests.docking_station.services.test_looks import FILM, Hand, clip_of, fill, lines, read
from tests.fakes.callers import ME
from tests.scenario.dock import Dock


@pytest.fixture
def on_a_disk(new_dock: Callable[[Path], Dock]) -> Iterator[Station]:
    """A station whose file system can say what memory holds."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        dock = fill(new_dock(Path(folder) / "home"), Path(folder) / "card")
        with (dock.home / "catalog.db").open("rb") as file:
            try:
                os.preadv(file.fileno(), [bytearray(1)], 0, os.RWF_NOWAIT)
            except OSError as error:
                pytest.skip(f"files of /var/tmp are not read that way: {error.strerror}")
        with dock.opened() as opened:
            yield opened


def test_what_memory_holds_is_read_at_once_and_all_else_is_left_to_who_may_wait(on_a_disk: Station) -> None:
    clock, station = Hand(), on_a_disk
    clip = clip_of(station)
    looks = Looks(station, clock)
    look = looks.open(ME, clip)

    def at_once(begin: int, size_bytes: int) -> memoryview:
        return looks.at_once(looks.find(look.id, ME, waits=False), "view", begin, size_bytes)

    def refused() -> bool:
        with suppress(BlockingIOError):
            return not at_once(100, 1000)
        return True

    assert refused(), "its file is not open yet"
    read(looks, look, 0, 10)
    read(looks, look, 5 << 20, 7 << 20)  # in memory from here on
    assert at_once(5 << 20, 2 << 20) == FILM[5 << 20 : 7 << 20]
    clock.at_s = CHECK_S
    assert refused(), "the catalog is to be asked whether it is still kept"
    read(looks, look, 0, 10)
    assert at_once(0, 5) == FILM[:5]
    looks.close(look)
    with pytest.raises(LookOver):
        at_once(0, 5)
    with pytest.raises(LookOver):
        looks.at_once(look, "view", 0, 5)
    read_ms = lines(station, clip)[-1][1]["read_ms"]
    assert {begin for begin, _ in read_ms} == {0, int((5 << 20) / len(FILM) * 2000)}
