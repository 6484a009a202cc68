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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from catalog.clips.chores import CatalogChores
from catalog.evidence import Docking, Duplicate, Receipt, SinceStart
from devices.capabilities import keep_rights_to_ourselves
from devices.contract import DockedRecorder, Plugged, RecorderModel, Unplugged
from devices.mass_storage import open_docked
from devices.mount import sweep
from devices.mtp import open_mtp, warm
from devices.usb import UsbWatch
from docking_station.derived.worker import ChoreQueue
from docking_station.dock.bay import Bay, BayDesk
from docking_station.dock.catalog_cache import CatalogCache
from docking_station.dock.clearing import Clearing
from docking_station.dock.clock import RecorderClocks
from docking_station.dock.docking_run import DockingDesk
from docking_station.dock.dropping import DropBay, drop_bays
from docking_station.dock.housekeeping import Housekeeping
from docking_station.dock.read_queue import ReadQueue
from docking_station.dock.record import DockingRecords
from docking_station.dock.upkeep import Upkeep
from docking_station.faces.board import BayView, Board, StationView
from docking_station.faces.labels import Labels, second
from docking_station.faces.leds import Leds
from docking_station.faces.metrics import Metrics
from docking_station.faces.notify import notifier
from docking_station.faces.stream import Stream
from docking_station.station.apart import demand_apart, demand_folders_apart, is_own_file
from docking_station.station.logs import get_log
from docking_station.station.own_vault import OwnVault
from docking_station.station.settings import Home, secret_bytes
from docking_station.station.station import Station
from ingest.clearing.proof import ClearingDesk
from ingest.contract import Silent
from ingest.custody.acts import ActWriter
from ingest.custody.signed_records import SignedPolicy
from ingest.custody.verification import Verifier
from ingest.finishing import Ended, Finisher
from ingest.journal import Held
from ingest.sealing import Sealer

EVENT_S = 1.0
STATUS_S = 10.0
END_S = 20.0
FINISHERS = min(4, (os.cpu_count() or 1) + 1)
BAYS_MAX = 64
CARDS = "cards"


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
    bay_desk: BayDesk
    watch: UsbWatch
    chores: ChoreQueue
    upkeep: Upkeep
    ending: threading.Event
    bays: dict[str, Bay]
    """By the device's path in sysfs: two sockets, numbered alike on the USB 2 and the USB 3 line, share a port."""
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
                for bay in tuple(self.bays.values()):
                    bay.again()
            self.stream.beat()
            lives = self.finisher.alive() and self.keeping.alive()
            if lives and time.monotonic() >= beaten + (tell.watchdog_s or STATUS_S):
                beaten = time.monotonic()
                self.labels.tidy()
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
            assert end.outcome is not None
            done = "duplicate" if isinstance(end.outcome, Duplicate) else "clip filed"
            get_log().info(done, clip=end.outcome.clip_id, size_bytes=end.source.size_bytes)
            self.metrics.ended("skipped" if isinstance(end.outcome, Duplicate) else "filed")
            if isinstance(end.outcome, Receipt):
                self.chores.filed(end.source.key)
        if end.again:
            return
        if error is not None:
            self.metrics.ended("held")
        # A copy: this is another thread's, and a new bay may come at any moment.
        runs = [bay.docking_run for bay in tuple(self.bays.values())] + [drop.docking_run for drop in self.drops]
        for run in runs:
            if run is not None:
                run.settled(end.source.key, held=error is not None, is_clip=isinstance(end.outcome, Receipt))

    def plug(self, plugged: Plugged) -> None:
        """A device came into a bay."""
        before = self._before(plugged)
        if before is None and len(self.bays) >= BAYS_MAX and not self._forgot_one():
            get_log().error("too many bays", port=plugged.port)
            return
        others = {bay.label for bay in self.bays.values() if not bay.has_left()} | {drop.label for drop in self.drops}
        label = self.labels.of(plugged.port, plugged.devpath, others)
        if before is not None and not before.has_left() and before.label != label:
            self._empty(before)
        bay = Bay(label, plugged.port, replace(self.bay_desk, others=self._others), plugged, before)
        self.bays[plugged.devpath] = bay
        bay.start()

    def _before(self, plugged: Plugged) -> Bay | None:
        """What this device takes the place of: itself as it was, or what left its port and is not let go of yet."""
        same = self.bays.pop(plugged.devpath, None)
        if same is not None:
            return same
        left = [path for path, bay in self.bays.items() if bay.port == plugged.port and bay.has_left()]
        return self.bays.pop(left[-1]) if left else None

    def _others(self, plugged: Plugged) -> list[Bay]:
        """The other bays in which a device with the same serial on USB lies now."""
        bays = [bay for path, bay in tuple(self.bays.items()) if path != plugged.devpath and not bay.has_left()]
        return [bay for bay in bays if plugged.serial and bay.plugged.serial == plugged.serial]

    def _forgot_one(self) -> bool:
        """Make room among the bays: one in which nothing is any more is forgotten."""
        for devpath, bay in self.bays.items():
            if bay.is_over():
                del self.bays[devpath]
                return True
        return False

    def _unplugged(self, gone: Unplugged) -> None:
        bay = self.bays.get(gone.devpath)
        if bay is None or bay.has_left():
            return
        bay.leave()
        self._empty(bay)

    def _empty(self, bay: Bay) -> None:
        """Show a bay as empty; one whose label stood only for a second device in its port, no longer."""
        self.board.show(BayView(bay.label, bay.port, "empty", self.station.now()))
        if bay.label.endswith(second(bay.plugged.devpath)):
            self.board.drop(bay.label)
        self.labels.tidy()

    def _status(self) -> str:
        states = [view.state for view in self.board.bays()]
        counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
        return f"{counted or 'no bays yet'}; {self.board.station.unsealed} unsealed, {self.board.station.held} held"


