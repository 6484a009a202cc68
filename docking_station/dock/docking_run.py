"""One docking of a recorder, as the dock carries it out (一次接入): listed, copied, and followed to the receipts.

The bay's thread copies file after file and hands each copy to the finisher; it never waits for the vault. A recorder
that is taken out in the middle costs nothing: the docking ends, and the next one goes on, in whatever bay.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from catalog.evidence import Docking, SourceFile, shown_path
from catalog.rules.canonical import time_text
from catalog.rules.policy import Policy
from catalog.rules.recognition import Witness
from catalog.station_error import StationError
from devices.contract import DockedRecorder
from devices.errors import CardGone, CardUnreadable
from devices.junk import Junk
from docking_station.dock.read_queue import ReadQueue
from docking_station.faces.board import BayView, Why
from docking_station.station.errors import RecorderRetired
from ingest.copying import BUFFER_BYTES
from ingest.errors import SpoolFull, SpoolTooSmall, Stopped, TwinPending
from ingest.finishing import Finisher
from ingest.inventory import (
    CLEARING,
    ENTRY,
    Inventory,
    Readable,
    begin_inventory,
    cured,
    firsts,
    is_important,
    phases,
    take_inventory,
)
from ingest.priority import Urgency, important_first, is_overdue
from ingest.walk import WalkDesk, take
from ingest.whole_read import other_bytes

FULL_LOOK_S = 3.0
"""A recorder that waits for room on the station's disk, or for the same file in another bay, looks this often."""
GONE_WITHIN_S = 2.0
"""A pulled card answers like a bad one; udev says within this time that it was pulled."""
HEAD_START_S = 0.8
"""So long a full card is looked at before the first of its files is copied."""
SHOW_S = 0.5
SPEED_S = 10.0


@dataclass(frozen=True)
class DockingDesk:
    """What a docking works with; the same for every bay."""

    desk: WalkDesk
    junk: Junk
    finisher: Finisher
    read_queue: ReadQueue
    policy: Callable[[], Policy]
    change: Callable[[str, Callable[[BayView], BayView]], None]
    """Changes a bay's view on the board."""
    read: Callable[[str, int], None]
    """Told the bytes that were read, by bay."""
    second_look: threading.Lock = field(default_factory=threading.Lock)
    """Held while a known file is read again: one at a time, all bays together."""


@dataclass
class Measured:
    """What is noted of a recorder while it is there (测得): its time and when it was asked, what was done to it."""

    device_time: tuple[datetime, float] | None = None
    asked_at: datetime | None = None
    set_at: datetime | None = None
    erased: int = 0
    erased_paths: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)
    """Files a clearing had to leave, by reason."""
    doubt: StationError | None = None
    """The first thing a person must know of what it had to leave."""


