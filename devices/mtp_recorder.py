"""A recorder that hands out its files itself, over MTP (已接入的 MTP 记录仪).

Such a recorder has no block device, no links, no write protection; it is asked file by file (`devices.mtp_tree`).
What proves a read: the announced size must come out, and afterwards the first and last 64 KiB, asked for anew, must be
those of the survey.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo

from catalog.evidence import OTHER_BYTES, SourceFile, shown_path
from catalog.station_error import StationError
from devices.contract import Eraser
from devices.errors import EraseRefused
from devices.footage import Footage
from devices.junk import Junk
from devices.mtp_tree import Session, Tree
from devices.piping import Pipe
from devices.survey import Entry, footage_or_all

FRESH_S = 5.0
"""A listing asked for so recently counts as the device's own answer."""


class MtpRecorder:
    """Satisfies `devices.contract.DockedRecorder`; reading is safe from several threads. `zone` is its clock's."""

    one_clock = False
    """Its files come through a pipe, from beginning to end."""

    def __init__(self, name: str, session: Session, footage: Footage, zone: tzinfo) -> None:
        self.name = name
        self._session, self._footage, self._zone = session, footage, zone
        self._pipes: dict[int, tuple[bytes, Pipe]] = {}
        self._tree = Tree(name, session)
        self._listed_at = time.monotonic()  # the session has just begun

    # ------------------------------------------------------------------ listing

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry; what lies outside the footage folders is skipped, unless those hold nothing at all.

        A recorder that lists nothing is asked once more in a new session: sick ones were seen to answer so.
        """
        self._anew(FRESH_S)
        empty = True
        for entry in self._of_footage(junk, edged):
            empty = False
            yield entry
        if empty:
            self._anew(0)
            yield from self._of_footage(junk, edged)

    def _of_footage(self, junk: Junk, edged: bool) -> Iterator[Entry]:
        found = self._tree.walk(junk, self._footage, edged=edged)
        return footage_or_all(found, self._footage, lambda: self._tree.walk(junk, Footage(()), edged=edged))

    def _anew(self, age_s: float) -> None:
        """Make sure that listings come from the device, and none is older than so many seconds."""
        if time.monotonic() - self._listed_at <= age_s:
            return
        with self._tree.asking():
            self._session.renew()
        self._listed_at = time.monotonic()

    def edges(self, source: SourceFile) -> str:
        """The digest of a file's first and last 64 KiB."""
        with self._tree.asking(source.path):
            return self._tree.edges(*self._tree.place(source.path), source.size_bytes)

    # ------------------------------------------------------------------ reading

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """Give a pipe of the file, standing at `offset`; what ended it only `still` says."""
        with self._tree.asking(source.path, offset):
            pipe = Pipe(self._session, self._tree.place(source.path), source.size_bytes, offset)
        with pipe:
            self._pipes[pipe.descriptor] = (source.path, pipe)
            try:
                yield pipe.descriptor
            finally:
                del self._pipes[pipe.descriptor]

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What changed about the file; raises the error that ended the pipe, which its reader saw as the end.

        A second opinion: what the recorder gives as first and last bytes now must be what it gave at the survey.
        That is asked too while the file is not read, or not to its end; then of the rest nothing is known.
        A recorder that only gives whole files is not asked again: for it, the announced size has to do.
        """
        _, pipe = self._pipes[descriptor]
        try:
            if (pipe.is_read() and pipe.reached != source.size_bytes) or pipe.reached > source.size_bytes:
                return f"{source.size_bytes} bytes were announced and {pipe.reached} given"
            place, surveyed = self._tree.place(source.path), source.edges.partition(OTHER_BYTES)[0]
            if not pipe.whole_only and self._tree.edges(*place, source.size_bytes) != surveyed:
                return "its first or last bytes are others than at the survey"
        except OSError as error:
            raise self._tree.lost(source.path, pipe.reached, error) from error
        return None

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report; what the device answered counts more than what the pipe did."""
        of_device = [pipe.error for path, pipe in list(self._pipes.values()) if path == source.path and pipe.error]
        return self._tree.lost(source.path, offset, of_device[0] if of_device else error)

    # ------------------------------------------------------------------ clock

    def clock(self) -> tuple[datetime, float] | None:
        """The recorder's wall clock, in the zone recorders keep, and its uncertainty in seconds."""
        with self._tree.asking():
            reading = self._session.clock()
        if reading is None:
            return None
        wall, uncertainty_s = reading
        return wall.replace(tzinfo=self._zone).astimezone(UTC), uncertainty_s

    def set_clock(self, now: datetime) -> bool:
        """Set the clock and read it back: some recorders accept a time and keep their own."""
        wall = now.astimezone(self._zone).replace(tzinfo=None)
        begun = time.monotonic()
        with self._tree.asking():
            if not self._session.set_clock(wall):
                return False
            self._session.renew()
            reading = self._session.clock()
        if reading is None:
            return False
        off_s = (reading[0] - wall).total_seconds()
        return -reading[1] <= off_s <= reading[1] + time.monotonic() - begun

    # ------------------------------------------------------------------ erasing

    @contextmanager
    def writable(self) -> Iterator[Eraser]:
        """The recorder itself: MTP knows no write protection that could be lifted for a while.

        Only `erase` ever deletes; a storage that allows none refuses each file by itself.
        """
        yield self

    def erase(self, path: bytes) -> None:
        """Remove one file; one that is gone is no error."""
        self._listed_at = float("-inf")
        try:
            self._session.delete(*self._tree.place(path))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise EraseRefused(path=shown_path(path), reason=error.strerror) from error

    def absent(self, path: bytes) -> bool:
        """Whether the device itself no longer lists a file; its session is begun anew, so no memory answers."""
        self._anew(FRESH_S)
        with self._tree.asking(path):
            folder, name = self._tree.place(path)
            return not self._tree.there(folder) or name not in self._session.files(folder)

    def close(self) -> None:
        """Let go of the recorder; one that was pulled is no error."""
        self._session.close()
