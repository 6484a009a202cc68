"""What a station has promised a vault and may have to say again (承诺记录): one document a promise, on its own disk.

Shapes: `<folder>/<name>.json` is synced before the document is given to any vault, and goes once enough of them hold
it. A promise that broke off is kept with the very same bytes, so that no two vaults ever hold different ones. One
promise of a name at a time, in whatever thread or process of the station.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vault import durable

DOCUMENT_BYTES_MAX = 4096
LANE_DIGITS = 2


class Promises:
    """The promises of one station, a document each, on its own disk. Names are digests; OSErrors come through."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Nobody else makes or keeps a promise of this name meanwhile."""
        durable.make_folder(self._folder)
        fd = os.open(self._folder / f".{name[:LANE_DIGITS]}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def document(self, name: str, new: Callable[[], bytes]) -> bytes:
        """The document of a promise that broke off, or a new one, which is on the disk before this returns."""
        path = self._folder / f"{name}.json"
        try:
            with path.open("rb") as file:
                return file.read(DOCUMENT_BYTES_MAX)
        except FileNotFoundError:
            body = new()
            durable.replace_file(path, body, 0o600)
            return body

    def kept(self, name: str) -> None:
        """Enough vaults hold it."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)
