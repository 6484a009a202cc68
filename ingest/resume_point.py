"""How far a copy that was cut off is surely right (断点): a mark beside the part, durable after the bytes it speaks of.

Shapes: `<key>.mark`, JSON `{"size_bytes", "sha256"}`: so many whole buffers, and the SHA-256 of what was read for them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingest.copying import BUFFER_BYTES, Mark
from vault import durable

MARK_BYTES = 128 << 20
"""A copy is synced and marked at least this often: so much is read again after a power cut, at most."""
MARK_BYTES_MAX = 4096


class ResumePoint:
    """The mark beside a part: written after a sync, every MARK_BYTES and when the copy is cut off."""

    def __init__(self, part: Path, descriptor: int, already_bytes: int) -> None:
        self._path, self._descriptor = part.with_suffix(".mark"), descriptor
        self._written_bytes, self._newest = already_bytes, None if already_bytes else Mark(0, "")

    def reached(self, mark: Mark) -> None:
        """The copy is right up to here."""
        self._newest = mark
        if mark.size_bytes - self._written_bytes >= MARK_BYTES:
            self.write()

    def write(self) -> None:
        """Make the newest mark durable, after the bytes it speaks of."""
        mark = self._newest
        if mark is None or mark.size_bytes <= self._written_bytes:
            return
        os.fsync(self._descriptor)
        text = {"size_bytes": mark.size_bytes, "sha256": mark.sha256}
        durable.replace_file(self._path, json.dumps(text).encode(), 0o600)
        self._written_bytes = mark.size_bytes


def mark_of(part: Path) -> Mark | None:
    """The mark of a part, or None if it has none that can be relied on."""
    try:
        with part.with_suffix(".mark").open("rb") as file:
            read = json.loads(file.read(MARK_BYTES_MAX))
        mark = Mark(read["size_bytes"], read["sha256"])
        whole = type(mark.size_bytes) is int and mark.size_bytes > 0 and mark.size_bytes % BUFFER_BYTES == 0
        return mark if whole and part.with_suffix(".part").stat().st_size >= mark.size_bytes else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def age_of(path: Path) -> float:
    """When a part was last written, in seconds since 1970."""
    return path.with_suffix(".mark").stat().st_mtime
