"""What an MP4, MOV or 3GP file says of itself (影片信息): its times, its texts, its tracks.

Sources: ISO/IEC 14496-12 (moov, mvhd, tkhd, mdhd, hdlr, stsd, meta); QuickTime File Format (udta, Keys and ilst, texts
with length and language); 3GPP TS 26.244 (loci). Shapes: a seekable file -> one Movie, or None if it is none of these;
a moov that is missing or half there gives what can be read. A moov at the end costs no reading of what is before it.
Units: times as written, seconds since 1904; lengths in `timescale` parts of a second; degrees WGS 84.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from media.boxes import AHEAD_BYTES, HEADER_BYTES, BoundedFile, Box, boxes, first, firsts

MOOVS_MAX = 4
BESIDE_MAX = 8
"""So many boxes behind moov are looked at for what a vendor puts there."""
TRACKS_MAX = 64
ENTRIES_MAX = 16
TEXTS_MAX = 256
KEYS_MAX = 256
KEYS_BYTES_MAX = 64 * 1024
TEXT_BYTES_MAX = 1024
NAMED_BYTES_MAX = 256
STTS_BYTES_MAX = 64 * 1024
"""A row where a picture is shown longer than the one before: recorders have few."""
EDITS_BYTES_MAX = 1024
SHOWN = frozenset({"vide", "soun"})
LENGTH_S_MAX = 31 * 24 * 3600.0
APART_S, APART_SHARE = 1.0, 0.05
"""Lengths closer than this, or than this share of the longer, are the same: tracks need not end together."""

KEYS = "keys"
UDTA = "udta"
ILST = "ilst"

_FIRST_KINDS = frozenset(
    {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"moof", b"sidx", b"uuid", b"udta"}
)
_COPYRIGHT = b"\xa9"
_DIGITIZED = b"IDIT"
_TEXT_TYPE = 1
_FULL_BOX_BYTES = 4
_LOCI_SHOT_HERE = 0
_LENGTH_UNKNOWN, _LONG_LENGTH_UNKNOWN = 2**32 - 1, 2**64 - 1


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a box says it was made and changed: seconds since 1904-01-01, as written; 0 is a clock never set."""

    box: str
    created_raw: int
    modified_raw: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text: where it stands (`keys`, `udta`, `ilst`), under which name, and what it says."""

    place: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """A `loci` box: where the film was shot, in degrees WGS 84."""

    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class Track:
    """One track: `handler` is its kind (`vide`, `soun`, `meta`, …), `entries` the names of its sample entries.

    `tables` are the boxes of its sample table, in file order. `duration_s` is how long its samples are shown, None
    where nothing tells.
    """

    number: int
    handler: str
    entries: tuple[str, ...]
    timescale: int
    times: tuple[Stamp, ...]
    tables: tuple[Box, ...]
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Movie:
    """What was read; `moov` is None where there is none, and then the rest but `outside` is empty.

    `parts` are the boxes directly in moov and `outside` those directly in the file: vendors put their own into either.
    `duration_s` is what mvhd says, or what pictures and sound say where the two disagree; None if nobody tells.
    """

    moov: Box | None
    outside: tuple[Box, ...] = ()
    times: tuple[Stamp, ...] = ()
    tracks: tuple[Track, ...] = ()
    texts: tuple[Text, ...] = ()
    places: tuple[Place, ...] = ()
    parts: tuple[Box, ...] = ()
    duration_s: float | None = None

    def text(self, place: str, name: str) -> str | None:
        """Return the first text of that name in that place."""
        return next((text.value for text in self.texts if (text.place, text.name) == (place, name)), None)


_READ: ContextVar[list[tuple[BinaryIO, Movie | None]] | None] = ContextVar("read", default=None)


def agreed_s(told_s: float | None, tracks_s: Iterable[float | None]) -> float | None:
    """Return how long a film is by its container and its tracks: where they disagree, what the tracks say.

    A header is written when the recorder stops, or is not; the tracks' tables are what is played.
    """
    longest_s = max((length for length in tracks_s if length), default=None)
    if told_s is None or longest_s is None:
        return longest_s if told_s is None else told_s
    return told_s if is_same_s(told_s, longest_s) else longest_s


def is_same_s(one_s: float, other_s: float) -> bool:
    """Tell whether two lengths of a film are the same as far as muxers are exact."""
    return abs(one_s - other_s) <= max(APART_S, APART_SHARE * other_s)


class ReadOnce:
    """Within this a movie is read once, however many ask for it; its file must not change meanwhile."""

    def __enter__(self) -> None:
        self._outside = None if _READ.get() is not None else _READ.set([])

    def __exit__(self, *_: object) -> None:
        if self._outside is not None:
            _READ.reset(self._outside)


def read_movie(file: BinaryIO) -> Movie | None:
    """Return what a seekable file says, or None if it does not begin as a movie does. An OSError is passed on."""
    read = _READ.get()
    if read is None:
        return _movie(file)
    for known, movie in read:
        if known is file:
            return movie
    read.append((file, _movie(file)))
    return read[-1][1]


def _movie(file: BinaryIO) -> Movie | None:
    bounded = BoundedFile(file)
    bounded.read_ahead(0, AHEAD_BYTES)
    if bounded.read_at(0, HEADER_BYTES)[4:] not in _FIRST_KINDS:
        return None
    outside = tuple(boxes(bounded, 0, bounded.size_bytes))
    moov = _moov(bounded, outside)
    if moov is None:
        return Movie(None, outside)
    bounded.read_ahead(moov.start, moov.end)
    parts = tuple(boxes(bounded, moov.start, moov.end))
    mvhd = next((part for part in parts if part.kind == b"mvhd"), None)
    told_s = _duration_s(bounded, mvhd) if mvhd else None
    scale = _third_number(bounded, mvhd) if mvhd else 0
    tracks = tuple(_track(bounded, part, told_s, scale) for part in parts if part.kind == b"trak")[:TRACKS_MAX]
    beside = [box for box in outside if box.start > moov.end][:BESIDE_MAX]
    texts = _unique(text for part in chain(parts, beside) for text in _texts(bounded, part))
    return Movie(
        moov=moov,
        outside=outside,
        times=tuple(_stamp(bounded, part) for part in parts if part.kind == b"mvhd"),
        tracks=tracks,
        texts=texts,
        places=tuple(_places(bounded, parts)),
        parts=parts,
        duration_s=agreed_s(told_s, [track.duration_s for track in tracks if track.handler in SHOWN]),
    )


def _moov(file: BoundedFile, outside: Sequence[Box]) -> Box | None:
    """Return the first moov that has a header, or else the first."""
    found = [box for box in outside if box.kind == b"moov"][:MOOVS_MAX]
    for box in found:
        if len(found) == 1 or first(file, box, b"mvhd") is not None:
            return box
    return found[0] if found else None


def _track(file: BoundedFile, trak: Box, told_s: float | None, movie_scale: int) -> Track:
    inside = firsts(file, trak)
    tkhd, mdia, edts = inside.get(b"tkhd"), inside.get(b"mdia"), inside.get(b"edts")
    inside = firsts(file, mdia) if mdia else {}
    mdhd, hdlr, minf = inside.get(b"mdhd"), inside.get(b"hdlr"), inside.get(b"minf")
    stbl = first(file, minf, b"stbl") if minf else None
    tables = tuple(boxes(file, stbl.start, stbl.end)) if stbl else ()
    timescale = _third_number(file, mdhd) if mdhd else 0
    shown_s = _shown_s(file, tables, timescale) or (_duration_s(file, mdhd) if mdhd else None)
    edited_s = _edited_s(file, edts, movie_scale) if edts else None
    return Track(
        number=_third_number(file, tkhd) if tkhd else 0,
        handler=_name(file.body(hdlr, 12)[8:12]) if hdlr else "",
        entries=tuple(_entries(file, tables)),
        timescale=timescale,
        times=tuple(_stamp(file, box) for box in (tkhd, mdhd) if box),
        tables=tables,
        # An edit list counts where the movie's length rests on it: one in a wrong scale must not shorten the film.
        duration_s=edited_s if told_s and edited_s and is_same_s(told_s, edited_s) else shown_s,
    )


def _edited_s(file: BoundedFile, edts: Box, movie_scale: int) -> float | None:
    """Return how much of a track its edit list shows; a phone trims a film by it, and leaves the samples there."""
    elst = first(file, edts, b"elst")
    body = file.body(elst, EDITS_BYTES_MAX) if elst else b""
    form, rows = (">QqI" if body[:1] == b"\1" else ">IiI"), body[2 * _FULL_BOX_BYTES :]
    size = struct.calcsize(form)
    lengths = [length for length, _, _ in struct.iter_unpack(form, rows[: len(rows) // size * size])]
    return sum(lengths) / movie_scale if movie_scale and lengths else None


def _shown_s(file: BoundedFile, tables: Sequence[Box], timescale: int) -> float | None:
    """Return how long the samples are shown together; None where the table does not tell, or is a very long one."""
    stts = next((box for box in tables if box.kind == b"stts" and box.size_bytes <= STTS_BYTES_MAX), None)
    if stts is None or not timescale:
        return None
    rows = file.body(stts, STTS_BYTES_MAX)[2 * _FULL_BOX_BYTES :]
    length_s = sum(count * each for count, each in struct.iter_unpack(">II", rows[: len(rows) // 8 * 8])) / timescale
    return length_s if 0 < length_s <= LENGTH_S_MAX else None


def _entries(file: BoundedFile, tables: tuple[Box, ...]) -> Iterator[str]:
    stsd = next((box for box in tables if box.kind == b"stsd"), None)
    if stsd is not None:
        inside = boxes(file, stsd.start + 2 * _FULL_BOX_BYTES, stsd.end)
        yield from (_name(entry.kind) for entry, _ in zip(inside, range(ENTRIES_MAX), strict=False))


def _stamp(file: BoundedFile, box: Box) -> Stamp:
    """Return the two times of an mvhd, tkhd or mdhd: they stand first, in 32 or in 64 bits."""
    body = file.body(box, 20)
    created, modified = _unpack(">xxxxQQ", body) if body[:1] == b"\1" else _unpack(">xxxxII", body)
    return Stamp(_name(box.kind), created, modified)


def _duration_s(file: BoundedFile, mvhd: Box) -> float | None:
    body = file.body(mvhd, 32)
    scale, length = _unpack(">20xIQ", body) if body[:1] == b"\1" else _unpack(">12xII", body)
    return length / scale if scale and length not in (0, _LENGTH_UNKNOWN, _LONG_LENGTH_UNKNOWN) else None


def _third_number(file: BoundedFile, box: Box) -> int:
    """Return what stands behind the two times: the timescale of an mvhd or mdhd, the number of a tkhd's track."""
    body = file.body(box, 24)
    (number,) = _unpack(">20xI", body) if body[:1] == b"\1" else _unpack(">12xI", body)
    return number


