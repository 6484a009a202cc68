"""A file that changed where nobody looks: same name, size, time and edges, other bytes in the middle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.evidence import SourceFile
from tests.docking_station.running import NAME, Docked, Running, fill, running
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

KB = 1 << 10
FILM = NAME.format(1, 1)


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A dock that knows the recorder TA00001."""
    with running(dock, monkeypatch) as made:
        made.register("TA00001")
        yield made


def change_middle(path: Path, to: bytes = b"other bytes") -> None:
    """Write into the middle of a file; its size, modify time and both ends stay."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        file.write(to)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def docked_twice(here: Running, card: Path, port: str = "1") -> None:
    here.cards["TA00001"] = card
    here.plug(port, "TA00001")
    here.shows(port, "safe")
    here.settled()
    here.pull(port)
    here.shows(port, "empty")


def sealed(dock: Dock) -> list[dict[str, object]]:
    return dock.every_clip()


def listed(here: Running, port: str) -> tuple[SourceFile, ...]:
    """The files on the card in a bay."""
    here.shows(port, "safe")
    bay = next(bay for bay in here.dock.bays.values() if bay.plugged == here.devices[f"1-{port}"])
    assert bay.docking_run is not None
    assert bay.docking_run.found is not None
    return bay.docking_run.found.files


def test_a_recorder_that_lies_in_its_bay_is_read_whole_again(here: Running, dock: Dock, card: Path) -> None:
    docked_twice(here, fill(card, {FILM: 400 * KB, NAME.format(2, 2): 400 * KB}))
    assert len(sealed(dock)) == 2
    change_middle(card / FILM)
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    until(lambda: len(sealed(dock)) == 3, "the other bytes as a clip of their own")
    here.settled()
    assert len({one["sha256"] for one in sealed(dock) if one["path"] == FILM}) == 2
    dock.verify()
    here.pull("1")
    change_middle(card / FILM, b"others again")
    here.plug("2", "TA00001")
    until(lambda: len(sealed(dock)) == 4, "and a third content")
    here.settled()
    dock.verify()


def test_nothing_is_read_again_while_another_bay_copies(here: Running, dock: Dock, card: Path, tmp_path: Path) -> None:
    docked_twice(here, fill(card, {FILM: 400 * KB}))
    here.register("TA00002")
    here.adopt("[dock]\nmegabytes_per_s = 1\n")
    here.cards["TA00002"] = fill(tmp_path / "long", {"DCIM/TA00002_JX0001_20260305100000.MP4": 4000 * KB})
    here.plug("2", "TA00002")
    here.shows("2", "copying")
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    keys = [one.key for one in listed(here, "1")]
    assert here.station.journal.read_whole(keys) == {}
    here.shows("2", "safe")
    until(lambda: here.station.journal.read_whole(keys), "its turn")


def test_what_was_read_longest_ago_comes_first(here: Running, card: Path) -> None:
    docked_twice(here, fill(card, {NAME.format(at, at): 10 * KB for at in range(3)}))
    here.plug("1", "TA00001")
    files = listed(here, "1")
    keys = [one.key for one in files]
    until(lambda: len(here.station.journal.read_whole(keys)) == 3, "all of them")
    here.pull("1")
    here.station.journal.note_read_whole(keys[0], "2099-01-01T00:00:00Z")
    here.plug("1", "TA00001")
    until(lambda: len([one for one in here.opened if one.reads]) == 3 and len(here.opened[-1].reads) == 3, "again")
    assert here.opened[-1].reads[-1][0] == files[0].path


def test_a_recorder_that_is_taken_out_meanwhile_loses_nothing(
    here: Running, dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docked_twice(here, fill(card, {FILM: 400 * KB}))
    change_middle(card / FILM)

    def pulled(_: bytes) -> None:
        here.opened[-1].pull()
        here.pull("1")

    here.make = lambda serial, root: Docked(root, serial, before_reading=pulled)
    here.plug("1", "TA00001")
    here.shows("1", "empty")
    here.make = lambda serial, root: Docked(root, serial)
    here.plug("1", "TA00001")
    until(lambda: len(sealed(dock)) == 2, "the other bytes")
    here.settled()
    assert dock.held() == {}
