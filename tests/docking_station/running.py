"""The dock as it runs, in this process: everything real but USB and the mount; cards are folders.

Contract: a card is opened at most once at a time, and `opened` notes every file that was read and from where. Waiting
is for a condition and has a generous end; pauses of the dock are shortened, so that nothing here waits for long.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import policy
from catalog.evidence import SourceFile
from catalog.recorders import recorders
from catalog.rules.acts import Act
from devices.contract import Plugged, Unplugged, Volume
from devices.errors import CardGone, CardUnreadable
from devices.junk import Junk
from devices.survey import Entry
from docking_station.dock import bay, daemon, docking_run, dropping, housekeeping
from docking_station.faces.board import BayView
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest import priority
from tests.fakes.docked import FakeDocked
from tests.fakes.waiting import PATIENCE_S, until
from tests.scenario.dock import Dock

STORAGE, KEYBOARD, POWER = ("080650",), ("030101", "080650"), ("fe0101",)
NAME = "DCIM/TA00001_JX0001_202603050900{:02d}_{:04d}.MP4"
PAUSES: tuple[tuple[Any, str, float], ...] = (
    (bay, "AGAIN_S", 0.3),
    (bay, "FOLLOW_S", 0.05),
    (docking_run, "FULL_LOOK_S", 0.2),
    (docking_run, "GONE_WITHIN_S", 0.2),
    (docking_run, "SHOW_S", 0.05),
    (housekeeping, "ROUND_S", 0.15),
    (housekeeping, "PROBE_S", 0.2),
    (dropping, "WAIT_S", 0.3),
    (dropping, "AGAIN_S", 0.3),
    (priority, "BACK_OFF_FIRST_S", 0.05),
    (priority, "BACK_OFF_MAX_S", 0.2),
)


@dataclass
class Docked(FakeDocked):
    """A card that notes what is read, pauses where a test wants, and has places that cannot be read."""

    bad: frozenset[bytes] = frozenset()
    reads: list[tuple[bytes, int]] = field(default_factory=list)
    before_reading: Callable[[bytes], None] = lambda _: None
    edges_s: float = 0.0
    """So long the edges of one file take."""
    is_open: bool = True
    one_clock: bool = False
    """What is read to see how far the card's clock is off is no copy."""

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """See `ingest.contract.CardReader`."""
        if self._is_pulled:
            raise CardGone(path=source.shown)
        self.reads.append((source.path, offset))
        self.before_reading(source.path)
        if source.path in self.bad:
            raise CardUnreadable(path=source.shown, offset=0, reason="Input/output error")
        with self._card.open(source, offset) as descriptor:
            yield descriptor

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """See `devices.contract.DockedRecorder`."""
        for entry in super().survey(junk, edged=edged):
            time.sleep(self.edges_s if edged else 0)
            yield entry

    def edges(self, source: SourceFile) -> str:
        """See `devices.contract.DockedRecorder`."""
        time.sleep(self.edges_s)
        return super().edges(source)

    def close(self) -> None:
        """Let go of the folder."""
        self.is_open = False
        super().close()