def _texts(file: BoundedFile, part: Box) -> Iterator[Text]:
    """Yield the texts of one box of moov: Keys in its `meta`, those of `udta`, and iTunes' below `udta/meta`."""
    if part.kind == b"meta":
        yield from _keyed(file, part)
    elif part.kind == b"udta":
        for box in boxes(file, part.start, part.end):
            if box.kind == b"meta":
                yield from _keyed(file, box)
            elif box.kind.startswith(_COPYRIGHT):
                yield Text(UDTA, _name(box.kind), _spoken(file.body(box, TEXT_BYTES_MAX)))
    elif part.kind == _DIGITIZED:
        yield Text(UDTA, _name(part.kind), _said(file.body(part, NAMED_BYTES_MAX)))


def _keyed(file: BoundedFile, meta: Box) -> Iterator[Text]:
    """Yield the texts of a `meta` box; in QuickTime it is a plain box, in ISO files one with version and flags."""
    skipped = 0 if file.read_at(meta.start + 4, 4) == b"hdlr" else _FULL_BOX_BYTES
    inside = tuple(boxes(file, meta.start + skipped, meta.end))
    keys = next((_keys(file.body(box, KEYS_BYTES_MAX)) for box in inside if box.kind == b"keys"), ())
    ilst = next((box for box in inside if box.kind == b"ilst"), None)
    if ilst is None:
        return
    for item, _ in zip(boxes(file, ilst.start, ilst.end), range(KEYS_MAX), strict=False):
        data = first(file, item, b"data")
        value = file.body(data, TEXT_BYTES_MAX) if data else b""
        if len(value) < 8 or int.from_bytes(value[:4], "big") != _TEXT_TYPE:
            continue
        index = int.from_bytes(item.kind, "big")
        if 1 <= index <= len(keys):
            yield Text(KEYS, keys[index - 1], _said(value[8:]))
        else:
            yield Text(ILST, _name(item.kind), _said(value[8:]))


