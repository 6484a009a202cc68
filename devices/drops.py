"""The door to watched folders (固定点位目录): uploads of fixed cameras, network shares, 4G recorders.

A file counts once it holds still: size, modify time and place unchanged for `still_s` of this station's own steady
clock, and, where the file system tells, nobody has it open for writing. The system's events (watchdog) only make a
look come sooner: shares give none, so the folder is looked through every `rescan_s` all the same. Events of opening and
reading are not asked for. Names of half-done uploads are skipped by a visible rule until they are renamed.

Shapes: at most ENTRIES_MAX files are watched; what lies beyond is reported by the survey. A folder that is gone, or
whose share is, is an error that passes by itself: every look first asks whether the folder is still the same one.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.evidence import SourceFile, shown_path
from catalog.station_error import StationError
from devices.contract import Eraser
from devices.errors import CardGone, CardUnreadable, DropMissing, EraseRefused, NoCard
from devices.junk import Junk
from devices.settled_files import Look, Stillness
from devices.survey import Card, Entry, Refused, Skipped, descended, remove_from, seen_in

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

RESCAN_S = 30.0
LOOK_PAUSE_S = 0.2
"""At least so long between two looks, and LOOK_SHARE times what one takes: a busy folder must not fill a processor."""
LOOK_SHARE = 10
JOIN_S = 5.0
ROOT_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class DropWatch:
    """A watched folder; satisfies `devices.contract.DockedRecorder`, always docked.

    One thread calls `wait` and `survey`; reading and `close` are safe from others.
    """

    one_clock = False
    """Files of many recorders come here."""

    def __init__(self, folder: Path, still_s: float, rescan_s: float = RESCAN_S) -> None:
        self.name = str(folder)
        self._folder, self._still_s, self._rescan_s = folder, still_s, rescan_s
        self._stillness = Stillness(still_s)
        self._card: Card | None = None
        self._identity: tuple[int, int] | None = None
        self._stirred = threading.Event()
        self._observer: BaseObserver | None = None
        self._lock = threading.Lock()
        self._readers = 0
        self._closed = False
        self._looked_at, self._look_took_s = float("-inf"), 0.0

    # ------------------------------------------------------------------ waiting

    def wait(self, timeout_s: float) -> bool:
        """Whether, within the time, there is a file that holds still and was not surveyed as it is now.

        Returns at once when there is one. Raises `DropMissing` if the folder is not there when the time is up.
        """
        until = time.monotonic() + timeout_s
        while not self._closed:
            missing = None
            try:
                self._open()
                if self._stillness.any_new(self._look()):
                    return True
            except DropMissing as error:
                missing = error
            now = time.monotonic()
            if now >= until:
                if missing is not None:
                    raise missing
                return False
            self._stirred.wait(min(until - now, self._stillness.next_s(now, self._rescan_s)))
            self._stirred.clear()
            self._pause(until)
        return False

    def _pause(self, until: float) -> None:
        """Keep looks apart, so that many events cost one."""
        ready = self._looked_at + max(LOOK_PAUSE_S, LOOK_SHARE * self._look_took_s)
        time.sleep(max(0.0, min(ready, until) - time.monotonic()))

    def _look(self) -> Mapping[bytes, Look]:
        """Look at every file; those that hold still."""
        begun = time.monotonic()
        try:
            root = os.open(self._folder, ROOT_FLAGS)
        except OSError as error:
            raise DropMissing(path=self._folder, reason=error.strerror) from error
        try:
            return self._stillness.look(root, begun)
        finally:
            os.close(root)
            self._looked_at, self._look_took_s = time.monotonic(), time.monotonic() - begun

    @property
    def unsettled(self) -> int:
        """How many files were still being written at the last look."""
        return self._stillness.unsettled

    # ------------------------------------------------------------------ reading

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry that holds still, and what rules leave there. Raises `DropMissing`."""
        card = self._open()
        still = self._look()
        for entry in card.survey(junk, edged=edged):
            rule = None if isinstance(entry, Skipped) else self._stillness.temporary(entry.path)
            if rule is not None:
                yield Skipped(entry.path, rule)
            elif isinstance(entry, SourceFile):
                look = still.get(entry.path)
                if look is not None and (look.size, look.mtime_ns) == (entry.size_bytes, entry.mtime_ns):
                    self._stillness.take(entry.path, look)
                    yield entry
            elif isinstance(entry, Skipped) or not self._vanished(entry):
                if entry.path in still:  # left there by a rule, or refused: nothing new in it until it changes
                    self._stillness.take(entry.path, still[entry.path])
                yield entry

    def _vanished(self, entry: Refused) -> bool:
        """Whether an entry was renamed or removed while it was listed: uploads do that."""
        if not isinstance(entry.error, CardUnreadable):
            return False
        with suppress(StationError):
            return self.absent(entry.path)
        return False

    def edges(self, source: SourceFile) -> str:
        """The digest of a file's first and last 64 KiB."""
        with self._reading() as card:
            return card.edges(source)

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """Give a descriptor of a surveyed file, standing at `offset`."""
        with self._reading() as card, card.open(source, offset) as descriptor:
            yield descriptor

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What about the file changed since the survey, or None."""
        return self._opened().still(source, descriptor)

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report for a failed read: a bad sector, or a card that is gone."""
        return self._opened().failed(source, offset, error)

    def clock(self) -> tuple[datetime, float] | None:
        """A folder has no clock; that of a file server is not the recorder's."""
        return None

    def set_clock(self, now: datetime) -> bool:
        """A folder has no clock."""
        return False

    # ------------------------------------------------------------------ erasing

    @contextmanager
    def writable(self) -> Iterator[Eraser]:
        """The folder itself: uploads are not write-protected."""
        try:
            self._open()
        except DropMissing as error:
            raise EraseRefused(path=self.name, reason=error.facts["reason"]) from error
        yield self

    def erase(self, path: bytes) -> None:
        """Remove a plain file, reached without a link, in the folder that was surveyed."""
        *folders, name = path.split(b"/")
        try:
            remove_from(self._descend(folders), name, path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise EraseRefused(path=shown_path(path), reason=error.strerror) from error

    def absent(self, path: bytes) -> bool:
        """Whether a file is gone; a folder that is not the one surveyed answers for nothing."""
        *folders, name = path.split(b"/")
        try:
            seen_in(self._descend(folders), name)
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno == errno.ESTALE:
                raise CardGone(path=shown_path(path)) from error
            raise CardUnreadable(path=shown_path(path), offset=0, reason=error.strerror) from error
        return False

    def close(self) -> None:
        """Stop watching; ends a `wait` too."""
        self._closed = True
        self._stirred.set()
        self._unwatch()
        with self._lock:
            card, self._card = self._card, None
            unread = card is not None and not self._readers
        if card is not None and unread:
            card.close()

    # ------------------------------------------------------------------ the folder

    def _open(self) -> Card:
        """The folder as it is now: opened, or opened anew if another one stands in its place. Raises `DropMissing`."""
        try:
            now = self._folder.stat()
        except OSError as error:
            raise DropMissing(path=self._folder, reason=error.strerror) from error
        with self._lock:
            if self._card is not None and (now.st_dev, now.st_ino) == self._identity:
                return self._card
            if self._readers:
                raise DropMissing(path=self._folder, reason="another folder stands in its place while files are read")
            if self._card is not None:
                self._card.close()
                self._card = None
            try:
                self._card, self._identity = Card(self._folder), (now.st_dev, now.st_ino)
            except NoCard as error:
                raise DropMissing(path=self._folder, reason=error.facts["reason"]) from error
            self._stillness = Stillness(self._still_s)
            card = self._card
        self._watch()
        return card

    def _opened(self) -> Card:
        card = self._card
        if card is None:
            raise CardGone(path=self.name)
        return card

    @contextmanager
    def _reading(self) -> Iterator[Card]:
        """The folder while it is read; the last reader closes one that was let go of meanwhile."""
        with self._lock:
            card = self._opened()
            self._readers += 1
        try:
            yield card
        finally:
            with self._lock:
                self._readers -= 1
                last = not self._readers and self._card is not card
            if last:
                card.close()

    def _descend(self, folders: list[bytes]) -> int:
        """A folder below the surveyed one, asked for anew and reached without links. ESTALE: it is another one now."""
        try:
            at = os.open(self._folder, ROOT_FLAGS)
        except FileNotFoundError as error:
            raise OSError(errno.ESTALE, "the folder is gone") from error
        root = os.fstat(at)
        if (root.st_dev, root.st_ino) != self._identity:
            os.close(at)
            raise OSError(errno.ESTALE, "another folder stands in its place")
        return descended(at, folders)

    def _watch(self) -> None:
        """Ask for events that may mean new bytes; without them (no inotify left, a share) the rescan has to do."""
        from watchdog import events
        from watchdog.observers import Observer

        stirred = self._stirred

        class Stir(events.FileSystemEventHandler):
            """Wakes `wait`."""

            def on_any_event(self, event: events.FileSystemEvent) -> None:
                stirred.set()

        self._unwatch()
        wanted = [events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileClosedEvent]
        observer = Observer()
        try:
            observer.schedule(Stir(), str(self._folder), recursive=True, event_filter=[*wanted, events.DirMovedEvent])
            observer.start()
        except OSError:
            return
        self._observer = observer

    def _unwatch(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(JOIN_S)
