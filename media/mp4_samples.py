"""The samples of one track (样本): where each lies, when it is shown, and what is in it.

Source: ISO/IEC 14496-12, 8.6 to 8.8 (stts, stsc, stsz, stco, co64; for fragments trex, tfhd, tfdt, trun). Shapes: a
movie and one of its tracks -> at most SAMPLES_MAX samples in the order of the tables, then those of the fragments; what
lies past the end of the file is left out. Units: seconds from the start of the track; bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import BinaryIO

from media.boxes import BoundedFile, Box, boxes, first
from media.mp4 import Movie, Track, read_movie

SAMPLES_MAX = 100_000
SAMPLE_BYTES_MAX = 256 * 1024
"""No sentence, position or packet of telemetry is longer; a longer sample is a lie and is left out."""
READ_BYTES_MAX = 24 * 1024 * 1024
"""All samples of one track together: 40 minutes of the most talkative telemetry seen, days of sentences."""
FRAGMENTS_MAX = 4_000
TABLE_READS_MAX = 40_000

_BASE_GIVEN, _ENTRY_GIVEN, _LENGTH_GIVEN, _SIZE_GIVEN = 0x1, 0x2, 0x8, 0x10
_OFFSET_TOLD, _FIRST_FLAGS_TOLD = 0x1, 0x4
_EACH = ((0x100, "length"), (0x200, "size"), (0x400, "flags"), (0x800, "shift"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: its bytes, and from when to when it is shown."""

    data: bytes
    starts_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples that lie behind one another: where the first lies, the size and the length of each in `timescale`."""

    at: int
    sizes: tuple[int, ...]
    lengths: tuple[int, ...]
    begins: int | None = None


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What holds for a sample of a fragment that says nothing itself."""

    length: int = 0
    size: int = 0


def read_samples(file: BinaryIO, movie: Movie, track: Track, bytes_max: int = READ_BYTES_MAX) -> Iterator[Sample]:
    """Yield the samples of a track, in order, each read when it is asked for, until they make `bytes_max` together.

    An OSError of `file` is passed on.
    """
    tables = BoundedFile(file, reads_max=TABLE_READS_MAX)
    content = BoundedFile(file, bytes_max, SAMPLES_MAX)
    scale = track.timescale or 1
    now = count = 0
    for run in chain(_runs(tables, track), _fragment_runs(tables, movie, track)):
        now = now if run.begins is None else run.begins
        at = run.at
        for size, length in zip(run.sizes, run.lengths, strict=False):
            count += 1
            if count > SAMPLES_MAX:
                return
            data = content.read_at(at, size) if size <= SAMPLE_BYTES_MAX else b""
            if data and len(data) == size:
                yield Sample(data, now / scale, length / scale)
            at += size
            now += length


def samples_of(file: BinaryIO, entry: str) -> Iterator[Sample] | None:
    """Return the samples of the first track with such a sample entry, or None if the file has none."""
    movie = read_movie(file)
    track = next((track for track in movie.tracks if entry in track.entries), None) if movie else None
    return None if movie is None or track is None else read_samples(file, movie, track)


def sample_places(file: BoundedFile, track: Track) -> Iterator[tuple[int, int, int]]:
    """Yield where each sample of an unfragmented track lies, its size, and its length in the track's timescale."""
    for run in _runs(file, track):
        at = run.at
        for size, length in zip(run.sizes, run.lengths, strict=False):
            yield at, size, length
            at += size


def _runs(file: BoundedFile, track: Track) -> Iterator[_Run]:
    """Yield one run for each chunk."""
    found = {table.kind: table for table in reversed(track.tables)}
    sizes = _sizes(file, found.get(b"stsz"))
    lengths = _lengths(file, found.get(b"stts"))
    wide = b"stco" not in found
    offsets = _numbers(file, found.get(b"co64" if wide else b"stco"), "Q" if wide else "I")
    for offset, count in zip(offsets, _samples_per_chunk(file, found.get(b"stsc")), strict=False):
        of_chunk = tuple(islice(sizes, min(count, SAMPLES_MAX)))
        if not of_chunk:
            return
        yield _Run(offset, of_chunk, tuple(islice(lengths, len(of_chunk))))


def _sizes(file: BoundedFile, stsz: Box | None) -> Iterator[int]:
    head = file.body(stsz, 12) if stsz else b""
    if stsz is None or len(head) < 12:
        return
    same, count = struct.unpack(">4xII", head)
    if same:
        yield from repeat(same, min(count, SAMPLES_MAX))
        return
    yield from (size for (size,) in _rows(file, stsz.start + 8, stsz.end, "I"))


def _lengths(file: BoundedFile, stts: Box | None) -> Iterator[int]:
    """Yield the length of each sample, and zeros when the table has ended."""
    if stts is not None:
        for count, length in _rows(file, stts.start + 4, stts.end, "II"):
            yield from repeat(length, min(count, SAMPLES_MAX))
    yield from repeat(0)


