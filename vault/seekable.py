"""A file of known size that is read from anywhere (随机读取): where the next byte comes from, and going elsewhere.

Shapes: offsets and sizes in bytes; a place behind the end is allowed and reads nothing.
"""

from __future__ import annotations

import io


class Seekable(io.RawIOBase):
    """The base of readers over what is stored; they fill buffers from `_at`, up to `_size_bytes`."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._size_bytes, self._at = size_bytes, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere; nothing is read for it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        if start + offset < 0:
            raise ValueError(f"negative seek position {start + offset}")
        if start + offset != self._at:
            self._leave()
            self._at = start + offset
        return self._at

    def _leave(self) -> None:
        """What is open at the present place is not gone on with."""
