"""The dock (采集站守护进程): events → bays → copies → receipts, until somebody ends it.

One thread a bay while something is in it; a few that finish copies; one that keeps house: asks vault and catalog
whether they answer, reads register and policy, writes what the station is like on the board. The main thread takes what
happens on USB and tells the watchdog that all of them live.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

from catalog.evidence import Duplicate
from catalog.failures import CatalogUnreachable
from devices.contract import DockedRecorder, Plugged, RecorderModel, Unplugged
from devices.docked import open_docked
from devices.mount import sweep
from devices.mtp import open_mtp, warm
from devices.rights import keep_rights_to_ourselves
from devices.usb import UsbWatch
from docking_station.afterwards import Afterwards
from docking_station.bay import Bay, House
from docking_station.board import BayView, Board, StationView
from docking_station.dropping import DropBay
from docking_station.housekeeping import Housekeeping
from docking_station.knowledge import Knowledge
from docking_station.labels import Labels
from docking_station.leds import Leds
from docking_station.logs import get_log
from docking_station.metrics import Metrics
from docking_station.notify import notifier
from docking_station.patient import PatientVault
from docking_station.station import Station
from docking_station.stream import Stream
from docking_station.upkeep import Upkeep
from docking_station.visiting import Surroundings
from ingest.card_proof import ClearingDesk
from ingest.contract import Silent
from ingest.custody import Registrar
from ingest.finishing import Ended, Finisher
from ingest.proof import Prover
from ingest.sealing import Sealer
from ingest.turns import Turns

EVENT_S = 1.0
STATUS_S = 10.0
END_S = 20.0
FINISHERS = min(4, (os.cpu_count() or 1) + 1)
BAYS_MAX = 64
CARDS = "cards"
SECRET_BYTES_MAX = 256


@dataclass
class Dock:
    """Everything of a running dock. Make it with `opened`."""

    station: Station
    board: Board
    stream: Stream
    metrics: Metrics
    finisher: Finisher
    keeping: Housekeeping
    labels: Labels
    house: House
    watch: UsbWatch
    ending: threading.Event
    bays: dict[str, Bay]
    drops: list[DropBay] = field(default_factory=list)

    def run(self) -> None:
        """Until `ending` is set."""
        tell = notifier()
        tell.ready()
        beaten = 0.0
        while not self.ending.is_set():
            event = self.watch.get(EVENT_S)
            if isinstance(event, Plugged):
                self.plug(event)
            elif isinstance(event, Unplugged):
                self._unplugged(event)
            if self.keeping.take_changed():
                for bay in self.bays.values():
                    bay.again()
            self.stream.beat()
            lives = self.finisher.alive() and self.keeping.alive()
            if lives and time.monotonic() >= beaten + (tell.watchdog_s or STATUS_S):
                beaten = time.monotonic()
                tell.alive()
                tell.status(self._status())
        tell.stopping()

    def ended(self, end: Ended) -> None:
        """Told by the finisher after every try."""
        error = end.error
        if error is not None:
            self.metrics.error(error.code)
            self.keeping.failed(error)
            get_log().warning("not finished yet" if end.again else "held", file=end.source.key, error=error)
        else:
            self.keeping.answered()
            assert end.end is not None
            get_log().info("clip filed", clip=end.end.clip_id, size_bytes=end.source.size_bytes)
            self.metrics.ended("skipped" if isinstance(end.end, Duplicate) else "filed")
        if end.again:
            return
        if error is not None:
            self.metrics.ended("held")
        docked = [bay.visit for bay in tuple(self.bays.values()) if bay.visit is not None]
        for visit in (*docked, *(visit for drop in self.drops for visit in tuple(drop.visits))):
            visit.settled(end.source.key, held=error is not None)

    def plug(self, plugged: Plugged) -> None:
        """A device came into a bay."""
        label = self.labels.of(plugged.port)
        before = self.bays.get(plugged.port)
        if before is None and len(self.bays) >= BAYS_MAX:
            get_log().error("too many bays", port=plugged.port)
            return
        self.metrics.docked()
        bay = Bay(label, plugged.port, self.house, plugged, before)
        self.bays[plugged.port] = bay
        bay.start()

    def _unplugged(self, gone: Unplugged) -> None:
        bay = self.bays.get(gone.port)
        if bay is None or bay.plugged.devpath != gone.devpath:
            return
        bay.leave()
        now = self.station.now()
        self.board.show(BayView(bay.label, bay.port, "empty", now))

    def _status(self) -> str:
        states = [view.state for view in self.board.bays()]
        counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
        return f"{counted or 'no bays yet'}; {self.board.station.unsealed} unsealed, {self.board.station.held} held"


@contextmanager
def opened(station: Station, ending: threading.Event) -> Iterator[Dock]:
    """A dock with everything started; let go in the opposite order. Raises what keeps it from starting."""
    settings, home = station.settings, station.home
    log = get_log()
    with ExitStack() as stack:
        stack.enter_context(station.changing("ingest", wait=False))
        cards = settings.socket.parent / CARDS
        for stale in sweep(cards):
            log.warning("stale mount let go", place=str(stale))
        board = Board(StationView(settings.station))
        metrics = Metrics(board)
        stream = stack.enter_context(Stream(board, settings.socket))
        stack.enter_context(metrics.serving(settings.metrics))
        stack.enter_context(Leds(board, settings.leds))
        vault = PatientVault(lambda: station.vault, f"keys/{station.signer.key_id}.pub.pem")
        known = Knowledge(home.root / "known.json", station.database)
        sealer = Sealer(settings.station, station.signer, vault, settings.lock_months)
        desk = replace(station.desk(Silent(), sealer), timed=metrics.timed)
        registrar = Registrar(station.journal, station.database, vault, station.signer, settings.lock_months)
        desk.spool.sweep(station.journal.unfinished())
        dock: Dock | None = None

        def told(end: Ended) -> None:
            assert dock is not None
            dock.ended(end)

        finisher = Finisher(desk, FINISHERS, told, gate=station.demand_clock)
        keeping = Housekeeping(station, board, known, vault, registrar, finisher, desk.spool)
        around = Surroundings(
            desk=desk,
            junk=station.junk,
            finisher=finisher,
            turns=Turns(lambda: known.policy.caps_at(station.now().astimezone(settings.zone).time())),
            policy=lambda: known.policy,
            change=board.change,
            read=metrics.read,
        )
        prover = Prover(station.database, vault, station.trusted, lambda _: None)
        after = Afterwards(
            clearing=ClearingDesk(station.journal, prover, lambda: known.policy, station.now),
            registrar=registrar,
            acts=lambda: station.changing("acts", wait=True),
            log=log,
            metrics=metrics,
        )
        house = House(
            around=around,
            models=station.models,
            register=lambda: known.register,
            takes_any=settings.takes_any,
            open_docked=lambda plugged, model, label: _open(plugged, model, cards / label, settings.zone),
            secret=lambda serial: _secret(settings.credentials, serial),
            show=board.show,
            demand_clock=lambda: _demand_clock(station),
            after=after,
            log=log,
        )
        labels = Labels(home.root / "bays.json", board, station.now)
        watch = UsbWatch(settings.settle_s)
        dock = Dock(station, board, stream, metrics, finisher, keeping, labels, house, watch, ending, {})
        stack.callback(_let_go, dock)
        keeping.start()
        finisher.start()
        _keep_up(stack, Upkeep(station, vault, lambda: known.policy.retention))
        _watch_folders(stack, dock)
        watch.start()
        stack.callback(watch.close)
        yield dock


def _watch_folders(stack: ExitStack, dock: Dock) -> None:
    """Take what holds still in the watched folders."""
    dock.drops = [DropBay(drop, dock.house, dock.ending) for drop in dock.station.settings.drops]
    for drop_bay in dock.drops:
        drop_bay.start()
        stack.callback(drop_bay.join, END_S)


def _keep_up(stack: ExitStack, upkeep: Upkeep) -> None:
    """Start it, and end it before what it works with."""
    upkeep.start()
    stack.callback(upkeep.stop)


def _let_go(dock: Dock) -> None:
    """Copies end at their next buffer, cards are unmounted, jobs in hand are finished."""
    dock.ending.set()
    dock.house.around.desk.spool.stop.set()
    for bay in dock.bays.values():
        bay.leave()
    for bay in dock.bays.values():
        bay.join()
    dock.finisher.stop(END_S)
    dock.keeping.stop()


def _open(plugged: Plugged, model: RecorderModel, folder: Path, zone: tzinfo) -> DockedRecorder:
    if model.transport(plugged) == "mtp":
        return open_mtp(plugged, model.footage(), zone)
    return open_docked(plugged, model, folder)


def _demand_clock(station: Station) -> None:
    """The clock is compared with the trail; while the catalog is away it cannot be."""
    with suppress(CatalogUnreachable):
        station.demand_clock()


def _secret(folder: Path, serial: str) -> bytes | None:
    """The password of a recorder: its own, or the one all share. The serial comes from the device: never a path."""
    names = [f"unlock_{serial}"] if serial.isalnum() else []
    for name in (*names, "unlock"):
        try:
            with (folder / name).open("rb") as file:
                return file.read(SECRET_BYTES_MAX).rstrip(b"\r\n")
        except OSError:
            continue
    return None


def run_dock(station: Station) -> None:
    """Run until SIGTERM or Ctrl-C; raises what keeps it from starting."""
    keep_rights_to_ourselves()
    warm()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with opened(station, ending) as dock:
        get_log().info("dock runs", station=station.settings.station, home=str(station.home.root))
        dock.run()
    get_log().info("dock ended")