@dataclass
class DockingRun:
    """One docking. `wanted` says whether the recorder is there and the station runs."""

    around: DockingDesk
    bay: str
    docking: Docking
    gone: threading.Event
    witnesses: Sequence[Witness] = ()
    """What names the recorder, beside its card."""
    pending: set[str] = field(default_factory=set)
    taken: list[SourceFile] = field(default_factory=list)
    found: Inventory | None = None
    filed: int = 0
    held: int = 0
    doubted: StationError | None = None
    """Why what was taken waits: somebody must say whose it is."""
    _held_keys: set[str] = field(default_factory=set)
    measured: Measured = field(default_factory=Measured)
    _bytes: int = 0
    _ended_bytes: int = 0
    _files_done: int = 0
    _shown_at: float = 0.0
    _speed: tuple[float, int] = (0.0, 0)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wanted(self) -> bool:
        """Whether to go on."""
        return not self.gone.is_set() and not self.around.desk.spool.stop.is_set() and self.doubted is None

    def doubt(self, error: StationError) -> bool:
        """End, unless more than its serial names the recorder: the serial says nothing any more. True if it ended."""
        if self.found is not None and self.found.is_sure:
            return False
        with self._lock:
            self.doubted, keys = error, set(self.pending)
        since = time_text(self.docking.at)
        for source in tuple(self.taken):
            if source.key in keys:
                self.around.desk.journal.hold(source.key, source.shown, error, since, raw=source.path)
        return True

    # ------------------------------------------------------------------ the bay's thread

    def copy(self, card: DockedRecorder) -> None:
        """List the card and copy what is new: at first some files of a full card, then all; raises as `take_all`."""
        around = self.around
        first = begin_inventory(card, self.docking, around.junk, around.desk, HEAD_START_S, self.witnesses)
        found = self._listed(first)
        self.take_all(card)
        if found.later:
            self.list(card)
            self.take_all(card)

    def list(self, card: Readable) -> Inventory:
        """Look what is on the card and what of it is new; show both."""
        return self._listed(take_inventory(card, self.docking, self.around.junk, self.around.desk, self.witnesses))

    def _listed(self, found: Inventory) -> Inventory:
        around = self.around
        self.found = found
        if found.recorder is not None and self.docking.recorder is None:
            self._recognise(found.recorder)
        held_before = around.desk.journal.held()
        mine = self._done_with()
        again = [source for source in found.new if source.key not in mine and self._follow(source)]
        self.taken.extend(again)
        known = mine | {source.key for source in again}
        left = [source for source in found.new if source.key not in known]
        for refused in found.refused:
            self.hold(f"{ENTRY}{found.card}:{refused.path.hex()}", refused.path, refused.error)
        held_now = {f"{ENTRY}{found.card}:{refused.path.hex()}" for refused in found.refused}
        waiting = held_now | {source.key for source in found.new} | self._held_keys  # also what the finisher holds
        settled = cured(found, held_before, waiting) if not found.later else set()
        around.desk.journal.settle((set(found.ended) & set(held_before)) | settled)
        overdue = sum(self._overdue(source) for source in left)
        size_bytes = self._ended_bytes + sum(source.size_bytes for source in left)
        files, done = self._files_done + len(left), self._files_done
        self._show(files=files, files_done=done, size_bytes=size_bytes, done_bytes=self._ended_bytes, overdue=overdue)
        self._show(unsealed=self._unsealed(), left_s=None)
        return found

    def _recognise(self, serial: str) -> None:
        """The card's own names told which of several recorders it is; raises `RecorderRetired`."""
        register, now = self.around.desk.register(), self.around.desk.now()
        if any(one.serial == serial and one.retired for one in register.recorders):
            raise RecorderRetired(serial=serial)
        self.docking = replace(self.docking, recorder=serial)
        assignees = register.assignees(serial, now, 0.0)
        self._show(recorder=serial, officer=assignees[-1].officer if assignees else None)

    def _done_with(self) -> set[str]:
        """The files of this docking that are copied, or held: not to be tried twice."""
        return {source.key for source in self.taken} | self._held_keys

    def take_all(self, card: DockedRecorder) -> None:
        """Copy every new file of the listed card, one after another; raises `CardGone`, `Stopped` when it is cut off.

        A file that cannot be read is held, and the rest goes on.
        """
        assert self.found is not None
        around, before = self.around, self._done_with()
        new = [source for source in self.found.new if source.key not in before]
        sidecars, clips, copies = phases(new, around.desk)
        first = firsts(new, around.desk)
        desk = replace(around.desk, spool=replace(around.desk.spool, watcher=self))
        for source in (*sidecars, *important_first(clips, self._is_important), *copies):
            while not self._taken(source, card, desk, first.get(source.key)):
                self._pause(FULL_LOOK_S)

    def _taken(self, source: SourceFile, card: DockedRecorder, desk: WalkDesk, first: str | None) -> bool:
        """One file, copied or held; False if it has to wait: for room, or for another bay that reads the same one."""
        urgency = Urgency(not self._overdue(source), not self._is_important(source))
        try:
            with self.around.read_queue.turn(self.bay, urgency, self.wanted):
                if not self._is_taken(source):
                    self._say(source, desk)
                    take(source, card, desk, asks_vault=False)
                    self._say(source, desk)  # another bay that listed the same card may have struck it out
        except SpoolFull as error:
            if desk.spool.can_ever_hold(source):
                self._full(error)
                return False
            too_large = SpoolTooSmall(path=source.shown, size_bytes=source.size_bytes)
            self.hold(source.key, source.path, too_large)  # no waiting helps it, and the rest goes on
        except TwinPending:
            return False
        except Stopped:
            raise
        except (CardGone, CardUnreadable) as error:
            # A pulled card first shows as a read error: the bay waits for udev's word before one file is blamed for it.
            if isinstance(error, CardGone) or self.gone.wait(GONE_WITHIN_S):
                raise CardGone(path=source.shown) from error
            self.hold(source.key, source.path, error)
        except StationError as error:
            self.hold(source.key, source.path, error)
        else:
            self._hand_over(source, first)
        self._file_ended(source)
        return True

    def _say(self, source: SourceFile, desk: WalkDesk) -> None:
        desk.journal.once(source.key, SourceFile, lambda: source)
        desk.journal.once(source.key, Docking, lambda: self.docking)

    def _is_taken(self, source: SourceFile) -> bool:
        """Whether another bay, with the same card, took it meanwhile."""
        return self.around.finisher.has(source.key) or bool(self.around.desk.journal.ended([source.key]))

    def _hand_over(self, source: SourceFile, first: str | None) -> None:
        """The copy is the finisher's now, unless it has ended already."""
        self.taken.append(source)
        self.around.desk.journal.settle([source.key])
        with self._lock:
            self.pending.add(source.key)
        if not self.around.desk.journal.ended([source.key]):
            self.around.finisher.submit(source, first)  # and tells of it, however soon it is settled
            return
        with self._lock:
            self.pending.discard(source.key)

    def _follow(self, source: SourceFile) -> bool:
        """Wait for the finisher to settle a copy, if it has it. Noted first: it may settle it at this moment."""
        with self._lock:
            self.pending.add(source.key)
        if self.around.finisher.has(source.key):
            return True
        with self._lock:
            self.pending.discard(source.key)
        return False

    def hold(self, key: str, path: bytes, error: StationError) -> None:
        """Note that an entry waits for a person."""
        assert self.found is not None
        since = time_text(self.docking.at)
        self.around.desk.journal.hold(key, shown_path(path), error, since, card=self.found.card, raw=path)
        if key not in self._held_keys:
            self._held_keys.add(key)
            self._count_held(1)
        self._show(held=self.held)

    def settle_clearing(self, files: Sequence[SourceFile]) -> None:
        """What an earlier clearing held of these files is settled; this one holds anew what it must."""
        self.around.desk.journal.settle(f"{CLEARING}{source.key}" for source in files)

    def take_other_bytes(
        self, source: SourceFile, card: DockedRecorder, tell: Callable[[int], None] = lambda _: None
    ) -> bool:
        """Read a known file in full; if it has other bytes than were filed, take it as a file of its own, met once."""
        desk = self.around.desk
        other = other_bytes(source, card, desk.journal, time_text(desk.now()), tell)
        if other is None:
            return False
        if not self._is_taken(other):
            self._taken(other, card, replace(desk, spool=replace(desk.spool, watcher=self)), None)
        return True

    def _overdue(self, source: SourceFile) -> bool:
        if self.docking.undated is not None:
            return False  # nobody knows how old it is
        return is_overdue(source, self.docking.at, self.around.policy().overdue_hours)

    def _is_important(self, source: SourceFile) -> bool:
        return is_important(source, self.around.desk)

    def _pause(self, seconds: float) -> None:
        """Wait, unless the recorder goes; raises `Stopped`."""
        self.gone.wait(seconds)
        if not self.wanted():
            raise Stopped(path=self.bay)

    # ------------------------------------------------------------------ what the finisher tells

    def settled(self, key: str, *, held: bool, is_clip: bool = True) -> None:
        """One of this docking's copies is filed (or has the bytes of a clip that is: then it is none), or held."""
        with self._lock:
            if key not in self.pending:
                return
            self.pending.discard(key)
            self.filed += is_clip and not held
        self._count_held(held)
        self._show(unsealed=self._unsealed(), held=self.held)

    def finished(self) -> bool:
        """Whether everything that was copied is filed or held."""
        with self._lock:
            return not self.pending

    # ------------------------------------------------------------------ ingest.contract.Watcher, and the board

    def begins(self, files: int, size_bytes: int) -> None:
        """Note how many files and bytes are to be read."""

    def reading(self, source: SourceFile) -> None:
        """Show that there is room for a file and it is read now."""
        self._bytes = self._ended_bytes
        self._show(state="copying", why=None)

    def read(self, source: SourceFile, size_bytes: int) -> None:
        """Count bytes, keep to the bandwidth, and stop a docking that ended."""
        self._bytes += size_bytes
        self._progress()
        if not self.wanted():
            raise Stopped(path=source.shown)
        if 0 < size_bytes <= BUFFER_BYTES:  # more at once was read from the spool: a copy that goes on
            self.around.read(self.bay, size_bytes)
            self.around.read_queue.spend(self.bay, size_bytes, self.wanted)

    def ended(self, source: SourceFile) -> None:
        """Note that a file is done, or held."""

    def _file_ended(self, source: SourceFile) -> None:
        """Copied or held: it is not to be done any more."""
        self._ended_bytes += source.size_bytes
        self._files_done += 1
        self._bytes = self._ended_bytes
        self._progress(files=1, overdue=int(self._overdue(source)))

    def _progress(self, files: int = 0, overdue: int = 0) -> None:
        now = time.monotonic()
        if files == 0 and now < self._shown_at + SHOW_S:
            return
        self._shown_at = now
        done, speed = self._bytes, self._bytes_per_s(now)
        is_whole = self.found is not None and not self.found.later  # else nobody knows yet how much is new

        def change(view: BayView) -> BayView:
            return replace(
                view,
                files_done=view.files_done + files,
                done_bytes=done,
                overdue=max(0, view.overdue - overdue),
                unsealed=self._unsealed(),
                left_s=max(0, view.size_bytes - done) / speed if speed > 0 and is_whole else None,
            )

        self.around.change(self.bay, change)

    def _bytes_per_s(self, now: float) -> float:
        """The speed of the last seconds."""
        done, (since, before) = self._bytes, self._speed
        if since == 0.0 or now > since + 2 * SPEED_S or done < before:
            since, before = self._speed = (now, done)
        speed = (done - before) / (now - since) if now > since else 0.0
        if now > since + SPEED_S:
            self._speed = (now - SPEED_S / 2, done - int(speed * SPEED_S / 2))
        return speed

    def _unsealed(self) -> int:
        with self._lock:
            return len(self.pending)

    def _count_held(self, more: int) -> None:
        with self._lock:
            self.held += more

    def _full(self, error: SpoolFull) -> None:
        self._show(state="full", why=Why.of(error), left_s=None)

    def _show(self, **changed: Any) -> None:
        def change(view: BayView) -> BayView:
            since = self.around.desk.now() if changed.get("state", view.state) != view.state else view.since
            return replace(view, since=since, **changed)

        self.around.change(self.bay, change)
