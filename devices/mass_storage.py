"""A recorder in a bay whose card is mass storage (已接入记录仪): mounted, surveyed, read; erased only when told.

Shapes: satisfies `devices.contract.DockedRecorder`. One volume: paths are those on it. Several volumes: every path
begins with a folder that is the volume's UUID (its label, its number where it has none), so that no two files share a
path whatever names a card holds; a recorder that is docked with another number of volumes is read again, and its files
are known by their bytes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from catalog.evidence import SourceFile, shown_path
from catalog.station_error import StationError
from devices.contract import Eraser, Plugged, RecorderModel, Volume
from devices.errors import CardGone, CardUnreadable, EraseRefused, NoVolume
from devices.footage import Footage
from devices.junk import Junk
from devices.mount import Mounted, mounted_read_only
from devices.survey import Card, Entry, footage_or_all, remove_from, seen_in

VOLUMES_MAX = 16
ERASING_WAIT_S = 30.0


@dataclass
class _Part:
    """One volume: its prefix in paths (empty, or a name), its mount, its card while that can be read."""

    prefix: bytes
    mounted: Mounted
    _card: Card | None = None

    @property
    def card(self) -> Card:
        """The volume's files; raises `CardGone`."""
        if self._card is None:
            raise CardGone(path=self.mounted.volume.node)
        return self._card

    def open(self) -> None:
        """Begin to read; a folder on which nothing is mounted is no card, and must not look like an empty one."""
        if not self.mounted.is_mounted():
            raise CardGone(path=self.mounted.volume.node)
        self._card = Card(self.mounted.folder, self.mounted.alive)

    def shut(self) -> None:
        """Let go of the folder, so that it can be unmounted."""
        card, self._card = self._card, None
        if card is not None:
            card.close()

    @contextmanager
    def writable(self) -> Iterator[None]:
        """The volume mounted for writing; afterwards anew and read-only."""
        self.shut()
        try:
            with self.mounted.writable():
                self.open()
                try:
                    yield
                finally:
                    self.shut()
        finally:
            with suppress(CardGone):
                self.open()

    def inner(self, path: bytes) -> bytes:
        """A path of the recorder as one of the volume."""
        return path[len(self.prefix) + 1 :] if self.prefix else path

    def outer(self, path: bytes) -> bytes:
        """A path of the volume as one of the recorder."""
        return b"/".join(part for part in (self.prefix, path) if part)


class DockedCard:
    """The card or cards of a recorder. Reading is safe from several threads; `writable` waits for no reader."""

    one_clock = True

    def __init__(self, name: str, parts: Sequence[_Part], footage: Footage) -> None:
        self.name = name
        self._parts = tuple(parts)
        self._footage = footage
        self._lock = threading.RLock()

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry; what lies outside the footage folders is skipped, unless those hold nothing at all."""
        for part in self._parts:
            for entry in self._survey(part.card, junk, edged):
                yield replace(entry, path=part.outer(entry.path))

    def _survey(self, card: Card, junk: Junk, edged: bool) -> Iterator[Entry]:
        found = card.survey(junk, self._footage.outside, edged=edged)
        return footage_or_all(found, self._footage, lambda: card.survey(junk, edged=edged))

    def edges(self, source: SourceFile) -> str:
        """The digest of a file's first and last 64 KiB."""
        part = self._part(source.path)
        return part.card.edges(replace(source, path=part.inner(source.path)))

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """Give a descriptor of a surveyed file, standing at `offset`."""
        part = self._part(source.path)
        with part.card.open(replace(source, path=part.inner(source.path)), offset) as descriptor:
            yield descriptor

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What about the file changed since the survey, or None."""
        return self._part(source.path).card.still(source, descriptor)

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report for a failed read: a bad sector, or a card that is gone."""
        return self._part(source.path).card.failed(source, offset, error)

    def clock(self) -> tuple[datetime, float] | None:
        """Mass storage does not tell the time."""
        return None

    def set_clock(self, now: datetime) -> bool:
        """Mass storage has no clock to set."""
        return False

    @contextmanager
    def writable(self) -> Iterator[Eraser]:
        """The card open for erasing. Afterwards every volume is mounted anew, past all caches."""
        with self._lock, ExitStack() as stack:
            for part in self._parts:
                stack.enter_context(part.writable())
            eraser = _Unlinker(self._part, self._footage)
            stack.callback(eraser.end)
            yield eraser

    def absent(self, path: bytes) -> bool:
        """Whether the card itself no longer holds a file; raises `CardGone`, `CardUnreadable`.

        Since `writable` the volume was mounted anew, so nothing here comes from a memory of before. Not to be asked
        within `writable`.
        """
        with self._lock:
            part = self._part(path)
            try:
                gone = _is_gone(part.card, part.inner(path))
            except OSError as error:
                if part.mounted.alive():
                    raise CardUnreadable(path=shown_path(path), offset=0, reason=error.strerror) from error
                raise CardGone(path=shown_path(path)) from error
            if not part.mounted.alive():
                raise CardGone(path=shown_path(path))
            return gone

    def close(self) -> None:
        """Unmounted, whatever state the recorder is in; may be done twice, and while another thread still reads.

        It waits for one that erases, so that the card is write-protected again; on a card that is gone that ends soon.
        """
        held = self._lock.acquire(timeout=ERASING_WAIT_S)
        try:
            parts, self._parts = self._parts, ()
            for part in parts:
                part.shut()
                part.mounted.close()
                with suppress(OSError):
                    part.mounted.folder.parent.rmdir()
        finally:
            if held:
                self._lock.release()

    def _part(self, path: bytes) -> _Part:
        for part in self._parts:
            if not part.prefix or path.startswith(part.prefix + b"/"):
                return part
        raise CardGone(path=shown_path(path))


