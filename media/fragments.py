"""The whole fragments of a fragmented MP4 whose head is gone or whose tail is cut (分段影片的残片).

Source: ISO/IEC 14496-12, 8.8 (moof, mfhd, traf, tfhd, trun; trex for what a fragment leaves unsaid). Shapes: a damaged
file and the defaults of its recorder's tracks -> fragments in file order, each with what must be changed in it to stand
by itself: counts of samples that are whole, and offsets that counted from the start of the file. Units: bytes.
"""

from __future__ import annotations

import io
import mmap
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise, repeat

from media.boxes import HEADER_BYTES, LONG_HEADER_BYTES, BoundedFile, Box, boxes, first

FRAGMENTS_MAX = 200_000
"""Two a second, for a day."""
MOOF_BYTES_MAX = 8 * 1024 * 1024
RUNS_MAX = 256
SAMPLES_MAX = 100_000
"""Runs and samples of one fragment; no sample is empty and none lies within another."""
SAMPLES_IN_ALL_MAX = 10_000_000
"""A day of pictures and sound."""
_MOOF = re.compile(rb"moof\x00\x00\x00\x10mfhd")
_BASE_GIVEN, _ENTRY_GIVEN, _LENGTH_GIVEN, _SIZE_GIVEN, _BASE_IS_MOOF = 0x1, 0x2, 0x8, 0x10, 0x20000
_OFFSET_TOLD, _FIRST_FLAGS_TOLD = 0x1, 0x4
_EACH = (0x100, 0x200, 0x400, 0x800)
_SIZE = 0x200


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment from its moof to the end of its last whole sample, both in the damaged file.

    `counts`: where in the moof a run says how many samples it has, and how many of them are whole. `bases`: where it
    gives an offset from the start of the file, and what that is from the moof's start. `samples` are those of each
    track, by number, as places in the damaged file.
    """

    at: int
    moof_bytes: int
    end: int
    counts: tuple[tuple[int, int], ...]
    bases: tuple[tuple[int, int], ...]
    samples: Mapping[int, tuple[tuple[int, int], ...]]


def begin_somewhere(data: mmap.mmap) -> bool:
    """Tell whether there is any fragment in a file."""
    return _MOOF.search(data) is not None


def whole_fragments(data: mmap.mmap, sizes: Mapping[int, int]) -> Iterator[Fragment]:
    """Yield the fragments that hold at least one whole sample; `sizes` are what trex says of each track's samples."""
    found = (match.start() - 4 for _, match in zip(range(FRAGMENTS_MAX), _MOOF.finditer(data), strict=False))
    count = 0
    for at, after in pairwise((*(at for at in found if at >= 0), len(data))):
        size = int.from_bytes(data[at : at + 4], "big")
        if HEADER_BYTES < size <= min(MOOF_BYTES_MAX, after - at) and count < SAMPLES_IN_ALL_MAX:
            fragment = _fragment(data, at, size, after, sizes)
            if fragment is not None and any(fragment.samples.values()):
                count += sum(len(places) for places in fragment.samples.values())
                yield fragment


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples behind one another, how long all are together, and where their moof says how many there are."""

    track: int
    count_at: int
    begins: int
    sizes: Iterable[int]
    size_bytes: int


def _fragment(data: mmap.mmap, at: int, size: int, after: int, sizes: Mapping[int, int]) -> Fragment | None:
    begins = _media_start(data, at + size, after)
    if begins is None:
        return None
    body = BoundedFile(io.BytesIO(data[at : at + size]), MOOF_BYTES_MAX * 2)
    bases: list[tuple[int, int]] = []
    counts: list[tuple[int, int]] = []
    samples: dict[int, list[tuple[int, int]]] = {}
    end, room = begins, min(SAMPLES_MAX, after - begins)
    for run in islice(_runs(body, at, bases, sizes), RUNS_MAX):
        place, whole = at + run.begins, 0
        for length in run.sizes:
            if length <= 0 or place < begins or place + length > after or whole >= room:
                break
            samples.setdefault(run.track, []).append((place, length))
            place, whole = place + length, whole + 1
        counts.append((run.count_at, whole))
        room -= whole
        end = max(end, place if whole else begins)
    kept = {track: tuple(places) for track, places in samples.items()}
    return Fragment(at, size, end, tuple(counts), tuple(bases), kept)


def _media_start(data: mmap.mmap, at: int, after: int) -> int | None:
    """Return where the body of the mdat behind a moof begins; None where there is none."""
    if data[at + 4 : at + 8] != b"mdat" or at + LONG_HEADER_BYTES > after:
        return None
    return at + (LONG_HEADER_BYTES if data[at : at + 4] == b"\0\0\0\1" else HEADER_BYTES)


def _runs(moof: BoundedFile, moof_at: int, bases: list[tuple[int, int]], sizes: Mapping[int, int]) -> Iterator[_Run]:
    """Yield the runs of a moof; what counts from the start of the file goes into `bases`."""
    behind = 0
    for traf in boxes(moof, HEADER_BYTES, moof.size_bytes):
        tfhd = first(moof, traf, b"tfhd") if traf.kind == b"traf" else None
        head = moof.body(tfhd, 32) if tfhd else b""
        if tfhd is None or len(head) < 8:
            continue
        flags, track, at = int.from_bytes(head[1:4], "big"), int.from_bytes(head[4:8], "big"), 8
        base = 0 if flags & _BASE_IS_MOOF else behind
        if flags & _BASE_GIVEN:
            away = int.from_bytes(head[8:16], "big") - moof_at
            base, at = away if 0 <= away <= moof.size_bytes + LONG_HEADER_BYTES else 0, 16
            bases.append((tfhd.start + 8, base))
        at += 4 * bool(flags & _ENTRY_GIVEN) + 4 * bool(flags & _LENGTH_GIVEN)
        usual = int.from_bytes(head[at : at + 4], "big") if flags & _SIZE_GIVEN else sizes.get(track, 0)
        behind = base
        for trun in boxes(moof, traf.start, traf.end):
            if trun.kind == b"trun":
                run = _run(moof, trun, track, base, behind, usual)
                behind = run.begins + run.size_bytes
                yield run


def _run(moof: BoundedFile, trun: Box, track: int, base: int, behind: int, usual: int) -> _Run:
    head = moof.body(trun, 12).ljust(12, b"\0")
    flags, count, at = int.from_bytes(head[1:4], "big"), int.from_bytes(head[4:8], "big"), 8
    begins = behind
    if flags & _OFFSET_TOLD:
        begins, at = base + int.from_bytes(head[8:12], "big", signed=True), 12
    at += 4 * bool(flags & _FIRST_FLAGS_TOLD)
    fields = [bit for bit in _EACH if flags & bit]
    count = min(count, SAMPLES_MAX)
    if _SIZE not in fields:
        return _Run(track, trun.start + 4, begins, repeat(usual, count), usual * count)
    row_bytes, column = 4 * len(fields), fields.index(_SIZE)
    body = moof.read_at(trun.start + at, min(count, (trun.end - trun.start - at) // row_bytes) * row_bytes)
    rows = struct.iter_unpack(f">{len(fields)}I", body[: len(body) // row_bytes * row_bytes])
    sizes = tuple(row[column] for row in rows)
    return _Run(track, trun.start + 4, begins, sizes, sum(sizes))
