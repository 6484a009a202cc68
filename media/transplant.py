"""A new head for fragments that lost theirs (重接分段影片), lent by a whole clip of the same recorder.

Source: ISO/IEC 14496-12 (moov of a fragmented film: sample entries, mvex). Shapes: a damaged file and a Head -> one MP4
at a path: `ftyp`, a moov with the whole clip's tracks but none of its samples, times, texts or places, and the damaged
file's whole fragments. A sample that was cut is left out. Both files are only read. Units: bytes.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media.boxes import HEADER_BYTES, LONG_HEADER_BYTES, BoundedFile, Box, boxes, first
from media.errors import NothingRecovered
from media.fragments import Fragment, begin_somewhere, whole_fragments
from media.mp4 import read_movie
from media.reference import configuration, sample_entry

MOOV_BYTES_MAX = 16 * 1024 * 1024
LOOK_BYTES_MAX = 64 * 1024 * 1024
"""So far from its beginning a film in fragments has one."""
COPY_BYTES = 64 * 1024 * 1024
UNITS_MAX = 64
_FTYP = b"\0\0\0\x18ftypiso5\0\0\2\0iso5mp41"
_KEPT = {
    b"moov": (b"mvhd", b"trak", b"mvex"),
    b"trak": (b"tkhd", b"edts", b"mdia"),
    b"edts": (b"elst",),
    b"mdia": (b"mdhd", b"hdlr", b"minf"),
    b"minf": (b"vmhd", b"smhd", b"nmhd", b"sthd", b"gmhd", b"hdlr", b"dinf", b"stbl"),
    b"stbl": (b"stsd",),
    b"mvex": (b"trex",),
}
"""What is kept of each box that holds others: all else tells of the whole clip, not of this one."""
_TIMED = {b"mvhd": 4, b"mdhd": 4, b"tkhd": 8}
"""Boxes that hold two times and a length, and how many bytes lie between those."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a whole fragmented clip lends (影片头): its moov without samples.

    `sizes` is what trex says of each track's samples, `picture` the number of that track, `prefix_bytes` how long the
    length before each unit of a picture is, 0 where it is neither H.264 nor H.265.
    """

    moov: bytes
    sizes: Mapping[int, int]
    picture: int
    prefix_bytes: int


def is_fragmented(file: BinaryIO) -> bool:
    """Tell whether there are fragments in a real file; an OSError is passed on."""
    size = min(LOOK_BYTES_MAX, file.seek(0, os.SEEK_END))
    if size == 0:
        return False
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as data:
        return begin_somewhere(data)


def read_head(file: BinaryIO) -> Head | None:
    """Return what a seekable file lends, or None where it is no whole fragmented film with a picture."""
    movie = read_movie(file)
    picture = next((one for one in movie.tracks if one.handler == "vide"), None) if movie is not None else None
    if movie is None or movie.moov is None or picture is None or movie.moov.size_bytes > MOOV_BYTES_MAX:
        return None
    found = configuration(sample_entry(BoundedFile(file), picture))
    body = BoundedFile(file, MOOV_BYTES_MAX).body(movie.moov, MOOV_BYTES_MAX)
    moov, whole = BoundedFile(io.BytesIO(body), 4 * MOOV_BYTES_MAX), Box(b"moov", 0, len(body))
    sizes = dict(_sizes(moov, whole))
    return Head(_bare(moov, whole), sizes, picture.number, found[1] if found else 0) if sizes else None


def transplant(damaged: BinaryIO, head: Head, target: Path, progress: Callable[[], object] = lambda: None) -> int:
    """Write the MP4, return how many whole pictures are in it; raises `NothingRecovered`, an OSError is passed on.

    So is what `progress` raises, which is called after every fragment.
    """
    count = 0
    with mmap.mmap(damaged.fileno(), 0, access=mmap.ACCESS_READ) as data, target.open("xb") as file:
        file.write(_FTYP + head.moov)
        for fragment in whole_fragments(data, head.sizes):
            progress()
            pictures = fragment.samples.get(head.picture, ())
            whole = sum(_is_picture(data, at, size, head.prefix_bytes) for at, size in pictures)
            if whole * 2 < len(pictures):
                continue  # another recorder's, or overwritten
            count += whole
            _write(damaged.fileno(), data, fragment, file)
    if count == 0:
        raise NothingRecovered(why="no fragment in it is written as in the whole clip it was compared with")
    return count


def _write(source: int, data: mmap.mmap, fragment: Fragment, target: BinaryIO) -> None:
    """Write a fragment behind the others, changed so that it stands by itself; its samples without this process."""
    at = fragment.at + fragment.moof_bytes
    moof = bytearray(data[fragment.at : at])
    for place, count in fragment.counts:
        moof[place : place + 4] = count.to_bytes(4, "big")
    for place, base in fragment.bases:
        moof[place : place + 8] = (target.tell() + base).to_bytes(8, "big")
    size, is_long = fragment.end - at, data[at : at + 4] == b"\0\0\0\1"
    header = b"\0\0\0\1mdat" + size.to_bytes(8, "big") if is_long else size.to_bytes(4, "big") + b"mdat"
    target.write(moof + header)
    target.flush()
    at += LONG_HEADER_BYTES if is_long else HEADER_BYTES
    while at < fragment.end:
        sent = os.sendfile(target.fileno(), source, at, min(fragment.end - at, COPY_BYTES))
        if sent == 0:
            break
        at += sent
    target.seek(0, os.SEEK_END)


def _is_picture(data: mmap.mmap, at: int, size: int, prefix_bytes: int) -> bool:
    """Tell whether the units of a picture fill it exactly, as their lengths say."""
    if not prefix_bytes:
        return size > 0
    end = at + size
    for _ in range(UNITS_MAX):
        length = int.from_bytes(data[at : at + prefix_bytes], "big")
        at += prefix_bytes + length
        if length == 0 or at >= end:
            return length > 0 and at == end
    return False


def _sizes(file: BoundedFile, moov: Box) -> Iterator[tuple[int, int]]:
    """Yield each track of mvex, and the size of its samples where a fragment says none."""
    mvex = first(file, moov, b"mvex")
    for trex in boxes(file, mvex.start, mvex.end) if mvex else ():
        body = file.body(trex, 20)
        if trex.kind == b"trex" and len(body) == 20:
            yield int.from_bytes(body[4:8], "big"), int.from_bytes(body[16:20], "big")


def _bare(file: BoundedFile, box: Box) -> bytes:
    """Return a box with what is kept of it: no sample, no time, no length."""
    kept = _KEPT.get(box.kind)
    if kept is None:
        body = file.body(box, MOOV_BYTES_MAX)
        if box.kind == b"elst":
            return _box(b"elst", _first_edit(body))
        return _box(box.kind, _timeless(body, _TIMED[box.kind]) if box.kind in _TIMED else body)
    inside = b"".join(_bare(file, one) for one in boxes(file, box.start, box.end) if one.kind in kept)
    if box.kind == b"stbl":
        inside += b"".join(_box(kind, bytes(8)) for kind in (b"stts", b"stsc", b"stco")) + _box(b"stsz", bytes(12))
    return _box(box.kind, inside)


def _first_edit(body: bytes) -> bytes:
    """Return an edit list that only says with which time of its samples a track begins, as all of the recorder's do."""
    form = ">Qqi" if body[:1] == b"\1" else ">Iii"
    rows = body[8 : 8 + (len(body) - 8) // struct.calcsize(form) * struct.calcsize(form)] if len(body) > 8 else b""
    begins = next((begins for _, begins, _ in struct.iter_unpack(form, rows) if begins >= 0), 0)
    return b"\1\0\0\0\0\0\0\1" + struct.pack(">Qqi", 0, begins, 0x10000)


def _timeless(body: bytes, between: int) -> bytes:
    """Return a box's body with its two times and its length 0."""
    time_bytes = 8 if body[:1] == b"\1" else 4
    times, length = slice(4, 4 + 2 * time_bytes), slice(4 + 2 * time_bytes + between, 4 + 3 * time_bytes + between)
    timeless = bytearray(body)
    timeless[times], timeless[length] = bytes(len(body[times])), bytes(len(body[length]))
    return bytes(timeless)


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + HEADER_BYTES).to_bytes(4, "big") + kind + body