@contextmanager
def opened(station: Station, ending: threading.Event) -> Iterator[Dock]:
    """A dock with everything started; let go in the opposite order. Raises what keeps it from starting."""
    settings = station.settings
    demand_folders_apart(settings)
    with ExitStack() as stack:
        stack.enter_context(station.changing("ingest", wait=False))
        for stale in sweep(settings.socket.parent / CARDS):
            get_log().warning("stale mount let go", place=str(stale))
        board = Board(StationView(settings.station))
        metrics = Metrics(board)
        stream = stack.enter_context(Stream(board, settings.socket))
        stack.enter_context(metrics.serving(settings.metrics))
        stack.enter_context(Leds(board, settings.leds))
        chores = stack.enter_context(ChoreQueue(station.journal, CatalogChores(station.database), station.now))
        dock = _made(station, board, stream, metrics, chores, ending)
        stack.callback(_let_go, dock)
        dock.keeping.start()
        dock.finisher.start()
        dock.upkeep.start()
        stack.callback(dock.upkeep.stop)
        dock.drops = drop_bays(settings.drops, dock.bay_desk, ending)
        for drop_bay in dock.drops:
            drop_bay.start()
            stack.callback(drop_bay.join, END_S)
        dock.watch.start()
        stack.callback(dock.watch.close)
        stack.callback(ending.set)
        yield dock