class _Unlinker:
    """Erases by the survey's own descent: no link is followed out of the card.

    A card whose footage folders hold nothing is surveyed whole, but nothing outside them is ever erased: there may lie
    what the recorder itself needs.
    """

    def __init__(self, part: Callable[[bytes], _Part], footage: Footage) -> None:
        self._part, self._footage, self._ended = part, footage, False

    def end(self) -> None:
        """Erase nothing more: the card is about to be write-protected."""
        self._ended = True

    def erase(self, path: bytes) -> None:
        """Remove one file; one that is gone is no error."""
        if self._ended:
            raise EraseRefused(path=shown_path(path), reason="the card is write-protected again")
        part = self._part(path)
        inner = part.inner(path)
        if not self._footage.contains(inner):
            raise EraseRefused(path=shown_path(path), reason="it lies outside the recorder's footage folders")
        *folders, name = inner.split(b"/")
        try:
            remove_from(part.card.descend(tuple(folders)), name, path)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise EraseRefused(path=shown_path(path), reason=error.strerror or error) from error


def open_docked(plugged: Plugged, model: RecorderModel, run_folder: Path) -> DockedCard:
    """Mount every volume of a device below the run folder, read-only; all of them or none.

    Raises `NoVolume`, `NoFileSystem`, `NotProtected`, `CannotMount`, `CardGone`.
    """
    if not plugged.volumes:
        raise NoVolume(port=plugged.port)
    below = run_folder / re.sub(r"[^\w.-]", "_", f"{plugged.port}_{(plugged.node or '').rpartition('/')[2]}")
    volumes = plugged.volumes[:VOLUMES_MAX]
    with ExitStack() as stack:
        parts = []
        for number, (prefix, volume) in enumerate(zip(_prefixes(volumes), volumes, strict=True), 1):
            mounted = mounted_read_only(volume, below / str(number), plugged)
            stack.callback(mounted.close)
            part = _Part(prefix, mounted)
            part.open()
            stack.callback(part.shut)
            parts.append(part)
        stack.pop_all()
    return DockedCard(plugged.port, parts, Footage(model.footage()))


def _prefixes(volumes: Sequence[Volume]) -> list[bytes]:
    """A name for each of several volumes, no two alike; none for a single one."""
    if len(volumes) == 1:
        return [b""]
    given: list[bytes] = []
    for number, volume in enumerate(volumes, 1):
        name = re.sub(r"[/.]+", "_", volume.uuid or volume.label or str(number)).encode()
        given.append(name if name not in given else name + b"." + str(number).encode())
    return given


def _is_gone(card: Card, path: bytes) -> bool:
    """Whether nothing stands at a path on a card; no link is followed."""
    *folders, name = path.split(b"/")
    try:
        seen_in(card.descend(tuple(folders)), name)
    except (FileNotFoundError, NotADirectoryError):
        return True
    return False
