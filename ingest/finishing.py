"""What becomes of copies once the recorder's part is done (后续处理): understood, sealed, filed, however long it takes.

The vault or the catalog may be down for days: copies wait in the spool, and the journal knows them, also after a
restart. Shapes: a few threads; one job a file. A sidecar is understood before its clip, and of two equal files the one
that is to become the clip ends first. An error that may pass comes back after a pause; where the vault or the catalog
itself is down, all wait together. Any other error holds the file for a person, also an unexpected one: a file
must not end the thread that finishes the others.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from catalog.evidence import Clip, Docking, Duplicate, Receipt, SourceFile
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from ingest.errors import CopyLost, JournalFailed, Unforeseen
from ingest.inventory import firsts, phases
from ingest.priority import back_off
from ingest.walk import AbsentCard, CardAtHand, WalkDesk, walk

LOOK_S = 0.5
BLOCKED_S = 0.2
PATIENCE = 5
"""A passing error that came so many times in a row is shown to a person, and tried on."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job went (处理结果): what it came to, or the `error` and whether it is tried `again`."""

    source: SourceFile
    outcome: Receipt | Duplicate | None
    error: StationError | None
    again: bool


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """A copy on its way, and since when it is the station's to finish."""

    source: SourceFile
    since: datetime


@dataclass(slots=True)
class _Job:
    source: SourceFile
    first: str | None
    since: datetime
    failures: int = 0


@dataclass
class _Queue:
    """Jobs by when they are due; a key is `open` until its job has ended or is held."""

    due: list[tuple[float, int, _Job]] = field(default_factory=list)
    open: dict[str, _Job] = field(default_factory=dict)
    understood: set[str] = field(default_factory=set)
    numbers: int = 0
    paused_until: float = 0.0
    faults: int = 0


class Finisher:
    """Threads that finish copies. `on_ended` is called from them after every try."""

    def __init__(self, desk: WalkDesk, workers: int, on_ended: Callable[[Ended], None]) -> None:
        self._desk, self._workers, self._on_ended = desk, workers, on_ended
        self._changed = threading.Condition()
        self._queue = _Queue()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    # ------------------------------------------------------------------ from outside

    def start(self) -> None:
        """Begin, with what earlier runs left in the spool."""
        keys = self._desk.journal.unfinished()
        left = [source for key in keys if (source := self._desk.journal.recall(key, SourceFile)) is not None]
        first = firsts(left, self._desk)
        # Sidecars before their clips, possible copies last, as when a card is copied: the earlier ones are waited for.
        for phase in phases(left, self._desk):
            for source in phase:
                docking = self._desk.journal.recall(source.key, Docking)
                self.submit(source, first.get(source.key), docking.at if docking else None)
        for number in range(self._workers):
            thread = threading.Thread(target=self._run, name=f"finish-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, source: SourceFile, first: str | None = None, since: datetime | None = None) -> None:
        """A copy that is in the spool; one that is known already is no error.

        `first` is the key of the file that ends before this one, because this may be a copy of it; `since` is when the
        copy was taken, if not now.
        """
        with self._changed:
            if source.key not in self._queue.open:
                job = self._queue.open[source.key] = _Job(source, first, since or self._desk.now())
                self._push(job, 0.0)
                self._changed.notify()

    def has(self, key: str) -> bool:
        """Whether a copy is on its way."""
        with self._changed:
            return key in self._queue.open

    def open(self) -> tuple[OpenCopy, ...]:
        """Every copy that is on its way."""
        with self._changed:
            return tuple(OpenCopy(job.source, job.since) for job in self._queue.open.values())

    def stop(self, timeout_s: float) -> None:
        """End after the jobs in hand; what is left is found again by the next start."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def alive(self) -> bool:
        """Whether every thread still runs."""
        return all(thread.is_alive() for thread in self._threads)

    # ------------------------------------------------------------------ inside

    def _push(self, job: _Job, due: float) -> None:
        self._queue.numbers += 1
        heapq.heappush(self._queue.due, (due, self._queue.numbers, job))

    def _run(self) -> None:
        while not self._stopped.is_set():
            job = self._next()
            if job is not None:
                self._do(job)

    def _next(self) -> _Job | None:
        """The next job that is due and not blocked, or None after a while."""
        with self._changed:
            queue, now = self._queue, time.monotonic()
            if now >= queue.paused_until and queue.due and queue.due[0][0] <= now:
                _, _, job = heapq.heappop(queue.due)
                if not self._blocked(job):
                    return job
                self._push(job, now + BLOCKED_S)
                return None
            wake = max(queue.due[0][0] if queue.due else now + LOOK_S, queue.paused_until)
            self._changed.wait(min(LOOK_S, max(0.01, wake - now)))
            return None

    def _blocked(self, job: _Job) -> bool:
        return any(self._is_awaited(key) for key in job.source.beside) or job.first in self._queue.open

    def _is_awaited(self, key: str) -> bool:
        """Whether a clip waits for this sidecar: not once a person was told of it, who may be long in coming."""
        sidecar = self._queue.open.get(key)
        return sidecar is not None and key not in self._queue.understood and sidecar.failures < PATIENCE

    def _do(self, job: _Job) -> None:
        """Try one job once."""
        source, journal = job.source, self._desk.journal
        try:
            self._desk.gate()
            docking = journal.recall(source.key, Docking)
            if docking is None:  # what was said of it was struck out: only its recorder can say it again
                raise CopyLost(path=source.shown)
            end = walk(source, CardAtHand(AbsentCard(), docking), self._desk)
            with suppress(JournalFailed):
                journal.settle([source.key])
            self._settle(job, end, None)
        except StationError as error:
            self._settle(job, None, error)
        except Exception as error:  # noqa: BLE001 - this thread's outermost loop: it holds the file, and is told on
            unforeseen = Unforeseen(path=source.shown, reason=f"{type(error).__name__}: {error}")
            unforeseen.__cause__ = error
            self._settle(job, None, unforeseen)

    def _settle(self, job: _Job, end: Receipt | Duplicate | None, error: StationError | None) -> None:
        key = job.source.key
        shared = error is not None and error.reach == "all"
        again = error is not None and error.retry
        job.failures += error is not None and not shared
        if error is not None and (not again or (job.failures >= PATIENCE and not shared)):
            self._hold(job.source, error)
        understood = error is None or self._is_understood(key)
        with self._changed:
            queue = self._queue
            if understood:
                queue.understood.add(key)
            if again:
                now = time.monotonic()
                if shared and now >= queue.paused_until:  # else the others who were at it found out the same
                    queue.faults += 1
                    queue.paused_until = now + back_off(queue.faults)
                self._push(job, now + (0.0 if shared else back_off(job.failures)))
            else:
                del queue.open[key]
                queue.understood.discard(key)
            if error is None:
                queue.faults, queue.paused_until = 0, 0.0
            self._changed.notify_all()
        self._on_ended(Ended(job.source, end, error, again))

    def _is_understood(self, key: str) -> bool:
        try:
            return self._desk.journal.recall(key, Clip) is not None
        except JournalFailed:
            return False

    def _hold(self, source: SourceFile, error: StationError) -> None:
        since = time_text(self._desk.now())
        with suppress(JournalFailed):
            self._desk.journal.hold(source.key, source.shown, error, since, card=source.serial or "", raw=source.path)
