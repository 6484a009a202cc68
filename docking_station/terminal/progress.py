"""How far the work is (进度), on a terminal: per file and in total, with bytes, speed and time left.

On stderr, and only where that is a terminal: what a program reads stays clean.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog.evidence import SourceFile
from docking_station.terminal.words import word
from docking_station.texts.plain import visible, width
from ingest.contract import Silent, Watcher

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

BAR_CHARS = 24
NUMBERS_CHARS = 38
"""So many columns bytes, speed and time left take, with what stands between them."""
NAME_CHARS_MIN = 12
NARROW_CHARS = 100


class Bars:
    """A bar for every file that is read, and one for all of them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        chars = progress.console.width
        self._name_chars = chars - _bar_chars(chars) - NUMBERS_CHARS
        self._lock = threading.Lock()
        self._total = progress.add_task(word("looking"), total=None)
        self._files: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}

    def begins(self, files: int, size_bytes: int) -> None:
        """Note how many files and bytes are to be read."""
        self._progress.update(self._total, description=f"{word('total')} ({files})", total=size_bytes)

    def reading(self, source: SourceFile) -> None:
        """Note which file is being read."""
        name = _end(visible(source.shown), self._name_chars)
        with self._lock:
            if source.key not in self._files:
                self._files[source.key] = self._progress.add_task(name, total=source.size_bytes)

    def read(self, source: SourceFile, size_bytes: int) -> None:
        """Note how many more bytes of it were read."""
        self._progress.advance(self._files[source.key], size_bytes)
        self._progress.advance(self._total, size_bytes)
        with self._lock:
            self._done[source.key] = self._done.get(source.key, 0) + size_bytes

    def ended(self, source: SourceFile) -> None:
        """Note that a file is done, or held."""
        with self._lock:
            task, done = self._files.pop(source.key, None), self._done.pop(source.key, 0)
        if task is not None:
            self._progress.remove_task(task)
        self._progress.advance(self._total, source.size_bytes - done)


@contextmanager
def bars() -> Iterator[Watcher]:
    """A watcher for one visit of a card."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    with _progress() as progress:
        yield Bars(progress)


def counted(name: str, total: int, *, in_bytes: bool = True) -> Counter:
    """Show one job; see `docking_station.station.progress.Progress`."""
    return Counter(word(name), total, in_bytes=in_bytes)


class Counter:
    """Counts bytes or things of one job; on a terminal it shows a bar."""

    def __init__(self, name: str, total: int, *, in_bytes: bool = True) -> None:
        self._name, self._sum, self._in_bytes = name, total, in_bytes
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Counter:
        if sys.stderr.isatty():
            self._progress = _progress(in_bytes=self._in_bytes)
            self._progress.start()
            self._task = self._progress.add_task(self._name, total=self._sum or None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, count: int) -> None:
        """Count so much more as done."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, count)


def _end(text: str, columns: int) -> str:
    """The end of a path, which tells more than its beginning, in so many columns of the terminal."""
    most = max(NAME_CHARS_MIN, columns)
    if width(text) <= most:
        return text
    while width(text) >= most:
        text = text[1:]
    return f"…{text}"


def _bar_chars(chars: int) -> int:
    """Half a bar where a terminal is narrow."""
    return BAR_CHARS if chars > NARROW_CHARS else BAR_CHARS // 2


def _progress(console: Console | None = None, *, in_bytes: bool = True) -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column

    shown = console or Console(stderr=True)
    bar = BarColumn(bar_width=_bar_chars(shown.width))
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    size, speed = (kind(table_column=Column(no_wrap=True)) for kind in (DownloadColumn, TransferSpeedColumn))
    left = TimeRemainingColumn(table_column=Column(no_wrap=True))
    if not in_bytes:
        return Progress(name, bar, MofNCompleteColumn(), left, console=shown, transient=True)
    return Progress(name, bar, size, speed, left, console=shown, transient=True)
