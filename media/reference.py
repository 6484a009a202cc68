"""What a whole clip tells of its recorder's others (参考片段): codec parameters, and how pictures begin in the file.

Sources: ISO/IEC 14496-12 and -15 (sample entries, avcC, hvcC), ITU-T H.264 and H.265 (NAL unit headers, the first bits
of a slice). Shapes: one MP4 -> one Reference, or None where it holds no H.264 or H.265, or is fragmented. Units: bytes;
lengths in `timescale` parts of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from media.boxes import BoundedFile, Box, boxes
from media.mp4 import Movie, Track, read_movie
from media.mp4_samples import TABLE_READS_MAX, sample_places

SAMPLES_LOOKED_AT = 3_000
UNITS_MAX = 64
"""So many NAL units one picture may have."""
HEAD_BYTES = 4
LOOK_BYTES_MAX = 4 * 1024 * 1024
ENTRY_BYTES_MAX = 64 * 1024
PICTURE_ENTRY_BYTES = 78
"""A picture's sample entry before its boxes."""
SIZE_FACTOR = 4
SIZE_BYTES_MIN = 256 * 1024

AVC_SLICES = frozenset({1, 2, 5})
HEVC_SLICES = frozenset(range(32))


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound track of a clip: its sample entry, and its samples' common size, 0 where they differ."""

    entry: bytes
    timescale: int
    sample_bytes: int


@dataclass(frozen=True, slots=True)
class Reference:
    """How a recorder writes its pictures (参考参数).

    `begins` is how the first NAL unit of a picture begins, as `signature` tells it; `follows` are the headers of the
    units behind it. `sliced`: a picture may have several slices. `length` is that of most pictures; `reordered` ones
    are not stored as they are shown.
    """

    hevc: bool
    prefix_bytes: int
    entry: bytes
    timescale: int
    length: int
    reordered: bool
    unit_bytes_max: int
    begins: frozenset[bytes]
    follows: frozenset[bytes]
    sliced: bool
    sound: Sound | None

    @property
    def rate(self) -> str:
        """Pictures a second, as a fraction."""
        return f"{self.timescale}/{self.length}"

    @property
    def header_bytes(self) -> int:
        """How long a NAL unit's header is."""
        return 2 if self.hevc else 1

    def is_key(self, head: bytes) -> bool:
        """Tell whether playing can begin at a picture with this unit."""
        kind = unit_kind(head, hevc=self.hevc)
        return 16 <= kind <= 21 if self.hevc else kind == 5


def unit_kind(head: bytes, *, hevc: bool) -> int:
    """Return a NAL unit's type."""
    return (head[0] >> 1) & 0x3F if hevc else head[0] & 0x1F


def is_slice(head: bytes, *, hevc: bool) -> bool:
    """Tell whether a unit holds a part of a picture."""
    return unit_kind(head, hevc=hevc) in (HEVC_SLICES if hevc else AVC_SLICES)


def signature(head: bytes, *, hevc: bool) -> bytes:
    """Return the beginning of a unit without the bits that count pictures: header, and the next byte, masked.

    In a slice they follow its kind: the kind is a number of 1, 3 or more bits behind the one bit that says it is the
    picture's first.
    """
    counts = is_slice(head, hevc=hevc)
    if hevc:
        return head[:2] + bytes([head[2] & (0xF8 if counts else 0xFF)])
    if not counts:
        return head[:2]
    kind = head[1]
    mask = 0xE0 if kind & 0xC0 == 0xC0 else 0xF8 if kind & 0xE0 == 0xA0 else 0xFE
    return bytes([head[0], kind & mask])


def read_reference(file: BinaryIO) -> Reference | None:
    """Return what a seekable file tells, or None; an OSError is passed on."""
    movie = read_movie(file)
    picture = _track(movie, "vide")
    if movie is None or picture is None or not picture.timescale:
        return None
    tables = BoundedFile(file, reads_max=TABLE_READS_MAX)
    entry = sample_entry(tables, picture)
    found = configuration(entry)
    if found is None:
        return None
    hevc, prefix_bytes = found
    places = list(islice(sample_places(tables, picture), SAMPLES_LOOKED_AT))
    heads = [list(_heads(BoundedFile(file, LOOK_BYTES_MAX), at, size, prefix_bytes)) for at, size, _ in places]
    heads = [units for units in heads if units]
    if not heads:
        return None
    lengths = Counter(length for _, _, length in places if length > 0)
    return Reference(
        hevc=hevc,
        prefix_bytes=prefix_bytes,
        entry=entry,
        timescale=picture.timescale,
        length=lengths.most_common(1)[0][0] if lengths else max(1, picture.timescale // 25),
        reordered=any(table.kind == b"ctts" for table in picture.tables),
        unit_bytes_max=max(SIZE_BYTES_MIN, SIZE_FACTOR * max(size for _, size, _ in places)),
        begins=frozenset(signature(units[0], hevc=hevc) for units in heads),
        follows=frozenset(head[: 2 if hevc else 1] for units in heads for head in units[1:]),
        sliced=any(sum(is_slice(head, hevc=hevc) for head in units) > 1 for units in heads),
        sound=_sound(tables, _track(movie, "soun")),
    )


def _track(movie: Movie | None, handler: str) -> Track | None:
    tracks: Iterable[Track] = () if movie is None else movie.tracks
    return next((track for track in tracks if track.handler == handler), None)


def sample_entry(file: BoundedFile, track: Track) -> bytes:
    """Return the first sample entry, header and all."""
    stsd = next((table for table in track.tables if table.kind == b"stsd"), None)
    return file.read_at(stsd.start + 8, min(stsd.size_bytes - 8, ENTRY_BYTES_MAX)) if stsd else b""


def configuration(entry: bytes) -> tuple[bool, int] | None:
    """Return whether it is H.265, and how long the length before each unit is."""
    import io

    inside = BoundedFile(io.BytesIO(entry[8 + PICTURE_ENTRY_BYTES :]))
    for box in boxes(inside, 0, inside.size_bytes):
        body = inside.body(box, 32)
        if box.kind == b"avcC" and len(body) > 4:
            return False, (body[4] & 3) + 1
        if box.kind == b"hvcC" and len(body) > 21:
            return True, (body[21] & 3) + 1
    return None


def _heads(file: BoundedFile, at: int, size: int, prefix_bytes: int) -> Iterator[bytes]:
    """Yield the first bytes of each unit of a sample; nothing if its lengths make no sense."""
    end, units = at + size, list[bytes]()
    while at < end and len(units) < UNITS_MAX:
        unit = file.read_at(at, prefix_bytes + HEAD_BYTES)
        length = int.from_bytes(unit[:prefix_bytes], "big")
        if length < 2 or at + prefix_bytes + length > end or len(unit) < prefix_bytes + 2:
            return
        units.append(unit[prefix_bytes:].ljust(HEAD_BYTES, b"\0"))
        at += prefix_bytes + length
    yield from units


def _sound(file: BoundedFile, track: Track | None) -> Sound | None:
    if track is None or not track.timescale:
        return None
    entry, stsz = sample_entry(file, track), next((table for table in track.tables if table.kind == b"stsz"), None)
    size = int.from_bytes(_body(file, stsz)[4:8], "big")
    return Sound(entry, track.timescale, size) if entry else None


def _body(file: BoundedFile, box: Box | None) -> bytes:
    return file.body(box, 12) if box else b""