def _keys(body: bytes) -> tuple[str, ...]:
    """Return the names a `keys` box lists: version, count, then size, namespace and name of each."""
    names: list[str] = []
    at = 2 * _FULL_BOX_BYTES
    while len(names) < KEYS_MAX and at + HEADER_BYTES <= len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        if size < HEADER_BYTES:
            break
        names.append(_said(body[at + HEADER_BYTES : at + min(size, NAMED_BYTES_MAX)]))
        at += size
    return tuple(names)


def _places(file: BoundedFile, parts: tuple[Box, ...]) -> Iterator[Place]:
    """Yield where `udta/loci` says the film was shot: language, name up to a NUL, role, three numbers of 16.16 bits."""
    for udta in (part for part in parts if part.kind == b"udta"):
        loci = first(file, udta, b"loci")
        body = file.body(loci, TEXT_BYTES_MAX) if loci else b""
        wide = body[6:8] in (b"\xfe\xff", b"\xff\xfe")
        name_end = _end_of_wide(body, 6) if wide else body.find(b"\0", 6) + 1
        if name_end > 6 and len(body) >= name_end + 9 and body[name_end] == _LOCI_SHOT_HERE:
            longitude, latitude = struct.unpack_from(">ii", body, name_end + 1)
            yield Place(latitude / 65536, longitude / 65536)


def _end_of_wide(body: bytes, at: int) -> int:
    """Return where a UTF-16 text ends, its two NULs included; 0 if it does not."""
    ends = (index + 2 for index in range(at, len(body) - 1, 2) if body[index : index + 2] == b"\0\0")
    return next(ends, 0)


def _spoken(body: bytes) -> str:
    """Return a QuickTime text: its length, its language, itself."""
    return _said(body[4 : 4 + int.from_bytes(body[:2], "big")])


def _said(raw: bytes) -> str:
    return raw[:TEXT_BYTES_MAX].decode("utf-8", "replace").strip("\0 \r\n\t")


def _name(kind: bytes) -> str:
    """Return a four-character name as text: `©xyz` has its sign, what is no letter its replacement."""
    return kind.decode("latin-1").strip("\0 ")


def _unpack(form: str, body: bytes) -> tuple[int, ...]:
    """Return the numbers at the beginning of a body; zeros where it is cut short."""
    return struct.unpack(form, body[: struct.calcsize(form)].ljust(struct.calcsize(form), b"\0"))


def _unique(texts: Iterator[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(text for text, _ in zip(texts, range(TEXTS_MAX), strict=False)))
