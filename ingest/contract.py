"""What the walk asks of its neighbours (约定)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from catalog.evidence import Receipt, SealedClip, SourceFile
from catalog.rules.register import Assignment
from catalog.station_error import StationError


class CardReader(Protocol):
    """A card that can be read (存储卡)."""

    def open(self, source: SourceFile, offset: int = 0) -> AbstractContextManager[int]:
        """A file descriptor at this offset of the file, which is still the one that was surveyed.

        Raises `SourceGone`, `CardUnreadable` (devices.errors) or `SourceChanged`.
        """

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What about the file changed since the survey, or None; asked before, while or after it is read."""

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report when reading failed at `offset`: is the sector bad, or is the card gone?"""


class Filer(Protocol):
    """The catalog, as the walk sees it (编目)."""

    def file(self, sealed: SealedClip) -> Receipt:
        """Enter a sealed clip in one transaction; the same again gives the same receipt."""

    def has(self, clip: str) -> bool:
        """Whether a clip of this number is filed."""

    def assignees(self, serial: str, at: datetime, uncertainty_s: float) -> tuple[Assignment, ...]:
        """Who may have held a recorder at a time known to within so many seconds, by the register."""


class Watcher(Protocol):
    """Who is told how far the work is (进度)."""

    def begins(self, files: int, size_bytes: int) -> None:
        """Note how many files and bytes are to be read."""

    def reading(self, source: SourceFile) -> None:
        """Note which file is being read now, or anew; what was read of it before is taken back first."""

    def read(self, source: SourceFile, size_bytes: int) -> None:
        """Note how many more bytes of it were read."""

    def ended(self, source: SourceFile) -> None:
        """Note that a file is done, or held."""


class Silent:
    """A watcher that tells nobody."""

    def begins(self, files: int, size_bytes: int) -> None:
        """Nothing."""

    def reading(self, source: SourceFile) -> None:
        """Nothing."""

    def read(self, source: SourceFile, size_bytes: int) -> None:
        """Nothing."""

    def ended(self, source: SourceFile) -> None:
        """Nothing."""
