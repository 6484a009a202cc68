"""A new index for footage that lost its own (重建索引): an MP4 with the found pictures and sound, for ffmpeg to read.

Source: ISO/IEC 14496-12. Shapes: a damaged file, what was found in it, and a Reference -> one MP4 at a path: `ftyp`,
`mdat` with the damaged file's content as it is, `moov`. Pictures are a constant length apart, as most of the
reference's are; what lies between two pictures is one sample of sound, placed where the pictures before it end. Units:
bytes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media.recover import Found, Piece
from media.reference import Reference, Sound

MOVIE_SCALE = 1000
MOST = 0xFFFFFFFF
COPY_BYTES = 64 * 1024 * 1024
_FTYP = b"\0\0\0\x18ftypisom\0\0\2\0isommp41"
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True)
class _Samples:
    """The samples of a track: where each lies, its size, its length. `keys` are numbers counted from 1, () means all.

    Where `same_bytes` is not 0 each place holds many samples of that size and of length 1.
    """

    places: Sequence[int]
    sizes: Sequence[int]
    lengths: Sequence[int]
    keys: Sequence[int] = ()
    same_bytes: int = 0


def rebuild(
    damaged: BinaryIO, found: Found, reference: Reference, target: Path, progress: Callable[[], object] = lambda: None
) -> None:
    """Write the MP4; an OSError is passed on, and what `progress` raises, which is called after every piece."""
    shift = len(_FTYP) + 16 - found.start
    size = found.end - found.start
    with target.open("xb") as file:
        file.write(_FTYP + struct.pack(">I4sQ", 1, b"mdat", size + 16))
        file.flush()
        _copy(damaged.fileno(), found.start, file.fileno(), size, progress)
        file.seek(0, os.SEEK_END)
        file.write(_moov(found.pieces, reference, shift))


def _copy(source: int, at: int, target: int, size: int, progress: Callable[[], object]) -> None:
    """Copy without bringing the bytes into this process."""
    while size > 0:
        sent = os.sendfile(target, source, at, min(size, COPY_BYTES))
        if sent == 0:
            return
        at, size = at + sent, size - sent
        progress()


def _moov(pieces: Sequence[Piece], reference: Reference, shift: int) -> bytes:
    pictures = [piece for piece in pieces if piece.is_picture]
    keys = [number for number, piece in enumerate(pictures, 1) if piece.is_key]
    video = _Samples(
        [piece.at + shift for piece in pictures],
        [piece.size for piece in pictures],
        [reference.length] * len(pictures),
        keys,
    )
    tracks = [_trak(1, b"vide", _full(b"vmhd", bytes(8), flags=1), reference.entry, reference.timescale, video)]
    if reference.sound is not None:
        sound = _sound(pieces, reference, reference.sound, shift)
        if sound.places:
            head = _full(b"smhd", bytes(4))
            tracks.append(_trak(2, b"soun", head, reference.sound.entry, reference.sound.timescale, sound))
    header = struct.pack(">IIIIIH10x", 0, 0, MOVIE_SCALE, 0, 0x10000, 0x100)
    return _box(b"moov", _full(b"mvhd", header, _MATRIX, bytes(24), struct.pack(">I", len(tracks) + 1)), *tracks)


def _sound(pieces: Sequence[Piece], reference: Reference, sound: Sound, shift: int) -> _Samples:
    """Return the sound between pictures: where samples have one size, each by itself, else all between two as one."""
    starts, places, sizes = list[int](), list[int](), list[int]()
    count, first = 0, None
    for piece in pieces:
        if piece.is_picture:
            count += 1
            continue
        first = count if first is None else first
        starts.append(round((count - first) * reference.length / reference.timescale * sound.timescale))
        places.append(piece.at + shift)
        sizes.append(piece.size)
    last = round(count * reference.length / reference.timescale * sound.timescale)
    lengths = [max(1, after - before) for before, after in zip(starts, [*starts[1:], last], strict=True)]
    return _Samples(places, sizes, lengths, same_bytes=sound.sample_bytes)


def _trak(number: int, handler: bytes, head: bytes, entry: bytes, timescale: int, samples: _Samples) -> bytes:
    tables = [_full(b"stsd", struct.pack(">I", 1), entry), *_tables(samples)]
    length = sum(samples.lengths)
    tkhd = struct.pack(">IIIII8xHHH2x", 0, 0, number, 0, min(length * MOVIE_SCALE // timescale, MOST), 0, 0, 0x100)
    mdhd = struct.pack(">IIIIHH", 0, 0, timescale, min(length, MOST), 0x55C4, 0)
    if samples.keys:
        keys = struct.pack(f">{len(samples.keys)}I", *samples.keys)
        tables.append(_full(b"stss", struct.pack(">I", len(samples.keys)), keys))
    dinf = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    minf = _box(b"minf", head, dinf, _box(b"stbl", *tables))
    hdlr = _full(b"hdlr", bytes(4), handler, bytes(13))
    mdia = _box(b"mdia", _full(b"mdhd", mdhd), hdlr, minf)
    return _box(b"trak", _full(b"tkhd", tkhd, _MATRIX, bytes(8), flags=7), mdia)


def _tables(samples: _Samples) -> list[bytes]:
    """The tables of lengths, chunks, sizes and places; each place is a chunk."""
    count, same = len(samples.places), samples.same_bytes
    held = [size // same for size in samples.sizes] if same else [1] * count
    lengths = [(sum(held), 1)] if same else [(1, min(length, MOST)) for length in samples.lengths]
    sizes = () if same else samples.sizes
    return [
        _full(b"stts", struct.pack(">I", len(lengths)), *(struct.pack(">II", *row) for row in lengths)),
        _full(
            b"stsc", struct.pack(">I", count), *(struct.pack(">III", at, some, 1) for at, some in enumerate(held, 1))
        ),
        _full(b"stsz", struct.pack(">II", same, sum(held)), struct.pack(f">{len(sizes)}I", *sizes)),
        _full(b"co64", struct.pack(">I", count), struct.pack(f">{count}Q", *samples.places)),
    ]


def _box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *bodies: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *bodies)
