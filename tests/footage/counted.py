"""A file in memory that counts what is read of it: for tests that limits are kept."""

from __future__ import annotations

from io import BytesIO


class Counted(BytesIO):
    """Bytes that know how many of them were read, in how many reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.read_bytes = 0
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.read_bytes += len(found)
        self.reads += 1
        return found
