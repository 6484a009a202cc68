"""Eight bays at a card's speed, together, against the same work typed by hand. See README.md beside this file.

.venv/bin/python -m bench.dock --bays 8 --mbps 8 --size 256M --rounds 3 --dir /path/on/the/disk

Everything but USB and mounting is the dock's own: bays, turns, spool, finisher, vault, catalog. A card is a folder
whose files come through a pipe at so many megabytes a second. With --block (as root) mounting is the dock's own too:
a card is a block device with ext4, which the kernel itself holds to that speed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bench.blocks import BlockCards
from bench.harness import discard, evidock, settle, size_bytes, where
from bench.ingest import fill
from catalog.evidence import SourceFile
from devices.contract import Eraser, Plugged, RecorderModel, Volume
from devices.survey import Card
from docking_station.dock.daemon import Dock, opened
from docking_station.faces.board import BayView
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station

PIECE_BYTES = 256 << 10
MEGA, GIGA = 1e6, 1e9
END_S = 3600.0
FILES = 4
SETTINGS = '[vault]\nimmutable = "never"\n[dock]\nmetrics = ""\nrecorders = "any"\n'

THROTTLE = """
import os, sys, time
source, target = open(sys.argv[1], "rb", buffering=0), open(sys.argv[2], "wb", buffering=0)
begun, done, rate = time.monotonic(), 0, float(sys.argv[3]) * 1e6
while piece := source.read(1 << 18):
    target.write(piece)
    done += len(piece)
    time.sleep(max(0, begun + done / rate - time.monotonic()))
os.fsync(target.fileno())
"""


class SlowCard(Card):
    """A folder that is read at so many megabytes a second."""

    def __init__(self, folder: Path, mbps: float) -> None:
        super().__init__(folder)
        self._rate = mbps * MEGA

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """A pipe that is fed at the card's speed."""
        with super().open(source, offset) as descriptor:
            reader, writer = os.pipe()
            feeder = threading.Thread(target=self._feed, args=(descriptor, writer))
            feeder.start()
            try:
                yield reader
            finally:
                os.close(reader)
                feeder.join()

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """A pipe has no size; the bench's files do not change."""
        return None

    def clock(self) -> tuple[datetime, float] | None:
        """A folder has none."""
        return None

    def set_clock(self, now: datetime) -> bool:
        """A folder has none."""
        return False

    def writable(self) -> AbstractContextManager[Eraser]:
        """The bench erases nothing."""
        raise AssertionError

    def absent(self, path: bytes) -> bool:
        """The bench erases nothing."""
        raise AssertionError

    def _feed(self, descriptor: int, writer: int) -> None:
        begun, done = time.monotonic(), 0
        try:
            while piece := os.read(descriptor, PIECE_BYTES):
                done += os.write(writer, piece)
                time.sleep(max(0.0, begun + done / self._rate - time.monotonic()))
        except BrokenPipeError:
            pass
        finally:
            os.close(writer)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: how long until every recorder could be taken, and processor seconds; the same by hand."""

    safe_s: float
    cpu_s: float
    by_hand_s: float
    by_hand_cpu_s: float


def cpu_s() -> float:
    """Processor seconds of this process and of every child it waited for."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (0, resource.RUSAGE_CHILDREN)))


def plugged(number: int, blocks: BlockCards | None) -> Plugged:
    """A recorder in a bay; a block device is seen where the kernel has it."""
    volume, devpath = Volume(f"/dev/bench{number}", "vfat", None, None, 0), f"/devices/usb1/1-{number}"
    if blocks is not None:
        node = blocks.nodes[number - 1]
        volume, devpath = (
            Volume(str(node), "ext4", None, None, blocks.size_bytes),
            f"/devices/virtual/block/{node.name}",
        )
    port = f"pci-0000:00:14.0-usb-0:{number}"
    names = ("4255", "0001", "Bench", "Recorder", f"BENCH{number:02d}")
    return Plugged(devpath, port, *names, ("080650",), None, (volume,))


def all_are(dock: Dock, state: str, bays: int) -> bool:
    """Whether every bay shows this state."""
    views: tuple[BayView, ...] = dock.board.bays()
    return [view.state for view in views] == [state] * bays


