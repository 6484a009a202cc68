"""The one door to metrics (监控指标): what Prometheus reads of the dock; listed in docs/operations.md.

Shapes: gauges are read off the board when they are asked for; counters and histograms grow by what the daemon tells.
Labels are few and bounded, and never a person, a file or a recorder. Units in the names: bytes, seconds.
"""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from docking_station.faces.board import CLOCKS, STATES, Board
from docking_station.faces.errors import MetricsUnserved
from docking_station.station.logs import get_log

STEPS = ("take", "understand", "sign", "seal", "file", "clear")
OUTCOMES = ("filed", "known", "held", "skipped", "cut-short")
REFUSED = ("lock", "hold", "record")
OTHER = "other"
LABELS_MAX = 64
BUCKETS_S = (0.01, 0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
READERS_MAX = 8
READER_S = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


class Metrics:
    """The metrics of one dock, in a registry of their own."""

    def __init__(self, board: Board, *, now: Callable[[], datetime] = _now) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_OfBoard(board, now))
        ProcessCollector(registry=self.registry)
        made = self.registry
        self._bytes = Counter("evidock_read_bytes", "Bytes read from recorders.", ["bay"], registry=made)
        self._files = Counter("evidock_files", "Files that came to an end, by how.", ["outcome"], registry=made)
        self._steps = Histogram(
            "evidock_step_seconds", "Time a step of one file took.", ["step"], buckets=BUCKETS_S, registry=made
        )
        self._errors = Counter("evidock_errors", "Errors, by code.", ["code"], registry=made)
        self._dockings = Counter("evidock_dockings", "Recorders that were docked and known.", registry=made)
        self._cleared = Counter("evidock_cleared_files", "Files erased on recorders against a proof.", registry=made)
        self._refused = Gauge(
            "evidock_refused", "What the vault refuses, by what: lock, hold, record.", ["what"], registry=made
        )
        for what in REFUSED:
            self._refused.labels(what)
        for step in STEPS:
            self._steps.labels(step)
        for outcome in OUTCOMES:
            self._files.labels(outcome)
        self._known: dict[str, set[str]] = {"bay": set(), "code": set()}
        self._lock = threading.Lock()

    def read(self, bay: str, size_bytes: int) -> None:
        """Count more bytes that were read in this bay."""
        self._bytes.labels(self._bounded("bay", bay)).inc(size_bytes)

    def step(self, name: str, seconds: float) -> None:
        """A step of the walk (one of STEPS) took so long."""
        self._steps.labels(name if name in STEPS else OTHER).observe(seconds)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Take the time of a step, however it ends."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.step(name, time.monotonic() - began)

    def ended(self, outcome: str) -> None:
        """A file came to an end (one of OUTCOMES)."""
        self._files.labels(outcome if outcome in OUTCOMES else OTHER).inc()

    def error(self, code: str) -> None:
        """An error with this code."""
        self._errors.labels(self._bounded("code", code)).inc()

    def docked(self) -> None:
        """A recorder was docked and known."""
        self._dockings.inc()

    def cleared(self, files: int) -> None:
        """Count files that were erased on a recorder."""
        self._cleared.inc(files)

    def refused(self, counts: Mapping[str, int]) -> None:
        """For so many originals and records the vault refuses a longer lock or a hold (of REFUSED); the rest none."""
        for what in REFUSED:
            self._refused.labels(what).set(counts.get(what, 0))

    def _bounded(self, label: str, value: str) -> str:
        with self._lock:
            known = self._known[label]
            if value not in known and len(known) < LABELS_MAX:
                known.add(value)
            return value if value in known else OTHER

    @contextmanager
    def serving(self, address: str) -> Iterator[None]:
        """Serve at `ADDRESS:PORT`, nowhere for an empty text; an address that cannot be had is logged, no more."""
        server = None
        try:
            server = _server(address, make_wsgi_app(self.registry)) if address else None
        except MetricsUnserved as error:
            get_log(part="metrics").error("metrics not served", error=error, hint=error.hint())
            self.error(error.code)
        if server is None:
            yield
            return
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="metrics", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join(READER_S)


class _OfBoard(Collector):
    """What the board shows, as gauges."""

    def __init__(self, board: Board, now: Callable[[], datetime]) -> None:
        self._board, self._now = board, now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        station, bays = self._board.station, self._board.bays()
        oldest = station.oldest_unsealed_at
        age_s = 0.0 if oldest is None else max(0.0, (self._now() - oldest).total_seconds())
        yield _gauge("evidock_spool_free_bytes", "Room left for copies.", station.spool_free_bytes)
        yield _gauge("evidock_spool_held_bytes", "Bytes of copies that wait.", station.spool_held_bytes)
        yield _gauge("evidock_unsealed_files", "Copies that are not in the vault yet.", station.unsealed)
        yield _gauge("evidock_oldest_unsealed_seconds", "Age of the oldest of them; 0: there is none.", age_s)
        yield _gauge("evidock_held_files", "Files that wait for a person.", station.held)
        yield _gauge(
            "evidock_overdue_files", "Files in the bays that are over the time limit.", sum(v.overdue for v in bays)
        )
        yield _gauge("evidock_vault_up", "1 while the vault answers.", station.vault is None)
        yield _gauge("evidock_catalog_up", "1 while the catalog answers.", station.catalog is None)
        yield _gauge("evidock_policy_version", "Version of the policy in use.", station.policy_version)
        clocks = {name: float(station.clock == name) for name in CLOCKS}
        yield _gauges("evidock_clock", "1 for the state the station's clock is in.", "state", clocks)
        found = Tally[str](view.state for view in bays)
        yield _gauges("evidock_bays", "Bays, by state.", "state", {state: float(found[state]) for state in STATES})


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=float(value))


def _gauges(name: str, about: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


class _Handler(WSGIRequestHandler):
    timeout = READER_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base's
        """Readers come every few seconds: that is no news."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """A few readers at a time; one too many is sent away."""

    daemon_threads = True
    block_on_close = False
    _room = threading.BoundedSemaphore(READERS_MAX)

    def server_bind(self) -> None:
        # The base asks the name service for our own name, which may take a minute where there is none.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that went away is no news either."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server(address: str, app: Any) -> _Server:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise MetricsUnserved(address=address, reason="it is not of the form ADDRESS:PORT")
    try:
        server = (_Server6 if ":" in host else _Server)((host, int(port)), _Handler)
    except OSError as error:
        raise MetricsUnserved(address=address, reason=error.strerror or str(error)) from error
    server.set_app(app)
    return server
