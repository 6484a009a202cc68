"""A card that fails where it is told to: `R` reads, `E` refuses, `P` is pulled, one letter a buffer.

Contract: what it does give is the file's own bytes, in order.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from devices.errors import CardGone, CardUnreadable


@dataclass
class FakeCard:
    """Files by their paths, in a folder; `changed` is what `still` answers."""

    folder: Path
    files: dict[bytes, bytes] = field(default_factory=dict)
    changed: str | None = None
    refuses: StationError | None = None
    opened: list[bytes] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    def source(self, path: bytes, body: bytes, *, size_bytes: int | None = None) -> SourceFile:
        """Put a file on the card."""
        self.files[path] = body
        edges = hashlib.sha256(body).hexdigest()
        return SourceFile("TA00001", path, len(body) if size_bytes is None else size_bytes, 17 * 10**17, edges)

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """See `ingest.contract.CardReader`."""
        if self.refuses is not None:
            raise self.refuses
        self.opened.append(source.path)
        self.offsets.append(offset)
        path = self.folder / source.path.hex()
        path.write_bytes(self.files[source.path])
        descriptor = os.open(path, os.O_RDONLY)
        os.lseek(descriptor, offset, os.SEEK_SET)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """See `ingest.contract.CardReader`."""
        return self.changed

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """See `ingest.contract.CardReader`."""
        if error.errno == errno.ENODEV:
            return CardGone(path=source.shown)
        return CardUnreadable(path=source.shown, offset=offset, reason=error.strerror)