def docked(cards: list[Path], folder: Path, mbps: float, blocks: BlockCards | None) -> tuple[float, float]:
    """Seconds until all may be taken, and processor seconds until all is filed."""
    home = folder / "home"
    home.mkdir()
    (home / "station.toml").write_text(SETTINGS)
    evidock(home, "init")
    station, ending = Station(read_settings(Home(home))), threading.Event()
    with opened(station, ending) as dock:

        def open_docked(_: Plugged, __: RecorderModel, label: str) -> SlowCard:
            return SlowCard(cards[int(label) - 1], mbps)

        if blocks is None:
            dock.bay_desk = replace(dock.bay_desk, open_docked=open_docked)
        settle(cold=True)
        used, began = cpu_s(), time.monotonic()
        for number in range(1, len(cards) + 1):
            dock.plug(plugged(number, blocks))
        while not all_are(dock, "safe", len(cards)) and time.monotonic() < began + END_S:
            time.sleep(0.05)
        safe_s = time.monotonic() - began
        while dock.finisher.open():
            time.sleep(0.05)
        used = cpu_s() - used
        ending.set()
    clips = station.database.query("SELECT COUNT(*) AS n FROM clip", {})[0]["n"]
    if clips != len(cards) * FILES:
        sys.exit(f"{clips} clips were filed")
    station.close()
    discard(home)
    return safe_s, used


def by_hand(cards: list[Path], folder: Path, mbps: float, blocks: BlockCards | None) -> tuple[float, float]:
    """Each card copied at its speed and synced, then both digests of the copy: all cards at once."""
    if blocks is not None:
        with blocks.mounted(folder) as cards:
            return by_hand_at(cards, folder, f"{sys.executable} {folder}/throttle.py {{}} {{}} 1e6")
    return by_hand_at(cards, folder, f"{sys.executable} {folder}/throttle.py {{}} {{}} {mbps}")


def by_hand_at(cards: list[Path], folder: Path, copying: str) -> tuple[float, float]:
    """Copy by hand as `by_hand` does, at a given speed; `copying` is a command for source and target."""
    settle(cold=True)
    used, began = cpu_s(), time.monotonic()
    lines = []
    for number, card in enumerate(cards):
        copy = folder / f"copy{number}"
        copy.mkdir()
        for file in sorted(path for path in card.iterdir() if path.is_file()):
            target = copy / file.name
            lines.append(
                f"({copying.format(file, target)} && sha256sum {target} && openssl dgst -sm3 {target}) >/dev/null"
            )
    groups = [" && ".join(lines[start : start + FILES]) for start in range(0, len(lines), FILES)]
    children = [subprocess.Popen(["sh", "-c", group]) for group in groups]
    for child in children:
        if child.wait() != 0:
            sys.exit("a copy by hand failed")
    seconds, used = time.monotonic() - began, cpu_s() - used
    for number in range(len(cards)):
        discard(folder / f"copy{number}")
    return seconds, used


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bays", type=int, default=8)
    parser.add_argument("--mbps", type=float, default=8.0)
    parser.add_argument("--size", type=size_bytes, default="256M", help="of each card")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--block", action="store_true", help="cards are block devices, mounted by the dock")
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()))
    asked = parser.parse_args()
    total = asked.bays * asked.size
    with tempfile.TemporaryDirectory(dir=asked.dir) as made, ExitStack() as stack:
        folder = Path(made)
        (folder / "throttle.py").write_text(THROTTLE)
        cards = [folder / f"card{number}" for number in range(asked.bays)]
        for number, card in enumerate(cards):
            fill(card, FILES, asked.size, number * FILES)
        blocks = stack.enter_context(BlockCards.made(cards, folder, asked.mbps)) if asked.block else None
        print(f"{asked.bays} bays at {asked.mbps:g} MB/s, {total / GIGA:.2f} GB on {where(folder)}")
        rounds = []
        for number in range(asked.rounds):
            parts = [docked, by_hand] if number % 2 == 0 else [by_hand, docked]
            found = {part.__name__: part(cards, folder, asked.mbps, blocks) for part in parts}
            rounds.append(Round(*found["docked"], *found["by_hand"]))
            last = rounds[-1]
            print(
                f"dock: {asked.size / MEGA / last.safe_s:.2f} MB/s a bay, {last.cpu_s / total * GIGA:.2f} s CPU a GB; "
                f"by hand: {asked.size / MEGA / last.by_hand_s:.2f} MB/s, {last.by_hand_cpu_s / total * GIGA:.2f} s"
            )
    speed = statistics.median(total / MEGA / asked.bays / one.safe_s for one in rounds) / asked.mbps
    ratio = statistics.median(one.cpu_s / one.by_hand_cpu_s for one in rounds)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGA
    print(f"median: {speed:.0%} of the cards' speed; {ratio:.2f} of the processor time by hand; peak {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