def _made(
    station: Station, board: Board, stream: Stream, metrics: Metrics, chores: ChoreQueue, ending: threading.Event
) -> Dock:
    """The parts of a dock, put together; nothing runs yet."""
    settings, home = station.settings, station.home
    vault = OwnVault(lambda: station.vault, f"keys/{station.signer.key_id}.pub.pem")
    known = CatalogCache(home.root / "known.json", station.database)
    sealer = Sealer(settings.station, station.signer, vault, settings.lock_months, settings.encrypt, vault.reserve_key)
    desk = replace(station.desk(Silent(), sealer), timed=metrics.timed, register=lambda: known.register)

    def refused(held: Held) -> None:
        get_log().error("act held", what=held.path, code=held.code, error=held.message, hint=held.hint)
        metrics.error(held.code)

    months = settings.lock_months
    gate = station.demand_clock
    act_writer = ActWriter(station.journal, station.database, vault, station.signer, months, on_held=refused, gate=gate)
    desk.spool.sweep(station.journal.unfinished())
    dock: Dock | None = None

    def on_ended(end: Ended) -> None:
        assert dock is not None
        dock.ended(end)

    finisher = Finisher(desk, FINISHERS, on_ended)
    records = DockingRecords(act_writer, station.noting, get_log(), metrics, station.clock, station.reading)
    keeping = Housekeeping(station, board, known, vault, records, finisher, desk.spool)
    around = DockingDesk(
        desk=desk,
        junk=station.junk,
        finisher=finisher,
        read_queue=ReadQueue(lambda: known.policy.caps_at(station.now().astimezone(settings.zone).time())),
        policy=lambda: known.policy,
        change=board.change,
        read=metrics.read,
    )
    clearing = _clearing(station, known, vault, metrics)
    bay_desk = _bay_desk(station, board, known, around, clearing, records)
    labels, watch = Labels(home.root / "bays.json", board, station.now), UsbWatch(settings.settle_s)
    upkeep = Upkeep(station, vault, lambda: known.retentions, metrics)
    dock = Dock(station, board, stream, metrics, finisher, keeping, labels, bay_desk, watch, chores, upkeep, ending, {})
    return dock


def _clearing(station: Station, known: CatalogCache, vault: OwnVault, metrics: Metrics) -> Clearing:
    verifier = Verifier(station.database, vault, station.trusted, lambda _: None)
    policy, is_own = SignedPolicy(verifier.signed, lambda: known.policy), partial(is_own_file, station.settings)
    return Clearing(
        ClearingDesk(station.journal, verifier, policy, station.now, is_own), get_log(), metrics, station.clock
    )


def _bay_desk(
    station: Station,
    board: Board,
    known: CatalogCache,
    around: DockingDesk,
    clearing: Clearing,
    records: DockingRecords,
) -> BayDesk:
    settings = station.settings
    cards = settings.socket.parent / CARDS
    return BayDesk(
        around=around,
        models=station.models,
        register=lambda: known.register,
        takes_any=settings.takes_any,
        open_docked=lambda plugged, model, label: _open(plugged, model, cards / label, settings.zone),
        secret=lambda serial: _password(station.home, serial),
        others=lambda _: [],
        show=board.show,
        docking=partial(_docking, station),
        demand_apart=partial(demand_apart, settings),
        clocks=RecorderClocks(get_log()),
        clearing=clearing,
        records=records,
        log=get_log(),
    )


def _let_go(dock: Dock) -> None:
    """Copies end at their next buffer, cards are unmounted, jobs in hand are finished."""
    dock.ending.set()
    dock.bay_desk.around.desk.spool.stop.set()
    for bay in dock.bays.values():
        bay.leave()
    until = time.monotonic() + END_S
    for bay in dock.bays.values():
        bay.join(max(0.0, until - time.monotonic()))
    dock.finisher.stop(END_S)
    dock.keeping.stop()


def _open(plugged: Plugged, model: RecorderModel, folder: Path, zone: tzinfo) -> DockedRecorder:
    if model.transport(plugged) == "mtp":
        return open_mtp(plugged, model.footage(), zone)
    return open_docked(plugged, model, folder)


def _docking(station: Station, recorder: str | None, bay: str) -> Docking:
    """A docking that begins now; it is dated later where the clock is not believed."""
    now = station.reading()
    undated = None if station.clock_doubt() is None else SinceStart(now.boot, now.uptime_s)
    return Docking(recorder, None, None, None, now.at, "dock", bay, undated)


def _password(home: Home, serial: str) -> bytes | None:
    """The password of a recorder: its own, or the one all share; raises `SecretMissing` for one others may read.

    The serial comes from the device: never a path.
    """
    names = [f"unlock_{serial}"] if serial.isalnum() else []
    return next((secret for name in (*names, "unlock") if (secret := secret_bytes(home, name)) is not None), None)


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
