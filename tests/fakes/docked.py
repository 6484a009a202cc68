"""A docked recorder over a folder or a mount, whose erasing and pulling can be made to go wrong.

Contract: nothing is erased but between opening and closing for writing; it is never opened twice at once; whether a
file is gone is asked only while it is closed. `before_erasing` runs when the card has just been opened for writing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from devices.errors import CardGone
from devices.junk import Junk
from devices.survey import Card, Entry


class Refused(StationError):
    """The card refused to erase (测试:拒绝清除)."""

    code, exit_status = "devices.test-refused", 49
    en = ("{path} cannot be erased: {reason}.", "Look at the card.")
    zh = ("无法清除 {path}:{reason}。", "请检查存储卡。")


def nothing() -> None:
    """What happens before erasing unless a test says otherwise."""


@dataclass
class FakeDocked:
    """See the module. `refuses` names paths an erase fails for; `lies` paths it claims to have erased.

    After `ends_after` erases `end` is raised: the power is cut, or, with a `CardGone`, the card is pulled.
    """

    root: Path
    name: str = "TA00001"
    one_clock: bool = True
    before_erasing: Callable[[], None] = nothing
    refuses: frozenset[bytes] = frozenset()
    lies: frozenset[bytes] = frozenset()
    ends_after: int | None = None
    end: BaseException | None = None
    erased: list[bytes] = field(default_factory=list)
    opened: int = 0
    _is_writable: bool = False
    _is_pulled: bool = False

    def __post_init__(self) -> None:
        self._card = Card(self.root)

    def pull(self) -> None:
        """The card is taken away."""
        self._is_pulled = True

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """See `devices.contract.DockedRecorder`."""
        return self._card.survey(junk, edged=edged)

    def edges(self, source: SourceFile) -> str:
        """See `devices.contract.DockedRecorder`."""
        self._demand_here(source.path)
        return self._card.edges(source)

    def open(self, source: SourceFile, offset: int = 0) -> AbstractContextManager[int]:
        """See `ingest.contract.CardReader`."""
        self._demand_here(source.path)
        return self._card.open(source)

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """See `ingest.contract.CardReader`."""
        return self._card.still(source, descriptor)

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """See `ingest.contract.CardReader`."""
        return self._card.failed(source, offset, error)

    def clock(self) -> tuple[datetime, float] | None:
        """It tells no time."""
        return None

    def set_clock(self, now: datetime) -> bool:
        """It cannot be set."""
        return False

    @contextmanager
    def writable(self) -> Iterator[FakeDocked]:
        """See `devices.contract.DockedRecorder`."""
        assert not self._is_writable, "the card is open for writing already"
        self._is_writable, self.opened = True, self.opened + 1
        try:
            self.before_erasing()
            yield self
        finally:
            self._is_writable = False

    def erase(self, path: bytes) -> None:
        """See `devices.contract.Eraser`."""
        assert self._is_writable, "erased while the card is write-protected"
        self._demand_here(path)
        if path in self.refuses:
            raise Refused(path=path, reason="Read-only file system")
        if path not in self.lies:
            (self.root / os.fsdecode(path)).unlink(missing_ok=True)
        self.erased.append(path)
        if self.end is not None and len(self.erased) == self.ends_after:
            self._is_pulled = isinstance(self.end, CardGone)
            raise self.end

    def absent(self, path: bytes) -> bool:
        """See `devices.contract.DockedRecorder`."""
        assert not self._is_writable, "asked while the card is open for writing"
        self._demand_here(path)
        return not (self.root / os.fsdecode(path)).exists()

    def close(self) -> None:
        """Let go of the folder."""
        self._card.close()

    def _demand_here(self, path: bytes) -> None:
        if self._is_pulled:
            raise CardGone(path=os.fsdecode(path))