def _samples_per_chunk(file: BoundedFile, stsc: Box | None) -> Iterator[int]:
    """Yield how many samples each chunk has: an entry counts until the first chunk of the next."""
    rows = tuple(_rows(file, stsc.start + 4, stsc.end, "III")) if stsc else ()
    for index, (begins, count, _) in enumerate(rows):
        if index + 1 == len(rows):
            yield from repeat(count)
        else:
            yield from repeat(count, max(0, min(rows[index + 1][0] - begins, SAMPLES_MAX)))


def _numbers(file: BoundedFile, table: Box | None, form: str) -> Iterator[int]:
    if table is not None:
        yield from (number for (number,) in _rows(file, table.start + 4, table.end, form))


def _rows(file: BoundedFile, at: int, end: int, form: str) -> Iterator[tuple[int, ...]]:
    """Return the rows of a table that begins with their count, as many as there are."""
    count = int.from_bytes(file.read_at(at, 4), "big")
    row_bytes = struct.calcsize(f">{form}")
    count = min(count, SAMPLES_MAX, max(0, end - at - 4) // row_bytes)
    body = file.read_at(at + 4, count * row_bytes)
    return struct.iter_unpack(f">{form}", body[: len(body) // row_bytes * row_bytes])


def _fragment_runs(file: BoundedFile, movie: Movie, track: Track) -> Iterator[_Run]:
    """Yield the runs of this track in the fragments that follow moov; none where moov announces none."""
    mvex = next((part for part in movie.parts if part.kind == b"mvex"), None)
    if mvex is None or movie.moov is None:
        return
    trexes = (file.body(box, 20) for box in boxes(file, mvex.start, mvex.end) if box.kind == b"trex")
    rows = (struct.unpack(">4xIIII", body) for body in trexes if len(body) == 20)
    ours = (_Defaults(length, size) for number, _, length, size in rows if number == track.number)
    defaults = next(ours, _Defaults())
    after = boxes(file, movie.moov.end, file.size_bytes)
    for moof in islice((box for box in after if box.kind == b"moof"), FRAGMENTS_MAX):
        for traf in boxes(file, moof.start, moof.end):
            if traf.kind == b"traf":
                yield from _traf_runs(file, moof, traf, track.number, defaults)


def _traf_runs(file: BoundedFile, moof: Box, traf: Box, number: int, defaults: _Defaults) -> Iterator[_Run]:
    tfhd = first(file, traf, b"tfhd")
    head = file.body(tfhd, 40) if tfhd else b""
    if len(head) < 8 or int.from_bytes(head[4:8], "big") != number:
        return
    base, defaults = _traf_defaults(head, moof.start - 8, defaults)
    begins = _traf_begins(file, first(file, traf, b"tfdt"))
    at = base
    for trun in boxes(file, traf.start, traf.end):
        if trun.kind == b"trun":
            run = _trun(file, trun, base, at, defaults, begins)
            at, begins = run.at + sum(run.sizes), None
            yield run


def _traf_defaults(head: bytes, moof_at: int, defaults: _Defaults) -> tuple[int, _Defaults]:
    """Return what offsets count from, and the defaults as this fragment changes them."""
    flags, at, base = int.from_bytes(head[1:4], "big"), 8, moof_at
    length, size = defaults.length, defaults.size
    if flags & _BASE_GIVEN:
        base, at = int.from_bytes(head[at : at + 8], "big"), at + 8
    if flags & _ENTRY_GIVEN:
        at += 4
    if flags & _LENGTH_GIVEN:
        length, at = int.from_bytes(head[at : at + 4], "big"), at + 4
    if flags & _SIZE_GIVEN:
        size = int.from_bytes(head[at : at + 4], "big")
    return base, _Defaults(length, size)


def _traf_begins(file: BoundedFile, tfdt: Box | None) -> int | None:
    body = file.body(tfdt, 12) if tfdt else b""
    if len(body) < 8:
        return None
    return int.from_bytes(body[4:12] if body[0] == 1 else body[4:8], "big")


def _trun(file: BoundedFile, trun: Box, base: int, after: int, defaults: _Defaults, begins: int | None) -> _Run:
    head = file.body(trun, 16).ljust(16, b"\0")
    flags, count, at = int.from_bytes(head[1:4], "big"), int.from_bytes(head[4:8], "big"), 8
    if flags & _OFFSET_TOLD:
        after, at = base + int.from_bytes(head[at : at + 4], "big", signed=True), at + 4
    if flags & _FIRST_FLAGS_TOLD:
        at += 4
    fields = [name for bit, name in _EACH if flags & bit]
    count = min(count, SAMPLES_MAX)
    if not fields:
        return _Run(after, (defaults.size,) * count, (defaults.length,) * count, begins)
    row_bytes = 4 * len(fields)
    body = file.read_at(trun.start + at, min(count, (trun.end - trun.start - at) // row_bytes) * row_bytes)
    rows = [dict(zip(fields, row, strict=True)) for row in struct.iter_unpack(f">{len(fields)}I", body)]
    sizes = tuple(row.get("size", defaults.size) for row in rows)
    return _Run(after, sizes, tuple(row.get("length", defaults.length) for row in rows), begins)