@dataclass
class Running:
    """A dock that runs. `cards` are the folders of the cards, by the serial of the recorder on USB."""

    dock: daemon.Dock
    station: Station
    cards: dict[str, Path]
    opened: list[Docked] = field(default_factory=list)
    make: Callable[[str, Path], Docked] = lambda serial, root: Docked(root, serial)
    devices: dict[str, Plugged] = field(default_factory=dict)
    _numbers: int = 0

    def plug(
        self,
        port: str,
        serial: str | None,
        interfaces: tuple[str, ...] = STORAGE,
        label: str = "CARD",
        bus: int = 1,
        card: Path | None = None,
    ) -> None:
        """Put a device into a bay; what is in it already is told anew. Another bus is another socket.

        `card` is its own, else the one of its serial.
        """
        self._numbers += 1
        volumes = (Volume(f"/dev/sd{self._numbers}", "vfat", label, "1234-ABCD", 1 << 30),) if serial else ()
        name = f"/devices/usb{bus}/{bus}-{port}"
        device = Plugged(name, _port(port), "4255", "0001", "Maker", "Recorder", serial, interfaces, None, volumes)
        self.devices[f"{bus}-{port}"] = device
        if card is not None:
            self.cards[name] = card
        self.dock.plug(device)

    def pull(self, port: str, bus: int = 1) -> None:
        """Take it out."""
        device = self.devices.pop(f"{bus}-{port}")
        self.dock._unplugged(Unplugged(device.devpath, device.port))

    def open(self, plugged: Plugged) -> Docked:
        """What the dock opens a card with."""
        assert plugged.serial is not None
        root = self.cards[plugged.devpath if plugged.devpath in self.cards else plugged.serial]
        card = self.make(plugged.serial, root)
        self.opened.append(card)
        return card

    def view(self, port: str) -> BayView:
        """What a bay shows."""
        return next(view for view in self.dock.board.bays() if view.port == _port(port))

    def shows(self, port: str, *states: str) -> BayView:
        """Wait until a bay shows one of the states."""
        try:
            until(lambda: self.view(port).state in states, f"{states}")
        except AssertionError as error:
            raise AssertionError(f"bay {port} shows {self.view(port)}") from error
        return self.view(port)

    def settled(self) -> None:
        """Wait until every copy has its receipt or is held."""
        until(lambda: not self.dock.finisher.open(), "the last receipt")

    def act(self, act: Act) -> None:
        """A person changes something; wait until the dock knows."""
        with self.station.changing("acts", wait=True):
            self.station.act_writer.carry_out(act)

    def register(self, serial: str, **more: Any) -> None:
        """Enter a recorder by its serial on USB."""
        now = self.station.now()
        self.act(recorders.adding(serial, at=now, actor="custodian", **{"usb_serial": serial, **more}))
        self.knows()

    def knows(self) -> None:
        """Wait until the dock has the register as it is now."""
        until(lambda: self.dock.bay_desk.register() == recorders.snapshot(self.station.database), "the register")

    def adopt(self, text: str) -> None:
        """Put a policy into force."""
        self.act(policy.adopting(text, at=self.station.now(), actor="custodian"))
        version = len(policy.history(self.station.database))
        until(lambda: self.dock.bay_desk.around.policy().version == version, "the policy")


def _port(port: str) -> str:
    return f"pci-0000:00:14.0-usb-0:{port}"


def fill(root: Path, sizes: dict[str, int], *, at: int = 1_780_000_000) -> Path:
    """Files of so many bytes on a card, one a second older than the next."""
    for number, (name, size_bytes) in enumerate(sizes.items()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size_bytes))
        os.utime(path, (at + number,) * 2)
    return root


@contextmanager
def running(home: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The dock of a station, until the end; it must end in time, and whatever was opened must be closed then."""
    for module, name, value in PAUSES:
        monkeypatch.setattr(module, name, value)
    text = (home.home / "station.toml").read_text()
    (home.home / "station.toml").write_text(text.replace('metrics = "127.0.0.1:9464"', 'metrics = ""'))
    station, ending = Station(read_settings(Home(home.home))), threading.Event()
    made: list[Running] = []
    monkeypatch.setattr(daemon, "_open", lambda plugged, *_: made[0].open(plugged))
    try:
        with daemon.opened(station, ending) as dock:
            made.append(Running(dock, station, {}))
            thread = threading.Thread(target=dock.run, daemon=True)
            thread.start()
            yield made[0]
            begun = time.monotonic()
            ending.set()
            thread.join(PATIENCE_S)
        assert time.monotonic() - begun < PATIENCE_S
        assert not [card for card in made[0].opened if card.is_open]
    finally:
        station.close()


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A disk of its own at a place; skips where nothing can be mounted."""
    tried = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], capture_output=True)
    if tried.returncode != 0:
        pytest.skip(f"mounting does not work here: {tried.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=False, capture_output=True)
