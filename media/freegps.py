"""The `freeGPS ` blocks that recorders put between picture and sound (定位块): where they lie in a file.

Source: what Novatek, HiSilicon and other chips' firmware writes, seen in samples; the index is a box `gps ` in moov:
two numbers (a version, the count), then offset and size of each block. Shapes: a movie -> the first BLOCK_BYTES of each
block, in the order of the index; where moov is gone or cut, in file order by looking through the file, SCAN_BYTES at a
time and no further than SCAN_BYTES_MAX. Units: bytes, from the block's own size field on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.boxes import BoundedFile
from media.mp4 import Movie

BLOCKS_MAX = 50_000
"""A block a second: twelve hours, four times what fits into a FAT32 file."""
BLOCK_BYTES = 256
BLOCK_BYTES_MIN = 96
INDEX_BYTES_MAX = 8 + 8 * BLOCKS_MAX
BLOCKS_READ_BYTES_MAX = BLOCKS_MAX * BLOCK_BYTES
SCAN_BYTES = 1024 * 1024
SCAN_BYTES_MAX = 512 * 1024 * 1024

MAGIC = b"freeGPS "
_MAGIC_AT = 4


def blocks(file: BinaryIO, movie: Movie) -> Iterator[bytes]:
    """Yield the beginning of each block. An OSError of `file` is passed on."""
    if movie.moov is None or movie.moov.missing_bytes:
        return _scanned(file)
    return _indexed(file, movie)


def _indexed(file: BinaryIO, movie: Movie) -> Iterator[bytes]:
    index = next((part for part in movie.parts if part.kind == b"gps "), None)
    if index is None:
        return
    bounded = BoundedFile(file, INDEX_BYTES_MAX + BLOCKS_READ_BYTES_MAX, BLOCKS_MAX + 1)
    index_body = bounded.body(index, INDEX_BYTES_MAX)
    count = min(int.from_bytes(index_body[4:8], "big"), max(0, len(index_body) - 8) // 8)
    for at, size in struct.iter_unpack(">II", index_body[8 : 8 + 8 * count]):
        block = bounded.read_at(at, min(size, BLOCK_BYTES))
        if _is_block(block):
            yield block


def _scanned(file: BinaryIO) -> Iterator[bytes]:
    """Look for the magic word in the first SCAN_BYTES_MAX of the file."""
    file.seek(0)
    window, left, found = b"", SCAN_BYTES_MAX, 0
    while found < BLOCKS_MAX:
        piece = file.read(min(left, SCAN_BYTES))
        left -= len(piece)
        window += piece
        sound_to = len(window) - (BLOCK_BYTES if piece else BLOCK_BYTES_MIN)
        at = window.find(MAGIC, _MAGIC_AT)
        while 0 <= at - _MAGIC_AT <= sound_to and found < BLOCKS_MAX:
            found += 1
            yield window[at - _MAGIC_AT : at - _MAGIC_AT + BLOCK_BYTES]
            at = window.find(MAGIC, at + len(MAGIC))
        if not piece:
            return
        # What follows may belong to a block, or to a magic word, that the next piece ends.
        window = window[at - _MAGIC_AT :] if at >= 0 else window[1 - len(MAGIC) - _MAGIC_AT :]


def _is_block(block: bytes) -> bool:
    return len(block) >= BLOCK_BYTES_MIN and block[_MAGIC_AT : _MAGIC_AT + len(MAGIC)] == MAGIC
